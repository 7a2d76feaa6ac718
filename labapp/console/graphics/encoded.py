"""A picture as a protocol sends it, and what the encoders have in common."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from labapp.console.graphics.choice import Choice

    Pixels = NDArray[np.uint8]

#: A cell in pixels where nobody told: protocols that scale by themselves need only be near.
USUAL_CELL = 10, 20

#: Bytes of a picture, at most: the largest window shows a photo in them, and nobody waits for the
#: terminal. Over SSH, a third of a second at 10 Mbit/s.
MOST, REMOTE_MOST = 2 << 20, 3 << 17

Sent = TypeVar("Sent", bytes, str)


class Encoded(Protocol):
    """A picture that is ready to be sent."""

    def shown(self, column: int, row: int, number: int) -> str:
        """Return the codes that show it with its top left in a cell, counted from 0.

        Args:
            column: of the cell.
            row: of the cell.
            number: of the place on the screen; what is shown there already is replaced.
        """

    def gone(self, number: int) -> str:
        """Return the codes that take it away; empty where writing over its cells does."""


@dataclass(frozen=True)
class Inline:
    """A picture whose pixels go when text is written over them, as iTerm2's and sixel's do.

    Args:
        codes: all that is sent, but for the place.
    """

    codes: str

    def shown(self, column: int, row: int, number: int) -> str:
        """Return its codes."""
        return goto(column, row) + self.codes

    def gone(self, number: int) -> str:
        """Return nothing: text over it is enough."""
        return ""


def goto(column: int, row: int) -> str:
    """Return the code that moves the cursor to a cell, counted from 0."""
    return f"\x1b[{row + 1};{column + 1}H"


def bounded(encode: Callable[[int], Sent], choice: Choice) -> Sent:
    """Return a picture in as many bytes as may be sent.

    Args:
        encode: makes the picture, in ever fewer bytes from 1 on: the coarser the larger the number.
        choice: tells how far they go.
    """
    most = REMOTE_MOST if choice.is_remote else MOST
    coarse = 1
    while len(found := encode(coarse)) > most:
        coarse = max(coarse + 1, int(coarse * math.sqrt(len(found) / most)))
    return found


def resized(pixels: Pixels, width: int, height: int) -> Image.Image:
    """Return the picture at another size."""
    from PIL import Image

    found = Image.fromarray(pixels)
    if found.size == (width, height):
        return found
    # Twice as fast as Lanczos, and as good to the eye.
    return found.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)


def within(
    pixels: Pixels, columns: int, rows: int, choice: Choice, *, most: float = 1.0, coarse: int = 1
) -> Image.Image:
    """Return the picture as large as its cells, and no larger than it is: the terminal enlarges.

    Args:
        pixels: height by width by 3, RGB, uint8.
        columns: cells across.
        rows: cells down.
        choice: tells how large a cell is.
        most: the greatest part of the cells' size: 0.5 sends a quarter of the pixels.
        coarse: how much less than that: at 2 two thirds, at 3 a half, at 4 two fifths.
    """
    wide, high = choice.cell or USUAL_CELL
    width, height = columns * wide, rows * high
    scale = min(most, max(pixels.shape[1] / width, pixels.shape[0] / height)) * 2 / (1 + coarse)
    return resized(pixels, max(round(width * scale), 1), max(round(height * scale), 1))


def few_colors(image: Image.Image, colors: int, *, diffused: bool) -> Image.Image:
    """Return the picture in so many colours of its own.

    Args:
        image: the picture.
        colors: how many, at most.
        diffused: whether the error is spread, so that skies have no steps: a third more bytes.
    """
    from PIL import Image

    # The tree is 50 times as fast as the median cut, and with the diffusion more like its picture:
    # to the eye by 8 dB.
    few = image.quantize(colors, Image.Quantize.FASTOCTREE)
    return image.quantize(palette=few, dither=Image.Dither.FLOYDSTEINBERG) if diffused else few
