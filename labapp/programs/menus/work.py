"""Something long that is done behind a page: what is counted of it, and how that is drawn."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from labapp.console import figures, tables
from labapp.console.theme import current

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType
    from rich.text import Text

    from labapp.errors import LabappError

#: Cells of the bar.
BAR = 30


class Work:
    """What a page shows of something long: a `Progress` for its threads, read by the screen.

    Args:
        title: what is done, for instance `uploading 20 pictures`.
        total: bytes in all.
    """

    def __init__(self, title: str, total: int) -> None:
        self.title = title
        self._total = total
        self._moved = 0
        self._lock = threading.Lock()
        self._lines: deque[tuple[str, str]] = deque(maxlen=500)
        self._counts: Counter[str] = Counter()
        self._bad = 0
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
        with self._lock:
            self.changes += 1
        self.changed()

    def done(self, line: str, state: str, *, good: bool = True) -> None:
        """Say that one thing is done, and how it ended."""
        with self._lock:
            self._lines.append(("good" if good else "bad", line))
            self._counts[state] += 1
            self._bad += not good
            self.changes += 1
        self.changed()

    @property
    def counts(self) -> str:
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
            moved, bad = min(self._moved, self._total), self._bad
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
            parts.append(_ending(well=sum(counts.values()) - bad, badly=bad))
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


def with_name(path: Path, text: str) -> str:
    """Return what is said of a file, with its name before it unless the text has it."""
    return text if path.name in text else f"{path.name}: {text}"


def _counts_line(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{figures.count(n)} {state}" for state, n in counts.items())
