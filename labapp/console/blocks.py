"""A picture in blocks: our own small renderer, which asks the terminal nothing.

Truecolor gets quadrant blocks, two colours over 2 by 2 dots a cell. With 256 or 16 colours, which
is what SSH and tmux mostly give, half blocks with error diffusion keep more of the picture than
finer blocks with wrong colours. Without Unicode a cell is one coloured space; without colour, one
letter.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from labapp.console.theme import Depth, Theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Pixels = NDArray[np.uint8]

#: Blocks by which of their dots are lit: 1 top left, 2 top right, 4 bottom left, 8 bottom right.
_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"

#: Letters from dark to bright, for a dark background.
_RAMP = " .:-=+*#%@"

#: The sixteen colours as xterm draws them; other terminals come near.
_ANSI16 = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0),
    (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0),
    (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
)  # fmt: skip

#: Intensities of the 6 by 6 by 6 cube of the 256 colours.
_CUBE = (0, 95, 135, 175, 215, 255)

_RESET = "\x1b[0m"


def lines(pixels: Pixels, columns: int, rows: int, look: Theme) -> list[str]:
    """Draw a picture over all of the given cells: a line of text with escape codes for each row.

    Args:
        pixels: height by width by 3, RGB, uint8.
        columns: cells across.
        rows: cells down.
        look: what the terminal can show.
    """
    if look.depth == Depth.NONE:
        return _letters(pixels, columns, rows)
    if not look.unicode:
        return _spaces(pixels, columns, rows, look.depth)
    if look.depth == Depth.TRUECOLOR:
        return _quadrants(pixels, columns, rows)
    return _half_blocks(pixels, columns, rows, look.depth)


def _resized(pixels: Pixels, width: int, height: int) -> Image.Image:
    from PIL import Image

    # Reducing first by whole steps makes large photos fast; Lanczos then keeps edges crisp.
    return Image.fromarray(pixels).resize(
        (width, height), Image.Resampling.LANCZOS, reducing_gap=2.0
    )


def _quadrants(pixels: Pixels, columns: int, rows: int) -> list[str]:
    """For each cell the block and the two colours nearest to its 2 by 2 dots, by least squares."""
    import numpy as np

    dots = np.asarray(_resized(pixels, columns * 2, rows * 2), dtype=np.float32)
    cells = dots.reshape(rows, 2, columns, 2, 3).transpose(0, 2, 1, 3, 4).reshape(-1, 4, 3)
    # Half of the 16 patterns suffice: the others are the same with the two colours swapped.
    patterns = np.array([[code >> dot & 1 for dot in range(4)] for code in range(8)], np.float32)
    lit = patterns.sum(1)
    total = cells.sum(1)
    inside = np.einsum("pd,ndc->npc", patterns, cells)
    outside = total[:, None] - inside
    # The squared error of a group is its sum of squares less its squared sum over its size, and
    # the sum of squares is the same for all patterns.
    gain = (inside**2).sum(2) / np.maximum(lit, 1) + (outside**2).sum(2) / (4 - lit)
    best = gain.argmax(1)
    every = np.arange(len(cells))
    front = inside[every, best] / np.maximum(lit[best], 1)[:, None]
    back = outside[every, best] / (4 - lit[best])[:, None]
    colors = np.concatenate([front, back], 1).round().astype(np.uint8)
    return _joined(best.reshape(rows, columns).tolist(), colors.reshape(rows, columns, 6).tolist())


def _joined(codes: list[list[int]], colors: list[list[list[int]]]) -> list[str]:
    lines = []
    for row_codes, row_colors in zip(codes, colors, strict=True):
        parts: list[str] = []
        front: list[int] = []
        back: list[int] = []
        for code, both in zip(row_codes, row_colors, strict=True):
            if code and both[:3] != front:
                front = both[:3]
                parts.append(f"\x1b[38;2;{front[0]};{front[1]};{front[2]}m")
            if both[3:] != back:
                back = both[3:]
                parts.append(f"\x1b[48;2;{back[0]};{back[1]};{back[2]}m")
            parts.append(_QUADRANTS[code])
        lines.append("".join(parts) + _RESET)
    return lines


def _half_blocks(pixels: Pixels, columns: int, rows: int, depth: Depth) -> list[str]:
    indices = _dithered(pixels, columns, rows * 2, depth)
    lines = []
    for upper, lower in zip(indices[::2].tolist(), indices[1::2].tolist(), strict=True):
        parts: list[str] = []
        last: tuple[int, int] | None = None
        for front, back in zip(upper, lower, strict=True):
            if (front, back) != last:
                parts.append(f"\x1b[{_code(front, 38, depth)};{_code(back, 48, depth)}m")
                last = front, back
            parts.append("▀")
        lines.append("".join(parts) + _RESET)
    return lines


def _spaces(pixels: Pixels, columns: int, rows: int, depth: Depth) -> list[str]:
    # Without Unicode no terminal is sure to have more than 256 colours.
    depth = min(depth, Depth.ANSI256)
    indices = _dithered(pixels, columns, rows, depth)
    return [
        "".join(f"\x1b[{_code(index, 48, depth)}m " for index in row) + _RESET
        for row in indices.tolist()
    ]


def _letters(pixels: Pixels, columns: int, rows: int) -> list[str]:
    """Brightness as letters, stretched so that a dull picture uses the whole ramp."""
    import numpy as np

    gray = np.asarray(_resized(pixels, columns, rows).convert("L"), dtype=np.float32)
    low, high = np.percentile(gray, (2, 98))
    level = np.clip((gray - low) / max(high - low, 1), 0, 1) * (len(_RAMP) - 1)
    return ["".join(_RAMP[index] for index in row) for row in level.round().astype(int).tolist()]


def _dithered(pixels: Pixels, width: int, height: int, depth: Depth) -> Pixels:
    """Palette indices, height by width, by Floyd and Steinberg's error diffusion."""
    import numpy as np
    from PIL import Image

    small = _resized(pixels, width, height)
    return np.asarray(
        small.quantize(palette=_palette(depth), dither=Image.Dither.FLOYDSTEINBERG), np.uint8
    )


@lru_cache(maxsize=2)
def _palette(depth: Depth) -> Image.Image:
    from PIL import Image

    if depth == Depth.ANSI16:
        colors = list(_ANSI16)
    else:  # 16 to 255 only: every terminal draws those alike, which is not so for the first sixteen
        colors = [(r, g, b) for r in _CUBE for g in _CUBE for b in _CUBE]
        colors += [(level, level, level) for level in range(8, 248, 10)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for color in colors for channel in color])
    return palette


def _code(index: int, layer: Literal[38, 48], depth: Depth) -> str:
    """Return the escape code's part for a palette index; layer 38 is the front, 48 the back."""
    if depth == Depth.ANSI16:
        return str(layer - 8 + index if index < 8 else layer + 44 + index)
    return f"{layer};5;{index + 16}"
