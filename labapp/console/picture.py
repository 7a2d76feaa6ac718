"""A picture on a page, alone or two side by side: in pixels where the terminal can, else in blocks.

In pixels its lines are marked blanks, over which the overlay sends it; see `graphics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from labapp.console import blocks, theme
from labapp.console.graphics import choice, marks
from labapp.console.many_colours import styled_lines
from labapp.console.theme import Theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from rich.console import Console, ConsoleOptions, RenderResult

    from labapp.console.graphics.marks import Content

    Pixels = NDArray[np.uint8]

#: A cell's height over its width where nobody told: it holds for nearly all fonts.
_USUAL_SHAPE = 2.0

#: Columns between two pictures side by side.
_GUTTER = 2


@dataclass(frozen=True)
class Drawing:
    """A drawn picture; prints with rich and shows on pages.

    Args:
        lines: rows of text with escape codes.
        columns: cells that each row covers.
        contents: what the marked blanks in the rows stand for; they are kept as long as it is.
    """

    lines: tuple[str, ...]
    columns: int
    contents: tuple[Content, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.lines)

    @property
    def octets(self) -> int:
        """Bytes that it takes, about: rows that were read take five times their text."""
        sent = sum(len(one.encoded.shown(0, 0, 0)) for one in self.contents)
        return 5 * sum(map(len, self.lines)) + sent

    @cached_property
    def styled(self) -> list[StyleAndTextTuples]:
        """The rows as pages show them; kept, since reading the codes costs more than drawing."""
        return styled_lines(str(self))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.segment import ControlType, Segment

        # rich would count and cut the escape codes as text; control segments it passes through.
        control = [(ControlType.CARRIAGE_RETURN,)]
        # Printed anywhere but on a page, there is no overlay.
        is_page = isinstance(console.file, theme.Sheet) or not self.contents
        for line in self.lines if is_page else map(marks.in_blocks, self.lines):
            yield Segment(line, None, control) if "\x1b" in line else Segment(line)
            yield Segment.line()


def fit(width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
    """Return the largest (columns, rows) within the given cells that keep a picture's shape.

    A cell has the shape that the terminal told, or counts as twice as high as wide.
    """
    cell = choice.current().cell
    shape = cell[1] / cell[0] if cell else _USUAL_SHAPE
    scale = min(columns / width, rows * shape / height)
    return max(1, round(width * scale)), max(1, round(height * scale / shape))


def draw(pixels: Pixels, columns: int, rows: int, *, look: Theme | None = None) -> Drawing:
    """Draw a picture as large as fits into the given cells, in pixels where the terminal can.

    Encoding takes up to 0.1 s: it is for a thread of its own, not for the one that hears the keys.

    Args:
        pixels: height by width by 3, RGB, uint8; not changed later: what was drawn at a size is
            known by them, and neither encoded nor sent again.
        columns: cells across.
        rows: cells down.
        look: what the terminal can show in blocks; the process's theme by default.
    """
    height, width = pixels.shape[:2]
    columns, rows = fit(width, height, max(columns, 1), max(rows, 1))
    if content := marks.content_of(pixels, columns, rows):
        return Drawing(tuple(content.lines()), columns, (content,))
    lines = blocks.lines(pixels, columns, rows, look or theme.current())
    return Drawing(tuple(lines), columns)


def before_after(before: Pixels, after: Pixels, columns: int, rows: int) -> Drawing:
    """Two pictures of any sizes side by side, each as large as fits into its half, named above.

    `columns` are for both, and `rows` for the names, too; else as in `draw`.
    """
    half = max((columns - _GUTTER) // 2, 1)
    left, right = (draw(one, half, rows - 1) for one in (before, after))
    lines = ["before"[:half].ljust(left.columns + _GUTTER) + "after"[:half]]
    for row in range(max(len(left.lines), len(right.lines))):
        first = left.lines[row] if row < len(left.lines) else " " * left.columns
        second = right.lines[row] if row < len(right.lines) else ""
        lines.append(first + " " * _GUTTER + second)
    contents = left.contents + right.contents
    return Drawing(tuple(lines), left.columns + _GUTTER + right.columns, contents)
