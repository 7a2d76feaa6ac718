"""Which part of a frame differs from the one before, so that only that part is written."""

from __future__ import annotations

import numpy as np

from labapp.pictures.frames import Frame


def changed(before: Frame | None, frame: Frame, even: bool = False) -> tuple[slice, slice]:
    """Give the rows and columns that hold every changed pixel; at least one pixel.

    Args:
        before: the frame before, of the same shape; None for the first, all of which is new.
        frame: the frame to be written.
        even: start at even rows and columns, as WebP demands.
    """
    height, width = frame.shape[:2]
    if before is None:
        return slice(0, height), slice(0, width)
    differs = before != frame
    if differs.ndim == 3:
        differs = differs.any(axis=2)
    rows, columns = differs.any(axis=1), differs.any(axis=0)
    return _span(np.flatnonzero(rows), even), _span(np.flatnonzero(columns), even)


def _span(places: np.ndarray[tuple[int], np.dtype[np.intp]], even: bool) -> slice:
    if not len(places):
        return slice(0, 1)
    start = int(places[0])
    return slice(start - start % 2 if even else start, int(places[-1]) + 1)
