"""A picture that is found again on a screen by its colours: four quarters with a disc on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.terminals.desktop import Shot

#: Quarters, row by row, and the disc: colours that no terminal writes with.
QUARTERS = ((236, 0, 140), (0, 190, 110), (60, 70, 250), (250, 150, 20))
DISC = (200, 130, 255)

#: How far each channel may be off: palettes and JPEG round.
_NEAR = 22

#: The whole picture, and the disc's radius.
SIZE, _RADIUS = (900, 720), 175

#: Pixels of its colours below which there is none of it: a terminal smooths its letters' edges.
_TRACES = 12


def write(path: Path, number: int) -> None:
    """Write the picture to a file; the number makes each another file."""
    width, height = SIZE
    pixels = np.zeros((height, width, 3), np.uint8)
    for place, color in enumerate(QUARTERS):
        row, column = divmod(place, 2)
        pixels[row * height // 2 :, column * width // 2 :][: height // 2, : width // 2] = color
    rows, columns = np.ogrid[:height, :width]
    pixels[(rows - height // 2) ** 2 + (columns - width // 2) ** 2 < _RADIUS**2] = DISC
    pixels[0, 0, 0] -= number
    Image.fromarray(pixels).save(path)


@dataclass(frozen=True)
class Found:
    """The picture on a screen.

    Attributes:
        left: of its box, in pixels.
        top: likewise.
        right: likewise, the first column outside.
        bottom: likewise.
        is_fine: whether its disc is round to the pixel, as no blocks can draw it.
    """

    left: int
    top: int
    right: int
    bottom: int
    is_fine: bool

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top


def traces(shot: Shot) -> int:
    """Return how many pixels have a colour of the picture."""
    return sum(int(_near(shot, color).sum()) for color in (*QUARTERS, DISC))


def is_gone(shot: Shot) -> bool:
    """Whether nothing of it is seen."""
    return traces(shot) < _TRACES


def find(shot: Shot) -> Found | None:
    """Return the picture, if it is there once, whole and the right way round."""
    boxes = [_box(_near(shot, color)) for color in (*QUARTERS, DISC)]
    if not all(boxes):
        return None
    first, second, third, fourth, disc = (box for box in boxes if box)
    left, top, right, bottom = first[0], first[1], fourth[2], fourth[3]
    slack = 14  # blocks mix the colours of neighbours
    whole = Found(left, top, right, bottom, _is_fine(_near(shot, DISC)))
    middle = (left + right) / 2, (top + bottom) / 2
    holds = (
        abs(second[2] - right) < slack and abs(second[1] - top) < slack
        and abs(third[0] - left) < slack and abs(third[3] - bottom) < slack
        and abs((disc[0] + disc[2]) / 2 - middle[0]) < slack
        and abs((disc[1] + disc[3]) / 2 - middle[1]) < slack
        and abs(first[2] - middle[0]) < slack * 2 and abs(first[3] - middle[1]) < slack * 2
    )  # fmt: skip
    covered = traces(shot[top:bottom, left:right]) / max(whole.width * whole.height, 1)
    return whole if holds and covered > 0.8 and whole.width > 60 else None


def find_pair(shot: Shot) -> tuple[Found, Found] | None:
    """Return the picture twice side by side, before and after, if it is there so."""
    colored = sum(_near(shot, color).sum(0) for color in (*QUARTERS, DISC)) > 20
    columns = np.flatnonzero(colored)
    if not len(columns):
        return None
    gaps = np.diff(columns)
    middle = int(columns[gaps.argmax()] + gaps.max() // 2) if len(gaps) else 0
    left, right = shot.copy(), shot.copy()
    left[:, middle:] = right[:, :middle] = 0
    first, second = find(left), find(right)
    return (first, second) if first and second else None


def _near(shot: Shot, color: tuple[int, int, int]) -> NDArray[np.bool_]:
    off = np.abs(shot.astype(np.int16) - np.array(color, np.int16))
    return np.asarray((off <= _NEAR).all(2))


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """Return the box around most of what is marked; single pixels may be anything."""
    rows, columns = np.flatnonzero(mask.sum(1) > 3), np.flatnonzero(mask.sum(0) > 3)
    if not (len(rows) and len(columns)):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _is_fine(disc: NDArray[np.bool_]) -> bool:
    """Whether the disc's left edge is at many places: in blocks whole rows of cells share one."""
    rows = np.flatnonzero(disc.any(1))
    edges = {int(np.flatnonzero(disc[row])[0]) for row in rows}
    return len(rows) > 20 and len(edges) / len(rows) > 0.14
