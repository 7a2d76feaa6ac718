"""Write PNG and APNG: rows filtered by 'up', compressed by ISA-L at level 1.

About twenty times as fast as Pillow at its default on a photo, for a file a few hundredths larger.
Chunks are those of the PNG specification, third edition (W3C, 2025).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from isal import isal_zlib

from labapp.pictures import frames
from labapp.pictures.formats.changes import changed

if TYPE_CHECKING:
    from labapp.pictures.frames import Frame

#: Colour type for each number of channels.
_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}

_SIGNATURE = b"\x89PNG\r\n\x1a\n"

#: Number of the filter that subtracts the row above.
_UP = 2

_LEVEL = 1


def encode(frame: Frame, profile: bytes | None) -> bytes:
    """Write one frame of any kind, with its ICC profile if it has one."""
    return b"".join([_head(frame, profile), *_chunk(b"IDAT", *_packed(frame)), *_chunk(b"IEND")])


def encode_animation(
    sequence: Iterable[tuple[Frame, float]], count: int, loop: int, profile: bytes | None
) -> bytes:
    """Write an APNG.

    Args:
        sequence: frames of one kind and size, each with its milliseconds.
        count: how many they are.
        loop: how often it plays; 0 for ever.
        profile: their ICC profile.
    """
    parts: list[bytes] = []
    before: Frame | None = None
    number = 0
    for frame, duration in sequence:
        rows, columns = changed(before, frame)
        if before is None:
            parts += [_head(frame, profile), *_chunk(b"acTL", struct.pack(">II", count, loop))]
        # Two bytes hold 65 seconds in thousandths; longer frames are told in tenths.
        delay = Fraction(duration / 1000).limit_denominator(1000 if duration < 65_000 else 10)
        control = struct.pack(
            ">IIIIIHHBB",
            number,
            columns.stop - columns.start,
            rows.stop - rows.start,
            columns.start,
            rows.start,
            min(delay.numerator, 65_535),
            delay.denominator,
            0,
            0,
        )
        parts += _chunk(b"fcTL", control)
        packed = _packed(frame[rows, columns])
        if before is None:
            parts += _chunk(b"IDAT", *packed)
            number += 1
        else:
            parts += _chunk(b"fdAT", struct.pack(">I", number + 1), *packed)
            number += 2
        before = frame
    return b"".join([*parts, *_chunk(b"IEND")])


def _head(frame: Frame, profile: bytes | None) -> bytes:
    height, width = frame.shape[:2]
    colours = _COLOURS[frames.channels(frame)]
    head = struct.pack(">IIBBBBB", width, height, 8 * frame.itemsize, colours, 0, 0, 0)
    parts = [_SIGNATURE, *_chunk(b"IHDR", head)]
    if profile is not None:
        parts += _chunk(b"iCCP", b"ICC profile\0\0", isal_zlib.compress(profile))
    return b"".join(parts)


def _packed(frame: Frame) -> list[bytes]:
    """Filter and compress a frame, a band of rows at a time."""
    stride = frames.channels(frame) * frame.shape[1] * frame.itemsize
    packer = isal_zlib.compressobj(_LEVEL)
    pieces = []
    last = np.zeros((1, stride), np.uint8)
    for rows in frames.bands(frame):
        part = np.ascontiguousarray(frame[rows])
        if part.dtype == np.uint16:
            part = part.astype(">u2")
        raw = part.view(np.uint8).reshape(len(part), stride)
        lines = np.empty((len(raw), stride + 1), np.uint8)
        lines[:, 0] = _UP
        np.subtract(raw[:1], last, out=lines[:1, 1:])
        np.subtract(raw[1:], raw[:-1], out=lines[1:, 1:])
        last = raw[-1:].copy()
        pieces.append(packer.compress(lines.data))
    pieces.append(packer.flush())
    return pieces


def _chunk(kind: bytes, *body: bytes) -> list[bytes]:
    check = isal_zlib.crc32(kind)
    for piece in body:
        check = isal_zlib.crc32(piece, check)
    return [struct.pack(">I", sum(map(len, body))), kind, *body, struct.pack(">I", check)]
