"""Frames of few colours as a palette and the number of each pixel's colour, without any loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labapp.pictures import frames
from labapp.pictures.frames import Frame

#: Odd numbers whose products spread colours over 16 bits; one is found that parts a palette.
_FACTORS = np.random.default_rng(1).integers(1 << 16, 1 << 32, 4096, np.uint32) | np.uint32(1)


@dataclass(frozen=True)
class Indexed:
    """A frame as numbers.

    Args:
        indices: (height, width), the place of each pixel's colour in the palette.
        palette: (colours, 4) RGBA, those seen through first.
        grey: whether all colours are greys, and opaque.
    """

    indices: Frame
    palette: npt.NDArray[np.uint8]
    grey: bool

    @property
    def bits(self) -> int:
        """Bits that a pixel's number takes: 1, 2, 4 or 8."""
        return next(bits for bits in (1, 2, 4, 8) if len(self.palette) <= 1 << bits)

    @property
    def alpha(self) -> npt.NDArray[np.uint8]:
        """The alpha of the colours that are not opaque, which come first."""
        alpha = self.palette[:, 3]
        return alpha[alpha < 255]


def indexed(frame: Frame, most: int = 256) -> Indexed | None:
    """Give an 8-bit frame as numbers; None where it has more colours than `most`."""
    codes = _codes(frame)
    known = np.empty(0, np.uint32)
    for rows in frames.bands(codes):
        known = np.union1d(known, np.unique(codes[rows]))
        if len(known) > most:
            return None
    places = np.arange(len(known), dtype=np.uint8)
    table, factor = _table(known, places)
    indices = np.empty(codes.shape, np.uint8)
    for rows in frames.bands(codes):
        indices[rows] = table[codes[rows] * factor >> np.uint32(16)]
    # Alpha is the topmost byte, so that colours which are seen through sort first.
    shifts = np.array([0, 8, 16, 24], np.uint32)
    palette = (known[:, None] >> shifts & np.uint32(255)).astype(np.uint8)[:, [2, 1, 0, 3]]
    return Indexed(indices, palette, frame.ndim == 2)


def packed(indices: Frame, bits: int) -> Frame:
    """Pack numbers of 1, 2, 4 or 8 bits into bytes, row by row, the first in the upper bits."""
    if bits == 8:
        return indices
    if bits == 1:
        return np.packbits(indices, axis=1)
    each = 8 // bits
    spare = -indices.shape[1] % each
    wide = np.pad(indices, ((0, 0), (0, spare))).reshape(len(indices), -1, each)
    shifts = np.arange(each - 1, -1, -1, dtype=np.uint8) * np.uint8(bits)
    joined: Frame = np.bitwise_or.reduce(wide << shifts, axis=2)
    return joined


def _codes(frame: Frame) -> npt.NDArray[np.uint32]:
    """Give each pixel as one number: alpha, red, green, blue from the top."""
    codes = np.full(frame.shape[:2], 255 << 24, np.uint32)
    if frames.has_alpha(frame):
        codes = frame[..., -1].astype(np.uint32) << np.uint32(24)
    if frames.channels(frame) < 3:
        grey = frame if frame.ndim == 2 else frame[..., 0]
        return codes | grey * np.uint32(0x010101)
    for channel, shift in enumerate((16, 8, 0)):
        codes |= frame[..., channel].astype(np.uint32) << np.uint32(shift)
    return codes


def _table(
    known: npt.NDArray[np.uint32], places: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint8], np.uint32]:
    """Give a table of each colour's place, and by what a colour is multiplied to look it up."""
    for factor in _FACTORS:
        spots = known * factor >> np.uint32(16)
        if len(np.unique(spots)) == len(known):
            table = np.zeros(1 << 16, np.uint8)
            table[spots] = places
            return table, np.uint32(factor)
    raise AssertionError("of 4,096 factors one parts any 256 colours")
