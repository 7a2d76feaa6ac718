"""Every frame of a GIF is what browsers show of it, whatever it clears, restores or leaves out."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.pictures import frames
from labapp.pictures.limits import Limits
from tests.pictures import codec
from tests.pictures.samples import Frame

#: Red, green, blue and white.
PALETTE = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))


@dataclass
class Drawn:
    """One image: where it lies, the index of each pixel, and how it is drawn."""

    left: int
    top: int
    rows: list[list[int]]
    clear: int | None = None
    disposal: int = 0
    palette: tuple[tuple[int, int, int], ...] = ()
    interlaced: bool = False
    delay: int = 10
    width: int = field(init=False)

    def __post_init__(self) -> None:
        self.width = len(self.rows[0]) if self.rows else 0


def flat(left: int, top: int, wide: int, tall: int, index: int, **more: Any) -> Drawn:
    return Drawn(left, top, [[index] * wide for _ in range(tall)], **more)


def packed(indices: list[int]) -> bytes:
    """Pack by LZW without packing: a clear code before each pixel keeps all codes at 9 bits."""
    bits = "".join(format(code, "09b")[::-1] for index in indices for code in (256, index))
    bits += format(257, "09b")[::-1]
    bits += "0" * (-len(bits) % 8)
    data = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    blocks = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"\x08" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def table(palette: tuple[tuple[int, int, int], ...]) -> tuple[int, bytes]:
    size = max((len(palette) - 1).bit_length(), 1)
    data = b"".join(map(bytes, palette)).ljust(3 << size, b"\0")
    return 0x80 | size - 1, data


def gif(width: int, height: int, *images: Drawn, shared: bool = True, end: bytes = b";") -> bytes:
    """Write a file by hand (GIF89a)."""
    flags, colours = table(PALETTE) if shared else (0, b"")
    out = b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0) + colours
    for image in images:
        flags = image.disposal << 2 | (image.clear is not None)
        out += b"\x21\xf9\4" + struct.pack("<BHBB", flags, image.delay, image.clear or 0, 0)
        flags, colours = table(image.palette) if image.palette else (0, b"")
        place = (image.left, image.top, image.width, len(image.rows))
        out += b"\x2c" + struct.pack("<HHHHB", *place, flags | 0x40 * image.interlaced) + colours
        rows = image.rows
        if image.interlaced:
            rows = [
                row for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for row in rows[start::step]
            ]
        out += packed([index for row in rows for index in row])
    return out + end


def shown(width: int, height: int, *images: Drawn) -> list[list[list[tuple[int, ...]]]]:
    """Compose pixel by pixel, as the standard and the browsers do; RGBA."""
    canvas: list[list[tuple[int, ...]]] = [[(0, 0, 0, 0)] * width for _ in range(height)]
    result = []
    for image in images:
        before = [list(row) for row in canvas]
        for y, row in enumerate(image.rows, start=image.top):
            for x, index in enumerate(row, start=image.left):
                if x < width and y < height and index != image.clear:
                    colours = image.palette or PALETTE
                    colour = colours[index] if index < len(colours) else (0, 0, 0)
                    canvas[y][x] = (*colour, 255)
        result.append([list(row) for row in canvas])
        if image.disposal == 3:
            canvas = before
        elif image.disposal == 2:
            for y in range(image.top, min(image.top + len(image.rows), height)):
                for x in range(image.left, min(image.left + image.width, width)):
                    canvas[y][x] = (0, 0, 0, 0)
    return result


def rgba(frame: Frame) -> Frame:
    return frames.in_colour(frame, alpha=True)


def check(width: int, height: int, *images: Drawn, **options: Any) -> None:
    picture = codec.read(gif(width, height, *images, **options))
    wanted = np.array(shown(width, height, *images), np.uint8)
    assert len(picture.frames) == len(images)
    for got, seen in zip(picture.frames, wanted, strict=True):
        got = rgba(got)
        np.testing.assert_array_equal(got[..., 3], seen[..., 3])
        np.testing.assert_array_equal(got[seen[..., 3] > 0], seen[seen[..., 3] > 0])


def test_what_is_cleared_becomes_transparent_with_or_without_a_clear_index() -> None:
    ground = flat(0, 0, 8, 8, 1, disposal=1)
    last = flat(6, 6, 2, 2, 3, disposal=1)
    check(8, 8, ground, flat(2, 2, 4, 4, 2, disposal=2), last)
    check(8, 8, ground, flat(2, 2, 4, 4, 2, disposal=2, clear=0), last)
    picture = codec.read(gif(8, 8, ground, flat(2, 2, 4, 4, 2, disposal=2), last))
    assert {frames.kind(frame) for frame in picture.frames} == {"RGBA"}


@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
@pytest.mark.parametrize("count", [1, 2])
def test_outside_of_a_first_image_that_is_smaller_the_canvas_is_transparent(
    disposal: int, count: int
) -> None:
    first = flat(1, 2, 3, 2, 2, disposal=disposal)
    check(8, 6, *[first, flat(5, 0, 2, 2, 1)][:count])


def test_what_is_restored_is_what_was_there_before() -> None:
    ground = flat(0, 0, 8, 8, 1)
    check(8, 8, ground, flat(2, 2, 4, 4, 2, disposal=3), flat(3, 3, 1, 1, 3))
    check(8, 8, flat(2, 2, 4, 4, 2, disposal=3), flat(3, 3, 1, 1, 3))
    opaque = codec.read(gif(8, 8, ground, flat(2, 2, 4, 4, 2, disposal=3), flat(3, 3, 1, 1, 3)))
    assert {frames.kind(frame) for frame in opaque.frames} == {"RGB"}


def test_later_images_are_cut_off_at_the_canvas() -> None:
    check(8, 8, flat(0, 0, 8, 8, 1), flat(6, 6, 9, 9, 2), flat(20, 0, 3, 3, 3), flat(0, 9, 3, 3, 3))


def test_a_first_image_beyond_the_canvas_makes_it_greater() -> None:
    picture = codec.read(gif(4, 4, flat(0, 0, 8, 6, 1), flat(7, 5, 1, 1, 2)))
    assert [frame.shape for frame in picture.frames] == [(6, 8, 3)] * 2
    assert codec.read(gif(0, 0, flat(0, 0, 8, 6, 1))).frames[0].shape == (6, 8, 3)


def test_an_image_without_pixels_draws_nothing() -> None:
    check(4, 4, flat(0, 0, 4, 4, 1), Drawn(1, 1, []), flat(1, 1, 2, 2, 2))


def test_interlaced_rows_and_palettes_of_its_own() -> None:
    rows = [[(row * 3 + column) % 4 for column in range(5)] for row in range(21)]
    own = ((9, 8, 7), (1, 2, 3), (200, 100, 50), (77, 66, 55))
    for interlaced in (False, True):
        check(5, 21, Drawn(0, 0, rows, interlaced=interlaced))
        check(5, 21, Drawn(0, 0, rows, interlaced=interlaced, palette=own), shared=False)
    check(5, 21, Drawn(0, 0, rows), Drawn(0, 0, rows, palette=own), flat(1, 1, 2, 2, 3))


def test_indices_beyond_the_palette_are_black() -> None:
    check(2, 1, Drawn(0, 0, [[200, 1]]))


def test_greys_stay_greys() -> None:
    ramp = tuple((value,) * 3 for value in range(256))
    rows = [[0, 100, 200, 255]]
    still = codec.read(gif(4, 1, Drawn(0, 0, rows, palette=ramp), shared=False))
    np.testing.assert_array_equal(still.frames[0], rows)
    bare = codec.read(gif(4, 1, Drawn(0, 0, rows), shared=False))  # no palette at all
    np.testing.assert_array_equal(bare.frames[0], rows)


def test_durations_are_those_of_the_control_before_each_image() -> None:
    picture = codec.read(gif(2, 2, flat(0, 0, 2, 2, 1, delay=7), flat(0, 0, 2, 2, 2, delay=300)))
    assert picture.durations == (70, 3000)
    assert codec.read(gif(2, 2, flat(0, 0, 2, 2, 1, delay=7))).durations == (0,)


def test_a_later_image_of_huge_size_is_refused_before_it_is_unpacked() -> None:
    data = bytearray(gif(2, 2, flat(0, 0, 2, 2, 1), flat(0, 0, 2, 2, 2)))
    at = data.rindex(b"\x2c\0\0\0\0\2\0\2\0")
    struct.pack_into("<HH", data, at + 5, 9_000, 9_000)
    with pytest.raises(RefusedError, match="megapixels in 2 frames"):
        codec.read(bytes(data), Limits())


@pytest.mark.parametrize("end", [b"\0;", b"\0\0\0;", b"\x21\xfe\3abc\0;"])
def test_terminators_too_many_and_comments_do_no_harm(end: bytes) -> None:
    check(2, 2, flat(0, 0, 2, 2, 1), end=end)


def test_what_is_no_gif_inside_is_refused_with_its_reason() -> None:
    with pytest.raises(RefusedError, match="something stands between its blocks"):
        codec.read(gif(2, 2, flat(0, 0, 2, 2, 1), end=b"\x77;"))
    with pytest.raises(RefusedError, match="it has no image"):
        codec.read(gif(2, 2))


@st.composite
def images(draw: st.DrawFn) -> Drawn:
    wide, tall = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    rows = draw(
        st.lists(
            st.lists(st.integers(0, 3), min_size=wide, max_size=wide), min_size=tall, max_size=tall
        )
    )
    return Drawn(
        draw(st.integers(0, 6)),
        draw(st.integers(0, 6)),
        rows,
        clear=draw(st.sampled_from([None, 0, 1, 3])),
        disposal=draw(st.integers(0, 3)),
        interlaced=draw(st.booleans()),
        palette=draw(st.sampled_from([(), ((1, 2, 3), (4, 5, 6)), PALETTE[::-1]])),
    )


@settings(max_examples=80, deadline=None)
@given(st.lists(images(), min_size=1, max_size=4))
def test_any_sequence_is_composed_as_the_standard_says(sequence: list[Drawn]) -> None:
    width = max(6, sequence[0].left + sequence[0].width)
    height = max(6, sequence[0].top + len(sequence[0].rows))
    check(width, height, *sequence)


def test_a_control_counts_for_the_text_behind_it_and_for_no_image_then() -> None:
    # Control, plain text (GIF89a, section 25), and an image that has none of its own.
    text = b"\x21\x01\x0c" + struct.pack("<4H4B", 0, 0, 1, 1, 8, 8, 1, 0) + b"\x01a\0"
    control = b"\x21\xf9\4" + struct.pack("<BHBB", 2 << 2 | 1, 500, 1, 0) + b"\0"
    data = gif(2, 2, flat(0, 0, 2, 2, 2, delay=30), flat(0, 0, 2, 2, 1, delay=30))
    at = data.rindex(b"\x21\xf9")
    end = data.index(b"\x2c", at)
    picture = codec.read(data[:at] + control + text + data[end:])
    assert picture.durations == (300, 0)
    np.testing.assert_array_equal(picture.frames[1], np.full((2, 2, 3), (0, 255, 0)))
    kept = codec.read(data[:at] + control + data[end:])
    assert kept.durations == (300, 5000)
    np.testing.assert_array_equal(kept.frames[1][..., :3], np.full((2, 2, 3), (0, 0, 255)))


def test_the_fourth_way_of_disposal_restores_as_the_third_does() -> None:
    ground, moved = flat(0, 0, 8, 8, 1), flat(2, 2, 4, 4, 2, disposal=4)
    picture = codec.read(gif(8, 8, ground, moved, flat(0, 0, 1, 1, 3)))
    wanted = shown(8, 8, ground, flat(2, 2, 4, 4, 2, disposal=3), flat(0, 0, 1, 1, 3))
    np.testing.assert_array_equal(rgba(picture.frames[2]), np.array(wanted[2], np.uint8))


def test_what_shows_no_clear_pixel_is_unpacked_but_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from labapp.pictures import gif as room

    unpacked, indices = [], room._indices

    def watched(data: bytes, part: room.Part) -> Frame:
        unpacked.append(part)
        return indices(data, part)

    monkeypatch.setattr(room, "_indices", watched)
    ground = flat(0, 0, 8, 8, 1)
    over = flat(2, 2, 4, 4, 2)
    for images_, times in (
        ([ground, over], 2),
        ([flat(0, 0, 9, 9, 1), over], 2),
        ([ground, flat(2, 2, 4, 4, 2, disposal=2)], 2),  # cleared when nobody looks any more
        ([flat(0, 0, 8, 8, 1, clear=0), over], 4),
        ([flat(0, 0, 8, 8, 1, clear=0)], 2),
    ):
        unpacked.clear()
        codec.read(gif(8, 8, *images_))
        assert len(unpacked) == times
