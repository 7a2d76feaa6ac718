"""A place of a picture at 1:1, as it is: what a smaller drawing does not show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console.key import Key
from labapp.pictures.pipeline import Step
from labapp.programs.desk.operations_panel import begin
from labapp.programs.desk.picture_view import ZOOM
from labapp.programs.desk.step_panel import StepPanel

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from labapp.programs.desk.desk import Desk
    from labapp.programs.desk.order import Order

HELP = """Each pixel of the picture as large as your terminal draws one."""

#: What the one row says.
_MOVES = "h, j, k and l move the place"


def open_place(desk: Desk, path: Path) -> None:
    """Show a place of a picture at 1:1, until Esc."""
    order = begin(desk, [path], None)
    order.trial.zoom()
    desk.sides.push(PlacePanel(order, 1))


class PlacePanel(StepPanel):
    """The panel beside the place; arguments as of `StepPanel`."""

    help = HELP

    def __init__(self, order: Order, depth: int) -> None:
        super().__init__(order, depth)
        self.title = f"{order.what} at 1:1"

    def steps(self) -> Sequence[Step]:
        """Return none: it is the picture as it is."""
        return ()

    def length(self) -> int:
        """Return the rows: one, on how it is moved."""
        return 1

    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        """Return the row."""
        return [("class:muted", _MOVES[:columns])]

    def said(self, number: int) -> str:
        """Return the row as a sentence."""
        return _MOVES

    def keys(self) -> Sequence[Key]:
        """Return the key that goes back."""
        told = "goes back to the whole picture"
        return [Key(ZOOM, "whole", self.order.desk.sides.pop, told, stays=True, enter=True)]
