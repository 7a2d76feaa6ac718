"""What a format cannot hold is said from the header, before anything is lost."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from labapp.errors import RefusedError
from labapp.pictures.limits import FORMATS, known_format, known_quality, losses_of
from tests.pictures import codec
from tests.pictures.samples import deep_photo, file_of, noise, photo

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def animated(format: str) -> bytes:
    buffer = io.BytesIO()
    frames = [Image.fromarray(noise(8, 8, seed=seed) // 64 * 64) for seed in range(3)]
    frames[0].save(buffer, format, save_all=True, append_images=frames[1:], duration=50)
    return buffer.getvalue()


def deep(format: str) -> bytes:
    said = codec.Header("png", "RGB", 20, 20)
    return codec.encode([(deep_photo(20, 20), 0.0)], said, format).data


CASES: list[tuple[str, bytes, str, list[str]]] = [
    ("a photo", file_of(photo(20, 20), "JPEG"), "png", []),
    ("frames", animated("GIF"), "jpeg", ["JPEG holds one picture: of 3 frames the first is kept"]),
    ("frames", animated("WEBP"), "bmp", ["BMP holds one picture: of 3 frames the first is kept"]),
    ("frames", animated("GIF"), "webp", []),
    ("pages", animated("TIFF"), "jpeg", ["JPEG holds one picture: of 3 pages the first is kept"]),
    ("alpha", file_of(noise(8, 8, 4), "PNG"), "jpeg", ["JPEG holds no transparency"]),
    ("alpha", file_of(noise(8, 8, 2), "PNG"), "bmp", ["BMP holds no transparency"]),
    ("alpha", file_of(noise(8, 8, 2), "PNG"), "gif", ["GIF holds no half transparency"]),
    ("alpha", file_of(noise(8, 8, 4), "PNG"), "webp", []),
    ("bits", deep("png"), "jpeg", ["JPEG holds 8 bits a sample here: 16 become 8"]),
    ("bits", deep("tiff"), "webp", ["WebP holds 8 bits a sample here: 16 become 8"]),
    ("bits", deep("png"), "tiff", []),
    ("bits", deep("tiff"), "", []),
    ("32 bits", file_of(np.ones((4, 4), np.float32), "TIFF"), "", ["TIFF holds 16 bits"]),
    ("colours", file_of(photo(20, 20), "JPEG"), "gif", ["GIF holds 256 colours a frame"]),
    ("grey", file_of(photo(20, 20)[..., 0].copy(), "JPEG"), "gif", []),
    ("palette", file_of(noise(15, 15, 1), "PNG", "P"), "gif", []),
    ("profile", file_of(noise(8, 8, 1), "PNG"), "bmp", []),
    (
        "profile",
        file_of(photo(8, 8), "PNG", icc_profile=PROFILE),
        "bmp",
        ["BMP holds no colour profile"],
    ),
]


@pytest.mark.parametrize(("what", "data", "target", "told"), CASES)
def test_each_loss_is_told(what: str, data: bytes, target: str, told: list[str]) -> None:
    found = losses_of(codec.inspect(data), target)
    assert len(found) == len(told), (what, found)
    for sentence, start in zip(found, told, strict=True):
        assert sentence.startswith(start), what


def test_a_quality_says_nothing_to_formats_without_loss() -> None:
    header = codec.inspect(file_of(photo(8, 8), "PNG"))
    assert losses_of(header, "", 80) == ["PNG knows no quality: 80 says nothing to it"]
    assert losses_of(header, "jpeg", 80) == []
    within = codec.inspect(file_of(photo(16, 16), "TIFF", compression="jpeg"))
    assert losses_of(within, "", 80) == []
    assert losses_of(within, "png", 80) == ["PNG knows no quality: 80 says nothing to it"]


@pytest.mark.parametrize("target", FORMATS)
def test_what_the_writer_found_lost_is_what_the_header_foretold(target: str) -> None:
    for _, data, _, _ in CASES:
        picture = codec.read(data)
        pairs = zip(picture.frames, picture.durations, strict=True)
        foretold = losses_of(picture.header, target)
        assert list(codec.encode(pairs, picture.header, target).lost) == foretold


def test_alpha_that_hides_nothing_is_no_loss() -> None:
    opaque = np.dstack([photo(8, 8), np.full((8, 8), 255, np.uint8)])
    picture = codec.read(file_of(opaque, "PNG"))
    assert losses_of(picture.header, "jpeg")
    assert codec.encode([(picture.frames[0], 0.0)], picture.header, "jpeg").lost == ()


@pytest.mark.parametrize("written", ["jpg", "JPG", ".jpe", " jfif ", "Jpeg"])
def test_a_jpeg_goes_by_all_of_its_names(written: str) -> None:
    assert known_format(written) == "jpeg"


@pytest.mark.parametrize("wrong", ["", "heic", "jpeg2000", ".", "j\npg"])
def test_a_format_that_is_none_is_refused_on_one_line(wrong: str) -> None:
    with pytest.raises(RefusedError, match="is not written") as caught:
        known_format(wrong)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("written", "number"), [("1", 1), ("100", 100), (" 85 ", 85), ("007", 7)])
def test_a_quality_is_a_whole_number(written: str, number: int) -> None:
    assert known_quality(written) == number


@pytest.mark.parametrize("wrong", ["0", "101", "1000000000000", "-1", "8.5", "", "high", "²"])
def test_any_other_quality_is_refused_with_its_range(wrong: Any) -> None:
    with pytest.raises(RefusedError, match="from 1, the smallest file, to 100"):
        known_quality(wrong)
