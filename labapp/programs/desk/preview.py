"""The view beside steps: the picture before and after them, as a worker will give it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures, picture, theme
from labapp.console.graphics import choice
from labapp.console.theme import Depth
from labapp.pictures import pipeline
from labapp.pictures.pipeline import Step
from labapp.programs.desk.order import all_in_words
from labapp.programs.desk.trial import Place, Stored

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from labapp.console.picture import Drawing, Pixels
    from labapp.programs.desk.order import Order

#: Columns that two pictures need to be seen side by side.
BESIDE = 44

#: Columns between them.
_BETWEEN = 2

#: Pixels of a cell where a protocol shows them and nobody told its size.
_USUAL_CELL = (10, 20)

#: Pixels that a cell stands for at 1:1 in blocks, with two dots across, and with one.
_QUADRANT, _HALF = (2, 4), (1, 2)


@dataclass(frozen=True)
class Shown:
    """What is drawn.

    Attributes:
        path: the picture.
        wire: the steps, as they travel; empty for none.
        compared: as of `Trial`.
        place: what is seen at 1:1; None: all of it.
        is_whole: whether the steps were done on the whole picture.
        stored: how the result is stored, of which the loss is seen at 1:1.
    """

    path: Path
    wire: str
    compared: str
    place: Place | None
    is_whole: bool
    stored: Stored


class Preview:
    """The view of what steps do to the pictures of an order.

    Args:
        order: the pictures.
        steps: gives the steps as they are now; called at every drawing.
        moves: whether letters move what is seen at 1:1.
    """

    def __init__(
        self, order: Order, steps: Callable[[], Sequence[Step]], *, moves: bool = True
    ) -> None:
        self._moves = moves
        self._order = order
        self._steps = steps

    def shows(self) -> Hashable:
        """Return what is to be shown now."""
        trial = self._order.trial
        steps = self._steps()
        wire = pipeline.to_wire(steps) if steps else ""
        is_whole = trial.place is None and bool(wire) and trial.is_whole(trial.path, wire)
        request = self._order.request
        stored = Stored() if trial.place is None else Stored(request.format, request.quality)
        return Shown(trial.path, wire, trial.compared, trial.place, is_whole, stored)

    def draw(self, shown: Hashable, columns: int, rows: int) -> Drawing | str:
        """Draw it; blocks."""
        assert isinstance(shown, Shown)
        trial = self._order.trial
        if not shown.wire:
            if shown.place is None:
                return picture.draw(trial.after(shown.path, ""), columns, rows)
            (cut,) = self._places(shown, columns, rows)
            return _at_its_size(cut, columns, rows)
        trial.is_narrow = columns < BESIDE
        beside = shown.compared == "both" and not trial.is_narrow
        if shown.place is not None:
            wide = (columns - _BETWEEN) // 2 if beside else columns
            before, after = self._places(shown, wide, rows - 1)
            room = _cells(after, before)
            columns = min(columns, 2 * room[0] + _BETWEEN if beside else room[0])
            rows = min(rows, room[1] + 1)
        else:
            after = trial.after(shown.path, shown.wire)
            before = trial.after(shown.path, "")
        if beside:
            return picture.before_after(before, after, columns, rows)
        name = "before" if shown.compared == "before" else "after"
        drawn = picture.draw(before if name == "before" else after, columns, rows - 1)
        return replace(drawn, lines=(name[:columns], *drawn.lines))

    def _places(self, shown: Shown, columns: int, rows: int) -> list[Pixels]:
        across, down = _cell()
        assert shown.place is not None
        width, height = max(columns, 1) * across, max(rows, 1) * down
        trial = self._order.trial
        return trial.at(shown.path, shown.wire, shown.place, width, height, shown.stored)

    def caption(self, shown: Hashable, columns: int) -> Sequence[StyleAndTextTuples]:
        """Return the lines below it."""
        assert isinstance(shown, Shown)
        order, glyphs = self._order, theme.current().glyphs
        steps = pipeline.from_wire(shown.wire) if shown.wire else ()
        name = shown.path.name
        if len(order.paths) > 1:
            name += f" ({order.trial.index + 1} of {len(order.paths):,})"
        told = [all_in_words(steps)] if steps else []
        told += filter(None, [self._stored(), self._sizes(steps)])
        if shown.place is not None:
            told.append("1:1, h j k l move" if self._moves else "1:1")
        lines: list[StyleAndTextTuples] = [
            [("class:strong", figures.cut_middle(name, columns))],
            [("class:muted", figures.cut(f" {glyphs.separator} ".join(told), columns))],
        ]
        lost = "; ".join(order.losses())
        if lost:
            sign = theme.current().sign("warn")
            lines.append([("class:warn", f"{sign} "), ("", figures.cut(lost, columns - 2))])
        return lines

    def _stored(self) -> str:
        """Return how the result is stored, where that is not as the picture is."""
        request = self._order.request
        told = [request.format.upper()] if request.format else []
        told += [f"quality {request.quality}"] if request.quality else []
        return ", ".join([*told, "exact"] if request.exact else told)

    def _sizes(self, steps: Sequence[Step]) -> str:
        """Return the picture's size, and that of its result where it is another."""
        header = self._order.header
        if header is None:
            return ""
        size = before = header.width, header.height
        for step in steps:
            size = step.size(*size)
        told = f"{before[0]:,} x {before[1]:,}"
        return told if size == before else f"{told}, then {size[0]:,} x {size[1]:,}"

    def ahead(self) -> Sequence[Hashable]:
        """Return nothing: what comes next is not known."""
        return ()


def _cell() -> tuple[int, int]:
    """Return the pixels that a cell stands for at 1:1."""
    now = choice.current()
    if now.protocol != "blocks":
        return now.cell or _USUAL_CELL
    look = theme.current()
    return _QUADRANT if look.unicode and look.depth == Depth.TRUECOLOR else _HALF


def _cells(*cuts: Pixels) -> tuple[int, int]:
    """Return the cells that pixels take at 1:1, up to whole ones."""
    across, down = _cell()
    height, width = (max(cut.shape[axis] for cut in cuts) for axis in (0, 1))
    return max(-(-width // across), 1), max(-(-height // down), 1)


def _at_its_size(cut: Pixels, columns: int, rows: int) -> Drawing:
    room = _cells(cut)
    return picture.draw(cut, min(columns, room[0]), min(rows, room[1]))
