"""No picture is more bytes than may be sent, however large its cells and whatever is in it."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.console.graphics import encoded
from labapp.console.graphics.choice import Choice, Protocol
from labapp.console.graphics.encoded import Encoded, Inline
from labapp.console.graphics.encoders import encode
from labapp.console.graphics.kitty import Kitty
from labapp.console.graphics.placeholders import Placeholders
from tests.support.likeness import Pixels, decibels, photo
from tests.support.pixel_screen import from_sixel

PROTOCOLS: tuple[Protocol, ...] = ("kitty", "placeholders", "iterm", "sixel")


def noise(width: int, height: int, seed: int = 1) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def data_of(found: Encoded | None) -> str:
    """Return what is sent of a picture, less the codes and signs around it."""
    if isinstance(found, Kitty | Placeholders):
        return found.data
    assert isinstance(found, Inline)
    return found.codes


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("is_remote", [False, True])
def test_the_worst_picture_in_a_large_window_is_bounded(
    protocol: Protocol, is_remote: bool
) -> None:
    choice = Choice(protocol, cell=(10, 20), is_remote=is_remote)
    data = data_of(encode(noise(1800, 1000), 180, 50, choice))
    most = encoded.REMOTE_MOST if is_remote else encoded.MOST
    assert most / 6 < len(data) <= most


@settings(max_examples=25, deadline=None)
@given(
    protocol=st.sampled_from(PROTOCOLS),
    cells=st.tuples(st.integers(1, 30), st.integers(1, 12)),
    cell=st.tuples(st.integers(4, 12), st.integers(6, 24)),
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    is_remote=st.booleans(),
    seed=st.integers(0, 99),
)
def test_any_picture_is_bounded_and_keeps_its_size(
    protocol: Protocol,
    cells: tuple[int, int],
    cell: tuple[int, int],
    size: tuple[int, int],
    is_remote: bool,
    seed: int,
) -> None:
    with mock.patch.multiple(encoded, MOST=9_000, REMOTE_MOST=6_000):
        found = encode(noise(*size, seed), *cells, Choice(protocol, "", cell, False, is_remote))
    data = data_of(found)
    assert len(data) <= (6_000 if is_remote else 9_000)
    if protocol == "sixel":
        height = cells[1] * cell[1]
        assert from_sixel(data).shape[:2] == (height - height % 6, cells[0] * cell[0])


def test_a_coarse_sixel_picture_is_still_like_it() -> None:
    choice = Choice("sixel", cell=(9, 18))
    with mock.patch.object(encoded, "MOST", 40_000):
        data = data_of(encode(photo(), 33, 17, choice))
    assert len(data) <= 40_000
    assert decibels(photo(), from_sixel(data)) > 17


def test_what_is_far_too_much_is_soon_small() -> None:
    asked: list[int] = []

    def text(coarse: int) -> str:
        asked.append(coarse)
        return "x" * (encoded.MOST * 16 // coarse**2)

    assert len(encoded.bounded(text, Choice())) == encoded.MOST
    assert asked == [1, 4]
