"""Write GIF, each frame with a palette of its own.

A frame of up to 256 colours keeps them exactly; others get the nearest of 256. Blocks are those of
the GIF89a specification; the packing of the pixels is left to Pillow.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from labapp.pictures import frames
from labapp.pictures.formats.changes import changed

if TYPE_CHECKING:
    from labapp.pictures.frames import Frame

#: What is left of a frame when its time is over: all of it, or nothing.
_KEEP, _CLEAR = 1, 2

#: Pixels that choose the palette of a frame of many colours.
_SAMPLE = 128 * 128

#: Alpha below this is transparent: GIF knows only all or nothing.
_HALF = 128


def encode(sequence: Iterable[tuple[Frame, float]], loop: int | None) -> bytes:
    """Write a GIF of one frame or many.

    Args:
        sequence: 8-bit frames of one kind and size, each with its milliseconds.
        loop: how often an animation repeats, 0 for ever; None to play it once.
    """
    parts: list[bytes] = []
    before: Frame | None = None
    for frame, duration in sequence:
        if before is None:
            height, width = frame.shape[:2]
            # 0x70: eight bits of colour, no palette for all.
            parts.append(b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70, 0, 0))
            if loop is not None:
                body = struct.pack("<BBHB", 3, 1, min(loop, 65_535), 0)
                parts.append(b"\x21\xff\x0bNETSCAPE2.0" + body)
        # A pixel can turn transparent only where the canvas is cleared, and then all is drawn.
        clearing = frames.has_alpha(frame)
        rows, columns = changed(None if clearing else before, frame)
        parts += _frame(frame[rows, columns], columns.start, rows.start, duration, clearing)
        before = frame
    return b"".join([*parts, b"\x3b"])


def _frame(part: Frame, left: int, top: int, duration: float, clearing: bool) -> list[bytes]:
    indices, palette, clear = _indexed(part)
    colours = 256 if len(palette) > 384 else max(2, 1 << (len(palette) // 3 - 1).bit_length())
    bits = colours.bit_length() - 2
    flags = (_CLEAR if clearing else _KEEP) << 2 | (clear is not None)
    delay = min(round(duration / 10), 65_535)
    control = struct.pack("<BBHBB", 4, flags, delay, clear or 0, 0)
    height, width = indices.shape
    place = struct.pack("<HHHHB", left, top, width, height, 0x80 | bits)
    table = palette.ljust(3 * colours, b"\0")
    return [b"\x21\xf9", control, b"\x2c", place, table, _packed(indices)]


def _indexed(part: Frame) -> tuple[Frame, bytes, int | None]:
    """Give the index of each pixel, the palette, and the index that is transparent."""
    ramp = bytes(value for value in range(256) for _ in range(3))
    if part.ndim == 2:
        return part, ramp, None
    if not frames.has_alpha(part):
        indices, palette = _quantized(part, 256)
        return indices, palette, None
    colour, alpha = frames.split_alpha(part)
    colour = frames.rgb_of(colour)
    hidden = alpha < _HALF
    # Hidden colours must not take places in the palette.
    colour[hidden] = colour[~hidden][:1] if not hidden.all() else 0
    indices, palette = _quantized(colour, 255)
    clear = len(palette) // 3
    indices[hidden] = clear
    return indices, palette + b"\0\0\0", clear


def _quantized(colour: Frame, most: int) -> tuple[Frame, bytes]:
    image = Image.fromarray(colour)
    if image.getcolors(most) is not None:
        codes = colour.astype(np.uint32) @ np.array([65_536, 256, 1], np.uint32)
        known, places = np.unique(codes, return_inverse=True)
        palette = np.column_stack([known >> 16, known >> 8 & 255, known & 255]).astype(np.uint8)
        return places.reshape(codes.shape).astype(np.uint8), palette.tobytes()
    if image.width * image.height > _SAMPLE:
        # Choosing colours takes most of the time, and a sample of the pixels chooses nearly alike.
        shrink = (_SAMPLE / (image.width * image.height)) ** 0.5
        size = (max(int(image.width * shrink), 1), max(int(image.height * shrink), 1))
        chosen = image.resize(size, Image.Resampling.NEAREST).quantize(most)
        image = image.quantize(palette=chosen, dither=Image.Dither.NONE)
    else:
        image = image.quantize(most)
    return np.asarray(image).copy(), bytes(image.getpalette() or b"")[: 3 * most]


def _packed(indices: Frame) -> bytes:
    """Compress with Pillow's LZW: the data of a GIF that it writes, without what is around it."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(indices)).save(buffer, "GIF", interlace=0, optimize=False)
    data = buffer.getvalue()
    # Header, and the palette of 256 entries that Pillow gives every grey picture.
    start = data.index(b"\x2c", 13 + 3 * (2 << (data[10] & 7)))
    return data[start + 10 : -1]
