"""Filter a frame in strips of rows, so that little of it is ever held as float32.

The frame is overwritten. A strip needs rows of its neighbours (the halo); those above have been
overwritten by then, so a copy of them is carried along.
"""

from __future__ import annotations

from collections.abc import Callable

from labapp.pictures import frames
from labapp.pictures.frames import Floats, Frame
from labapp.pictures.lazy import np


def filter_in_strips(frame: Frame, halo: int, kernel: Callable[[Floats], Floats]) -> Frame:
    """Run a filter over a frame in float32, colour multiplied by alpha, and write it back.

    Args:
        frame: overwritten with the result.
        halo: how many rows away the filter looks.
        kernel: takes (rows, width[, channels]) float32 in the frame's scale and returns the same
            shape. It sees the border of the picture as the border of its strip.
    """
    height = frame.shape[0]
    above = frames.to_floats(frame[:0])
    for rows in frames.bands(frame, least=2 * halo):
        below = min(rows.stop + halo, height)
        strip = np.concatenate([above, frames.to_floats(frame[rows.start : below])])
        first = len(above)
        last = first + rows.stop - rows.start
        above = strip[max(last - halo, 0) : last].copy()
        frames.from_floats(kernel(strip)[first:last], frame[rows])
    return frame
