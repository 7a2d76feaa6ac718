"""Pictures in character cells: like the original, within their cells, in every kind of terminal."""

from __future__ import annotations

import re
from io import StringIO

import numpy as np
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from labapp.console.blocks import _ANSI16, _QUADRANTS, _quadrants
from labapp.console.picture import (
    Drawing,
    before_after,
    draw,
    fit,
)
from labapp.console.theme import Depth, Theme

#: Pixels of one cell when a drawing is turned back into a picture.
CELL = (8, 16)

#: Gaussian that stands for the eye at viewing distance: half a cell.
BLUR = CELL[0] / 2

NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")

LOOKS = [
    Theme(depth, unicode)
    for depth in (Depth.TRUECOLOR, Depth.ANSI256, Depth.ANSI16, Depth.NONE)
    for unicode in (True, False)
]


def astronaut() -> NDArray[np.uint8]:
    return np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]


def color(name: str) -> tuple[int, ...]:
    name = name.replace("bfight", "bright")  # pyte misspells one name
    if name == "default":
        return (0, 0, 0)
    if name.removeprefix("bright") in NAMES:
        return _ANSI16[NAMES.index(name.removeprefix("bright")) + 8 * name.startswith("bright")]
    return tuple(bytes.fromhex(name))


def rasterized(drawing: Drawing) -> NDArray[np.float64]:
    """Turn a drawing into what a terminal would show, pixel by pixel."""
    screen = pyte.Screen(drawing.columns + 1, len(drawing.lines))
    pyte.Stream(screen).feed("\r\n".join(drawing.lines))
    dots = np.zeros((len(drawing.lines) * 2, drawing.columns * 2, 3))
    for row in range(len(drawing.lines)):
        for column in range(drawing.columns):
            cell = screen.buffer[row][column]
            lit = _QUADRANTS.index(cell.data)
            for dot in range(4):
                shown = cell.fg if lit >> dot & 1 else cell.bg
                dots[row * 2 + dot // 2, column * 2 + dot % 2] = color(shown)
    return dots.repeat(CELL[1] // 2, 0).repeat(CELL[0] // 2, 1)


def likeness(pixels: NDArray[np.uint8], look: Theme) -> float:
    """PSNR in dB between a photo and its drawing in 51 by 30 cells, both blurred."""
    shown = rasterized(draw(pixels, 51, 30, look=look))
    size = (shown.shape[1], shown.shape[0])
    wanted = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS), float)
    # Blurring is linear, so the difference can be blurred instead of the two.
    from skimage.filters import gaussian  # it loads slowly

    error = gaussian(shown - wanted, BLUR, channel_axis=-1)  # type: ignore[no-untyped-call]
    return float(10 * np.log10(255**2 / np.mean(error**2)))


@pytest.mark.parametrize(
    ("depth", "decibels"),
    # Measured: 36.6, 30.5 and 22.8 dB.
    [(Depth.TRUECOLOR, 35), (Depth.ANSI256, 29), (Depth.ANSI16, 21)],
)
def test_a_drawing_is_like_its_photo(depth: Depth, decibels: float) -> None:
    assert likeness(astronaut(), Theme(depth)) > decibels


def test_dithering_beats_the_nearest_colour() -> None:
    # A grey between two levels of the palette: without dithering it would be off by several steps.
    level = np.full((200, 200, 3), 113, np.uint8)
    shown = rasterized(draw(level, 40, 20, look=Theme(Depth.ANSI256)))
    assert abs(shown.mean() - 113) < 1


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_drawing_stays_within_its_cells(look: Theme) -> None:
    drawing = draw(astronaut(), 40, 10, look=look)
    screen = pyte.Screen(80, 24)
    pyte.Stream(screen).feed("\r\n".join(drawing.lines))
    assert len(drawing.lines) == 10
    assert drawing.columns == 20
    used = [cell for row in screen.buffer.values() for cell in row.values() if cell.bg != "default"]
    assert len(used) == (200 if look.depth else 0)
    assert str(drawing).isascii() or look.unicode


@pytest.mark.parametrize("look", LOOKS, ids=str)
@given(width=st.integers(1, 40), height=st.integers(1, 40), columns=st.integers(1, 30),
       rows=st.integers(1, 30))  # fmt: skip
def test_any_shape_can_be_drawn(
    look: Theme, width: int, height: int, columns: int, rows: int
) -> None:
    pixels = np.zeros((height, width, 3), np.uint8)
    drawing = draw(pixels, columns, rows, look=look)
    assert 1 <= drawing.columns <= columns
    assert 1 <= len(drawing.lines) <= rows


def test_two_colours_in_a_cell_are_exact_in_truecolor() -> None:
    rng = np.random.default_rng(1)
    halves = rng.integers(0, 256, (6, 16, 3), np.uint8)
    dots = halves.repeat(2, axis=0)  # the left and the right dots of each cell differ
    shown = rasterized(Drawing(tuple(_quadrants(dots, 8, 6)), 8))
    assert np.array_equal(shown[:: CELL[1] // 2, :: CELL[0] // 2], dots)


def test_without_colour_brighter_is_a_denser_letter() -> None:
    ramp = np.linspace(0, 255, 80).astype(np.uint8)
    pixels = np.broadcast_to(ramp[None, :, None], (40, 80, 3)).copy()
    line = draw(pixels, 40, 10, look=Theme(Depth.NONE)).lines[0]
    order = [" .:-=+*#%@".index(letter) for letter in line]
    assert order == sorted(order)
    assert set(order) == set(range(10))


def test_a_picture_keeps_its_shape() -> None:
    assert fit(512, 512, 80, 24) == (48, 24)
    assert fit(1000, 100, 80, 24) == (80, 4)
    assert fit(1, 10_000, 80, 24) == (1, 24)


def test_before_and_after_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = astronaut()
    monkeypatch.setattr("labapp.console.theme._current", Theme(Depth.ANSI256))
    drawing = before_after(photo, photo[:200], 80, 20)
    assert drawing.columns <= 80
    assert len(drawing.lines) <= 20
    assert re.match(r"before +after$", drawing.lines[0])


def test_rich_prints_a_drawing_unchanged_and_uncut() -> None:
    look = Theme(Depth.TRUECOLOR)
    drawing = draw(astronaut(), 40, 10, look=look)
    sheet = StringIO()
    look.console(sheet, width=30, tty=True).print(drawing)
    assert sheet.getvalue() == str(drawing) + "\n"
