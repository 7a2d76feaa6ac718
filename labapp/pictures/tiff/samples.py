"""From rows of bytes to numbers: depth, byte order and predictor of a TIFF's samples."""

from __future__ import annotations

import numpy as np

from labapp.pictures.frames import Frame
from labapp.pictures.tiff import page as kinds
from labapp.pictures.tiff.page import TiffPage

_LETTERS = {kinds.UNSIGNED: "u", kinds.SIGNED: "i", kinds.FLOAT: "f"}


def unpacked(rows: Frame, columns: int, each: int, page: TiffPage) -> Frame:
    """Give the samples of some rows: (rows, columns, each).

    Args:
        rows: (rows, bytes of a row), uint8.
        columns: pixels of a row.
        each: samples of a pixel.
        page: for bits, byte order and predictor.
    """
    bits, order = page.bits, page.directory.order
    shape = (len(rows), columns, each)
    differences = page.predictor if page.compression in PREDICTED else 1
    if bits not in (8, 16, 32, 64):
        return _bits(rows, columns * each, bits, order).reshape(shape)
    if differences == 3:
        return _floats(rows, columns, each, bits)
    letter = _LETTERS[page.sample_format] if differences == 1 else "u"
    stored = np.dtype(f"{order}{letter}{bits // 8}")
    values = rows.view(stored).reshape(shape).astype(stored.newbyteorder("="), copy=False)
    if differences == 2:
        values = np.cumsum(values, axis=1, dtype=values.dtype)
        values = values.view(f"{_LETTERS[page.sample_format]}{bits // 8}")
    return values


#: Compressions under which libtiff heeds a predictor.
PREDICTED = frozenset((kinds.LZW, kinds.DEFLATE, kinds.OLD_DEFLATE, kinds.LZMA, kinds.ZSTD))


def _bits(rows: Frame, many: int, bits: int, order: str) -> Frame:
    """Cut rows into samples of so many bits, the first in the highest; each row begins anew."""
    if bits == 24:
        cut = rows[:, : many * 3].reshape(len(rows), many, 3).astype(np.uint32)
        weights = np.array((1, 256, 65_536) if order == "<" else (65_536, 256, 1), np.uint32)
        out: Frame = (cut * weights).sum(axis=2, dtype=np.uint32)
        return out
    single = np.unpackbits(rows, axis=1, count=many * bits).reshape(len(rows), many, bits)
    kind = np.uint8 if bits <= 8 else np.uint16
    out = np.zeros((len(rows), many), kind)
    for place in range(bits):
        out <<= 1
        out |= single[..., place]
    return out


def _floats(rows: Frame, columns: int, each: int, bits: int) -> Frame:
    """Undo the predictor of floating numbers (Adobe's technical note 3 on TIFF, 2005).

    A row holds the highest bytes of all its samples, then the second, each as the difference from
    the one a pixel before.
    """
    wide = columns * each
    summed = np.cumsum(rows.reshape(len(rows), -1, each), axis=1, dtype=np.uint8)
    planes = summed.reshape(len(rows), bits // 8, wide)
    big = np.ascontiguousarray(planes.swapaxes(1, 2)).view(f">f{bits // 8}")
    return big.reshape(len(rows), columns, each).astype(f"f{bits // 8}")
