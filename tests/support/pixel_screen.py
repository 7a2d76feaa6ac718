"""A terminal's screen with pixels: shows what kitty, iTerm2 and sixel terminals would.

It is a stream to write to. Text goes to an emulator; pictures are decoded and laid on a canvas. As
on the terminals themselves, text wipes the pixels of iTerm2's and sixel's pictures, while kitty's
lie above it until they are deleted; in tmux they are where their signs stand.
"""

from __future__ import annotations

import base64
import re
from io import BytesIO
from typing import Any

import numpy as np
import pyte
from numpy.typing import NDArray
from PIL import Image

from labapp.console.graphics.placeholders import MARKS

Pixels = NDArray[np.uint8]

#: A code that carries a picture, or takes one away.
GRAPHICS = re.compile(
    r"\x1bPtmux;(?:\x1b\x1b|[^\x1b])*\x1b\\|\x1b_G[^\x1b]*\x1b\\|\x1bP[^\x1b]*\x1b\\"
    r"|\x1b\]1337;File=[^\x07]*\x07"
)

#: A colour that is chosen or told, a sign that is counted, any other sign.
_PARTS = re.compile(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)(.)|(.)")

_SIGN = "\U0010eeee"


class PixelScreen:
    """A screen of so many cells, each of so many pixels; black where no picture is.

    Attributes:
        writes: what was written, each time apart.
        kept: kitty's pictures by number: the pixels and, where they lie, column and row.
    """

    def __init__(self, columns: int = 80, rows: int = 24, cell: tuple[int, int] = (4, 6)) -> None:
        self.cell = cell
        self.writes: list[str] = []
        self.kept: dict[int, tuple[Pixels, tuple[int, int] | None]] = {}
        self._chunks = ""
        self._screen = _Text(self, columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._drawn = self._black()

    def _black(self) -> Pixels:
        shape = self._screen.lines * self.cell[1], self._screen.columns * self.cell[0], 3
        return np.zeros(shape, np.uint8)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._screen.columns, self._screen.lines

    @property
    def lines(self) -> list[str]:
        """The text on it, without blanks at the ends of rows."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def sent(self) -> str:
        """The last text that was written."""
        return self.writes[-1]

    def resize(self, columns: int, rows: int) -> None:
        """Give it another size; what was on it is gone, but for kitty's pictures."""
        self._screen.resize(rows, columns)
        self._drawn = self._black()

    def write(self, data: str) -> int:
        """Take what a program writes."""
        self.writes.append(data)
        end = 0
        for found in GRAPHICS.finditer(data):
            self._stream.feed(data[end : found.start()])
            end = found.end()
            self._show(found[0])
        self._stream.feed(data[end:])
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is written is seen."""

    def isatty(self) -> bool:
        """Tell that it is a terminal."""
        return True

    def fileno(self) -> int:
        """Tell that it is no file."""
        raise OSError

    def part(self, column: int, row: int, columns: int, rows: int) -> Pixels:
        """Return the pixels of some cells."""
        wide, high = self.cell
        return self.canvas()[
            row * high : (row + rows) * high, column * wide : (column + columns) * wide
        ]

    def canvas(self) -> Pixels:
        """Return all pixels that are seen, kitty's above the others."""
        canvas = self._drawn.copy()
        for number, (pixels, place) in self.kept.items():
            if place is not None:
                _lay(canvas, pixels, place[0] * self.cell[0], place[1] * self.cell[1])
            else:
                self._lay_signs(canvas, number, pixels)
        return canvas

    def wipe(self, column: int, row: int, cells: int = 1) -> None:
        """Take the pixels of cells that text is written to."""
        wide, high = self.cell
        self._drawn[row * high : (row + 1) * high, column * wide : (column + cells) * wide] = 0

    def _lay_signs(self, canvas: Pixels, number: int, pixels: Pixels) -> None:
        wide, high = self.cell
        for row, line in self._screen.buffer.items():
            for column, cell in line.items():
                if cell.data.startswith(_SIGN) and cell.fg == f"{_palette(number)}":
                    down, across = (MARKS.index(mark) for mark in cell.data[1:3])
                    part = pixels[down * high :, across * wide :][:high, :wide]
                    _lay(canvas, part, column * wide, row * high)

    def _show(self, code: str) -> None:
        if code.startswith("\x1bPtmux;"):
            self._show(code[7:-2].replace("\x1b\x1b", "\x1b"))
        elif code.startswith("\x1b_G"):
            self._kitty(*code[3:-2].partition(";")[::2])
        elif code.startswith("\x1b]"):
            told, _, data = code[2:-1].partition(":")
            keys = dict(pair.split("=") for pair in told.removeprefix("1337;File=").split(";"))
            assert keys["inline"] == "1"
            assert len(base64.b64decode(data)) == int(keys["size"])
            self._lay_here(self._scaled(data, int(keys["width"]), int(keys["height"])))
        else:
            self._lay_here(from_sixel(code))

    def _kitty(self, told: str, data: str) -> None:
        keys = dict(pair.split("=") for pair in told.split(","))
        assert keys["q"] == "2", "an answer would be read as keys"
        if keys.get("a") == "d":
            assert keys["d"] == "I"
            del self.kept[int(keys["i"])]
            return
        if "a" in keys:
            assert not self._chunks
            self._told = keys
        self._chunks += data
        if keys["m"] == "0":
            pixels = self._scaled(self._chunks, int(self._told["c"]), int(self._told["r"]))
            here = None if "U" in self._told else self._here
            self.kept[int(self._told["i"])] = pixels, here
            self._chunks = ""

    @property
    def _here(self) -> tuple[int, int]:
        return self._screen.cursor.x, self._screen.cursor.y

    def _lay_here(self, pixels: Pixels) -> None:
        column, row = self._here
        _lay(self._drawn, pixels, column * self.cell[0], row * self.cell[1])

    def _scaled(self, data: str, columns: int, rows: int) -> Pixels:
        with Image.open(BytesIO(base64.b64decode(data))) as image:
            size = columns * self.cell[0], rows * self.cell[1]
            return np.asarray(image.convert("RGB").resize(size), np.uint8)


def from_sixel(code: str) -> Pixels:
    """Return the pixels of a sixel code; every one of them must be painted."""
    head = re.match(r'\x1bP0;1;0q"1;1;(\d+);(\d+)', code)
    assert head, code[:40]
    width, height = map(int, head.groups())
    pixels, seen = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), bool)
    colors: dict[int, tuple[int, ...]] = {}
    column = band = color = 0
    for part in re.finditer(
        r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)(.)|(.)", code[head.end() : -2]
    ):
        number, *levels, count, counted, sign = part.groups()
        if number is not None:
            color = int(number)
            if levels[0] is not None:
                colors[color] = tuple(round(int(level) * 2.55) for level in levels)
        elif sign == "$":
            column = 0
        elif sign == "-":
            column, band = 0, band + 6
        else:
            many, bits = int(count or 1), ord(counted or sign) - 63
            assert 0 <= bits < 64
            for row in (row for row in range(6) if bits >> row & 1):
                place = band + row, slice(column, column + many)
                assert not seen[place].any(), "a pixel is painted twice"
                pixels[place], seen[place] = colors[color], True
            column += many
            assert column <= width
    assert seen.all()
    return pixels


def _lay(canvas: Pixels, pixels: Pixels, column: int, row: int) -> None:
    part = canvas[row : row + len(pixels), column : column + pixels.shape[1]]
    part[:] = pixels[: len(part), : part.shape[1]]


def _palette(number: int) -> str:
    """Return one of the 256 colours as the emulator calls it."""
    return str(pyte.graphics.FG_BG_256[number])


class _Text(pyte.Screen):
    """The emulator; it tells which cells are written to."""

    def __init__(self, shown: PixelScreen, columns: int, rows: int) -> None:
        self._shown = shown
        super().__init__(columns, rows)

    def draw(self, data: str) -> None:
        for sign in data:
            before = self.cursor.x, self.cursor.y
            super().draw(sign)
            if (self.cursor.x, self.cursor.y) != before:
                self._shown.wipe(*before)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        assert how == 0
        self._shown.wipe(self.cursor.x, self.cursor.y, self.columns)
        super().erase_in_line(how, private)

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        if hasattr(self._shown, "_drawn"):
            first = self.cursor.y if how == 0 else 0
            for row in range(first, self.lines):
                self._shown.wipe(0, row, self.columns)
        super().erase_in_display(how, *args, **kwargs)
