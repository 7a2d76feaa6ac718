"""What pictures may cost, and the names and endings of formats: as README and users know them."""

from __future__ import annotations

import pytest

from labapp.pictures import limits
from labapp.pictures.limits import Limits


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
