"""A page for something long: a bar by bytes, a line for each thing done, a summary."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp.console import Back
from labapp.console.key import Key
from labapp.console.page import show
from labapp.console.waiting import SHOW_AFTER
from labapp.errors import LabappError
from labapp.programs.menus.work import Work

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession

HELP = """It goes on by itself. b or Esc goes back to the menu while it goes on behind, and a \
line on top of every page says when it is done. x stops it; what is done so far is kept."""

#: Seconds between two drawings, at least: bytes move all the time.
PACE = 0.25


def run(
    menu: MenuSession, work: Work, action: Callable[[], None], *, again: str, brief: bool = False
) -> bool:
    """Do something long while its page is shown; it goes on behind if the page is left.

    Args:
        menu: the program's.
        work: what `action` tells of its progress.
        action: does it, in a thread; heeds `work.stop`.
        again: what to say if it was stopped half way.
        brief: it is a step of something longer, so the page closes by itself at its end, is not
            shown at all where that comes at once, and an error is raised instead of shown.

    Returns:
        Whether it was done while its page was open.

    Raises:
        LabappError: what `action` raised, where it is brief.
    """
    left = threading.Event()

    def act() -> None:
        try:
            action()
        except LabappError as error:
            work.error = error
        work.end()
        if left.is_set() and not work.stop.is_set():
            _announce(menu, work)

    behind, stop = Key("b", "go on behind"), Key("x", "stop")

    def keys() -> Sequence[Key]:
        return () if work.ended.is_set() else [behind, stop]

    work.changed = menu.frame.changed
    thread = threading.Thread(target=act, name="work", daemon=True)
    menu.works.append(work)
    thread.start()
    if brief:
        thread.join(SHOW_AFTER)
    title = work.title[0].upper() + work.title[1:]
    pressed = None
    if not (brief and work.ended.is_set()):
        pressed = show(title, lambda _columns, rows: work.draw(rows), frame=menu.frame, keys=keys,
                       until=work.ended.is_set if brief else None, watch=lambda: work.changes,
                       pace=PACE, help=HELP)  # fmt: skip
    if work.ended.is_set():
        if brief and work.error:
            raise work.error
        return True
    if pressed is stop:
        return _stop(menu, work, thread, again, whole=brief)
    left.set()
    menu.announce(f"{work.title} goes on behind; you are told when it is done")
    return False


def _stop(
    menu: MenuSession, work: Work, thread: threading.Thread, again: str, *, whole: bool
) -> bool:
    """Stop what goes on; return whether it was done before it could be stopped.

    Args:
        menu: the program's.
        work: what goes on in `thread`.
        thread: is waited for.
        again: what to say if it was stopped half way.
        whole: whether it is one thing, which ends with an error where it is stopped.
    """
    work.stop.set()
    with contextlib.suppress(Back):
        menu.wait("stopping", thread.join)
    if whole and work.ended.is_set() and work.error is None:
        return True
    menu.announce(again, "warning")
    return False


def _announce(menu: MenuSession, work: Work) -> None:
    if work.error:
        menu.announce(f"{work.title}: {work.error}", "failed")
    else:
        counts = f": {work.counts}" if work.counts else ""
        menu.announce(f"{work.title} is done{counts}", "done")
