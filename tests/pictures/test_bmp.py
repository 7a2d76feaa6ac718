"""BMP: alpha and masks of any layout are read, and variants that are not taken are told by name."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from labapp.errors import RefusedError
from labapp.pictures import bmp as bmps
from labapp.pictures import frames
from tests.pictures import codec
from tests.pictures.samples import Frame, file_of, noise


def bmp(
    values: Frame,
    bits: int,
    masks: tuple[int, ...] = (),
    size: int = 108,
    compression: int = 3,
    top_down: bool = False,
) -> bytes:
    """Write one number a pixel, with Windows' header of so many bytes."""
    height, width = values.shape
    rows = values if top_down else values[::-1]
    pad = -width * bits // 8 % 4
    body = b"".join(row.astype(f"<u{bits // 8}").tobytes() + bytes(pad) for row in rows)
    tall = -height if top_down else height
    info = struct.pack(
        "<IiiHHIIiiII", size, width, tall, 1, bits, compression, len(body), 2835, 2835, 0, 0
    )
    info = (info + struct.pack(f"<{len(masks)}I", *masks)).ljust(size, b"\0")
    return struct.pack("<2sIII", b"BM", 14 + len(info) + len(body), 0, 14 + len(info)) + info + body


def stored(frame: Frame, masks: tuple[int, ...]) -> tuple[Frame, Frame]:
    """Put RGBA into numbers by masks; gives also what of it can be read again."""
    numbers = np.zeros(frame.shape[:2], np.uint64)
    again = np.zeros_like(frame)
    for channel, mask in enumerate(masks):
        if mask:
            shift = (mask & -mask).bit_length() - 1
            top = mask >> shift
            part = np.rint(frame[..., channel] / 255 * top).astype(np.uint64)
            numbers |= part << np.uint64(shift)
            again[..., channel] = np.rint(part / top * 255)
    return numbers, again


LAYOUTS = [
    (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
    (32, (0xFF, 0xFF00, 0xFF0000, 0)),
    (32, (0xFF0000, 0xFF00, 0xFF, 0)),
    (32, (0xFF000000, 0xFF0000, 0xFF00, 0xFF)),
    (32, (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000)),
    (16, (0x7C00, 0x3E0, 0x1F, 0x8000)),
    (16, (0xF800, 0x7E0, 0x1F, 0)),
    (16, (0x7C00, 0x3E0, 0x1F, 0)),
    (16, (0xF00, 0xF0, 0xF, 0xF000)),
    (16, (0xF000, 0xF00, 0xF0, 0xF)),
    (16, (0xFF, 0xFF00, 0, 0)),
]


@pytest.mark.parametrize("top_down", [False, True])
@pytest.mark.parametrize("size", [56, 108, 124])
@pytest.mark.parametrize(("bits", "masks"), LAYOUTS)
def test_masks_of_any_layout(bits: int, masks: tuple[int, ...], size: int, top_down: bool) -> None:
    frame = noise(5, 7, 4)
    numbers, again = stored(frame, masks)
    (got,) = codec.read(bmp(numbers, bits, masks, size, top_down=top_down)).frames
    assert frames.kind(got) == ("RGBA" if masks[3] else "RGB")
    assert np.abs(got.astype(int) - again[..., : got.shape[2]]).max() <= (8 if bits == 16 else 0)


@pytest.mark.parametrize("compression", [3, 6])
def test_masks_behind_a_header_of_40_bytes(compression: int) -> None:
    masks = (0xF00, 0xF0, 0xF, 0xF000)[: 3 if compression == 3 else 4]
    numbers, again = stored(noise(5, 7, 4), masks)
    data = bytearray(bmp(numbers, 16, masks, 40, compression))
    (got,) = codec.read(bytes(data)).frames
    np.testing.assert_array_equal(got, again[..., : len(masks)])


@pytest.mark.parametrize(
    ("bits", "masks"),
    [
        (32, (0xFF0000, 0xFF00, 0xFF, 0)),
        (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
        (16, (0xF800, 0x7E0, 0x1F, 0)),
        (16, (0x7C00, 0x3E0, 0x1F, 0)),
    ],
)
def test_masks_as_windows_writes_them_are_left_as_they_are(
    bits: int, masks: tuple[int, ...]
) -> None:
    data = bmp(stored(noise(5, 7, 4), masks)[0], bits, masks)
    assert bmps.customary(data, bmps.head(data)) is data


def test_an_alpha_that_was_left_empty_is_none() -> None:
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    frame = noise(5, 7, 4)
    frame[..., 3] = 0
    (got,) = codec.read(bmp(stored(frame, masks)[0], 32, masks)).frames
    np.testing.assert_array_equal(got, frame[..., :3])


def test_plain_pixels_of_16_and_32_bits() -> None:
    masks = (0x7C00, 0x3E0, 0x1F, 0)
    numbers, again = stored(noise(5, 7, 4), masks)
    (got,) = codec.read(bmp(numbers, 16, (), 40, 0)).frames
    assert np.abs(got.astype(int) - again[..., :3]).max() <= 8
    masks = (0xFF0000, 0xFF00, 0xFF, 0)
    numbers, again = stored(noise(5, 7, 4), masks)
    (got,) = codec.read(bmp(numbers, 32, (), 40, 0)).frames
    np.testing.assert_array_equal(got, again[..., :3])


@pytest.mark.parametrize(
    ("bits", "size", "compression", "reason"),
    [
        (24, 40, 4, "is a BMP that holds a JPEG"),
        (24, 40, 5, "is a BMP that holds a PNG"),
        (8, 40, 11, "is a BMP in CMYK"),
        (8, 40, 9, "is a BMP compressed by method 9"),
        (1, 64, 3, "is an OS/2 BMP compressed by Huffman's code"),
        (24, 64, 4, "is an OS/2 BMP compressed by RLE24"),
        (24, 16, 0, "is a BMP with a header of 16 bytes"),
        (2, 40, 0, "is a BMP of 2 bits a pixel"),
        (64, 40, 0, "is a BMP of 64 bits a pixel"),
    ],
)
def test_variants_that_are_not_taken_are_told_by_name(
    bits: int, size: int, compression: int, reason: str
) -> None:
    data = bytearray(file_of(noise(8, 8), "BMP"))
    struct.pack_into("<I", data, 14, size)
    struct.pack_into("<HI", data, 28, bits, compression)
    with pytest.raises(RefusedError, match=f"{reason}, which") as caught:
        codec.inspect(bytes(data))
    assert "PNG" in caught.value.remedy


@pytest.mark.parametrize(
    ("size", "reason"),
    [(11, "no known size"), (13, "a header of 13 bytes"), (1023, "a header of 1023 bytes")],
)
def test_only_a_header_of_likely_size_is_taken_for_one(size: int, reason: str) -> None:
    data = bytearray(file_of(noise(8, 8), "BMP"))
    struct.pack_into("<I", data, 14, size)
    with pytest.raises(RefusedError, match=reason):
        codec.inspect(bytes(data))


def test_pixels_of_masks_that_are_cut_short_are_missed() -> None:
    data = bmp(np.zeros((9, 9), np.uint64), 16, (0xF00, 0xF0, 0xF, 0xF000))
    codec.read(data)
    with pytest.raises(RefusedError, match="cut short"):
        codec.read(data[:-40])


#: Black, blue, green and red, as BGR and a byte of nothing.
COLOURS = bytes([0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0])


def runs(bits: int, body: bytes, width: int = 4, height: int = 2) -> bytes:
    """Write a BMP compressed by run lengths."""
    info = struct.pack("<IiiHHII", 40, width, height, 1, bits, 1 if bits == 8 else 2, len(body))
    info += struct.pack("<iiII", 2835, 2835, 4, 0) + COLOURS
    return struct.pack("<2sIII", b"BM", 70 + len(body), 0, 70) + info + body


@pytest.mark.parametrize(
    ("bits", "body", "wanted"),
    [
        # From the bottom up; what is not drawn is black.
        (8, b"\4\1\0\0\4\2\0\0\0\1", [[2] * 4, [1] * 4]),
        (8, b"\4\1\0\0\0\1", [[0] * 4, [1] * 4]),
        (8, b"\2\1\0\0\4\2\0\1", [[2] * 4, [1, 1, 0, 0]]),
        (8, b"\0\2\2\1\2\1\0\1", [[0, 0, 1, 1], [0] * 4]),
        (8, b"\4\1\0\0\4\2", [[2] * 4, [1] * 4]),
        (8, b"\0\4\1\2\3\0\0\0\0\3\1\2\3\0\0\1", [[1, 2, 3, 0], [1, 2, 3, 0]]),
        (8, b"\x09\1\0\0\4\2\0\1", [[2] * 4, [1] * 4]),
        (4, b"\4\x12\0\0\3\x31\0\1", [[3, 1, 3, 0], [1, 2, 1, 2]]),
        (4, b"\0\3\x12\x30\0\0\0\1", [[0] * 4, [1, 2, 3, 0]]),
        (8, b"\0\1", [[0] * 4, [0] * 4]),
    ],
)
def test_run_lengths_may_leave_pixels_out(bits: int, body: bytes, wanted: list[list[int]]) -> None:
    (frame,) = codec.read(runs(bits, body)).frames
    palette = np.frombuffer(COLOURS, np.uint8).reshape(-1, 4)[:, 2::-1]
    np.testing.assert_array_equal(frame, palette[np.array(wanted)])


@pytest.mark.parametrize("body", [b"\4\1\0\0\2\2", b"\4\1\0\0\4", b"\4\1", b""])
def test_run_lengths_that_are_cut_off_are_missed(body: bytes) -> None:
    with pytest.raises(RefusedError, match="is cut short: its end is missing"):
        codec.read(runs(8, body))


def test_greys_by_run_lengths_stay_greys() -> None:
    stored = np.repeat(noise(8, 8, 1), 4, axis=1)
    body = b"".join(
        bytes(n for value in row[::4] for n in (4, value)) + b"\0\0" for row in stored[::-1]
    )
    info = struct.pack("<IiiHHII", 40, 32, 8, 1, 8, 1, len(body)) + struct.pack(
        "<iiII", 0, 0, 256, 0
    )
    grey = bytes(n for value in range(256) for n in (value, value, value, 0))
    start = 54 + len(grey)
    data = struct.pack("<2sIII", b"BM", start + len(body), 0, start) + info + grey + body + b"\0\1"
    np.testing.assert_array_equal(codec.read(data).frames[0], stored)


def test_the_short_header_of_os2_is_read() -> None:
    # Width and height of two bytes each, and entries of a palette of three (OS/2 1.x).
    frame = noise(3, 5)
    rows = b"".join(row[:, ::-1].tobytes() + b"\0" for row in frame[::-1])
    info = struct.pack("<IHHHH", 12, 5, 3, 1, 24)
    data = struct.pack("<2sIII", b"BM", 26 + len(rows), 0, 26) + info + rows
    header = codec.inspect(data)
    assert (header.width, header.height) == (5, 3)
    np.testing.assert_array_equal(codec.read(data).frames[0], frame)


def test_masks_over_pixels_that_have_none_are_refused() -> None:
    data = bytearray(bmp(np.zeros((4, 4), np.uint64), 32, (0xFF, 0xFF00, 0xFF0000, 0)))
    struct.pack_into("<H", data, 28, 24)
    with pytest.raises(RefusedError, match="it has masks, yet not 16 or 32 bits a pixel"):
        codec.read(bytes(data))


@pytest.mark.parametrize(("bits", "compression"), [(16, 3), (8, 1)])
def test_a_layout_that_is_rewritten_keeps_its_resolution(bits: int, compression: int) -> None:
    if compression == 1:
        data = bytearray(runs(8, b"\0\1"))
    else:
        data = bytearray(bmp(np.zeros((4, 4), np.uint64), 16, (0xF00, 0xF0, 0xF, 0xF000)))
    # Dots per metre, across and down: 100 and 200 to the inch.
    struct.pack_into("<ii", data, 38, 3937, 7874)
    dpi = codec.inspect(bytes(data)).stored.dpi
    assert dpi == pytest.approx((100, 200), abs=0.1)


def test_a_jump_to_the_very_end_is_one() -> None:
    # To the next row, and from there to the right end of the last; nobody marks the end.
    (frame,) = codec.read(runs(8, b"\0\0\0\2\4\1", height=3)).frames
    np.testing.assert_array_equal(frame, np.zeros((3, 4, 3)))
