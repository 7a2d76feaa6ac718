"""Write BMP: one bit, numbers of a palette, greys, RGB, or RGBA with a header that says so.

Headers are those of Windows: BITMAPINFOHEADER, and BITMAPV4HEADER where there is alpha.
"""

from __future__ import annotations

import struct

import cv2
import numpy as np

from labapp.pictures import frames
from labapp.pictures.formats.indexed import Indexed, packed
from labapp.pictures.frames import Frame

#: Bytes before the header of the picture, of that header, and of its longer form.
_FILE, _INFO, _INFO_V4 = 14, 40, 108

#: How pixels are told: as usual, or by masks (BI_RGB, BI_BITFIELDS).
_PLAIN, _MASKS = 0, 3

#: The masks of red, green, blue and alpha in a pixel of 32 bits, and what means sRGB.
_RGBA = (0x00FF0000, 0x0000FF00, 0x000000FF, 0xFF000000)
_SRGB = 0x73524742

#: Palette of greys.
_RAMP = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)

_INCH = 0.0254


def encode(frame: Frame, few: Indexed | None, dpi: tuple[float, float] | None) -> bytes:
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


def _file(
    rows: Frame, frame: Frame, bits: int, palette: Frame, dpi: tuple[float, float] | None
) -> bytes:
    height, width = frame.shape[:2]
    rows = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4)))[::-1]
    table = palette[:, [2, 1, 0, 3]].copy()
    table[:, 3] = 0
    size = _INFO_V4 if bits == 32 else _INFO
    start = _FILE + size + table.nbytes
    across, down = (round(number / _INCH) for number in dpi or (0, 0))
    how = _MASKS if bits == 32 else _PLAIN
    head = struct.pack("<2sIHHI", b"BM", start + rows.nbytes, 0, 0, start)
    head += struct.pack("<IiiHHII", size, width, height, 1, bits, how, rows.nbytes)
    head += struct.pack("<iiII", across, down, len(table), 0)
    if bits == 32:
        head += struct.pack("<5I", *_RGBA, _SRGB) + bytes(48)
    return b"".join([head, table.tobytes(), rows.tobytes()])
