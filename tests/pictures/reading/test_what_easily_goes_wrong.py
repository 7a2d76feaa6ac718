"""What must come out right when a picture is read, a test for each thing that easily goes wrong."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile, PngImagePlugin

from labapp.pictures import frames, probe
from tests.pictures import codec
from tests.pictures.samples import Frame, file_of, noise, photo


def read(data: bytes) -> Frame:
    picture = codec.read(data)
    assert len(picture.frames) == 1
    return picture.frames[0]


def oriented(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = number
    return exif


#: What undoes each orientation, by NumPy alone.
UPRIGHT = {
    1: lambda f: f,
    2: lambda f: f[:, ::-1],
    3: lambda f: f[::-1, ::-1],
    4: lambda f: f[::-1],
    5: lambda f: f.swapaxes(0, 1),
    6: lambda f: np.rot90(f, -1),
    7: lambda f: np.rot90(f, 2).swapaxes(0, 1),
    8: lambda f: np.rot90(f),
}


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF", "JPEG"])
def test_orientation_is_applied_once(format: str, number: int) -> None:
    stored = photo(24, 40)
    options: dict[str, Any] = {"lossless": True} if format == "WEBP" else {}
    if format == "JPEG":
        options = {"quality": 100, "subsampling": 0}
    data = file_of(stored, format, exif=oriented(number), **options)
    header, frame = codec.inspect(data), read(data)
    wanted = UPRIGHT[number](stored)
    assert frame.shape == wanted.shape
    assert (header.height, header.width) == wanted.shape[:2]
    assert np.abs(frame.astype(int) - wanted).max() <= (6 if format == "JPEG" else 0)


def chunks(png: bytes) -> list[bytes]:
    """Cut a PNG into its signature and its chunks."""
    parts, at = [png[:8]], 8
    while at < len(png):
        length = 12 + struct.unpack_from(">I", png, at)[0]
        parts.append(png[at : at + length])
        at += length
    return parts


def xmp(number: int) -> PngImagePlugin.PngInfo:
    text = f'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="{number}"/>'
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", text)
    return info


@pytest.mark.parametrize("options", [{"exif": oriented(6)}, {"pnginfo": xmp(6)}])
def test_what_stands_behind_the_pixels_of_a_png_counts_too(options: dict[str, Any]) -> None:
    stored = photo(24, 40)
    parts = chunks(file_of(stored, "PNG", **options))
    (said,) = [part for part in parts if part[4:8] in (b"eXIf", b"iTXt")]
    parts.remove(said)
    for place in (2, len(parts) - 1):
        data = b"".join([*parts[:place], said, *parts[place:]])
        assert codec.inspect(data).orientation == 6
        np.testing.assert_array_equal(read(data), UPRIGHT[6](stored))


@pytest.mark.parametrize("format", ["PNG", "GIF", "WEBP", "TIFF", "JPEG", "BMP"])
def test_a_header_is_read_without_decoding(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = file_of(photo(24, 40), format)

    def load(_: object) -> None:
        pytest.fail("decoded")  # which no decoder's own handling catches

    for known in (ImageFile.ImageFile, *ImageFile.ImageFile.__subclasses__()):
        monkeypatch.setattr(known, "load", load)
    assert (codec.inspect(data).width, codec.inspect(data).height) == (40, 24)


def test_a_broken_exif_block_does_not_matter() -> None:
    data = file_of(photo(16, 16), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert read(data).shape == (16, 16, 3)


def test_a_palette_is_expanded() -> None:
    stored = noise(9, 7) // 64 * 64
    image = Image.fromarray(stored).quantize(64)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    assert codec.inspect(buffer.getvalue()).mode == "P"
    np.testing.assert_array_equal(read(buffer.getvalue()), np.asarray(image.convert("RGB")))


def test_a_palette_with_transparent_entries_gets_alpha() -> None:
    image = Image.fromarray(noise(8, 8, 1) // 64).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90, 1, 2, 3])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=bytes([0, 128, 255, 255]))
    frame = read(buffer.getvalue())
    index = np.asarray(image)
    assert frames.kind(frame) == "RGBA"
    np.testing.assert_array_equal(frame[..., 3], np.array([0, 128, 255, 255])[index])
    np.testing.assert_array_equal(frame[index == 1][:, :3][0], [40, 50, 60])


@pytest.mark.parametrize(("mode", "clear"), [("RGB", (5, 6, 7)), ("L", 5)])
def test_one_transparent_colour_becomes_alpha(mode: str, clear: object) -> None:
    stored = np.maximum(noise(8, 8, 3 if mode == "RGB" else 1), 10)
    stored[2, 3] = clear
    frame = read(file_of(stored, "PNG", transparency=clear))
    assert frame[2, 3, -1] == 0
    assert np.count_nonzero(frame[..., -1] == 0) == 1
    np.testing.assert_array_equal(frame[0, 0, :-1], np.atleast_1d(stored[0, 0]))


def test_sixteen_bit_grey_keeps_its_bits() -> None:
    stored = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16
    for format in ("PNG", "TIFF"):
        frame = read(file_of(stored, format))
        assert frame.dtype == np.uint16
        np.testing.assert_array_equal(frame, stored)


def test_sixteen_bit_grey_with_a_transparent_value_gets_alpha() -> None:
    stored = np.full((4, 4), 40_000, np.uint16)
    stored[1, 1] = 7
    frame = read(file_of(stored, "PNG", transparency=7))
    assert frames.kind(frame) == "LA;16"
    assert frame[1, 1, 1] == 0
    assert tuple(frame[0, 0]) == (40_000, 65_535)


@pytest.mark.parametrize(
    ("values", "dtype", "wanted"),
    [
        ([0.0, 0.5, 1.0], np.float32, [0, 32_768, 65_535]),
        ([0.0, 51.0, 255.0], np.float32, [0, 13_107, 65_535]),
        ([-10.0, 0.0, 10.0], np.float32, [0, 32_768, 65_535]),
        ([0, 300, 65_535], np.int32, [0, 300, 65_535]),
        ([-100_000, 0, 100_000], np.int32, [0, 32_768, 65_535]),
    ],
)
def test_thirty_two_bit_samples_are_scaled(
    values: list[float], dtype: type, wanted: list[int]
) -> None:
    frame = read(file_of(np.array([values], dtype), "TIFF"))
    assert frame.dtype == np.uint16
    np.testing.assert_array_equal(frame, [wanted])


def test_one_bit_becomes_black_and_white() -> None:
    stored = (noise(9, 13, 1) > 127).astype(np.uint8) * 255
    for format in ("PNG", "TIFF", "BMP"):
        data = file_of(stored, format, mode="1")
        assert codec.inspect(data).mode == "1"
        np.testing.assert_array_equal(read(data), stored)


def test_grey_with_alpha_stays_grey_with_alpha() -> None:
    stored = noise(9, 13, 2)
    np.testing.assert_array_equal(read(file_of(stored, "PNG")), stored)


def test_alpha_is_read_from_every_format_that_has_it() -> None:
    stored = noise(9, 13, 4)
    cases: dict[str, dict[str, Any]] = {
        "PNG": {},
        "TIFF": {},
        "WEBP": {"lossless": True, "exact": True},
    }
    for format, options in cases.items():
        np.testing.assert_array_equal(read(file_of(stored, format, **options)), stored)


def test_cmyk_without_a_profile_is_converted_as_pillow_does() -> None:
    data = file_of(photo(32, 32), "JPEG", mode="CMYK", quality=100)
    wanted = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.testing.assert_array_equal(read(data), wanted)
    assert codec.inspect(data).mode == "CMYK"


def test_cmyk_with_a_profile_goes_through_it() -> None:
    profile = cmyk_profile()
    stored = np.zeros((8, 8, 4), np.uint8)
    stored[..., 0] = 255
    buffer = io.BytesIO()
    Image.fromarray(stored, "CMYK").save(buffer, "TIFF", icc_profile=profile)
    data = buffer.getvalue()
    by_profile = read(data)[0, 0]
    by_pillow = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))[0, 0]
    # This profile maps every ink to one grey, which no plain conversion does.
    assert np.ptp(by_profile.astype(int)) <= 3
    assert np.ptp(by_pillow.astype(int)) > 100


def cmyk_profile() -> bytes:
    """Make an ICC profile for CMYK whose every ink gives the same mid grey (version 2, lut8)."""
    # ICC.1:2001-04: header, tag table, one A2B0 tag of type mft1 with a 2-point grid.
    identity = b"".join(struct.pack(">i", round(v * 65_536)) for v in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    ramp = bytes(range(256))
    grid = bytes([128, 128, 128]) * 16
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity + ramp * 4 + grid + ramp * 3
    white = b"XYZ " + bytes(4) + struct.pack(">iii", 63_190, 65_536, 54_061)
    lut += b"\0" * (-len(lut) % 4)
    table = struct.pack(">I", 2)
    start = 128 + 4 + 24
    table += b"A2B0" + struct.pack(">II", start, len(lut))
    table += b"wtpt" + struct.pack(">II", start + len(lut), len(white))
    body = table + lut + white
    head = bytearray(128)
    struct.pack_into(">I", head, 0, 128 + len(body))
    head[8:12] = bytes([2, 0x40, 0, 0])
    head[12:24] = b"prtrCMYKLab "
    head[36:40] = b"acsp"
    struct.pack_into(">iii", head, 68, 63_190, 65_536, 54_061)
    return bytes(head) + body


def test_a_profile_that_is_no_profile_does_not_matter() -> None:
    stored = noise(8, 8)
    assert codec.inspect(file_of(stored, "PNG", icc_profile=b"nonsense")).profile is None
    np.testing.assert_array_equal(read(file_of(stored, "PNG", icc_profile=b"nonsense")), stored)
    cmyk = file_of(stored, "JPEG", mode="CMYK", icc_profile=b"nonsense")
    assert read(cmyk).shape == (8, 8, 3)


def test_the_profile_is_known_from_the_header() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for format in ("JPEG", "PNG", "WEBP", "TIFF"):
        data = file_of(photo(16, 16), format, icc_profile=profile)
        assert codec.inspect(data).profile == profile, format


def test_a_jpeg_agrees_with_pillows_decoder() -> None:
    for mode, subsampling in (("RGB", 0), ("RGB", 2), ("L", 0)):
        data = file_of(photo(61, 75), "JPEG", mode=mode, subsampling=subsampling)
        wanted = np.asarray(Image.open(io.BytesIO(data)))
        np.testing.assert_array_equal(read(data), wanted)


def test_a_progressive_jpeg_and_one_with_bytes_behind_its_end_are_read() -> None:
    data = file_of(photo(61, 75), "JPEG", progressive=True)
    wanted = np.asarray(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(read(data), wanted)
    np.testing.assert_array_equal(read(data + b"made by a phone" * 9), wanted)


def test_stray_bytes_between_jpeg_markers_are_read_past() -> None:
    data = file_of(photo(61, 75), "JPEG")
    at = data.index(b"\xff\xdb")
    np.testing.assert_array_equal(read(data[:at] + b"\x00\x00\x00" + data[at:]), read(data))


def test_the_name_of_a_file_does_not_say_its_format() -> None:
    assert codec.inspect(file_of(noise(4, 4), "GIF")).format == "gif"


def test_pages_may_differ_in_size_and_kind() -> None:
    pages = [Image.fromarray(noise(8, 9)), Image.fromarray(noise(20, 5, 1))]
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    picture = codec.read(buffer.getvalue())
    assert [frames.kind(f) for f in picture.frames] == ["RGB", "L"]
    assert picture.header.frames == 2
    for page, frame in zip(pages, picture.frames, strict=True):
        np.testing.assert_array_equal(frame, np.asarray(page))


SIZES: dict[str, tuple[bytes, bool]] = {
    "WebP": (file_of(photo(24, 41), "WEBP"), False),
    "lossless WebP": (file_of(photo(24, 41), "WEBP", lossless=True), True),
    "WebP with alpha": (file_of(noise(24, 41, 4), "WEBP"), False),
    "extended lossless WebP": (
        file_of(noise(24, 41, 4), "WEBP", lossless=True, exif=oriented(1)), True,
    ),
    "PNG": (file_of(photo(24, 41), "PNG"), False),
    "JPEG": (file_of(photo(24, 41), "JPEG"), False),
    "GIF": (file_of(photo(24, 41), "GIF"), False),
    "BMP": (file_of(photo(24, 41), "BMP"), False),
    "TIFF": (file_of(photo(24, 41), "TIFF"), False),
}  # fmt: skip


@pytest.mark.parametrize("title", SIZES)
def test_the_size_is_known_before_any_decoder_is_asked(title: str) -> None:
    data, lossless = SIZES[title]
    found = probe.measure(data, 100, "it")
    assert (found.width, found.height, found.frames) == (41, 24, 1)
    assert found.lossless == lossless
    assert found.format == title.split()[-1].lower() or "WebP" in title


@pytest.mark.parametrize("lossless", [False, True])
def test_the_frames_of_a_webp_are_counted_up_to_one_beyond_the_limit(lossless: bool) -> None:
    images = [Image.fromarray(noise(24, 41, seed=seed)) for seed in range(4)]
    buffer = io.BytesIO()
    options: dict[str, Any] = {"lossless": lossless, "duration": 40}
    images[0].save(buffer, "WEBP", save_all=True, append_images=images[1:], **options)
    for most, counted in ((9, 4), (4, 4), (3, 4), (2, 3), (1, 2)):
        found = probe.measure(buffer.getvalue(), most, "it")
        assert (found.width, found.height, found.frames) == (41, 24, counted)
        assert found.lossless == lossless


def odd_exif(value: int | str) -> bytes:
    """Make EXIF of one entry, its orientation: a number of two bytes, or letters."""
    if isinstance(value, str):
        entry = struct.pack("<HHI4s", 0x0112, 2, len(value), value.encode())
    else:
        entry = struct.pack("<HHIHH", 0x0112, 3, 1, value, 0)
    return b"Exif\0\0II*\0\x08\0\0\0\1\0" + entry + bytes(4)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("value", [0, 9, 65_535, "6", "abc"])
def test_an_orientation_that_means_nothing_turns_nothing(value: int | str, format: str) -> None:
    options: dict[str, Any] = {"lossless": True} if format == "WEBP" else {}
    plain = file_of(photo(24, 40), format, **options)
    data = file_of(photo(24, 40), format, exif=odd_exif(value), **options)
    header = codec.inspect(data)
    assert (header.orientation, header.width, header.height) == (1, 40, 24)
    np.testing.assert_array_equal(read(data), read(plain))
    turned = codec.inspect(file_of(photo(24, 40), format, exif=odd_exif(8), **options))
    assert (turned.orientation, turned.width, turned.height) == (8, 24, 40)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0no header of a TIFF", b"Exif\0\0II*\0", b"Exif\0\0", odd_exif(6)[:20]]
)
def test_exif_that_cannot_be_read_turns_nothing(exif: bytes) -> None:
    for format in ("JPEG", "WEBP"):
        data = file_of(photo(24, 40), format, exif=exif)
        header = codec.inspect(data)
        assert (header.orientation, header.width, header.height) == (1, 40, 24)
        assert read(data).shape == (24, 40, 3)
