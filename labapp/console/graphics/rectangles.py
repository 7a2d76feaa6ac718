"""The marked cells of a drawn screen: which are whole pictures, and what the others show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp.console.graphics import choice, marks

if TYPE_CHECKING:
    from prompt_toolkit.layout.screen import Screen

    from labapp.console.graphics.marks import Content


@dataclass(frozen=True)
class Place:
    """Where a whole picture stands: its top left cell, counted from 0, and its size in cells."""

    column: int
    row: int
    columns: int
    rows: int


@dataclass(frozen=True)
class Run:
    """Marked cells side by side.

    Attributes:
        column: the first one's.
        row: theirs, on the screen.
        cells: how many.
        content: what they are a part of; None where it is not kept any more.
        line: which row of it they show.
    """

    column: int
    row: int
    cells: int
    content: Content | None
    line: int


def find(screen: Screen, rows: int) -> tuple[dict[Place, Content], list[Run]]:
    """Return the pictures that are whole within the first rows of a screen, and all other runs."""
    runs = {(run.column, run.row): run for run in _runs(screen)}
    whole: dict[Place, Content] = {}
    for run in list(runs.values()):
        content = run.content
        if content is None or run.line or run.row + content.rows > rows:
            continue
        if content.choice != choice.current():  # the terminal, or its font, is another by now
            continue
        places = [(run.column, run.row + line) for line in range(content.rows)]
        wanted = [Run(*place, content.columns, content, line) for line, place in enumerate(places)]
        if [runs.get(place) for place in places] == wanted:
            whole[Place(run.column, run.row, content.columns, content.rows)] = content
            for place in places:
                del runs[place]
    return whole, list(runs.values())


def blank(screen: Screen, place: Place, style: str) -> None:
    """Put blanks of a style where a picture goes."""
    from prompt_toolkit.layout.screen import Char

    char = Char(" ", style)
    for row in range(place.row, place.row + place.rows):
        line = screen.data_buffer[row]
        for column in range(place.column, place.column + place.columns):
            line[column] = char


def show_blocks(screen: Screen, run: Run) -> None:
    """Show a part of a picture in blocks."""
    from prompt_toolkit.layout.screen import Char

    line, empty = screen.data_buffer[run.row], ("", " ")
    cells = run.content.cells[run.line] if run.content else []
    for place in range(run.cells):
        style, sign = cells[place] if place < len(cells) else empty
        line[run.column + place] = Char(sign, style)


def _runs(screen: Screen) -> Iterator[Run]:
    """Yield the runs of marked cells, none longer than a row of its content."""
    for row, line in screen.data_buffer.items():
        found: dict[tuple[int, int], list[int]] = {}
        for column, char in line.items():
            if "hidden" in char.style and (mark := marks.mark_of(char.style)):
                found.setdefault(mark, []).append(column)
        for (number, part), columns in found.items():
            content = marks.content(number)
            most = content.columns if content else len(columns)
            for first, cells in _stretches(sorted(columns), most):
                yield Run(first, row, cells, content, part)


def _stretches(columns: list[int], most: int) -> Iterator[tuple[int, int]]:
    """Yield the first column and the length of each stretch side by side, cut where too long."""
    first, cells = columns[0], 0
    for column in columns:
        if cells and (column != first + cells or cells == most):
            yield first, cells
            first, cells = column, 0
        cells += 1
    yield first, cells
