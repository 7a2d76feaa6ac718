"""Every composited frame of GIF, WebP and APNG comes through, with its duration and the loop."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures import frames
from labapp.pictures.header import Header
from tests.pictures import codec
from tests.pictures.samples import Frame, noise, opened, photo

ANIMATED = ["GIF", "WEBP", "PNG"]
DURATIONS = [40, 130, 1000, 70]


def moving(count: int = 4, alpha: bool = False) -> list[Frame]:
    """Make a square that wanders over a flat ground, in few colours; two frames are equal."""
    sequence = []
    for number in range(count):
        frame = np.zeros((30, 44, 4), np.uint8)
        frame[...] = (10, 120, 200, 255) if not alpha else (0, 0, 0, 0)
        at = 5 * (number // 2 * 2)
        frame[5 : 5 + 9, at : at + 9] = (250, 30 * (number // 2), 40, 255)
        sequence.append(frame if alpha else frame[..., :3].copy())
    return sequence


def saved(sequence: list[Frame], format: str, **options: Any) -> bytes:
    images = [Image.fromarray(frame) for frame in sequence]
    buffer = io.BytesIO()
    images[0].save(
        buffer, format, save_all=True, append_images=images[1:], duration=DURATIONS, **options
    )
    return buffer.getvalue()


def by_pillow(data: bytes) -> tuple[list[Frame], list[float]]:
    image = opened(data)
    sequence, durations = [], []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        sequence.append(np.asarray(image.convert("RGBA")))
        durations.append(float(image.info["duration"]))
    return sequence, durations


def rgba(frame: Frame) -> Frame:
    return np.asarray(Image.fromarray(frame).convert("RGBA"))


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("target", ["gif", "webp", "png"])
def test_frames_durations_and_loop_survive_writing_and_reading(target: str, alpha: bool) -> None:
    sequence = moving(alpha=alpha)
    header = Header(target, "RGBA", 44, 30, 4, loop=3, animated=True, lossless=True)
    encoded = codec.encode(zip(sequence, map(float, DURATIONS), strict=True), header, target)
    assert (encoded.frames, encoded.width, encoded.height) == (4, 44, 30)

    # Pillow, which had no part in the containers, sees the same.
    shown, durations = by_pillow(encoded.data)
    assert durations == pytest.approx(DURATIONS)
    assert opened(encoded.data).info["loop"] == 3
    for got, wanted in zip(shown, sequence, strict=True):
        np.testing.assert_array_equal(got[..., 3], rgba(wanted)[..., 3])
        seen = got[..., 3] > 0
        np.testing.assert_array_equal(got[seen], rgba(wanted)[seen])

    # And so do we.
    picture = codec.read(encoded.data)
    assert picture.durations == pytest.approx(DURATIONS)
    assert (picture.header.loop, picture.header.frames) == (3, 4)
    for frame, wanted in zip(picture.frames, shown, strict=True):
        np.testing.assert_array_equal(rgba(frame), wanted)


@pytest.mark.parametrize("format", ANIMATED)
def test_what_pillow_composes_is_what_is_read(format: str) -> None:
    sequence = [photo(31, 47, seed) for seed in range(4)]
    data = saved(sequence, format, loop=2)
    shown, durations = by_pillow(data)
    picture = codec.read(data)
    assert picture.header.animated
    assert picture.header.loop == 2
    assert list(picture.durations) == durations
    assert len(picture.frames) == len(shown)
    for frame, wanted in zip(picture.frames, shown, strict=True):
        np.testing.assert_array_equal(rgba(frame), wanted)


def test_a_gif_of_changed_regions_is_composed_without_alpha() -> None:
    sequence = moving(4)
    data = saved([*sequence[:1], *sequence[2:3]], "GIF", optimize=True, disposal=1)
    picture = codec.read(data)
    assert {frames.kind(frame) for frame in picture.frames} == {"RGB"}


def test_a_gif_that_clears_its_canvas_has_alpha_in_every_frame() -> None:
    data = saved(moving(4, alpha=True)[::2], "GIF", disposal=2)
    picture = codec.read(data)
    assert {frames.kind(frame) for frame in picture.frames} == {"RGBA"}
    assert all((frame[..., 3] == 0).any() for frame in picture.frames)


def test_the_picture_for_readers_without_animation_is_no_frame() -> None:
    sequence = moving(4)[::2]
    images = [Image.fromarray(frame) for frame in [noise(30, 44), *sequence]]
    buffer = io.BytesIO()
    images[0].save(
        buffer, "PNG", save_all=True, append_images=images[1:], default_image=True, duration=50
    )
    picture = codec.read(buffer.getvalue())
    assert picture.header.frames == len(picture.frames) == 2
    np.testing.assert_array_equal(picture.frames[0], sequence[0])


def test_a_gif_that_plays_once_goes_on_playing_once() -> None:
    data = saved(moving(4)[::2], "GIF")
    picture = codec.read(data)
    assert picture.header.loop is None
    sequence = list(zip(picture.frames, picture.durations, strict=True))
    assert "loop" not in opened(codec.encode(sequence, picture.header, "gif").data).info
    for target in ("png", "webp"):
        assert opened(codec.encode(sequence, picture.header, target).data).info["loop"] == 1
    header = Header("webp", "RGB", 44, 30, 2, loop=1, animated=True)
    assert "loop" not in opened(codec.encode(sequence, header, "gif").data).info


@pytest.mark.parametrize("source", ANIMATED)
@pytest.mark.parametrize("target", ["gif", "webp", "png", "tiff"])
def test_an_animation_can_change_its_format(source: str, target: str) -> None:
    data = saved(moving(4)[::2], source, loop=0)
    picture = codec.read(data)
    sequence = zip(picture.frames, picture.durations, strict=True)
    encoded = codec.encode(sequence, picture.header, target)
    again = codec.read(encoded.data)
    assert again.header.frames == 2
    if target != "tiff":
        assert again.durations == picture.durations
        assert again.header.loop == 0
    for frame, wanted in zip(again.frames, picture.frames, strict=True):
        shown = rgba(frame).astype(int)
        assert np.abs(shown - rgba(wanted)).mean() < 6


@pytest.mark.parametrize("target", ["jpeg", "bmp"])
def test_a_format_without_animation_takes_the_first_frame(target: str) -> None:
    picture = codec.read(saved(moving(4)[::2], "GIF"))
    encoded = codec.encode(
        zip(picture.frames, picture.durations, strict=True), picture.header, target
    )
    assert encoded.frames == 1
    got = codec.read(encoded.data).frames[0]
    assert np.abs(got.astype(int) - picture.frames[0]).mean() < 3


def test_pages_become_frames_only_if_they_are_of_one_size() -> None:
    header = Header("tiff", "RGB", 8, 9, 2)
    alike = [(noise(8, 9), 0.0), (noise(8, 9, seed=2), 0.0)]
    assert codec.read(codec.encode(alike, header, "webp").data).durations == (1000, 1000)
    other = [(noise(8, 9), 0.0), (noise(9, 8), 0.0)]
    assert codec.encode(other, header, "tiff").frames == 2
    with pytest.raises(RefusedError, match="pages differ in size"):
        codec.encode(other, header, "gif")


@pytest.mark.parametrize("alpha", [False, True])
def test_frames_of_the_same_colours_share_one_palette(alpha: bool) -> None:
    shades = np.arange(200, dtype=np.uint8).reshape(10, 20)
    first = np.dstack([shades, 255 - shades, shades // 2])
    if alpha:
        first = np.dstack([first, np.full((10, 20), 255, np.uint8)])
    sequence = [(first, 50.0), (first[::-1].copy(), 50.0), (first[:, ::-1].copy(), 50.0)]
    data = codec.encode(sequence, Header("png", "RGB", 20, 10, frames=3, animated=True), "gif").data
    read = codec.read(data).frames
    for (frame, _), got in zip(sequence, read, strict=True):
        np.testing.assert_array_equal(rgba(got), rgba(frame))
    # A table of 256 colours has 768 bytes, and 200 numbers of at most 9 bits have 225.
    assert len(data) < 768 + 3 * 300


def test_grey_frames_of_all_256_levels_have_no_number_left_for_what_stays() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    sequence = [(grey, 50.0), (grey.T.copy(), 50.0), (255 - grey, 50.0)]
    data = codec.encode(sequence, Header("png", "L", 16, 16, frames=3, animated=True), "gif").data
    for (frame, _), got in zip(sequence, codec.read(data).frames, strict=True):
        np.testing.assert_array_equal(rgba(got), rgba(frame))


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("coloured", [False, True])
def test_a_gif_that_begins_in_plain_grey_may_go_on_in_colour(coloured: bool, clear: bool) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    later = np.full((16, 16, 3), (200, 30, 10), np.uint8)
    later[3, 3] = (0, 255, 0)
    # All 256 greys in their order are what Pillow writes as the ramp, and reads as no palette.
    sequence = [grey, later if coloured else 255 - grey, grey.T.copy()]
    options: dict[str, Any] = {"transparency": 0} if clear else {}
    images = [Image.fromarray(frame) for frame in sequence]
    buffer = io.BytesIO()
    images[0].save(buffer, "GIF", save_all=True, append_images=images[1:], duration=50, **options)
    picture = codec.read(buffer.getvalue())
    assert len(picture.frames) == 3
    canvas = np.zeros((16, 16, 4), np.uint8)
    for stored, frame in zip(sequence, picture.frames, strict=True):
        # Index 0 is black in grey frames; Pillow gives the frame in colour its green pixel there.
        seen = np.full((16, 16), True)
        if clear:
            seen = stored != 0 if stored.ndim == 2 else (stored != (0, 255, 0)).any(axis=2)
        canvas[seen] = rgba(stored)[seen]
        shown = canvas[..., 3] > 0
        np.testing.assert_array_equal(rgba(frame)[..., 3], canvas[..., 3])
        np.testing.assert_array_equal(rgba(frame)[shown], canvas[shown])
