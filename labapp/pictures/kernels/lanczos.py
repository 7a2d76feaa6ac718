"""Resize with the Lanczos-3 window, widened by the scale when a picture shrinks.

The definition is one weighted sum over rows and columns, clipped once at the end. Pillow's LANCZOS
has the same weights but clips between rows and columns, which is off by up to 60 levels beside
hard edges; products of float32 matrices are as fast and are not.
"""

from __future__ import annotations

from labapp.pictures import frames
from labapp.pictures.frames import Floats, Frame
from labapp.pictures.lazy import np

#: Lobes of the window.
_LOBES = 3

#: Rows, and columns, of the result that are computed together.
_BLOCK = 32


def resize(frame: Frame, width: int, height: int) -> Frame:
    """Give a frame of another size; the one given is not changed.

    Args:
        frame: any kind; colours are weighed by alpha.
        width: of the result, in pixels.
        height: of the result, in pixels.
    """
    tall, wide = frame.shape[:2]
    if (wide, tall) == (width, height):
        return frame
    out = np.empty((height, width, *frame.shape[2:]), frame.dtype)
    columns = _blocks(wide, width)
    planes = frames.channels(frame)
    for top, first, last, down in _blocks(tall, height):
        source = frames.to_floats(frame[first:last])
        rows = (down @ source.reshape(last - first, -1)).reshape(len(down), wide, planes)
        strip = np.empty((len(down), width, planes), np.float32)
        for left, start, stop, across in columns:
            np.matmul(across, rows[:, start:stop], out=strip[:, left : left + len(across)])
        part = out[top : top + len(down)]
        frames.from_floats(strip.reshape(part.shape), part)
    return out


def _blocks(before: int, after: int) -> list[tuple[int, int, int, Floats]]:
    """Give the weights of one axis in blocks.

    Each block is (first of the result, first and end of the source, weights), where weights has a
    row for each of the result and a column for each of that part of the source.
    """
    scale = before / after
    stretch = max(scale, 1.0)
    reach = _LOBES * stretch
    blocks = []
    for first in range(0, after, _BLOCK):
        centres = (np.arange(first, min(first + _BLOCK, after)) + 0.5) * scale
        start = max(int(centres[0] - reach), 0)
        stop = min(int(centres[-1] + reach) + 1, before)
        places = (np.arange(start, stop) + 0.5 - centres[:, None]) / stretch
        window = np.sinc(places) * np.sinc(places / _LOBES) * (np.abs(places) < _LOBES)
        weights = window / window.sum(axis=1, keepdims=True)
        blocks.append((first, start, stop, weights.astype(np.float32)))
    return blocks
