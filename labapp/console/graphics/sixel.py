"""Sixel: a picture as DEC's terminals took it, six rows of pixels at a time, a colour at a time.

Its pixels go when text is written over them.
https://vt100.net/docs/vt3xx-gp/chapter14.html
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from labapp.console.graphics.encoded import Inline, bounded, few_colors, resized

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labapp.console.graphics.choice import Choice
    from labapp.console.graphics.encoded import Pixels

#: Colours of a picture. Over SSH, two thirds of the bytes.
COLORS, REMOTE_COLORS = 128, 64

#: Rows of pixels in a band, and the sign that stands for none of them.
_BAND, _NONE = 6, 63

#: Signs of a row of all bands and colours that are looked at in one go, which bounds the memory.
_AT_ONCE = 8_000_000

#: Signs from which a count is shorter than they are.
_COUNTED = 4


def encode(pixels: Pixels, columns: int, rows: int, choice: Choice) -> Inline | None:
    """Encode a picture for the given cells; None where nobody knows how large those are."""
    import numpy as np

    if choice.cell is None:
        return None
    width, height = columns * choice.cell[0], rows * choice.cell[1]
    height -= height % _BAND  # the rest of a band would be painted beyond the cells
    if not (width and height):
        return None
    colors = REMOTE_COLORS if choice.is_remote else COLORS

    def code(dot: int) -> str:
        small = resized(pixels, -(-width // dot), -(-height // dot))
        image = few_colors(small, colors - 1, diffused=not choice.is_remote)
        indices = np.asarray(image, np.uint8)
        used = np.flatnonzero(np.bincount(indices.ravel()))
        palette = np.array(image.getpalette(), np.float32).reshape(-1, 3)[used] / 2.55
        # tmux fills what is left of the last row of cells with colour 0: much like what is above.
        last = np.asarray(small, np.float32)[-1:].mean(axis=1) / 2.55
        told = [
            f"#{number};2;{red};{green};{blue}"
            for number, (red, green, blue) in enumerate(
                np.concatenate((last, palette)).round().astype(int).tolist()
            )
        ]
        numbers = np.zeros(256, np.uint8)
        numbers[used] = range(1, len(told))
        body = _bands(numbers[indices].repeat(dot, axis=0)[:height], len(told), width, dot)
        # 0;1: what is not painted stays; 1;1: pixels are square.
        return f'\x1bP0;1;0q"1;1;{width};{height}{"".join(told)}{body}\x1b\\'

    return Inline(bounded(code, choice))


def _bands(indices: Pixels, colors: int, width: int, dot: int) -> str:
    """Return the signs of all bands; the picture's height is a multiple of theirs.

    Args:
        indices: the colours' numbers, row by row.
        colors: how many there are.
        width: of the picture.
        dot: how many pixels side by side each number stands for, but that the last ends with it.
    """
    import numpy as np

    height, across = indices.shape
    bands = indices.reshape(height // _BAND, _BAND, across)
    step = max(_AT_ONCE // (colors * across), 1)
    parts: list[bytes] = []
    for first in range(0, len(bands), step):
        some = bands[first : first + step]
        signs = np.zeros((len(some), colors, across), np.uint8)
        band, column = np.arange(len(some))[:, None], np.arange(across)[None]
        for bit in range(_BAND):  # a pixel has one colour: no place is met twice
            signs[band, some[:, bit], column] |= np.uint8(1 << bit)
        lines = signs.reshape(-1, across)
        painted = np.flatnonzero(lines.any(axis=1))
        texts = _counted(lines[painted] + np.uint8(_NONE), width, dot)
        last = -1
        for place, text in zip(painted.tolist(), texts, strict=True):
            number, color = divmod(place, colors)
            parts.append(b"$#%d" % color if number == last else b"-#%d" % color)
            parts.append(text)
            last = number
    return b"".join(parts).decode("ascii")[1:]  # nothing stands before the first


def _counted(lines: NDArray[np.uint8], width: int, dot: int) -> list[bytes]:
    """Return lines of signs with equal ones counted: `!7~`; what is empty at an end is left out."""
    import numpy as np

    across = lines.shape[1]
    differs = np.ones(lines.shape, bool)
    differs[:, 1:] = lines[:, 1:] != lines[:, :-1]
    starts = np.flatnonzero(differs)
    signs = lines.ravel()[starts]
    counts = np.diff(starts, append=lines.size) * dot
    begins = starts % across == 0
    last = np.append(begins[1:], True)
    counts[last] -= across * dot - width
    counts[last & (signs == _NONE)] = 0
    digits = np.searchsorted((1, 10, 100, 1000), counts, "right")
    cells = np.where(counts < _COUNTED, counts, digits + 2)
    ends = cells.cumsum()
    text = signs.repeat(cells)
    for length in range(1, digits.max(initial=0) + 1):
        long = (counts >= _COUNTED) & (digits == length)
        at, many = ends[long] - length - 2, counts[long]
        text[at] = ord("!")
        for place in range(length):
            text[at + 1 + place] = ord("0") + many // 10 ** (length - 1 - place) % 10
    cuts = [*(ends - cells)[begins].tolist(), len(text)]
    data = text.tobytes()
    return [data[first:last] for first, last in pairwise(cuts)]
