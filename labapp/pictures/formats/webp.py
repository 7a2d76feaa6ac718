"""Write WebP; an animation frame by frame, each packed by Pillow's libwebp as a picture of its own.

The container is that of RFC 9649.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures import frames, vp8
from labapp.pictures.frames import Frame, changed

#: The greatest width and height the format can hold.
_MAX_SIDE = 16_383

#: Effort of lossless packing, 0 to 100: the usual, and that of libwebp's own tools.
_EFFORT, _HARD = 25, 75

_ICC, _ALPHA, _ANIMATION = 0x20, 0x10, 0x02

#: Flag of a frame that replaces what it covers, alpha and all.
_REPLACE = 0x02


def encode(frame: Frame, profile: bytes | None, quality: int | None, *, hard: bool) -> bytes:
    """Write one 8-bit frame.

    Args:
        frame: the pixels.
        profile: their ICC profile.
        quality: 1 to 100; None for without loss.
        hard: whether to pack what is without loss with more effort.

    Raises:
        RefusedError: it is greater than WebP can hold.
    """
    if max(frame.shape[:2]) > _MAX_SIDE:
        raise RefusedError(
            f"the result is {frame.shape[1]:,} x {frame.shape[0]:,} pixels; WebP holds at most "
            f"{_MAX_SIDE:,} on a side",
            "Resize it, or ask for another format.",
        )
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    buffer = io.BytesIO()
    image = Image.fromarray(frame)
    if image.mode in ("L", "LA"):
        # WebP has no grey.
        image = image.convert("RGB" if image.mode == "L" else "RGBA")
    # For lossless, quality is effort: fast enough, and nearly as small.
    options["quality"] = quality or (_HARD if hard else _EFFORT)
    image.save(buffer, "WEBP", lossless=quality is None, exact=True, **options)
    return buffer.getvalue()


def encode_animation(
    sequence: Iterable[tuple[Frame, float]], loop: int, profile: bytes | None, quality: int | None
) -> bytes:
    """Write an animation; profile, quality and errors as of `encode`.

    Its frames are of 8 bits, of one kind and size, each with its milliseconds; it plays `loop`
    times, 0 for ever.
    """
    parts: list[bytes] = []
    before: Frame | None = None
    for frame, duration in sequence:
        rows, columns = changed(before, frame, even=True)
        if before is None:
            parts += _head(frame, loop, profile)
        packed = encode(np.ascontiguousarray(frame[rows, columns]), None, quality, hard=False)
        wide, tall = columns.stop - columns.start, rows.stop - rows.start
        numbers = (columns.start // 2, rows.start // 2, wide - 1, tall - 1, round(duration))
        place = b"".join(min(number, 0xFFFFFF).to_bytes(3, "little") for number in numbers)
        pixels = [
            _chunk(kind, packed[body : body + length])
            for kind, body, length in vp8.chunks(packed, len(packed))
            if kind in (b"ALPH", b"VP8 ", b"VP8L")
        ]
        parts.append(_chunk(b"ANMF", place + bytes([_REPLACE]) + b"".join(pixels)))
        before = frame
    body = b"WEBP" + b"".join(parts)
    return _chunk(b"RIFF", body)


def _head(frame: Frame, loop: int, profile: bytes | None) -> list[bytes]:
    height, width = frame.shape[:2]
    flags = _ANIMATION | (_ICC if profile else 0) | (_ALPHA if frames.has_alpha(frame) else 0)
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    parts = [_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size)]
    if profile:
        parts.append(_chunk(b"ICCP", profile))
    parts.append(_chunk(b"ANIM", struct.pack("<IH", 0, min(loop, 65_535))))
    return parts


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
