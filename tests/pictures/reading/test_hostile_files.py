"""Files that are no pictures, too great, cut short or made to harm end in RefusedError."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures.limits import USUAL, Limits
from labapp.pictures.process import process
from tests.pictures import codec, tiffs
from tests.pictures.samples import file_of, noise, photo
from tests.support.platforms import WINDOWS

PLAIN = ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"]


def refused(data: bytes, match: str | None = None, limits: Limits = USUAL) -> RefusedError:
    with pytest.raises(RefusedError, match=match) as caught:
        codec.read(data, limits, name="it.png")
    assert caught.value.message.startswith("it.png ")
    assert caught.value.remedy
    return caught.value


def animation(format: str, count: int = 3) -> bytes:
    images = [Image.fromarray(noise(12, 12, seed=seed)) for seed in range(count)]
    buffer = io.BytesIO()
    images[0].save(buffer, format, save_all=True, append_images=images[1:], duration=40)
    return buffer.getvalue()


def compressed_tiff() -> bytes:
    return file_of(photo(60, 60), "TIFF", compression="tiff_lzw")


#: One whole file of each sort, to cut and to break.
WHOLE = {
    **{format: file_of(photo(60, 60), format) for format in PLAIN},
    "progressive": file_of(photo(60, 60), "JPEG", progressive=True),
    "CMYK": file_of(photo(60, 60), "JPEG", mode="CMYK"),
    "palette": file_of(noise(20, 20, 1), "PNG", mode="P"),
    "sixteen": file_of(noise(20, 20, 1).astype(np.uint16) * 200, "PNG"),
    "LZW": compressed_tiff(),
    "one bit": file_of(noise(20, 20, 1), "TIFF", mode="1", compression="group4"),
    "moving GIF": animation("GIF"),
    "moving WebP": animation("WEBP"),
    "APNG": animation("PNG"),
    "pages": animation("TIFF"),
    "thumbnail": file_of(photo(60, 60), "JPEG", exif=b"Exif\0\0" + file_of(photo(20, 20), "JPEG")),
}


@pytest.mark.parametrize("title", WHOLE)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_short_is_refused(title: str, share: float) -> None:
    data = WHOLE[title]
    codec.read(data)
    refused(data[: int(len(data) * share)])


@pytest.mark.parametrize("share", [0.6, 0.95])
@pytest.mark.parametrize("title", ["JPEG", "progressive", "CMYK", "grey JPEG", "restarts"])
def test_a_jpeg_that_is_cut_short_is_refused_whatever_end_is_put_behind(
    title: str, share: float
) -> None:
    whole = {
        "grey JPEG": file_of(photo(60, 60), "JPEG", mode="L"),
        "restarts": file_of(photo(60, 60), "JPEG", restart_marker_blocks=4),
        **WHOLE,
    }[title]
    codec.read(whole)
    # Between the pixels, which begin behind the last of the tables.
    start = whole.rindex(b"\xff\xda") + 14
    cut = whole[: start + int((len(whole) - start) * share)].rstrip(b"\xff")
    refused(cut + b"\xff\xd9", "damaged or cut short .*premature end")


def test_a_jpeg_that_lost_a_part_between_restarts_is_refused() -> None:
    data = file_of(photo(60, 60), "JPEG", restart_marker_blocks=4)
    refused(data.replace(b"\xff\xd1", b"\xff\xd4", 1), "instead of RST1")


@pytest.mark.parametrize("title", ["JPEG", "progressive", "CMYK"])
def test_stray_bytes_that_cost_a_jpeg_no_pixel_are_read_past(title: str) -> None:
    data = WHOLE[title]
    wanted = codec.read(data).frames[0]
    at = data.index(b"\xff\xdb")
    for padded in (data[:at] + bytes(3) + data[at:], data[:-2] + bytes(8) + data[-2:]):
        np.testing.assert_array_equal(codec.read(padded).frames[0], wanted)


@pytest.mark.parametrize("title", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "moving GIF", "APNG"])
def test_even_the_last_byte_is_missed(title: str) -> None:
    refused(WHOLE[title][:-1], "cut short")


@pytest.mark.parametrize("title", ["PNG", "palette", "APNG"])
def test_a_png_whose_bytes_were_changed_on_the_way_is_refused(title: str) -> None:
    # Pillow alone takes such a file, and shows black where it cannot unpack.
    data = WHOLE[title]
    for part in (b"IHDR", b"PLTE", b"IDAT", b"fdAT"):
        at = data.find(part) + 10
        if at >= 10:
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            refused(changed, "is damaged .*a checksum is wrong")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "is empty"),
        (b"These are my notes,\nnot a picture.\n", "is text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"PK\x03\x04rest", "is a ZIP archive"),
        (b"\0\0\0\x18ftypheic\0\0", "is a HEIC picture"),
        (bytes(range(200, 256)) * 9, "is of an unknown kind"),
        (b"P6 1 1 255 abc", "is a Netpbm picture"),
        (b"8BPS\0\1", "is a Photoshop document"),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(data: bytes, kind: str) -> None:
    error = refused(data, kind)
    assert "Send a JPEG, PNG, GIF, WebP, BMP or TIFF." in error.remedy


@pytest.mark.parametrize(
    "data",
    [b"notes", WHOLE["PNG"][:-9], WHOLE["JPEG"][:60], WHOLE["BMP"]],
    ids=["text", "damaged", "cut short", "too great"],
)
def test_a_message_holds_nothing_that_steers_a_terminal(data: bytes, tmp_path: Path) -> None:
    name = "a\x1b[31m\r\n\x9b\u2028\udcff.png"
    with pytest.raises(RefusedError) as caught:
        codec.read(data, Limits(pixels=10), name=name)
    assert caught.value.message.startswith(r"a\x1b[31m\x0d\x0a\x9b\u2028\xff.png ")
    assert str(caught.value).isprintable()
    if WINDOWS:  # no file has such a name there
        return
    path = tmp_path / "b\x1b.png"
    path.write_bytes(data)
    with pytest.raises(RefusedError, match=r"^b\\x1b\.png "):
        process(path, (), tmp_path / "r", Limits(pixels=10))


def test_what_a_decoder_says_to_programmers_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("decoder error -2 in <_io.BytesIO object at 0x7f845a2126b0>")

    monkeypatch.setattr("labapp.pictures.reading.colour.from_image", fail)
    error = refused(WHOLE["PNG"], "is damaged or cut short\\. Open it")
    assert isinstance(error.__cause__, ValueError)  # kept for the log


def test_other_formats_of_pillow_are_not_opened() -> None:
    for format in ("PPM", "TGA", "PCX", "ICO", "JPEG2000", "AVIF"):
        refused(file_of(noise(16, 16), format), "not a picture that is taken")


def test_formats_may_be_narrowed() -> None:
    refused(WHOLE["BMP"], "is a BMP, which is not taken here", Limits(formats=("jpeg", "png")))


def png_claiming(width: int, height: int) -> bytes:
    """Make a small PNG whose header promises any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def claiming(format: str, width: int, height: int) -> bytes:
    """Take a small file of a format and let its header promise another size."""
    data = bytearray(WHOLE[format])
    if format == "PNG":
        return png_claiming(width, height)
    if format == "JPEG":
        at = data.index(b"\xff\xc0")
        struct.pack_into(">HH", data, at + 5, height, width)
    elif format == "GIF":
        struct.pack_into("<HH", data, 6, width, height)
    elif format == "BMP":
        struct.pack_into("<ii", data, 18, width, height)
    elif format == "WEBP":
        at = data.index(b"\x9d\x01\x2a")
        struct.pack_into("<HH", data, at + 3, width, height)
    elif format == "TIFF":
        for tag, value in ((256, width), (257, height)):
            at = data.index(struct.pack("<HHI", tag, 4, 1))
            struct.pack_into("<I", data, at + 8, value)
    return bytes(data)


@pytest.mark.parametrize("format", PLAIN)
def test_a_bomb_is_refused_by_its_header(format: str) -> None:
    refused(claiming(format, 12_000, 12_000), "has 144.0 megapixels; at most 50")


@pytest.mark.parametrize("title", WHOLE)
def test_a_limit_above_that_of_pillow_holds(title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert codec.read(WHOLE[title], Limits(pixels=50_000)).frames
    codec.read(animation("GIF"), Limits(pixels=1_000))
    assert Image.MAX_IMAGE_PIXELS == 50_000  # another thread may still need it


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize(("width", "height"), [(1, 65_535), (65_535, 1)])
def test_a_long_strip_is_refused_by_its_header(format: str, width: int, height: int) -> None:
    refused(claiming(format, width, height), "at most 16,384 are taken on a side")


def test_a_canvas_that_no_frame_of_a_webp_shows_is_counted_too() -> None:
    data = bytearray(WHOLE["moving WebP"])
    at = data.index(b"VP8X") + 8
    data[at + 4 : at + 10] = (16_000).to_bytes(3, "little") * 2
    refused(bytes(data), "megapixels in 3 frames")


def test_a_gif_frame_beyond_its_canvas_is_counted() -> None:
    data = bytearray(WHOLE["GIF"])
    at = data.index(b"\x2c", 13 + 3 * (2 << (data[10] & 7)))
    struct.pack_into("<HH", data, at + 5, 30_000, 30_000)
    refused(bytes(data), "at most 16,384 are taken on a side")


@pytest.mark.parametrize("width", [0, -1])
def test_a_picture_without_pixels_is_refused(width: int) -> None:
    refused(png_claiming(0, 5), "has no pixels")
    if width:
        refused(claiming("BMP", -60, 60), "damaged")


@pytest.mark.parametrize("title", ["moving GIF", "moving WebP", "APNG", "pages"])
def test_frames_are_limited_in_number_and_together(title: str) -> None:
    data = WHOLE[title]
    area = 12 * 12
    assert len(codec.read(data, Limits(frames=3, pixels=3 * area)).frames) == 3
    refused(data, "has more than 2 frames", Limits(frames=2))
    refused(data, "megapixels in", Limits(pixels=3 * area - 1))


def test_an_animation_may_not_promise_billions_of_frames() -> None:
    data = bytearray(WHOLE["APNG"])
    struct.pack_into(">I", data, data.index(b"acTL") + 4, 0x7FFF_FFFF)
    refused(bytes(data), "has more than 100 frames")


def test_a_million_frames_are_not_counted_to_the_end() -> None:
    data = WHOLE["GIF"]
    start = data.index(b"\x2c", 13 + 3 * (2 << (data[10] & 7)))
    tiny = data[start : start + 9] + b"\0\x08\x01\x00\x00"
    refused(data[:start] + tiny * 1_000_000 + b";", "has more than 100 frames")


def test_pages_that_go_in_a_circle_end() -> None:
    data = bytearray(file_of(noise(4, 4), "TIFF"))
    first = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, first + 2 + 12 * count, first)
    assert len(codec.read(bytes(data)).frames) == 1


def test_pages_that_lie_over_one_another_are_refused_before_all_are_read() -> None:
    long, count = 5_000, 300
    # The end of each entry is the count of the directory that begins with the next; behind the
    # last entry of each stands the place of the following directory.
    entries = [struct.pack("<HHIHH", 254, 3, 1, 1, long)] * long
    entries += [struct.pack("<IIHH", 8 + 12 * n, 1, 1, 0) for n in range(1, count)]
    data = struct.pack("<2sHIH", b"II", 42, 8, long) + b"".join(entries) + bytes(12)
    refused(data, "damaged .*directories lie over one another")


def test_smaller_copies_that_lie_over_one_another_are_refused_too() -> None:
    below = [8] * 100
    tags = {256: (3, [2]), 257: (3, [2]), 262: (3, [1]), 330: (4, below)}
    data = bytearray(tiffs.file([(tags, [bytes(4)])]))
    (first,) = struct.unpack_from("<I", data, 4)
    at = data.index(struct.pack("<100I", *below))
    struct.pack_into("<100I", data, at, *[first] * 100)
    refused(bytes(data), "lie over one another")


def test_a_file_beyond_the_limit_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "great.jpg"
    with path.open("wb") as file:
        file.truncate(33_000_000)
    with pytest.raises(RefusedError, match=r"great\.jpg has 33 MB; at most 32 MB are taken"):
        codec.inspect(path)


def test_a_profile_that_unpacks_to_gigabytes_is_refused() -> None:
    packed = zlib.compress(bytes(80_000_000), 9)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    whole = WHOLE["PNG"]
    bomb = chunk(b"iCCP", b"x\0\0" + packed)
    refused(whole[:33] + bomb + whole[33:], "damaged")


def test_a_picture_at_the_limits_is_taken() -> None:
    strip = noise(1, 16_384, 1)
    np.testing.assert_array_equal(codec.read(file_of(strip, "PNG")).frames[0], strip)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Take a whole file and overwrite, delete or insert bytes, most of them near its start."""
    data = bytearray(WHOLE[draw(st.sampled_from(sorted(WHOLE)))])
    for _ in range(draw(st.integers(1, 4))):
        near = draw(st.booleans())
        at = draw(st.integers(0, min(len(data) - 1, 200) if near else len(data) - 1))
        what = draw(st.sampled_from(["set", "set", "flip", "cut", "insert", "number"]))
        if what == "set":
            data[at] = draw(st.integers(0, 255))
        elif what == "flip":
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif what == "cut":
            del data[at : at + draw(st.integers(1, 40))]
            if not data:
                return b""
        elif what == "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=12))
        else:
            big = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]))
            data[at : at + 4] = struct.pack(draw(st.sampled_from("<>")) + "I", big)
    return bytes(data)


def outcome(data: bytes) -> Any:
    """Read; RefusedError is one of the two ways it may end, every other exception is not."""
    with contextlib.suppress(RefusedError):
        return codec.read(data, Limits(pixels=2_000_000, side=4_000))
    return None


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(broken())
def test_broken_files_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    picture = outcome(data)
    if picture is not None:
        assert sum(frame.shape[0] * frame.shape[1] for frame in picture.frames) <= 2_000_000


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        (
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"GIF89a",
            b"BM",
            b"II*\0",
            b"MM\0*",
            b"II+\0\x08\0\0\0",
            b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0",
            b"RIFF\x40\0\0\0WEBPVP8 ",
        )
    ),
    st.binary(max_size=200),
)
def test_noise_behind_a_right_beginning_is_read_or_refused(start: bytes, rest: bytes) -> None:
    outcome(start + rest)
