"""Gaussian blur, as `skimage.filters.gaussian` with mode 'nearest' and truncate 4 defines it.

Two ways, both within one grey level of float64; in 16 bits the first is within two of its levels,
the second within one of 8 bits. A small sigma is convolved as it is. A large one
runs on a coarse grid: average twice over q pixels, keep every q-th, blur there with what is left
of sigma, and enlarge linearly. Averaging twice puts a double zero where the grid would fold
frequencies back, and the variances of all four stages add up to sigma squared.
"""

from __future__ import annotations

import math
from functools import lru_cache

from labapp.pictures import frames
from labapp.pictures.frames import Floats, Frame, filter_in_strips
from labapp.pictures.lazy import cv2, np

#: From this sigma on the coarse grid is the faster way, and exact enough.
COARSE_FROM = 6.0

#: A grid step is at most this part of sigma. The error of the linear enlargement grows with its
#: square; at a fifth it stays below 0.6 grey levels on the worst edges.
_SIGMA_PER_STEP = 5.0

#: Sigmas that the kernel on the grid looks away.
_COARSE_REACH = 4.2

#: Grid cells of border beside the picture: one is reached by the averages, one by the enlargement.
_MARGIN = 2


def blur(frame: Frame, sigma: float) -> Frame:
    """Blur every channel of a frame; it is overwritten or left, the result is what is returned.

    Args:
        frame: any kind; alpha is blurred too, and colours are weighed by it.
        sigma: standard deviation in pixels.
    """
    if sigma >= COARSE_FROM:
        return _blur_coarsely(frame, sigma)
    if frames.has_alpha(frame):
        return filter_in_strips(frame, radius_of(sigma), lambda strip: convolve(strip, sigma))
    return convolve(frame, sigma)


def radius_of(sigma: float) -> int:
    """Give how many pixels away the definition looks: four sigma, rounded."""
    return int(4 * sigma + 0.5)


def reach_of(sigma: float) -> int:
    """Give how many pixels away `blur` looks."""
    if sigma < COARSE_FROM:
        return radius_of(sigma)
    return math.ceil(_COARSE_REACH * sigma) + 2 * _MARGIN * grid_of(sigma)


def grid_of(sigma: float) -> int:
    """Give the side of the cells that `blur` averages over: 1 where it has none."""
    return 1 if sigma < COARSE_FROM else max(2, int(sigma / _SIGMA_PER_STEP))


def convolve(part: Frame, sigma: float, border: int | None = None) -> Frame:
    """Convolve with the sampled Gaussian.

    Args:
        part: an array of any depth and number of channels; not changed.
        sigma: standard deviation in pixels.
        border: an OpenCV border; the border pixels repeated, unless given.
    """
    border = cv2.BORDER_REPLICATE if border is None else border
    return cv2.sepFilter2D(part, -1, *_kernels(sigma), borderType=border)


@lru_cache(maxsize=16)
def _kernels(sigma: float) -> tuple[Floats, Floats]:
    """Give what rows and columns are convolved with; nobody changes it.

    A kernel that sums to one makes OpenCV take 8-bit fixed point for 8-bit pictures; split as two
    and a half it stays in float32, which is as fast.
    """
    column = _weights(radius_of(sigma), sigma)
    return column * np.float32(2), column * np.float32(0.5)


def _weights(radius: int, sigma: float, shift: float = 0.0) -> Floats:
    """Sample a Gaussian at whole places up to `radius` from 0, its middle being at `shift`."""
    weights = np.exp(-0.5 * ((np.arange(-radius, radius + 1) - shift) / sigma) ** 2)
    column: Floats = (weights / weights.sum()).astype(np.float32)
    return column


def _blur_coarsely(frame: Frame, sigma: float) -> Frame:
    step = grid_of(sigma)
    grid = _to_grid(frame, step)
    # Variances in units of the step: two averages have (1 - 1/q²)/12 each, the enlargement has
    # 1/6 + 1/(12 q²) on the mean of its positions.
    spread = float(np.sqrt((sigma / step) ** 2 - 1 / 3 + 1 / (12 * step * step)))
    # An average over an even number of pixels lies half a pixel off; the kernel takes it back.
    shift = 0.0 if step % 2 else 0.5 / step
    column = _weights(math.ceil(_COARSE_REACH * spread), spread, shift)
    grid = cv2.sepFilter2D(grid, -1, column, column, borderType=cv2.BORDER_REPLICATE)
    _from_grid(grid, step, frame)
    return frame


def _to_grid(frame: Frame, step: int) -> Floats:
    """Average a frame onto cells of `step` pixels, with `_MARGIN` cells of repeated border."""
    height, width = frame.shape[:2]
    tall, wide = -(-height // step) + 2 * _MARGIN, -(-width // step) + 2 * _MARGIN
    left, right = _MARGIN * step, (wide - _MARGIN) * step - width
    grid = np.empty((tall, wide, *frame.shape[2:]), np.float32)
    cells = max(frames.BAND_PIXELS // (width * step), 4)
    for first in range(0, tall, cells):
        last = min(first + cells, tall)
        rows = np.arange((first - 1 - _MARGIN) * step, (last + 1 - _MARGIN) * step)
        part = frame[np.clip(rows, 0, height - 1)]
        if frames.has_alpha(frame):
            part = frames.to_floats(part)
        part = cv2.copyMakeBorder(part, 0, 0, left, right, cv2.BORDER_REPLICATE)
        part = cv2.boxFilter(part, cv2.CV_32F, (step, step), borderType=cv2.BORDER_REPLICATE)
        coarse = cv2.resize(part, (wide, last - first + 2), interpolation=cv2.INTER_AREA)
        grid[first:last] = coarse.reshape(-1, *grid.shape[1:])[1:-1]
    return grid


def _from_grid(grid: Floats, step: int, out: Frame) -> None:
    """Enlarge a grid linearly and write the part inside its margin into `out`."""
    height, width = out.shape[:2]
    wide = grid.shape[1] * step
    cells = max(frames.BAND_PIXELS // (width * step), 4)
    for first in range(0, -(-height // step), cells):
        top, bottom = first * step, min((first + cells) * step, height)
        # One cell more at each end, cut off again: the enlargement looks at its neighbours.
        part = grid[first + _MARGIN - 1 : first + _MARGIN + cells + 1]
        fine = cv2.resize(part, (wide, len(part) * step), interpolation=cv2.INTER_LINEAR)
        fine = fine[step : step + bottom - top, _MARGIN * step : _MARGIN * step + width]
        frames.from_floats(fine.reshape(bottom - top, *out.shape[1:]), out[top:bottom])
