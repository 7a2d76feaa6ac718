"""PNGs and APNGs made by hand, of any depth and colour type (PNG 3rd edition)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.pictures.samples import Frame

SIGNATURE = b"\x89PNG\r\n\x1a\n"

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6

#: First column and row, and steps, of Adam7's passes (8.1).
PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
)  # fmt: skip


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def head(values: Frame, depth: int, colours: int, interlaced: bool = False) -> bytes:
    height, width = values.shape[:2]
    body = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlaced)
    return chunk(b"IHDR", body)


def pixels(values: Frame, depth: int, interlaced: bool = False) -> bytes:
    """Pack samples (rows, columns, samples) without filters."""
    raw = b""
    for left, top, right, down in PASSES if interlaced else ((0, 0, 1, 1),):
        part = values[top::down, left::right]
        for row in part.reshape(len(part), -1) if part.size else []:
            bits = "".join(format(int(value), f"0{depth}b") for value in row)
            bits += "0" * (-len(bits) % 8)
            raw += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return zlib.compress(raw)


def png(values: Frame, depth: int, colours: int, *extra: bytes, interlaced: bool = False) -> bytes:
    """Write a picture; extra: chunks between its header and its pixels."""
    body = chunk(b"IDAT", pixels(values, depth, interlaced))
    first = head(values, depth, colours, interlaced)
    return b"".join([SIGNATURE, first, *extra, body, chunk(b"IEND")])


@dataclass(frozen=True)
class Moving:
    """One frame of an animation; numbers as in fcTL."""

    values: Frame
    left: int = 0
    top: int = 0
    disposal: int = 0
    blend: int = 0
    delay: tuple[int, int] = (1, 10)


def apng(
    width: int, height: int, depth: int, colours: int, moving: Sequence[Moving], *extra: bytes
) -> bytes:
    """Write an animation; a first frame that is smaller hides behind a picture for others."""
    canvas = np.zeros((height, width, 1), np.uint8)
    parts = [
        SIGNATURE,
        head(canvas, depth, colours),
        chunk(b"acTL", struct.pack(">II", len(moving), 0)),
    ]
    parts += extra
    whole = moving[0].values.shape[:2] == (height, width)
    if not whole:
        samples = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}[colours]
        parts.append(chunk(b"IDAT", pixels(np.zeros((height, width, samples), np.uint8), depth)))
    number = 0
    for frame in moving:
        tall, wide = frame.values.shape[:2]
        place = struct.pack(">IIIII", number, wide, tall, frame.left, frame.top)
        parts.append(
            chunk(b"fcTL", place + struct.pack(">HHBB", *frame.delay, frame.disposal, frame.blend))
        )
        body = pixels(frame.values, depth)
        if number == 0 and whole:
            parts.append(chunk(b"IDAT", body))
            number += 1
        else:
            parts.append(chunk(b"fdAT", struct.pack(">I", number + 1) + body))
            number += 2
    return b"".join([*parts, chunk(b"IEND")])
