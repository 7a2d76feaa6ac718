"""What a view draws, drawn in a thread: keys never wait, and what is passed over is not drawn.

What was drawn last is kept, so that going back shows it at once; while nothing else is to be drawn,
what may be wanted next is. Until a picture is there the one before it stays, for a moment.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.behind import Latest
from labapp.console.figures import in_lines
from labapp.console.graphics.choice import Choice, current
from labapp.console.layout import folded
from labapp.console.panel import View
from labapp.console.picture import Drawing
from labapp.errors import LabappError, to_tell

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

#: Drawings kept: some rows up and down of where the pointer is. One may be half a megabyte.
KEPT = 16

#: Seconds for which the last picture stays while the next one is drawn.
STAYS = 0.7

Lines = list["StyleAndTextTuples"]


@dataclass(frozen=True)
class _Wanted:
    """What is to be drawn, and into how many cells; a view is the same as long as it is kept."""

    view: int
    shown: Hashable
    columns: int
    rows: int
    #: How pictures are shown: the terminal may tell late.
    choice: Choice


@dataclass(frozen=True)
class _Drawn:
    lines: Lines
    columns: int
    #: The view: kept, so that no other one can have its identity.
    view: View | None = None
    #: Whether it tells why there is no picture, which may be otherwise the next time.
    failed: bool = False
    #: What the lines are of: it keeps what they stand for.
    drawing: Drawing | None = None


class Viewer:
    """Draws views, one at a time.

    Args:
        changed: has the page drawn anew.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._wanted: tuple[_Wanted, View] | None = None
        #: When it was first asked for.
        self._since = 0.0
        self._drawn: OrderedDict[_Wanted, _Drawn] = OrderedDict()
        #: What the page shows.
        self._last = _Drawn([], 0)
        self._lock = threading.Lock()
        self._latest = Latest(self._paint, "view")

    def stop(self) -> None:
        """Draw nothing any longer, after what is drawn just now."""
        self._latest.stop()

    def forget(self, view: View) -> None:
        """Keep no drawing of a view that is gone: it would keep the view, and its pictures."""
        with self._lock:
            for one in [one for one, drawn in self._drawn.items() if drawn.view is view]:
                del self._drawn[one]

    def lines(self, view: View, columns: int, rows: int) -> Lines:
        """Return what the page shows now of a view, into so many cells, and have it drawn."""
        shown = view.shows()
        if shown is None or columns < 2 or rows < 1:
            self._wanted, self._last = None, _Drawn([], 0)
            return []
        wanted = _Wanted(id(view), shown, columns, rows, current())
        if self._wanted is None or self._wanted[0] != wanted:
            self._forget_failures(wanted)
            self._wanted, self._since = (wanted, view), time.monotonic()
            self._latest.want(self._wanted)
        with self._lock:
            found = self._drawn.get(wanted)
        if found is not None:
            self._last = found
        elif self.lasts() is None or len(self._last.lines) > rows or self._last.columns > columns:
            self._last = _Drawn([[("class:muted", theme.current().glyphs.ellipsis)]], 1)
        return self._last.lines

    def lasts(self) -> float | None:
        """Return the seconds for which the last picture still stays; None if none is in the way."""
        if self._wanted is None:
            return None
        with self._lock:
            if self._wanted[0] in self._drawn:
                return None
        left = self._since + STAYS - time.monotonic()
        return left if left > 0 else None

    def _forget_failures(self, wanted: _Wanted) -> None:
        with self._lock:
            for one in [one for one, drawn in self._drawn.items() if drawn.failed]:
                if one != wanted:
                    del self._drawn[one]

    def _paint(self, asked: tuple[_Wanted, View]) -> None:
        wanted, view = asked
        if self._has(wanted, view):
            self._changed()
        for shown in view.ahead():
            if self._latest.is_overtaken:
                break
            if shown is not None:
                self._has(replace(wanted, shown=shown), view)

    def _has(self, wanted: _Wanted, view: View) -> bool:
        """Draw it unless it is kept; return whether it was drawn."""
        with self._lock:
            if wanted in self._drawn:
                self._drawn.move_to_end(wanted)
                return False
        drawn = _draw(view, wanted)
        with self._lock:
            self._drawn[wanted] = drawn
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
        return True


def _draw(view: View, wanted: _Wanted) -> _Drawn:
    """Draw a view, or say why there is no picture."""
    columns = wanted.columns
    try:
        drawing = view.draw(wanted.shown, columns, wanted.rows)
    except LabappError as error:
        sign = f"{theme.current().sign('bad')} "
        lines = folded(in_lines(str(error)), max(columns - len(sign), 1))
        return _Drawn([[("class:bad", f"{sign if n == 0 else '  '}{line}")]
                       for n, line in enumerate(lines)], columns, view, failed=True)  # fmt: skip
    except Exception as error:  # noqa: BLE001 - to see a picture is an aid, and no reason to end
        to_tell(error)
        return _Drawn([[("class:bad", "it cannot be drawn")]], columns, view, failed=True)
    if isinstance(drawing, Drawing):
        return _Drawn(drawing.styled, drawing.columns, view, drawing=drawing)
    lines = folded(in_lines(drawing), columns)
    return _Drawn([[("class:muted", line)] for line in lines], columns, view)
