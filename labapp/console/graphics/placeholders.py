"""kitty's pictures inside tmux: cells of a sign that stand for parts of a picture.

The picture is sent through tmux, which keeps and draws only the signs: their foreground colour is
the picture's number, the marks on them are row and column. Text over them is all that it takes for
the picture to go.
https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp.console.graphics.encoded import goto
from labapp.console.graphics.kitty import chunks, deletion, png

if TYPE_CHECKING:
    from labapp.console.graphics.choice import Choice
    from labapp.console.graphics.encoded import Pixels

#: The sign that stands for a part of a picture.
_SIGN = "\U0010eeee"

#: The marks that count rows and columns, in kitty's order, as first and last of each stretch.
_STRETCHES = """
0305 030D-030E 0310 0312 033D-033F 0346 034A-034C 0350-0352 0357 035B 0363-036F 0483-0487
0592-0595 0597-0599 059C-05A1 05A8-05A9 05AB-05AC 05AF 05C4 0610-0617 0657-065B 065D-065E 06D6-06DC
06DF-06E2 06E4 06E7-06E8 06EB-06EC 0730 0732-0733 0735-0736 073A 073D 073F-0741 0743 0745 0747
0749-074A 07EB-07F1 07F3 0816-0819 081B-0823 0825-0827 0829-082D 0951 0953-0954 0F82-0F83 0F86-0F87
135D-135F 17DD 193A 1A17 1A75-1A7C 1B6B 1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 1DC0-1DC1 1DC3-1DC9
1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1 20D4-20D7 20DB-20DC 20E1 20E7 20E9 20F0 2CEF-2CF1 2DE0-2DFF A66F
A67C-A67D A6F0-A6F1 A8E0-A8F1 AAB0 AAB2-AAB3 AAB7-AAB8 AABE-AABF AAC1 FE20-FE26
"""


def _marks() -> Iterator[str]:
    for stretch in _STRETCHES.split():
        first, _, last = stretch.partition("-")
        for code in range(int(first, 16), int(last or first, 16) + 1):
            yield chr(code)


MARKS = tuple(_marks())

#: The numbers that a foreground colour of the 256 can carry unchanged through every tmux; the first
#: sixteen are themes' business.
_FIRST, _COLORS = 16, 240


@dataclass(frozen=True)
class Placeholders:
    """A picture as kitty takes it through tmux; as `Kitty`."""

    columns: int
    rows: int
    data: str

    def shown(self, column: int, row: int, number: int) -> str:
        """Return its codes, and the signs that stand for it."""
        number = _color(number)
        told = f"a=T,U=1,f=100,i={number},c={self.columns},r={self.rows}"
        codes = [_passed_on(code) for code in chunks(told, self.data)]
        for line in range(self.rows):
            signs = "".join(_SIGN + MARKS[line] + MARKS[cell] for cell in range(self.columns))
            codes.append(f"{goto(column, row + line)}\x1b[0;38;5;{number}m{signs}")
        return "".join([*codes, "\x1b[0m"])

    def gone(self, number: int) -> str:
        """Return the code that frees its memory."""
        return _passed_on(deletion(_color(number)))


def encode(pixels: Pixels, columns: int, rows: int, choice: Choice) -> Placeholders | None:
    """Encode a picture for the given cells; None where those are more than can be counted."""
    if max(columns, rows) > len(MARKS):
        return None
    return Placeholders(columns, rows, png(pixels, columns, rows, choice))


def _color(number: int) -> int:
    return _FIRST + number % _COLORS


def _passed_on(code: str) -> str:
    """Return a code as tmux passes it on; a longer text in one wrapper would be cut."""
    return "\x1bPtmux;" + code.replace("\x1b", "\x1b\x1b") + "\x1b\\"
