"""PNG: transparency in the picture's own depth, and every frame of an APNG as it is seen."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.pictures import frames
from tests.pictures import codec
from tests.pictures.pngs import (
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    RGB_ALPHA,
    Moving,
    apng,
    chunk,
    png,
)  # fmt: skip
from tests.pictures.samples import Frame, noise


def read(data: bytes) -> Frame:
    (frame,) = codec.read(data).frames
    return frame


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_one_grey_is_transparent_in_its_own_depth(depth: int, interlaced: bool) -> None:
    top = (1 << depth) - 1
    values = np.array([[0, top, top // 3, top // 5, top - top // 5] * 3] * 9)[..., None]
    white = 65_535 if depth == 16 else 255
    for clear in sorted({0, top // 3, top // 5, top}):
        data = png(
            values, depth, GREY, chunk(b"tRNS", struct.pack(">H", clear)), interlaced=interlaced
        )
        frame = read(data)
        assert frames.kind(frame) == ("LA;16" if depth == 16 else "LA")
        np.testing.assert_array_equal(frame[..., 0], values[..., 0] * (white // top))
        np.testing.assert_array_equal(frame[..., 1] == 0, values[..., 0] == clear)
        np.testing.assert_array_equal(frame[..., 1] == white, values[..., 0] != clear)


def test_a_grey_that_no_pixel_has_and_bits_beyond_the_depth() -> None:
    values = np.array([[[0], [3], [1], [2]]])
    # Only the lowest bits of tRNS count (11.3.1.1).
    frame = read(png(values, 2, GREY, chunk(b"tRNS", struct.pack(">H", 0xFF01))))
    np.testing.assert_array_equal(frame[..., 1], [[255, 255, 0, 255]])
    frame = read(png(values * 0, 2, GREY, chunk(b"tRNS", struct.pack(">H", 1))))
    assert (frame[..., 1] == 255).all()


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
def test_one_colour_is_transparent_if_all_its_bits_agree(depth: int, interlaced: bool) -> None:
    clear = (0x12, 0x34, 0x56) if depth == 8 else (0x0102, 0x0304, 0x0506)
    near = [(*clear[:2], clear[2] + 1), (clear[0] ^ 1, *clear[1:]), (1, 1, 1)]
    values = np.array([[clear, *near, (0, 0, 0)]] * 10)
    data = png(
        values, depth, RGB, chunk(b"tRNS", struct.pack(">3H", *clear)), interlaced=interlaced
    )
    frame = read(data)
    np.testing.assert_array_equal(frame[..., :3], values)
    np.testing.assert_array_equal(frame[..., 3] == 0, (values == clear).all(axis=2))
    np.testing.assert_array_equal(
        frame[..., 3] == frames.white(frame), (values != clear).any(axis=2)
    )


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_entries_of_a_palette_are_transparent_each_by_its_own(depth: int, interlaced: bool) -> None:
    size = 1 << depth
    colours = noise(size, 3, 1, seed=depth)
    opacity = noise(max(size // 2, 1), 1, 1, seed=depth)[:, 0]  # of the others it is full
    index = np.arange(7 * 11).reshape(7, 11, 1) % size
    extra = [chunk(b"PLTE", colours.tobytes()), chunk(b"tRNS", opacity.tobytes())]
    frame = read(png(index, depth, PALETTE, *extra, interlaced=interlaced))
    whole = np.concatenate([opacity, np.full(size - len(opacity), 255)])
    np.testing.assert_array_equal(frame[..., :3], colours[index[..., 0]])
    np.testing.assert_array_equal(frame[..., 3], whole[index[..., 0]])


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(
    ("colours", "samples", "depths"),
    [
        (GREY, 1, (1, 2, 4, 8, 16)),
        (RGB, 3, (8, 16)),
        (GREY_ALPHA, 2, (8, 16)),
        (RGB_ALPHA, 4, (8, 16)),
    ],
)
def test_without_a_transparent_colour_all_depths_are_read(
    colours: int, samples: int, depths: tuple[int, ...], interlaced: bool
) -> None:
    for depth in depths:
        top = (1 << depth) - 1
        values = np.random.default_rng(depth).integers(0, top + 1, (19, 13, samples))
        frame = read(png(values, depth, colours, interlaced=interlaced))
        white = 65_535 if depth == 16 else 255
        np.testing.assert_array_equal(frame.reshape(values.shape), values * (white // top))


def over(above: tuple[float, ...], below: tuple[float, ...]) -> tuple[float, ...]:
    """Lay one colour with alpha over another, as fractions."""
    share, rest = above[-1], below[-1] * (1 - above[-1])
    alpha = share + rest
    if not alpha:
        return (0.0,) * len(above)
    mixed = ((a * share + b * rest) / alpha for a, b in zip(above[:-1], below[:-1], strict=True))
    return (*mixed, alpha)


def shown(width: int, height: int, moving: list[Moving], white: int) -> list[Any]:
    """Compose pixel by pixel; values with alpha, as fractions."""
    samples = moving[0].values.shape[2]
    canvas = [[(0.0,) * samples for _ in range(width)] for _ in range(height)]
    result = []
    for frame in moving:
        before = [list(row) for row in canvas]
        tall, wide = frame.values.shape[:2]
        for y in range(tall):
            for x in range(wide):
                value = tuple(float(v) / white for v in frame.values[y, x])
                old = canvas[frame.top + y][frame.left + x]
                canvas[frame.top + y][frame.left + x] = over(value, old) if frame.blend else value
        result.append([list(row) for row in canvas])
        if frame.disposal == 2:
            canvas = before
        elif frame.disposal == 1:
            for y in range(tall):
                for x in range(wide):
                    canvas[frame.top + y][frame.left + x] = (0.0,) * samples
    return result


@st.composite
def animations(draw: st.DrawFn) -> tuple[int, int, int, list[Moving]]:
    depth, samples = draw(st.sampled_from([8, 16])), draw(st.sampled_from([2, 4]))
    width, height = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    moving = []
    for _ in range(draw(st.integers(2, 4))):
        wide, tall = draw(st.integers(1, width)), draw(st.integers(1, height))
        random = np.random.default_rng(draw(st.integers(0, 99)))
        values = random.integers(0, 1 << depth, (tall, wide, samples))
        values[..., -1] = random.choice([0, (1 << depth) - 1, 1 << depth - 1], (tall, wide))
        left, top = draw(st.integers(0, width - wide)), draw(st.integers(0, height - tall))
        moving.append(Moving(values, left, top, draw(st.integers(0, 2)), draw(st.integers(0, 1))))
    return width, height, depth, moving


@settings(max_examples=80, deadline=None)
@given(animations())
def test_frames_of_an_apng_are_composed_as_the_standard_says(
    drawn: tuple[int, int, int, list[Moving]],
) -> None:
    width, height, depth, moving = drawn
    white = (1 << depth) - 1
    colours = GREY_ALPHA if moving[0].values.shape[2] == 2 else RGB_ALPHA
    picture = codec.read(apng(width, height, depth, colours, moving))
    wanted = np.array(shown(width, height, moving, white))
    assert picture.header.frames == len(picture.frames) == len(moving)
    for got, seen in zip(picture.frames, wanted, strict=True):
        assert got.dtype == (np.uint16 if depth == 16 else np.uint8)
        visible = np.rint(seen[..., -1] * white) > 0
        # Each rounding of what lies below moves colours under little alpha by more.
        np.testing.assert_allclose(got[..., -1] / white, seen[..., -1], atol=2 / 255)
        np.testing.assert_allclose((got / white)[visible], seen[visible], atol=4 / 255)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_an_apng_has_one_transparent_grey_too(depth: int) -> None:
    top = (1 << depth) - 1
    first, second = np.full((2, 3, 1), top), np.full((1, 2, 1), top // 3)
    second[0, 1] = 0
    clear = chunk(b"tRNS", struct.pack(">H", top // 3))
    picture = codec.read(
        apng(3, 2, depth, GREY, [Moving(first), Moving(second, 1, 1, blend=1)], clear)
    )
    white = frames.white(picture.frames[1])
    wanted = [[white] * 3, [white, white, 0 if top // 3 else white]]
    np.testing.assert_array_equal(picture.frames[1][..., 0], wanted)
    assert (picture.frames[1][..., 1] == white).all()
    covering = codec.read(apng(3, 2, depth, GREY, [Moving(first), Moving(second, 1, 1)], clear))
    hidden = covering.frames[1][1, 1:, 1] == 0
    assert hidden.tolist() == [True, top // 3 == 0]


def test_what_an_opaque_apng_clears_is_transparent() -> None:
    moving = [Moving(noise(4, 4), disposal=1), Moving(noise(2, 2), 1, 1)]
    picture = codec.read(apng(4, 4, 8, RGB, moving))
    assert picture.frames[1][0, 0, 3] == 0
    np.testing.assert_array_equal(picture.frames[1][1:3, 1:3, :3], noise(2, 2))
    opaque = codec.read(apng(4, 4, 8, RGB, [Moving(noise(4, 4)), Moving(noise(2, 2), 1, 1)]))
    assert {frames.kind(frame) for frame in opaque.frames} == {"RGB"}


def test_an_apng_in_a_palette() -> None:
    colours = chunk(b"PLTE", bytes([1, 2, 3, 4, 5, 6, 7, 8, 9]))
    moving = [Moving(np.zeros((2, 2, 1), int)), Moving(np.full((1, 1, 1), 2), 1, 1, blend=1)]
    picture = codec.read(apng(2, 2, 2, PALETTE, moving, colours))
    np.testing.assert_array_equal(picture.frames[1][1, 1], [7, 8, 9])
    np.testing.assert_array_equal(picture.frames[1][0, 0], [1, 2, 3])


def test_durations_of_an_apng() -> None:
    # Below nothing stands for a hundred.
    moving = [Moving(noise(2, 2), delay=(7, 0)), Moving(noise(2, 2), delay=(1, 4))]
    assert codec.read(apng(2, 2, 8, RGB, moving)).durations == (70, 250)


def test_a_frame_outside_its_canvas_is_refused() -> None:
    data = apng(4, 4, 8, RGB, [Moving(noise(4, 4)), Moving(noise(3, 3), 2, 2)])
    with pytest.raises(RefusedError, match="outside its canvas"):
        codec.read(data)


def text(kind: bytes, keyword: bytes, size: int) -> bytes:
    """Make a packed text of so many letters."""
    between = b"\0\0" if kind == b"zTXt" else b"\0\1\0\0\0"
    return chunk(kind, keyword + between + zlib.compress(b"a" * size))


@pytest.mark.parametrize(
    "extra",
    [
        [text(b"zTXt", b"Comment", 3_000_000)],
        [text(b"iTXt", b"XML:com.adobe.xmp", 3_000_000)],
        [text(b"zTXt", b"Comment", 900_000)] * 80,
        [chunk(b"zTXt", b"Comment\0\0no zlib")],
        [chunk(b"zTXt", b"Raw profile type exif\0\0no zlib")],
        [chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0key\0no zlib")],
        [chunk(b"cHRM", bytes(31))],
        # A whole chunk before and behind one that says nothing stays whole.
        [chunk(b"pHYs", bytes(9)), chunk(b"gAMA"), chunk(b"tIME", bytes(7)), chunk(b"sRGB")],
        [chunk(b"gAMA", bytes(3))],
        [chunk(b"pHYs", bytes(8))],
        [chunk(b"gAMA", b"")],
        [chunk(b"cHRM", b"abc")],
        [chunk(b"pHYs", b"abc")],
        [chunk(b"sRGB")],
        [chunk(b"tEXt")],
        [chunk(b"abCd", b"private")],
    ],
)
def test_what_says_nothing_of_the_pixels_makes_no_picture_damaged(extra: list[bytes]) -> None:
    values = noise(5, 4)
    np.testing.assert_array_equal(read(png(values, 8, RGB, *extra)), values)
    assert codec.inspect(png(values, 8, RGB, *extra)).orientation == 1


def test_a_png_as_xcode_packs_it_is_called_that() -> None:
    whole = png(noise(5, 4), 8, RGB)
    with pytest.raises(RefusedError, match="as Xcode packs it for iPhones"):
        codec.read(whole[:8] + chunk(b"CgBI", bytes(4)) + whole[8:])


def test_frames_that_are_promised_and_missing_are_missed() -> None:
    data = apng(4, 4, 8, RGB, [Moving(noise(4, 4)), Moving(noise(4, 4, seed=2))])
    assert len(codec.read(data).frames) == 2
    at = data.index(b"acTL")
    promised = data[: at - 4] + chunk(b"acTL", struct.pack(">II", 3, 0)) + data[at + 16 :]
    with pytest.raises(RefusedError, match="cut short"):
        codec.read(promised)


def test_a_packed_text_of_one_million_bytes_is_still_read() -> None:
    # Its orientation counts; of one byte more nothing is looked at.
    said = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="6"/>'
    for size, turned in ((1_000_000, True), (1_000_001, False)):
        packed = zlib.compress(said.ljust(size))
        extra = chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed)
        header = codec.inspect(png(noise(5, 4), 8, RGB, extra))
        assert (header.width, header.height) == ((5, 4) if turned else (4, 5))
