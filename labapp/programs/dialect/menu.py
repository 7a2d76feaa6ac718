"""The menu of dialects: looked at, checked, tried and recorded."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures, prompts, tables
from labapp.console.browse import browse
from labapp.console.key import Key
from labapp.console.page import show
from labapp.dialects import loading
from labapp.programs.dialect import COMMANDS, MENU, files, try_page
from labapp.programs.dialect.commands import summary
from labapp.programs.dialect.table import BLOCKS, DIALECTS
from labapp.programs.menus import history
from labapp.programs.menus.actions import attempt, items_of, run_menu
from labapp.programs.shell.command import lines_of
from labapp.visible import printable

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from labapp.programs.dialect.files import Checked
    from labapp.programs.menus.session import MenuSession

HELP = """A dialect is a small file that says how a lab's own client asks and is answered: where \
the numbers or the picture's key stand, what is done, and what the reply looks like. The setting \
dialect chooses one: a path, or the name of one that ships.

Look at one: what each of its requests does, and the file itself, to start your own from.
Check a file: all that is wrong with it, each with its line.
Try a message: what a worker would read, do, store and answer; no queue is touched.
Record requests: watches queues for a minute, and proposes a first file for what comes."""

PAGE_HELP = """What each request of the dialect waits for, what is done, and how it is answered. \
The first of a queue that fits a message answers it."""

#: What is done to the dialect at the pointer, or on its page.
OPEN = Key("Enter", "open", help="shows what each of its requests does")
VIEW = Key("v", "view", help="shows it as it is, to start your own from")
TRY = Key("t", "try", help="shows what would become of one by this dialect")


def run(menu: MenuSession) -> None:
    """Show the menu until the admin goes back."""
    run_menu(MENU, partial(items_of, menu, lines_of(COMMANDS, MENU)), menu.frame, help_text=HELP)


def look(menu: MenuSession) -> None:
    """Let the admin look at dialects, as often as wanted."""
    listed = files.listed(menu.context.settings)
    rows, place, keys = DIALECTS.without_empty(listed).to_browse(listed), 0, [OPEN, VIEW]
    while pressed := browse(MENU, rows, frame=menu.frame, keys=keys, start=place, help=HELP):
        key, place = pressed
        if key is VIEW:
            _show_file(menu, listed[place].path)
        else:
            _show_checked(menu, listed[place].path)


def check(menu: MenuSession) -> None:
    """Ask for a file, and show what is wrong with it, or what it says."""
    path = prompts.path(
        "File to check:", kind="file", endings=(loading.ENDING,), title="Check a file",
        frame=menu.frame, history=history.DIALECT_FILES,
    )  # fmt: skip
    _show_checked(menu, path)


def _show_checked(menu: MenuSession, path: Path) -> None:
    """Show what is wrong with a file, or what it says; read anew after each look at it."""
    while True:
        found = files.check(path, menu.context.settings)
        page, keys = page_of(menu, found), [VIEW, *([] if found.faults else [TRY])]
        key = show(printable(path.name), page, frame=menu.frame, keys=keys, help=PAGE_HELP)
        if key is None:
            return
        if key is VIEW:
            _show_file(menu, path)
        else:
            attempt(try_page.TITLE, partial(try_page.try_by, menu, path), menu.frame)


def page_of(menu: MenuSession, found: Checked) -> RenderableType:
    """Return the page of a file: its faults, or its requests one below another."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = []
    if found.faults:
        for fault in found.faults:
            where = f"line {fault.line}: " if fault.line else ""
            parts += [tables.told("bad", where + fault.what, fault.remedy), Text("")]
    else:
        parts += [tables.told("good", summary(found)), Text("")]
        for one in found.described(menu.context.settings):
            parts += [BLOCKS.details_of(one), Text("")]
    return Group(*parts[:-1])


def _show_file(menu: MenuSession, path: Path) -> None:
    """Show a file with its lines numbered, as errors name them."""
    from rich.text import Text

    rows = enumerate(loading.text_of(path).splitlines(), start=1)
    body = Text(
        "\n".join(f"{number:>3}  {figures.one_line(row.expandtabs(4))}" for number, row in rows)
    )
    show(str(path), body, frame=menu.frame, help=HELP)
