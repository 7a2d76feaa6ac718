"""PNGs of 16 bits in colour and with alpha are read in all of them, interlaced or not."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from labapp.errors import RefusedError
from labapp.pictures import frames
from tests.pictures import codec
from tests.pictures.samples import Frame, deep_photo

#: First column and row, and steps, of Adam7's passes (PNG 3rd edition, 8.1).
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2))  # fmt: skip


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(frame: Frame, *extra: bytes, interlaced: bool = False, without: int = 0) -> bytes:
    """Write 16 bits by hand; `without` leaves that many bytes of pixels out."""
    height, width = frame.shape[:2]
    colours = {1: 0, 2: 4, 3: 2, 4: 6}[frames.channels(frame)]
    raw = b""
    for left, top, right, down in PASSES if interlaced else ((0, 0, 1, 1),):
        part = frame[top::down, left::right]
        if part.shape[1]:
            raw += b"".join(b"\0" + row.astype(">u2").tobytes() for row in part)
    head = struct.pack(">IIBBBBB", width, height, 16, colours, 0, 0, interlaced)
    body = zlib.compress(raw[: len(raw) - without])
    parts = [chunk(b"IHDR", head), *extra, chunk(b"IDAT", body), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 2), (21, 33)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_bit_is_read(channels: int, height: int, width: int, interlaced: bool) -> None:
    stored = deep_photo(height, width, channels)
    got = codec.read(png(stored, interlaced=interlaced)).frames[0]
    np.testing.assert_array_equal(got, stored)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_transparent_colour_is_one_of_sixteen_bits(channels: int) -> None:
    stored = deep_photo(5, 7, channels)
    clear = np.atleast_1d(stored[2, 3])
    got = codec.read(png(stored, chunk(b"tRNS", clear.astype(">u2").tobytes()))).frames[0]
    assert got.dtype == np.uint16
    same = (stored.reshape(5, 7, -1) == clear).all(axis=2)
    np.testing.assert_array_equal(got[..., -1], np.where(same, 0, 65_535))
    np.testing.assert_array_equal(got[..., :-1], stored.reshape(5, 7, -1))


@pytest.mark.parametrize("interlaced", [False, True])
def test_pixels_that_are_missing_are_told(interlaced: bool) -> None:
    with pytest.raises(RefusedError, match="cut short"):
        codec.read(png(deep_photo(9, 9), interlaced=interlaced, without=1))


def test_of_interlaced_pixels_of_any_size_the_last_byte_is_missed() -> None:
    for height in range(1, 10):
        for width in range(1, 10):
            whole = deep_photo(height, width)
            codec.read(png(whole, interlaced=True))
            with pytest.raises(RefusedError, match="cut short"):
                codec.read(png(whole, interlaced=True, without=1))


def test_what_is_packed_behind_the_pixels_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = deep_photo(9, 9)
    data = png(stored)
    at = data.index(b"IDAT")
    length = struct.unpack_from(">I", data, at - 4)[0]
    pixels = zlib.decompress(data[at + 4 : at + 4 + length])
    bomb = zlib.compress(pixels + bytes(50_000_000), 9)
    unpacked = 0
    real = zlib.decompressobj

    class Counting:
        def __init__(self) -> None:
            self.own = real()

        def decompress(self, part: bytes, most: int) -> bytes:
            nonlocal unpacked
            found = self.own.decompress(part, most)
            unpacked += len(found)
            return found

        def __getattr__(self, name: str) -> object:
            return getattr(self.own, name)

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    got = codec.read(data[: at - 4] + chunk(b"IDAT", bomb) + chunk(b"IEND", b"")).frames[0]
    np.testing.assert_array_equal(got, stored)
    assert 0 < unpacked <= 2_000_000


def test_what_cannot_be_unpacked_is_told() -> None:
    data = png(deep_photo(9, 9))
    at = data.index(b"IDAT")
    broken = data[: at - 4] + chunk(b"IDAT", b"no zlib") + chunk(b"IEND", b"")
    with pytest.raises(RefusedError, match="damaged"):
        codec.read(broken)


@pytest.mark.parametrize("pieces", [1, 2, 7])
@pytest.mark.parametrize("missing", [0, 1])
def test_pixels_may_stand_in_several_chunks(pieces: int, missing: int) -> None:
    stored = deep_photo(9, 11)
    data = png(stored, without=missing)
    at = data.index(b"IDAT")
    length = struct.unpack_from(">I", data, at - 4)[0]
    body = data[at + 4 : at + 4 + length]
    cut = [body[len(body) * n // pieces : len(body) * (n + 1) // pieces] for n in range(pieces)]
    parts = b"".join(chunk(b"IDAT", part) for part in [b"", *cut, b""])
    whole = data[: at - 4] + parts + data[at + 8 + length :]
    if missing:
        with pytest.raises(RefusedError, match="cut short"):
            codec.read(whole)
    else:
        np.testing.assert_array_equal(codec.read(whole).frames[0], stored)


def test_a_filter_that_png_does_not_know_is_damage() -> None:
    head = struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    rows = (b"\x63" + bytes(12)) * 2
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in parts)
    with pytest.raises(RefusedError, match="damaged"):
        codec.read(data)
