"""Sixel codes, byte by byte; every pixel of the picture is painted once, and like it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.console.graphics import sixel
from labapp.console.graphics.choice import Choice
from labapp.console.graphics.encoded import Inline
from tests.support.likeness import Pixels, decibels, photo
from tests.support.pixel_screen import from_sixel


def encoded(pixels: Pixels, columns: int, rows: int, cell: tuple[int, int]) -> str:
    found = sixel.encode(pixels, columns, rows, Choice("sixel", cell=cell))
    assert isinstance(found, Inline)
    return found.codes


def test_two_colours_are_two_lines_of_signs() -> None:
    pixels = np.zeros((6, 9, 3), np.uint8)
    pixels[:, :2] = 255
    pixels[0, 8] = 255
    assert encoded(pixels, 9, 1, (1, 6)) == (
        '\x1bP0;1;0q"1;1;9;6#0;2;22;22;22#1;2;0;0;0#2;2;100;100;100#1??!6~}$#2~~!6?@\x1b\\'
    )


def test_it_goes_where_it_is_told() -> None:
    assert Inline("x").shown(4, 5, 1) == "\x1b[6;5Hx"
    assert Inline("x").gone(1) == ""


def test_what_arrives_is_like_the_picture() -> None:
    shown = from_sixel(encoded(photo(), 40, 12, (9, 18)))
    assert shown.shape == (216, 360, 3)
    assert decibels(photo(), shown) > 29


@pytest.mark.parametrize("rows", range(1, 7))
def test_no_pixel_is_painted_below_its_cells(rows: int) -> None:
    shown = from_sixel(encoded(photo()[::8, ::8], 5, rows, (9, 19)))
    assert 19 * rows - 6 < len(shown) <= 19 * rows


@settings(max_examples=25)
@given(width=st.integers(1, 40), bands=st.integers(1, 4), seed=st.integers(0, 99))
def test_every_pixel_is_painted_once(width: int, bands: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    few = rng.integers(0, 256, (3, 3), np.uint8)
    pixels = few[rng.integers(0, 3, (bands * 6, width)) * (rng.random((bands * 6, 1)) < 0.5)]
    assert from_sixel(encoded(pixels, width, bands, (1, 6))).shape == pixels.shape


def test_parts_of_a_large_picture_make_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encoded(photo(), 20, 10, (9, 18))
    monkeypatch.setattr(sixel, "_AT_ONCE", 1)
    assert encoded(photo(), 20, 10, (9, 18)) == whole


def test_without_a_cells_size_there_is_none() -> None:
    assert sixel.encode(photo(), 20, 10, Choice("sixel")) is None
    assert sixel.encode(photo(), 20, 1, Choice("sixel", cell=(3, 5))) is None


def test_over_ssh_fewer_bytes_are_sent() -> None:
    far = sixel.encode(photo(), 30, 12, Choice("sixel", cell=(9, 18), is_remote=True))
    assert far is not None
    assert len(far.codes) < 0.75 * len(encoded(photo(), 30, 12, (9, 18)))
