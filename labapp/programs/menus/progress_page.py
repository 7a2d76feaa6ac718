"""Something long and its page: a bar by bytes, a line for each thing done, a summary."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from labapp.console import Back, figures, tables
from labapp.console.accessible import mode
from labapp.console.key import Key, Keys
from labapp.console.page import show
from labapp.console.theme import current
from labapp.console.waiting import SHOW_AFTER
from labapp.errors import LabappError, to_tell

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from labapp.programs.menus.session import MenuSession

HELP = """It goes on by itself. b or Esc goes back to the menu while it goes on behind, and a \
line on top of every page says when it is done. x stops it; what is done so far is kept."""

#: Seconds between two drawings, at least: bytes move all the time.
PACE = 0.25

#: Cells of the bar.
BAR = 30


class Work:
    """What a page shows of something long: a `Progress` for its threads, read by the screen.

    Args:
        title: what is done, for instance `uploading 20 pictures`.
        total: bytes in all.
    """

    #: What every page's header says while it goes on; empty: nothing.
    mark: ClassVar[str] = ""
    #: Whether it goes on elsewhere, whoever leaves: then it is neither stopped nor asked about.
    goes_on: ClassVar[bool] = False
    #: What `?` says on its page.
    help: ClassVar[str] = HELP

    def __init__(self, title: str, total: int) -> None:
        self.title = title
        self._total = total
        self._moved = 0
        self._lock = threading.Lock()
        self._lines: deque[tuple[str, str]] = deque(maxlen=500)
        #: How many ended how, by whether that is bad.
        self._counts: Counter[tuple[bool, str]] = Counter()
        self.stop = threading.Event()
        self.ended = threading.Event()
        #: Counts what is told; and what is called then, by whoever shows it.
        self.changes = 0
        self.changed: Callable[[], None] = lambda: None
        self.error: LabappError | None = None

    def moved(self, octets: int) -> None:
        """Count bytes."""
        with self._lock:
            self._moved += octets
            self.changes += 1
        self.changed()

    def stopped(self) -> bool:
        """Return whether the user stopped it."""
        return self.stop.is_set()

    def end(self) -> None:
        """Say that nothing more comes."""
        self.ended.set()
        self.moved(0)

    def done(self, line: str, state: str, *, good: bool = True) -> None:
        """Say that one thing is done, and how it ended."""
        with self._lock:
            self._lines.append(("good" if good else "bad", line))
            self._counts[not good, state] += 1
            self.changes += 1
        self.changed()

    @property
    def epitaph(self) -> str:
        """What is said of it at the program's end, where that stopped it."""
        return f"stopped {self.title}: {self.line}"

    @property
    def line(self) -> str:
        """How many things ended how."""
        with self._lock:
            return _counts_line(self._counts)

    def draw(self, rows: int) -> RenderableType:
        """Return bar, counts and the last lines, as they are now."""
        from rich.console import Group
        from rich.text import Text

        glyphs = current().glyphs
        with self._lock:
            lines, counts = list(self._lines), dict(self._counts)
            moved = min(self._moved, self._total)
        ended = self.ended.is_set()
        share = moved / self._total if self._total else 0.0
        full = round(share * BAR)
        bar = Text.assemble(
            (glyphs.bar_full * full, "accent"),
            (glyphs.bar_empty * (BAR - full), "muted"),
            f" {100 * share:3.0f} %   {figures.size(moved)} of {figures.size(self._total)}",
        )
        parts: list[RenderableType] = [bar] if self._total else []
        parts.append(Text(_counts_line(counts), style="muted"))
        if self.error:
            parts.append(tables.problem(self.error))
        elif ended:
            badly = sum(n for (bad, _), n in counts.items() if bad)
            parts.append(_ending(well=sum(counts.values()) - badly, badly=badly))
        if ended:
            # What went wrong first, and all of it: the page stays, and scrolls.
            lines.sort(key=lambda line: line[0] == "good")
        else:
            lines = lines[-max(rows - 6, 3) :]
        return Group(*parts, Text(""), tables.marked(lines))


def _ending(*, well: int, badly: int) -> Text:
    """Say how it ended, given how many things went well and how many did not."""
    if not badly:
        return tables.mark("good", "Done.")
    if well:
        return tables.mark("warn", "Done, except for what is marked below.")
    return tables.mark("bad", "Nothing was done.")


def _counts_line(counts: Mapping[tuple[bool, str], int]) -> str:
    """Say how many ended how: first what went well, whatever came first."""
    return ", ".join(f"{figures.count(n)} {state}" for (_, state), n in sorted(counts.items()))


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
        except Exception as error:  # noqa: BLE001 - the page waits for its end
            work.error = to_tell(error)
        work.end()
        if left.is_set() and not work.stop.is_set():
            _announce(menu, work)

    behind, stop = Key("b", "go on behind"), Key("x", "stop")

    def keys() -> Sequence[Key]:
        return () if work.ended.is_set() else [behind] if work.goes_on else [behind, stop]

    work.changed = menu.frame.changed
    thread = threading.Thread(target=act, name="work", daemon=True)
    menu.begin(work)
    thread.start()
    if brief:
        thread.join(SHOW_AFTER)
    pressed = None
    if not (brief and work.ended.is_set()):
        pressed = _show(menu, work, keys, brief=brief)
    if work.ended.is_set():
        if brief and work.error:
            raise work.error
        return True
    if pressed is stop:
        return _stop(menu, work, thread, again, whole=brief)
    left.set()
    menu.announce(f"{work.title} goes on behind; you are told when it is done")
    return False


def show_again(menu: MenuSession, work: Work) -> None:
    """Show the page of what goes on behind, until it is left or dismissed; it goes on."""
    behind = Key("b", "go on behind")
    _show(menu, work, lambda: () if work.ended.is_set() else [behind], brief=False)


def _show(menu: MenuSession, work: Work, keys: Keys, *, brief: bool) -> Key | None:
    """Show the page; return the key that ended it, None where it was dismissed or ended itself."""
    title = work.title[0].upper() + work.title[1:]
    shown = partial(show, title, lambda _columns, rows: work.draw(rows), frame=menu.frame,
                    keys=keys, watch=lambda: work.changes, pace=PACE, help=work.help)  # fmt: skip
    if not mode.is_on():
        return shown(until=work.ended.is_set if brief else None)
    pressed = shown(until=work.ended.is_set)
    if work.ended.is_set() and not brief:
        shown()  # of what was read as it came, and now all
    return pressed


def _stop(
    menu: MenuSession, work: Work, thread: threading.Thread, again: str, *, whole: bool
) -> bool:
    """Stop what goes on in a thread; return whether it was done before it could be stopped.

    `whole` says whether it is one thing, which ends with an error where it is stopped.
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
        counts = f": {work.line}" if work.line else ""
        menu.announce(f"{work.title} is done{counts}", "done")
