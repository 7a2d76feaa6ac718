"""kitty's protocol: also spoken by Ghostty and Konsole.

Its pictures lie above the text and outlive it, so each is taken away by its number.
https://sw.kovidgoyal.net/kitty/graphics-protocol
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from labapp.console.graphics.encoded import bounded, few_colors, goto, within

if TYPE_CHECKING:
    from labapp.console.graphics.choice import Choice
    from labapp.console.graphics.encoded import Pixels

#: Bytes of base64 in one code, at most.
CHUNK = 4096

#: A PNG of so many colours is a fifth of the bytes of all, and half the time.
COLORS = 256

#: Pixels up to which a picture that the terminal enlarges has all its colours: it would show the
#: dots of the diffusion.
FEW = 1 << 16

#: Over SSH half of the cells' size: a quarter of the bytes, and the terminal enlarges.
REMOTE = 0.5


@dataclass(frozen=True)
class Kitty:
    """A picture as kitty takes it.

    Args:
        columns: cells across.
        rows: cells down.
        data: its PNG in base64.
    """

    columns: int
    rows: int
    data: str

    def shown(self, column: int, row: int, number: int) -> str:
        """Return its codes; the same number and placement replace what was there, in place."""
        told = f"a=T,f=100,i={number},p=1,c={self.columns},r={self.rows},C=1"
        return goto(column, row) + "".join(chunks(told, self.data))

    def gone(self, number: int) -> str:
        """Return the code that takes it away and frees its memory."""
        return deletion(number)


def encode(pixels: Pixels, columns: int, rows: int, choice: Choice) -> Kitty:
    """Encode a picture for the given cells."""
    return Kitty(columns, rows, png(pixels, columns, rows, choice))


def png(pixels: Pixels, columns: int, rows: int, choice: Choice) -> str:
    """Return the picture as a PNG in base64, at the size that is worth sending."""
    most = REMOTE if choice.is_remote else 1.0

    def data(coarse: int) -> str:
        image = within(pixels, columns, rows, choice, most=most, coarse=coarse)
        sheet = BytesIO()
        is_enlarged = image.size == pixels.shape[1::-1] and image.width * image.height <= FEW
        if choice.is_remote or not is_enlarged:
            image = few_colors(image, COLORS, diffused=True)
        image.save(sheet, "PNG", compress_level=6 if choice.is_remote else 1)
        return base64.b64encode(sheet.getvalue()).decode("ascii")

    return bounded(data, choice)


def chunks(told: str, data: str) -> Iterator[str]:
    """Yield the codes that transmit data, the first of which tells what it is."""
    for start in range(0, len(data), CHUNK):
        more = int(start + CHUNK < len(data))
        # q=2: it answers nothing, which would be read as keys.
        keys = f"{told},q=2,m={more}" if start == 0 else f"q=2,m={more}"
        yield f"\x1b_G{keys};{data[start : start + CHUNK]}\x1b\\"


def deletion(number: int) -> str:
    """Return the code that takes a picture away, and its data."""
    return f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"
