"""Write BMP: one bit, numbers of a palette, greys, RGB, or RGBA with a header that says so."""

from __future__ import annotations

import struct

import cv2
import numpy as np

from labapp.pictures import frames
from labapp.pictures.bmp import RGBA, file
from labapp.pictures.formats.indexed import Indexed, packed
from labapp.pictures.frames import Frame
from labapp.pictures.stored import Resolution, per_metre

#: Palette of greys.
_RAMP = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)


def encode(frame: Frame, few: Indexed | None, dpi: Resolution) -> bytes:
    """Write one frame.

    Args:
        frame: of 8 bits.
        few: the same as numbers, where it is to be stored so; without alpha then.
        dpi: its resolution.
    """
    if few is not None and few.grey:  # black and white alone
        return _file(packed(frame >> 7, 1), frame, 1, _RAMP[[0, 255]], dpi)
    if few is not None:
        # BMP knows 1, 4 and 8 bits.
        bits = {2: 4}.get(few.bits, few.bits)
        return _file(packed(few.indices, bits), frame, bits, few.palette, dpi)
    if frame.ndim == 2:
        return _file(frame, frame, 8, _RAMP, dpi)
    if frames.has_alpha(frame):
        pixels = cv2.cvtColor(frames.in_colour(frame, alpha=True), cv2.COLOR_RGBA2BGRA)
        return _file(pixels.reshape(len(frame), -1), frame, 32, np.empty((0, 4), np.uint8), dpi)
    pixels = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    return _file(pixels.reshape(len(frame), -1), frame, 24, np.empty((0, 4), np.uint8), dpi)


def _file(rows: Frame, frame: Frame, bits: int, palette: Frame, dpi: Resolution) -> bytes:
    height, width = frame.shape[:2]
    rows = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4)))[::-1]
    table = palette[:, [2, 1, 0, 3]].copy()
    table[:, 3] = 0
    resolution = struct.pack("<ii", *per_metre(dpi or (0, 0)))
    masks = RGBA if bits == 32 else ()
    return file(width, height, bits, rows.tobytes(), resolution, table.tobytes(), masks)
