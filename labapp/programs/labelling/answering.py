"""The page of a picture that is to be answered: the picture, its keys, and what they do."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, tables, waiting
from labapp.console.accessible import mode
from labapp.console.graphics import choice
from labapp.console.key import Key
from labapp.console.page import show
from labapp.errors import LabappError, MissingResourceError, TooLargeError
from labapp.labels.label_file import Label
from labapp.programs.labelling import flagging, guidelines
from labapp.programs.labelling.asking import (
    TITLE,
    class_lines,
    fetched,
    in_order,
    label_keys,
    picture_name,
)
from labapp.programs.labelling.flow import wait_line
from labapp.programs.labelling.table import word_of
from labapp.programs.menus import picture_page
from labapp.programs.menus.actions import attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.dataset.upcoming import Shown
    from labapp.labels.classes import Scheme
    from labapp.labels.label_file import Entry
    from labapp.programs.jobs.client_session import ClientMenuSession
    from labapp.programs.labelling.flow import Flow
    from labapp.programs.menus.picture_page import Seen

HELP = """You are not shown what others have said. Esc ends the round; what you answered is kept."""

#: Offered where something can be tried again.
TRY_AGAIN = Key("r", "try again", enter=True)

#: What a notice is about that says whether the answer to a gold picture was right.
_FEEDBACK = "the last gold picture"

#: What a notice is about that says what was taken back last.
_UNDONE = "taken back"

#: What a notice is about that says what was answered last.
_REPEATED = "the last answer"

#: Seconds of one look whether there is room for another answer: Esc is heard in between.
_LOOK = 1.0


def show_next(flow: Flow, title: Callable[[Shown], str]) -> bool | None:
    """Show the picture that is next, and do what is said of it.

    What goes wrong is shown, and then the same picture again: a sitting outlives a stopped cloud.

    Args:
        flow: the sitting.
        title: gives what stands above the picture; asked at every drawing.

    Returns:
        Whether to go on; None where there is no picture left.
    """
    menu = flow.menu
    try:
        shown = _taken(flow)
        if shown is None:
            return None
        flow.fetch_ahead()
        seen = fetched(menu, flow.pictures, shown.key)
    except Back:
        return False
    except (TooLargeError, MissingResourceError) as error:
        if flow.current is None:
            raise
        menu.announce(str(error), "warning")
        flow.pass_over()
        return True
    except LabappError as error:
        return _wants_again(flow, error)
    pressed = show(lambda: title(shown), _body(flow, shown, seen), frame=menu.frame,
                   keys=lambda: page_keys(flow, seen), behind=True, help=HELP)  # fmt: skip
    if pressed is not None:
        attempt(flow.scheme.question, pressed.act, menu.frame)
    return pressed is not None


def _taken(flow: Flow) -> Shown | None:
    with contextlib.suppress(TimeoutError):
        return flow.take(0.0)

    def take() -> Shown | None:
        flow.menu.open_cloud()  # it may have been stopped meanwhile
        return flow.take()

    return flow.menu.wait("choosing pictures", take, TITLE)


def _wants_again(flow: Flow, error: LabappError) -> bool:
    """Show why a picture does not come; return whether to try again."""
    body = tables.problem(error)
    pressed = show(TITLE, body, frame=flow.menu.frame, keys=[TRY_AGAIN], help=HELP)
    return pressed is not None


def _body(flow: Flow, shown: Shown, seen: Seen) -> Callable[[int, int], RenderableType]:
    """Return what draws a picture with what is said below it, and has the next ones drawn ahead."""
    scheme = flow.scheme

    def drawn(columns: int, rows: int) -> RenderableType:
        below = class_lines(scheme, columns, rows)
        # Of pictures of one dataset, all have the same size on the screen: they are drawn ahead.
        left = max(rows - len(below) - scheme.has_hints, 1)
        drawing = seen.draw(columns, left)
        flow.pictures.finish_next(
            (columns, left, choice.current()), lambda following: following.draw_ahead(columns, left)
        )
        guess = [hint_line(shown, scheme)] if scheme.has_hints else []
        return _with_lines(drawing, [*guess, *below])

    return drawn


def _with_lines(drawing: RenderableType, lines: Sequence[str]) -> RenderableType:
    if not any(lines):
        return drawing
    from rich.console import Group
    from rich.text import Text

    return Group(drawing, *(Text(line, no_wrap=True) for line in lines))


def hint_line(shown: Shown, scheme: Scheme) -> str:
    """Return what a model takes a picture for: `guess: cat 0.83`; empty where nothing is known."""
    found = shown.hint and scheme.by_code.get(shown.hint.code)
    if not (shown.hint and found):
        return ""
    sure = shown.hint.confidence
    return f"guess: {found.name}" + ("" if sure is None else f" {sure:.2f}")


def page_keys(flow: Flow, seen: Seen) -> Sequence[Key]:
    """Return what can be done about the picture that is shown."""
    menu, scheme = flow.menu, flow.scheme
    others = [
        Key("s", "skip", partial(answer, flow, Label.SKIP),
            "skips a picture that you cannot tell; it comes back after all others"),
        Key("u", "undo", partial(undo, flow),
            "takes the last answer back and shows its picture again; then the one before it, also"
            " of another day"),
    ]  # fmt: skip
    if scheme.guidelines:
        read = partial(guidelines.read, menu, scheme)
        others.append(Key("g", "guidelines", read, "shows the guidelines and what classes mean"))
    if seen.header:  # a file whose bytes are no picture is left unopened, whatever it is called
        home = flow.bucket.cloud.home / "viewing"
        view = partial(_view, menu, seen.path, seen.header.format, home)
        viewed = "opens the picture in your system's viewer"
        others.append(Key("o", "open in viewer", view, viewed))
    if not flagging.why_not(menu):
        flags = "flags a picture that nobody can answer, with a word why; it is in no export then"
        others.append(Key("b", "broken", partial(_flag, flow), flags))
    return in_order(scheme, label_keys(scheme, partial(answer, flow)), others)


def _view(menu: ClientMenuSession, path: Path, kind: str, folder: Path) -> None:
    try:
        picture_page.show_picture(path, kind, folder)
    except LabappError as error:
        menu.announce(str(error), "warning")
    else:
        menu.announce("the picture was given to this system's viewer", about="viewing")


def answer(flow: Flow, label: Label) -> None:
    """Keep what is said of the picture that is shown."""
    shown = flow.current
    if shown is None or not _has_room(flow):
        return
    entry = flow.answer(label)
    scheme = flow.scheme
    flow.menu.announce_lasting("", _FEEDBACK)  # that of the last gold picture has been seen
    is_told = scheme.has_feedback and shown.gold is not None and entry.is_answer
    right = scheme.by_code.get(shown.gold) if is_told and shown.gold is not None else None
    if right is None:
        _repeat(flow, shown, entry)
        return
    name = picture_name(flow.menu, shown.key)
    if entry.code == right.code:
        flow.menu.announce(f"{name}: right, {right.name}", "done", _FEEDBACK)
    else:
        told = f"{name}: you said {word_of(entry, scheme)}; it is known to be {right.name}"
        flow.menu.announce(told, "warning", _FEEDBACK)


def _repeat(flow: Flow, shown: Shown, entry: Entry) -> None:
    """Say what was typed, to somebody who hears no picture change."""
    if mode.is_on():
        told = f"{picture_name(flow.menu, shown.key)}: {word_of(entry, flow.scheme)}"
        flow.menu.announce(told, "done", _REPEATED)


def _flag(flow: Flow) -> None:
    why, shown = flagging.ask_why(flow.menu), flow.current
    if shown is not None and _has_room(flow):
        _repeat(flow, shown, flow.flag(why))


def undo(flow: Flow) -> None:
    """Take back what was said last, in this sitting or before it; its picture is the next one."""
    menu = flow.menu
    if not _has_room(flow):
        return
    here = flow.last
    found = here or menu.wait("looking for your earlier answers", partial(_earlier, flow), TITLE)
    if found is None:
        menu.announce("there is nothing to undo yet", "info")
        return
    key, entry = found
    flow.take_back(key, entry)
    told, word = "", word_of(entry, flow.scheme)
    if not here:
        when = f" of {figures.clock(entry.at)}" if entry.at else ""
        told = f"{picture_name(menu, key)}, your answer{when}: "
    menu.announce(f"{told}{word} taken back", "info", _UNDONE)


def _earlier(flow: Flow) -> tuple[str, Entry] | None:
    def look() -> DatasetSnapshot:
        from labapp.dataset.statistics import Statistics

        with contextlib.closing(Statistics(flow.bucket)) as statistics:
            return statistics.look()

    flow.menu.open_cloud()
    return flow.earlier_answer(look)


def _has_room(flow: Flow) -> bool:
    """Wait until another answer may be kept; False where the user has left the wait."""
    writer = flow.writer
    if writer.has_room:
        return True
    writer.try_now()

    def said() -> str:
        problem = writer.problem
        return wait_line(writer.unsent) + (f": {problem}" if problem is not None else "")

    def poll() -> bool | None:
        return writer.wait_for_room(_LOOK) or None

    had = waiting.wait_for(said, poll, leave="go back", title=TITLE, frame=flow.menu.frame,
                           within=0.0)  # fmt: skip
    return bool(had)
