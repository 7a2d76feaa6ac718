"""Decode PNGs of 16 bits in colour or with alpha, of which Pillow gives the upper 8 alone."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np

from labapp.pictures import libraries
from labapp.pictures.frames import Frame
from labapp.pictures.strangers import CutShortError, DamagedError

#: Where depth, colour type and interlace method stand in every PNG (PNG 3rd edition, 11.2.1).
_DEPTH, _COLOURS, _INTERLACE = 24, 25, 28

#: Samples a pixel of each colour type.
_SAMPLES = {2: 3, 4: 2, 6: 4}

#: First column and row, and steps, of the seven passes of an interlaced picture (section 8.1).
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
           (0, 1, 1, 2))  # fmt: skip


def is_deep(data: bytes) -> bool:
    """Tell whether a PNG has 16 bits a sample and more than grey, which Pillow reads in full."""
    return data[_DEPTH] == 16 and data[_COLOURS] != 0


def decode(data: bytes) -> Frame:
    """Give the frame of a PNG that is deep, and whose checksums hold; it is not turned upright.

    It is LA;16, RGB;16 or RGBA;16.

    Raises:
        CutShortError: pixels are missing.
        DamagedError: it cannot be decoded.
    """
    _check_whole(data)
    with libraries.mute():
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16 or found.ndim != 3:
        raise DamagedError("its pixels cannot be unpacked")
    if data[_COLOURS] == 4:
        return np.ascontiguousarray(found[..., [0, -1]])
    return cv2.cvtColor(found, cv2.COLOR_BGRA2RGBA if found.shape[2] == 4 else cv2.COLOR_BGR2RGB)


def _check_whole(data: bytes) -> None:
    """Refuse what unpacks to fewer bytes than its size wants, of which OpenCV says nothing."""
    width, height = struct.unpack_from(">II", data, 16)
    wanted = 0
    for left, top, right, down in _PASSES if data[_INTERLACE] else ((0, 0, 1, 1),):
        wide, tall = -(-(width - left) // right), -(-(height - top) // down)
        wanted += tall * (1 + 2 * _SAMPLES[data[_COLOURS]] * wide) if wide > 0 else 0
    packer = zlib.decompressobj()
    for kind, start, end in chunks(data):
        part = memoryview(data)[start:end] if kind == b"IDAT" else b""
        while len(part) and not packer.eof:
            wanted -= len(packer.decompress(part, 1 << 20))
            if wanted <= 0:
                return  # whatever else is packed there, nobody needs it
            part = memoryview(packer.unconsumed_tail)
    if wanted > len(packer.flush()):
        raise CutShortError


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Give the name of each chunk, and where its body begins and ends; up to the last."""
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at + 8, at + 8 + length
        at += 12 + length
