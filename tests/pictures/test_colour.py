"""What is seen is what a viewer shows: profiles count where they fit what the source stores."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from labapp.pictures import frames, pipeline, registry
from labapp.pictures.header import Header
from labapp.pictures.looks import preview
from labapp.pictures.process import process
from tests.pictures import codec
from tests.pictures.profiles import profile, srgb_of_light
from tests.pictures.samples import Frame, file_of, noise, opened, photo
from tests.pictures.tiffs import tiff

#: 55 of 255 as light, and as sRGB has it.
LINEAR, SEEN = 55, round(srgb_of_light(55 / 255) * 255)

GREY, RGB = profile(b"GRAY", 1.0), profile(b"RGB ", 1.0)
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
CMYK = profile(b"CMYK", 1.0)  # of the right kind by its header alone


def palette() -> bytes:
    """Make a PNG whose one colour stands in a palette."""
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, LINEAR, LINEAR, LINEAR])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", icc_profile=RGB)
    return buffer.getvalue()


#: What stores light itself under a profile that says so: grey and colour, by every way.
SOURCES: dict[str, bytes] = {
    "grey PNG": file_of(np.full((8, 8), LINEAR, np.uint8), "PNG", icc_profile=GREY),
    "grey JPEG": file_of(np.full((8, 8), LINEAR, np.uint8), "JPEG", icc_profile=GREY),
    "grey TIFF": file_of(np.full((8, 8), LINEAR, np.uint8), "TIFF", icc_profile=GREY),
    "deep grey": file_of(np.full((8, 8), LINEAR * 257, np.uint16), "PNG", icc_profile=GREY),
    "deep grey TIFF": tiff(np.full((8, 8), LINEAR * 257, np.uint16), t34675=(7, GREY)),
    "grey with alpha": file_of(
        np.dstack([np.full((8, 8), LINEAR, np.uint8), np.full((8, 8), 255, np.uint8)]),
        "PNG",
        icc_profile=GREY,
    ),
    "PNG": file_of(np.full((8, 8, 3), LINEAR, np.uint8), "PNG", icc_profile=RGB),
    "JPEG": file_of(np.full((8, 8, 3), LINEAR, np.uint8), "JPEG", icc_profile=RGB),
    "WebP": file_of(np.full((8, 8, 3), LINEAR, np.uint8), "WEBP", lossless=True, icc_profile=RGB),
    "TIFF": file_of(np.full((8, 8, 3), LINEAR, np.uint8), "TIFF", icc_profile=RGB),
    "deep TIFF": tiff(np.full((8, 8, 3), LINEAR * 257, np.uint16), photometric=2, t34675=(7, RGB)),
    "palette": palette(),
}


def result(data: bytes, tmp_path: Path, *steps: str, format: str = "png") -> bytes:
    (tmp_path / "source").write_bytes(data)
    process(tmp_path / "source", pipeline.parse(steps), tmp_path / "result", format=format)
    return (tmp_path / "result").read_bytes()


@pytest.mark.parametrize("title", SOURCES)
def test_a_preview_is_in_srgb(title: str) -> None:
    shown = preview(SOURCES[title], 4)
    assert np.abs(shown.astype(int) - SEEN).max() <= 2


@pytest.mark.parametrize("title", [title for title in SOURCES if "grey" in title])
def test_colours_made_of_grey_are_those_of_the_grey_that_is_seen(
    title: str, tmp_path: Path
) -> None:
    data = result(SOURCES[title], tmp_path, "sepia")
    assert "icc_profile" not in opened(data).info
    frame = frames.eight_bits(codec.read(data).frames[0])[0, 0, :3]
    wanted = np.array([0.393 + 0.769 + 0.189, 0.349 + 0.686 + 0.168, 0.272 + 0.534 + 0.131]) * SEEN
    assert np.abs(frame.astype(int) - wanted).max() <= 3


@pytest.mark.parametrize("title", SOURCES)
def test_a_profile_stays_with_what_it_tells_the_colours_of(title: str, tmp_path: Path) -> None:
    data = result(SOURCES[title], tmp_path, "flip")
    assert opened(data).info["icc_profile"] == (GREY if "grey" in title else RGB)
    shown = preview(data, 8)
    assert np.abs(shown.astype(int) - SEEN).max() <= 2


def test_every_operation_that_makes_colours_of_grey_says_so() -> None:
    for name, operation in registry.operations().items():
        made = operation.apply(np.full((32, 32), 100, np.uint8), operation.defaults)
        assert (made.ndim == 3) == operation.tints, name


#: A source and a profile of another kind, or of none.
STRAYS: list[tuple[str, Frame, bytes]] = [
    ("L", noise(9, 8, 1), RGB),
    ("L", noise(9, 8, 1), CMYK),
    ("L", noise(9, 8, 1), LAB),
    ("LA", noise(9, 8, 2), RGB),
    ("1", noise(9, 8, 1), RGB),
    ("I;16", noise(9, 8, 1).astype(np.uint16) * 257, RGB),
    ("RGB", noise(9, 8), GREY),
    ("RGB", noise(9, 8), CMYK),
    ("RGB", noise(9, 8), LAB),
    ("RGBA", noise(9, 8, 4), GREY),
    ("P", noise(9, 8), GREY),
    ("CMYK", noise(9, 8), RGB),
    ("CMYK", noise(9, 8), GREY),
    ("CMYK", noise(9, 8), CMYK),
    ("CMYK", noise(9, 8), LAB),
    ("RGB", noise(9, 8), RGB[:150]),
    ("RGB", noise(9, 8), b"nonsense"),
    ("L", noise(9, 8, 1), GREY[:140]),
]


@pytest.mark.parametrize("steps", ["flip", "sepia", "blur", "grayscale"])
@pytest.mark.parametrize(("mode", "frame", "stray"), STRAYS)
def test_a_profile_of_another_kind_is_passed_over(
    mode: str, frame: Frame, stray: bytes, steps: str, tmp_path: Path
) -> None:
    format = "TIFF" if mode == "CMYK" else "PNG"
    convert: dict[str, Any] = {"mode": mode} if mode in ("1", "P", "CMYK") else {}
    marked = file_of(frame, format, icc_profile=stray, **convert)
    plain = file_of(frame, format, **convert)
    np.testing.assert_array_equal(preview(marked, 64), preview(plain, 64))
    for target in ("png", "jpeg", "gif", "bmp", "tiff", "webp"):
        data = result(marked, tmp_path, steps, format=target)
        without = result(plain, tmp_path, steps, format=target)
        np.testing.assert_array_equal(codec.read(data).frames[0], codec.read(without).frames[0])
        if stray in (RGB, GREY, CMYK, LAB):
            assert "icc_profile" not in opened(data).info


def test_each_page_is_seen_by_its_own_profile(tmp_path: Path) -> None:
    from PIL import TiffImagePlugin

    pages = [(np.full((8, 8), LINEAR, np.uint8), GREY), (np.full((8, 8), LINEAR, np.uint8), None)]
    path = tmp_path / "pages"
    with TiffImagePlugin.AppendingTiffWriter(str(path), new=True) as pen:
        for frame, icc in pages:
            Image.fromarray(frame).save(pen, "TIFF", icc_profile=icc)
            pen.newFrame()
    data = result(path.read_bytes(), tmp_path, "sepia", format="tiff")
    first, second = (frame[0, 0].astype(int) for frame in codec.read(data).frames)
    assert abs(first[1] - 1.203 * SEEN) <= 3
    assert abs(second[1] - 1.203 * LINEAR) <= 3


def test_cmyk_of_adobe_is_turned_round_and_that_of_others_is_not() -> None:
    stored = photo(16, 16)
    inverted = file_of(stored, "JPEG", mode="CMYK", quality=100)
    assert b"Adobe" in inverted
    at = inverted.index(b"Adobe") - 4
    length = int.from_bytes(inverted[at + 2 : at + 4], "big")
    plain = inverted[:at] + inverted[at + 2 + length :]
    frame = codec.read(inverted).frames[0].astype(int)
    # Without the marker the same numbers are inks as they stand: the negative, in every channel.
    with opened(plain) as image:
        wanted = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(codec.read(plain).frames[0], wanted)
    assert np.abs(frame - stored).mean() < 3
    np.testing.assert_allclose(preview(inverted, 64), frame)


def test_a_header_keeps_a_profile_only_for_what_is_stored() -> None:
    assert codec.inspect(SOURCES["PNG"]).profile == RGB
    assert codec.inspect(file_of(noise(4, 4, 1), "PNG", icc_profile=RGB)).profile is None
    assert Header("png", "L", 1, 1, profile=GREY).is_grey_by_profile
    assert not Header("png", "RGB", 1, 1, profile=RGB).is_grey_by_profile
