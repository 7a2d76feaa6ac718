"""What screens of all programs have in common: menus, actions, errors, settings, the manual.

What the first menu has no need for is imported where it is used.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from labapp import settings as settings_room
from labapp.console import Back
from labapp.console.key import AT_POINTER, Key
from labapp.console.menu import MenuItem, choose
from labapp.errors import LabappError, RefusedError
from labapp.programs.shell import exits
from labapp.programs.shell.command import named

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.console.lists import Option, Place
    from labapp.console.stage import Frame
    from labapp.programs.menus.session import MenuSession
    from labapp.programs.shell.command import Line

#: The key that shows a job's way.
TRACE = "t"

#: What a menu's item does when chosen.
Action = Callable[[], None]

T = TypeVar("T")

SETTINGS_HELP = """A value is taken from the first of these that has it:
a flag, such as --max-integers 20
the environment, LABAPP_MAX_INTEGERS=20
labapp.toml in the working folder, where data goes only once it is trusted
labapp.toml in the config folder
the default

'config' on the command line says what each setting means."""

MANUAL_HELP = """Type a few letters to find a page; Enter opens it, arrows and Space scroll.
'help PAGE' on the command line shows the same, and the README links to it."""


def later(name: str, *arguments: object) -> Action:
    """Return an action of a screen that is imported only when chosen: menus must open at once."""
    return lambda: named(name)(*arguments)


def trace_key(menu: MenuSession, of: str) -> Key:
    """Return the key that shows the way of the job at the pointer, by what its page has of it.

    Args:
        menu: the menu's session.
        of: names the function of the page of traces that shows it.
    """

    def act(job: object) -> None:
        trace(menu, of, job)

    told = f"shows the way of the job{AT_POINTER}: who did it, when, what is missing"
    return Key(TRACE, "trace", act, told, on_row=True)


def trace(menu: MenuSession, of: str, job: object) -> None:
    """Show the way of a job; `of` as of `trace_key`."""
    attempt("Trace", later(f"tracing.page:{of}", menu, job), menu.frame)


def items_of(session: MenuSession, lines: Iterable[Line]) -> list[MenuItem[Action]]:
    """Return the items of a menu, as things stand: those without a letter are numbered."""
    found: list[MenuItem[Action]] = []
    for line in lines:
        found.append(
            MenuItem(
                line.key or str(1 + sum(item.key.isdigit() for item in found)),
                line.titled(session) if line.titled else line.title,
                later(line.opens, session, *line.arguments),
                line.disabled(session),
                line.note(session) if callable(line.note) else line.note,
            )
        )
    return found


def run_session(
    menu: MenuSession,
    title: str,
    items: Callable[[], Sequence[MenuItem[Action]]],
    *,
    help_text: str,
    first: Action,
) -> int:
    """Run a program's menu from its opening to its end; return the exit code.

    `first` is done before it: a welcome to whoever is here for the first time.
    """
    menu.frame.manual = later("menus.actions:open_manual", menu.frame)
    try:
        with menu.frame:
            menu.start()
            try:
                attempt("Welcome", first, menu.frame)
                run_menu(title, items, menu.frame, help_text=help_text, top=True)
                while menu.busy and not _leaves(menu):
                    run_menu(title, items, menu.frame, help_text=help_text, top=True)
            finally:
                menu.close()
    finally:
        for work in menu.stopped:
            menu.context.say(work.epitaph)
    return 0


def _leaves(menu: MenuSession) -> bool:
    """Ask whether to quit although something still goes on behind the menu."""
    from labapp.console import prompts

    asked = [work.title for work in menu.busy if not work.goes_on]
    if not asked:
        return True
    names = ", ".join(asked)
    try:
        return prompts.confirm(f"Still {names}. Stop it and quit?", title="Quit", frame=menu.frame)
    except Back:
        return False


def run_menu(
    title: str,
    items: Callable[[], Sequence[MenuItem[Action]]],
    frame: Frame,
    *,
    help_text: str,
    top: bool = False,
) -> None:
    """Show a menu until it is left, doing what is chosen.

    An action's errors are shown on a page of their own; Esc within an action comes back here.
    """
    chosen = ""
    while item := choose(title, items, frame=frame, help=help_text, top=top, start=chosen):
        chosen = item.key
        attempt(item.title, item.value, frame)


def attempt(title: str, action: Callable[[], object], frame: Frame) -> None:
    """Do something; show what went wrong, and what to do about it."""
    try:
        action()
    except Back:
        return
    except LabappError as error:
        show_error(title, error, frame)
    except OSError as error:  # of this machine: a folder that is gone, a disk that is full
        if error.errno == errno.EIO:  # the terminal itself: nobody would see a page
            raise
        show_error(title, LabappError(exits.what_failed(error)), frame)


def refusal_of(check: Callable[[], object]) -> str:
    """Return why something is refused; empty where it is not."""
    try:
        check()
    except RefusedError as error:
        return error.message
    return ""


def show_error(title: str, error: LabappError, frame: Frame) -> None:
    """Show an error and its remedy until dismissed."""
    from labapp.console import tables
    from labapp.console.page import show

    show(title, tables.problem(error), frame=frame, help="What went wrong, and what to do next.")


def show_settings(menu: MenuSession) -> None:
    """Show every setting, its value and where it came from."""
    from labapp.console.page import show
    from labapp.programs.shell.config import in_force, settings_table

    page = settings_table(in_force(menu.context)).on_page(settings_room.names())
    show("Settings", page, frame=menu.frame, help=SETTINGS_HELP)


def open_one(
    title: str,
    options: Sequence[Option[T]],
    describe: Callable[[T], RenderableType],
    frame: Frame,
    help_text: str,
    among: str = "",
    place: Place | None = None,
    keys: Sequence[Key] = (),
) -> None:
    """Let the user choose one of many and read all of it, as often as wanted.

    `among` says what the options are where they are not all there are; `place` is where the user
    was in them the last time; `keys` are as of `show_one`.
    """
    from labapp.console import lists

    place = place or lists.Place()
    while True:
        try:
            value = lists.search_list(
                title, options, frame=frame, help=help_text, among=among, place=place
            )
        except Back:
            return
        show_one(title, value, describe, frame, help_text, keys)


def show_one(
    title: str,
    value: T,
    describe: Callable[[T], RenderableType],
    frame: Frame,
    help_text: str,
    keys: Sequence[Key] = (),
) -> None:
    """Show all of one thing until the user goes back; what the keys do is done with it.

    Keys may be those of the rows that it was one of: here there is no other row to be at.
    """
    from labapp.console.page import show

    own = [replace(key, on_row=False, help=key.help.replace(AT_POINTER, "")) for key in keys]
    while key := show(title, describe(value), frame=frame, keys=own, help=help_text):
        key.act(value)


def open_manual(frame: Frame) -> None:
    """Let the user read pages of the manual until they go back."""
    from labapp.console import lists, markdown
    from labapp.programs.shell import manual

    pages = [manual.page(name) for name in manual.names()]
    options = [lists.Option(page.name, page, page.title) for page in pages]
    open_one("Manual", options, lambda page: markdown.Page(page.text), frame, MANUAL_HELP)
