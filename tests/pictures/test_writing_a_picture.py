"""What a result holds: the pixels and their profile, in every format, and nothing else."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageCms

from labapp.errors import RefusedError
from labapp.pictures import codec, frames
from labapp.pictures.header import Header
from labapp.pictures.limits import FORMATS, Limits
from labapp.pictures.stored import Stored
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


def spied_sizes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Record to what sizes pictures are scaled."""
    sizes, resize = [], Image.Image.resize

    def watched(image: Image.Image, size: tuple[int, int], *more: object) -> Image.Image:
        sizes.append(size)
        return resize(image, size, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "resize", watched)
    return sizes


@pytest.mark.parametrize(
    ("height", "width", "wanted"),
    [
        (100, 400, [(256, 64)]),  # 16,384 pixels, in the shape of the picture
        (400, 100, [(64, 256)]),
        (1, 20_000, [(18_101, 1)]),
        (20_000, 1, [(1, 18_101)]),  # and never without a pixel
        (128, 128, []),
    ],
)
def test_the_colours_of_a_gif_are_chosen_by_a_sample(
    height: int, width: int, wanted: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = spied_sizes(monkeypatch)
    many = photo(height, width)
    got = np.asarray(opened(encode(many, "gif")).convert("RGB"))
    assert sizes == wanted
    assert np.abs(got.astype(int) - many).mean() < 8
    assert len(np.unique(got.reshape(-1, 3), axis=0)) <= 256


def chunks(data: bytes, at: int) -> list[tuple[bytes, bytes]]:
    """Cut a RIFF into its chunks (RFC 9649)."""
    found = []
    while at < len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    assert at == len(data)
    return found


def test_the_container_of_a_webp_tells_sizes_places_and_times() -> None:
    first = np.zeros((30, 44, 4), np.uint8)
    first[..., 3] = 255
    second = first.copy()
    second[7:12, 9:30] = (9, 200, 30, 128)
    header = Header("webp", "RGBA", 44, 30, 2, loop=3, animated=True, lossless=True)
    many = replace(header, profile=profile())
    for said, flags in ((header, 0x12), (many, 0x32)):
        data = codec.encode([(first, 40.0), (second, 70_000.4)], said, "webp").data
        assert data[:4] == b"RIFF"
        assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
        found = chunks(data, 12)
        kinds = [kind for kind, _ in found]
        icc = [b"ICCP"] if said.profile else []
        assert kinds == [b"VP8X", *icc, b"ANIM", b"ANMF", b"ANMF"]
        # Flags, three bytes of nothing, width and height less one in three bytes each.
        assert found[0][1] == bytes([flags, 0, 0, 0, 43, 0, 0, 29, 0, 0])
        assert dict(found)[b"ANIM"] == struct.pack("<IH", 0, 3)
        # Left and top by halves, width and height less one, milliseconds, 'do not blend'.
        heads = [body[:16] for kind, body in found if kind == b"ANMF"]
        assert heads[0] == bytes([0, 0, 0, 0, 0, 0, 43, 0, 0, 29, 0, 0, 40, 0, 0, 2])
        time = (70_000).to_bytes(3, "little")
        assert heads[1] == bytes([4, 0, 0, 3, 0, 0, 21, 0, 0, 5, 0, 0]) + time + b"\2"
    opaque = codec.encode([(first[..., :3], 40.0), (second[..., :3], 1e9)], header, "webp").data
    found = chunks(opaque, 12)
    assert found[0][1][0] == 0x02
    assert found[3][1][12:15] == b"\xff\xff\xff"  # the most that it holds


def test_the_head_of_a_jpeg_tells_its_resolution_in_inches() -> None:
    frame = photo(16, 16)
    stored = Stored(dpi=(300.4, 72.0))
    data = encode(frame, "jpeg", stored=stored)
    assert data[2:13] == b"\xff\xe0\0\x10JFIF\0\1\1"
    assert data[13:18] == struct.pack(">BHH", 1, 300, 72)
    data = encode(frame, "jpeg", stored=Stored(dpi=(99_999.0, 1.0)))
    assert data[13:18] == struct.pack(">BHH", 1, 65_535, 1)
    assert encode(frame, "jpeg")[13] == 0  # none known: of no unit


@pytest.mark.parametrize(("size", "pieces"), [(65_519, 1), (65_520, 2), (131_039, 3)])
def test_a_profile_in_a_jpeg_is_cut_into_numbered_pieces(size: int, pieces: int) -> None:
    long = profile().ljust(size, b"\1")
    data = encode(photo(16, 16), "jpeg", profile=long)
    at, found = 2, []
    while data[at + 1] != 0xDA:
        length = struct.unpack_from(">H", data, at + 2)[0]
        if data[at + 1] == 0xE2:
            found.append(data[at + 4 : at + 2 + length])
        at += 2 + length
    assert [body[:14] for body in found] == [
        b"ICC_PROFILE\0" + bytes([number, pieces]) for number in range(1, pieces + 1)
    ]
    assert b"".join(body[14:] for body in found) == long


def test_a_profile_beyond_255_pieces_is_left_out_of_a_jpeg() -> None:
    long = profile().ljust(255 * 65_519, b"\1")
    assert opened(encode(photo(8, 8), "jpeg", profile=long)).info["icc_profile"] == long
    data = encode(photo(8, 8), "jpeg", profile=long + b"\1")
    assert "icc_profile" not in opened(data).info


def test_what_a_png_tells_of_itself_stands_in_its_chunks() -> None:
    frame = noise(5, 7)
    data = encode(frame, "png", stored=Stored(dpi=(300.0, 72.0)), profile=profile())
    at, found = 8, {}
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        found[kind] = body
        at += 12 + length
    assert list(found) == [b"IHDR", b"iCCP", b"pHYs", b"IDAT", b"IEND"]
    assert found[b"IHDR"] == struct.pack(">IIBBBBB", 7, 5, 8, 2, 0, 0, 0)
    assert found[b"iCCP"][:13] == b"ICC profile\0\0"
    assert zlib.decompress(found[b"iCCP"][13:]) == profile()
    # Dots per metre: 300 / 0.0254 and 72 / 0.0254.
    assert found[b"pHYs"] == struct.pack(">IIB", 11_811, 2_835, 1)
    rows = np.frombuffer(zlib.decompress(found[b"IDAT"]), np.uint8).reshape(5, 22)
    assert rows[:, 0].tolist() == [2] * 5  # filter 'up'
    np.testing.assert_array_equal(
        np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8), frame.reshape(5, 21)
    )


def test_grey_under_a_profile_that_became_colour_has_none() -> None:
    data = encode(noise(8, 8), "png", profile=linear_grey())
    assert "icc_profile" not in opened(data).info
    np.testing.assert_array_equal(codec.read(data).frames[0], noise(8, 8))


@pytest.mark.parametrize(
    ("milliseconds", "number", "below"),
    [
        (40.0, 1, 25), (0.0, 0, 1), (1000 / 1001, 1, 1000), (64_999.0, 64_999, 1000),
        (65_000.0, 65, 1), (65_050.0, 651, 10), (6_553_500.0, 13_107, 2), (1e9, 65_535, 1),
    ],
)  # fmt: skip
def test_the_time_of_a_frame_is_told_as_a_fraction(
    milliseconds: float, number: int, below: int
) -> None:
    header = Header("png", "RGB", 8, 8, 2, animated=True)
    sequence = [(noise(8, 8), milliseconds), (noise(8, 8, seed=2), 10.0)]
    data = codec.encode(sequence, header, "png").data
    at = data.index(b"fcTL")
    found = struct.unpack_from(">IIIIIHHBB", data, at + 4)
    assert found[:5] == (0, 8, 8, 0, 0)
    if milliseconds == 65_050:  # half way between two tenths
        assert found[5] / found[6] == pytest.approx(65.05, abs=0.051)
    else:
        assert found[5:] == (number, below, 0, 0)


@pytest.mark.parametrize("how", ["tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"])
def test_every_way_of_packing_a_tiff_keeps_the_profile(how: str) -> None:
    picture = codec.read(file_of(photo(24, 24), "TIFF", compression=how, icc_profile=profile()))
    data = codec.encode([(picture.frames[0], 0.0)], picture.header, "tiff").data
    assert opened(data).info["compression"] == how
    assert opened(data).info["icc_profile"] == profile()
