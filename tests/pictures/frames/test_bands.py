"""What is done a band of rows at a time is the same as done at once, in reading and in writing."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures import colour, frames, registry
from labapp.pictures.limits import FORMATS
from tests.pictures import codec
from tests.pictures.profiles import profile
from tests.pictures.samples import deep_photo, defined, file_of, noise, photo
from tests.pictures.tiffs import tiff

GREY, RGB = profile(b"GRAY", 1.0), profile(b"RGB ", 1.0)

SOURCES = {
    "grey": file_of(noise(23, 17, 1), "PNG"),
    "one bit": file_of(noise(23, 17, 1), "PNG", mode="1"),
    "palette": file_of(noise(23, 17), "PNG", mode="P"),
    "alpha": file_of(noise(23, 17, 4), "PNG"),
    "CMYK": file_of(photo(23, 17), "JPEG", mode="CMYK"),
    "WebP": file_of(noise(23, 17, 4), "WEBP", lossless=True),
    "BMP": file_of(noise(23, 17), "BMP"),
    "deep": tiff(deep_photo(23, 17), photometric=2),
    "signed": tiff(noise(23, 17, 1).astype(np.int32) - 100),
    "24 bits": tiff(noise(23, 17, 1).astype(np.uint32) * 65_793, 24),
    "floats": tiff(noise(23, 17).astype(np.float32), photometric=2),
    "associated": tiff(noise(23, 17, 4) // 3, photometric=2, t338=(3, [1])),
    "associated grey": tiff(noise(23, 17, 2).astype(np.uint16) * 99, t338=(3, [1])),
    "inks": tiff(noise(23, 17, 4), photometric=5),
    "lab": tiff(noise(23, 17), photometric=8),
    "YCbCr": tiff(noise(23, 17), photometric=6, t530=(3, [1, 1])),
}


@pytest.mark.parametrize("title", SOURCES)
def test_a_picture_is_read_the_same_in_bands(title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (whole,) = codec.read(SOURCES[title]).frames
    for pixels in (1, 17, 60):
        monkeypatch.setattr(frames, "BAND_PIXELS", pixels)
        (got,) = codec.read(SOURCES[title]).frames
        np.testing.assert_array_equal(got, whole)


@pytest.mark.parametrize("across", [1, 2, 4])
@pytest.mark.parametrize("down", [1, 2, 4])
def test_shared_chroma_is_spread_the_same_in_bands(
    across: int, down: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = noise(6 // down + 1, 9 // across + 1, across * down + 2)
    from tests.pictures.tiffs import file, tags

    found = tags(np.zeros((6, 9, 3), np.uint8), 8, 6, t530=(3, [across, down]), t278=(4, [6]))
    wide = -(-9 // across)
    data = file([(found, [np.ascontiguousarray(units[:, :wide]).tobytes()])])
    (whole,) = codec.read(data).frames
    monkeypatch.setattr(frames, "BAND_PIXELS", 10)
    np.testing.assert_array_equal(codec.read(data).frames[0], whole)
    # Each pixel by the formula alone: its own light, and the chroma of its unit.
    for y, x in ((0, 0), (5, 8), (3, 4), (2, 7)):
        unit = units[y // down, x // across].astype(float)
        light, (cb, cr) = unit[y % down * across + x % across], unit[-2:] - 128
        red, blue = light + 1.402 * cr, light + 1.772 * cb
        green = (light - 0.114 * blue - 0.299 * red) / 0.587
        wanted = np.clip([red, green, blue], 0, 255)
        assert np.abs(whole[y, x] - wanted).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_picture_is_written_the_same_in_bands(
    channels: int, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for frame in (noise(23, 17, channels), deep_photo(23, 17, channels)):
        header = codec.Header("png", "RGB", 17, 23, lossless=True)
        whole = codec.read(codec.encode([(frame, 0.0)], header, target).data).frames[0]
        with monkeypatch.context() as patched:
            patched.setattr(frames, "BAND_PIXELS", 40)
            got = codec.read(codec.encode([(frame, 0.0)], header, target).data).frames[0]
        np.testing.assert_array_equal(got, whole)


@pytest.mark.parametrize(("frame", "icc"), [(noise(23, 17), RGB), (noise(23, 17, 4), RGB),
                                            (noise(23, 17, 2), GREY)])  # fmt: skip
def test_a_profile_counts_the_same_in_bands(
    frame: frames.Frame, icc: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = colour.in_srgb(frame, icc)
    monkeypatch.setattr(frames, "BAND_PIXELS", 40)
    np.testing.assert_array_equal(colour.in_srgb(frame, icc), whole)
    assert (whole != frame).any()
    if frames.has_alpha(frame):
        np.testing.assert_array_equal(whole[..., -1], frame[..., -1])


@pytest.mark.parametrize("radius", [1, 3, 7])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_deep_median_is_the_same_in_bands(
    radius: int, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "BAND_PIXELS", 400)
    frame = deep_photo(23, 17, channels)
    got = registry.get("median").apply(frame.copy(), {"radius": radius})
    np.testing.assert_array_equal(got, defined("median", frame, radius=radius))


def test_bands_cover_all_rows_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "BAND_PIXELS", 100)
    frame = np.zeros((23, 17), np.uint8)
    assert [(band.start, band.stop) for band in frames.bands(frame)] == [
        (0, 5), (5, 10), (10, 15), (15, 20), (20, 23),
    ]  # fmt: skip
    assert [band.stop for band in frames.bands(frame, least=9)] == [9, 18, 23]
    assert [band.stop for band in frames.bands(frame[:, :0])] == [23]
    assert [band.stop for band in frames.bands(np.zeros((2, 999), np.uint8))] == [1, 2]


def test_a_picture_of_a_mode_without_a_place_is_refused() -> None:
    with pytest.raises(RefusedError, match="stores its pixels as HSV, which is not taken"):
        colour.from_image(Image.new("HSV", (3, 3)), None)
