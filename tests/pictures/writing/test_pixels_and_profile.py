"""What a result holds: the pixels and their profile, in every format, and nothing else."""

from __future__ import annotations

import functools
import io
import struct
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageCms

from labapp.errors import RefusedError
from labapp.pictures import frames
from labapp.pictures.header import Header
from labapp.pictures.limits import FORMATS, Limits
from tests.pictures import codec
from tests.pictures.samples import Frame, deep_photo, file_of, noise, opened, photo

KINDS = {
    "L": noise(21, 33, 1),
    "LA": noise(21, 33, 2),
    "RGB": noise(21, 33, 3),
    "RGBA": noise(21, 33, 4),
    "I;16": deep_photo(21, 33, 1),
    "LA;16": deep_photo(21, 33, 2),
    "RGB;16": deep_photo(21, 33, 3),
    "RGBA;16": deep_photo(21, 33, 4),
}


def encode(frame: Frame, target: str, **header: object) -> bytes:
    said = Header("png", "RGB", frame.shape[1], frame.shape[0], **header)  # type: ignore[arg-type]
    return codec.encode([(frame, 0.0)], said, target).data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", ["png", "tiff"])
def test_every_kind_comes_back_unchanged(kind: str, target: str) -> None:
    got = codec.read(encode(KINDS[kind], target)).frames[0]
    assert frames.kind(got) == kind
    np.testing.assert_array_equal(got, KINDS[kind])


@given(
    arrays.arrays(
        np.uint8,
        st.one_of(
            st.tuples(st.integers(1, 40), st.integers(1, 40)),
            st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(2, 4)),
        ),
    )
)
def test_our_png_is_what_pillow_reads(frame: Frame) -> None:
    np.testing.assert_array_equal(np.asarray(opened(encode(frame, "png"))), frame)


def test_a_png_of_many_bands_has_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "BAND_PIXELS", 100)
    frame = photo(90, 40)
    np.testing.assert_array_equal(np.asarray(opened(encode(frame, "png"))), frame)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", FORMATS)
def test_every_kind_can_be_written_in_every_format(kind: str, target: str) -> None:
    frame = KINDS[kind]
    got = codec.read(encode(frame, target)).frames[0]
    assert got.shape[:2] == frame.shape[:2]
    keeps_alpha = target in ("png", "tiff", "webp", "gif")
    assert frames.has_alpha(got) == (keeps_alpha and frames.has_alpha(frame))
    assert (got.dtype == np.uint16) == (kind.endswith("16") and target in ("png", "tiff"))


def test_sixteen_bits_are_scaled_not_clipped_where_eight_must_do() -> None:
    frame = np.full((16, 16), 32_896, np.uint16)
    for target in ("jpeg", "webp", "bmp", "gif"):
        got = codec.read(encode(frame, target, lossless=True)).frames[0]
        assert np.abs(got.astype(int) - 128).max() <= 1, target


def test_alpha_is_laid_on_white_where_it_cannot_be_kept() -> None:
    frame = np.zeros((16, 16, 4), np.uint8)
    frame[:, 8:] = (200, 0, 0, 128)
    for target in ("jpeg", "bmp"):
        got = codec.read(encode(frame, target)).frames[0].astype(int)
        assert np.abs(got[:, 0] - 255).max() <= 4, target
        assert np.abs(got[:, 15] - (227, 127, 127)).max() <= 6, target


def test_a_gif_of_few_colours_is_exact() -> None:
    few = noise(40, 40) // 52 * 52
    assert len(np.unique(few.reshape(-1, 3), axis=0)) <= 216
    np.testing.assert_array_equal(codec.read(encode(few, "gif")).frames[0], few)


def test_a_gif_of_many_colours_is_near() -> None:
    many = photo(64, 64)
    got = codec.read(encode(many, "gif")).frames[0]
    assert np.abs(got.astype(int) - many).mean() < 6


def test_a_gif_keeps_what_is_clear_clear() -> None:
    frame = noise(20, 20, 4)
    got = codec.read(encode(frame, "gif")).frames[0]
    np.testing.assert_array_equal(got[..., 3], np.where(frame[..., 3] < 128, 0, 255))
    nothing = np.zeros((5, 5, 4), np.uint8)
    assert codec.read(encode(nothing, "gif")).frames[0][..., 3].max() == 0


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP"])
def test_one_bit_goes_back_to_one_bit(format: str, tmp_path: Path) -> None:
    stored = (noise(20, 30, 1) > 127).astype(np.uint8) * 255
    picture = codec.read(file_of(stored, format, mode="1"))
    encoded = codec.write(picture, tmp_path / "result")
    assert opened(encoded.data).mode == "1"
    np.testing.assert_array_equal(codec.read(encoded.data).frames[0], stored)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP"])
def test_greys_made_of_one_bit_are_greys(format: str, tmp_path: Path) -> None:
    stored = np.zeros((64, 64), np.uint8)
    stored[:, 32:] = 255
    header = codec.inspect(file_of(stored, format, mode="1"))
    grey = np.full((64, 64), 64, np.uint8)
    data = codec.encode([(grey, 0.0)], header, format.lower()).data
    assert opened(data).mode != "1"
    np.testing.assert_array_equal(codec.read(data).frames[0], grey)


@functools.cache  # it tells the second in which it was made
def profile(name: Literal["sRGB", "LAB"] = "sRGB") -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


@pytest.mark.parametrize("target", ["jpeg", "png", "webp", "tiff"])
def test_a_profile_is_kept(target: str) -> None:
    data = encode(photo(24, 24), target, profile=profile())
    assert opened(data).info["icc_profile"] == profile()
    assert codec.inspect(data).profile == profile()


def test_a_profile_of_several_segments_is_kept_in_a_jpeg() -> None:
    long = profile() + bytes(150_000)
    assert opened(encode(photo(24, 24), "jpeg", profile=long)).info["icc_profile"] == long


def test_an_animation_keeps_its_profile() -> None:
    header = Header("webp", "RGB", 8, 8, 2, profile=profile(), animated=True)
    sequence = [(noise(8, 8), 50.0), (noise(8, 8, seed=2), 50.0)]
    for target in ("webp", "png"):
        data = codec.encode(sequence, header, target).data
        assert opened(data).info["icc_profile"] == profile()


def test_grey_made_of_a_picture_with_a_colour_profile_stays_under_it() -> None:
    for frame in (noise(8, 8, 1), noise(8, 8, 2)):
        data = encode(frame, "png", profile=profile())
        got = codec.read(data)
        assert got.header.profile == profile()
        for channel in range(3):
            np.testing.assert_array_equal(
                got.frames[0][..., channel], frame.reshape(8, 8, -1)[..., 0]
            )


def swapped() -> bytes:
    """Make an RGB profile whose red and blue primaries have changed places."""
    data = bytearray(profile())
    count = int.from_bytes(data[128:132], "big")
    places = {bytes(data[at : at + 4]): at + 4 for at in range(132, 132 + 12 * count, 12)}
    red, blue = places[b"rXYZ"], places[b"bXYZ"]
    data[red : red + 8], data[blue : blue + 8] = data[blue : blue + 8], data[red : red + 8]
    return bytes(data)


@pytest.mark.parametrize("target", ["gif", "bmp"])
def test_where_no_profile_can_be_kept_colours_become_srgb(target: str) -> None:
    frame = np.zeros((8, 8, 3), np.uint8)
    frame[..., 0] = 255
    got = codec.read(encode(frame, target, profile=swapped())).frames[0][0, 0].astype(int)
    assert np.abs(got - (0, 0, 255)).max() <= 2


def linear_grey() -> bytes:
    """Make a profile for grey whose values are proportional to light (ICC.1:2001-04)."""
    curve = b"curv" + bytes(8)
    white = b"XYZ " + bytes(4) + struct.pack(">iii", 63_190, 65_536, 54_061)
    start = 128 + 4 + 24
    table = struct.pack(">I", 2) + b"kTRC" + struct.pack(">II", start, len(curve))
    table += b"wtpt" + struct.pack(">II", start + len(curve), len(white))
    head = bytearray(128)
    struct.pack_into(">I", head, 0, start + len(curve) + len(white))
    head[8:12] = bytes([2, 0x40, 0, 0])
    head[12:24] = b"mntrGRAYXYZ "
    head[36:40] = b"acsp"
    struct.pack_into(">iii", head, 68, 63_190, 65_536, 54_061)
    return bytes(head) + table + curve + white


@pytest.mark.parametrize("target", ["gif", "bmp", "webp"])
def test_grey_under_a_profile_for_grey_becomes_srgb_too(target: str) -> None:
    data = encode(np.full((8, 8), 128, np.uint8), target, profile=linear_grey(), lossless=True)
    # Half the light is 188 of 255 in sRGB (IEC 61966-2-1).
    assert np.abs(codec.read(data).frames[0].astype(int) - 188).max() <= 2
    assert "icc_profile" not in opened(data).info
    kept = encode(np.full((8, 8), 128, np.uint8), "png", profile=linear_grey())
    assert opened(kept).info["icc_profile"] == linear_grey()


@pytest.mark.parametrize("useless", [b"nonsense", b"", profile("LAB")])
def test_a_profile_that_does_not_fit_is_dropped(useless: bytes) -> None:
    data = encode(noise(8, 8), "png", profile=useless)
    assert "icc_profile" not in opened(data).info


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_and_place_are_stripped(format: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "MAKER"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 34.0)
    data = file_of(photo(24, 40), format, exif=exif)
    assert b"MAKER" in data
    encoded = codec.write(codec.read(data), tmp_path / "result")
    again = opened(encoded.data)
    assert b"MAKER" not in encoded.data
    assert not again.getexif().get_ifd(0x8825)
    assert again.getexif().get(0x0112, 1) == 1
    assert again.size == (24, 40)


def test_comments_are_stripped(tmp_path: Path) -> None:
    data = file_of(photo(24, 40), "JPEG", comment=b"a secret")
    assert b"a secret" in data
    assert b"a secret" not in codec.write(codec.read(data), tmp_path / "result").data


def test_a_jpeg_keeps_its_subsampling() -> None:
    for number, name in ((0, "444"), (1, "422"), (2, "420")):
        picture = codec.read(file_of(photo(32, 32), "JPEG", subsampling=number))
        data = codec.encode([(picture.frames[0], 0.0)], picture.header, "jpeg").data
        assert codec.inspect(data).subsampling == name


def test_a_lossless_webp_stays_lossless() -> None:
    stored = noise(20, 20, 4)
    picture = codec.read(file_of(stored, "WEBP", lossless=True, exact=True))
    data = codec.encode([(picture.frames[0], 0.0)], picture.header, "webp").data
    np.testing.assert_array_equal(codec.read(data).frames[0], stored)


def test_a_result_beyond_the_limit_is_refused_with_a_way_out() -> None:
    header = Header("bmp", "RGB", 100, 100)
    with pytest.raises(RefusedError, match=r"as BMP; at most 0\.02 MB") as caught:
        codec.encode([(noise(100, 100), 0.0)], header, "bmp", Limits(result_bytes=20_000))
    assert "JPEG" in caught.value.remedy


def test_a_png_beyond_the_limit_is_packed_harder_first() -> None:
    # Slopes that begin anywhere: the row above foretells nothing, the pixel before everything.
    frame = (noise(300, 1, 1) + 3 * np.arange(300)).astype(np.uint8)
    fast = encode(frame, "png")
    header = Header("png", "L", 300, 300)
    hard = codec.encode([(frame, 0.0)], header, "png", Limits(result_bytes=len(fast) - 1)).data
    assert len(hard) < len(fast)
    np.testing.assert_array_equal(codec.read(hard).frames[0], frame)


def test_webp_cannot_hold_the_longest_side() -> None:
    with pytest.raises(RefusedError, match="WebP holds at most 16,383"):
        encode(np.zeros((1, 16_384, 3), np.uint8), "webp")


def test_formats_are_known_by_their_common_names() -> None:
    assert [codec.known_format(name) for name in ("JPG", ".tif", " png ", "WebP")] == [
        "jpeg",
        "tiff",
        "png",
        "webp",
    ]
    with pytest.raises(RefusedError, match="the format 'heic' is not written"):
        codec.known_format("heic")


def test_a_written_file_is_what_was_encoded(tmp_path: Path) -> None:
    picture = codec.read(file_of(noise(8, 8), "PNG"))
    encoded = codec.write(picture, tmp_path / "result.bmp", "bmp")
    assert (tmp_path / "result.bmp").read_bytes() == encoded.data
    assert Image.open(io.BytesIO(encoded.data)).format == "BMP"
