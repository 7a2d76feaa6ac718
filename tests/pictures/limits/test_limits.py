"""What pictures may cost, and the names and endings of formats: as README and users know them."""

from __future__ import annotations

import numpy as np
import pytest

from labapp.errors import RefusedError
from labapp.pictures import begin, child, limits, line, pipeline
from labapp.pictures.limits import Limits
from tests.pictures import codec
from tests.pictures.samples import file_of, noise


def test_the_limits_are_those_that_are_promised() -> None:
    found = Limits()
    assert found.formats == ("jpeg", "png", "gif", "webp", "bmp", "tiff")
    assert (found.source_bytes, found.result_bytes) == (32_000_000, 32_000_000)
    assert (found.pixels, found.side, found.frames) == (50_000_000, 16_384, 100)
    assert (found.seconds, found.memory) == (30, 450_000_000)


def test_a_result_has_the_ending_of_its_format() -> None:
    assert limits.EXTENSIONS == {
        "jpeg": ".jpg",
        "png": ".png",
        "gif": ".gif",
        "webp": ".webp",
        "bmp": ".bmp",
        "tiff": ".tif",
    }


@pytest.mark.parametrize(
    ("ending", "format"),
    [
        ("jpg", "jpeg"), ("jpe", "jpeg"), ("jfif", "jpeg"), ("jpeg", "jpeg"), ("tif", "tiff"),
        ("tiff", "tiff"), ("apng", "png"), ("png", "png"), ("dib", "bmp"), ("bmp", "bmp"),
        ("gif", "gif"), ("webp", "webp"),
    ],
)  # fmt: skip
def test_every_ending_names_its_format(ending: str, format: str) -> None:
    assert limits.known_format(ending) == format
    assert limits.known_format(f" .{ending.upper()} ") == format


def test_what_formats_hold_is_what_their_standards_say() -> None:
    assert {"gif", "png", "webp", "tiff"} == limits.ANIMATED
    assert {"png", "tiff"} == limits.SIXTEEN_BITS
    assert {"jpeg", "webp"} == limits.LOSSY
    assert (limits.USUAL_QUALITY, limits.BEST_QUALITY) == (90, 100)


def test_a_file_and_a_result_of_just_the_limit_are_taken() -> None:
    data = file_of(noise(30, 30), "BMP")
    assert codec.inspect(data, Limits(source_bytes=len(data))).width == 30
    with pytest.raises(RefusedError, match=r"it\.bmp has 0\.0028\d MB; at most 0\.0028\d MB"):
        codec.inspect(data, Limits(source_bytes=len(data) - 1), "it.bmp")
    header = codec.Header("bmp", "RGB", 30, 30)
    for spare, fits in ((0, True), (-1, False)):
        most = Limits(result_bytes=len(data) + spare)
        if fits:
            assert len(codec.encode([(noise(30, 30), 0.0)], header, "bmp", most).data) == len(data)
        else:
            with pytest.raises(RefusedError, match="as BMP; at most"):
                codec.encode([(noise(30, 30), 0.0)], header, "bmp", most)


def test_a_webp_of_just_the_longest_side_is_written() -> None:
    frame = np.zeros((1, 16_383, 3), np.uint8)
    header = codec.Header("png", "RGB", 16_383, 1)
    assert codec.inspect(codec.encode([(frame, 0.0)], header, "webp").data).width == 16_383
    with pytest.raises(RefusedError, match="1 x 16,384 pixels; WebP holds at most 16,383"):
        codec.encode([(np.zeros((16_384, 1, 3), np.uint8), 0.0)], header, "webp")


def test_a_pipeline_of_just_the_limits_is_read() -> None:
    step = '{"op":"invert"}'
    whole = "[" + ",".join([step] * 16) + "]"
    assert len(pipeline.from_wire(whole)) == 16
    assert len(pipeline.from_wire(whole.ljust(8_192))) == 16
    with pytest.raises(RefusedError, match="the pipeline has 8,193 characters; at most 8,192"):
        pipeline.from_wire(whole.ljust(8_193))
    with pytest.raises(RefusedError, match="the pipeline has 17 steps; at most 16 are taken"):
        pipeline.from_wire("[" + ",".join([step] * 17) + "]")


def test_a_child_does_five_hundred_pictures_and_waits_a_second_for_the_next() -> None:
    assert (child.MOST_PICTURES, child.IDLE_SECONDS) == (500, 1.0)
    assert (child.SPARE_CPU_SECONDS, line.SERVER_GONE) == (5, 255)
    assert begin.ENVIRONMENT == {
        "OPENBLAS_NUM_THREADS": "1",
        "VECLIB_MAXIMUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": "33554432",
        "MALLOC_TRIM_THRESHOLD_": "134217728",
    }
