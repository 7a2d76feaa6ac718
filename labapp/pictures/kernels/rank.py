"""Filters that choose among neighbours: the median, and the bilateral filter.

OpenCV has both for 8 bits; what it lacks (16-bit medians of large squares, alpha) is done here.
"""

from __future__ import annotations

import math

from labapp.pictures import frames
from labapp.pictures.frames import Floats, Frame, filter_in_strips
from labapp.pictures.lazy import cv2, np

#: The widest square OpenCV takes the median of in 16 bits.
_WIDEST_16_BIT = 5


def median(frame: Frame, radius: int) -> Frame:
    """Give the median of the square of 2 radius + 1 around each pixel, borders repeated.

    With alpha the median is taken of colours multiplied by alpha and rounded, and of alpha.
    """
    size = 2 * radius + 1
    if frames.has_alpha(frame):
        return _median_with_alpha(frame, size)
    if frame.dtype == np.uint16 and size > _WIDEST_16_BIT:
        return _each_channel(frame, size)
    return cv2.medianBlur(frame, size)


def _median_with_alpha(frame: Frame, size: int) -> Frame:
    for rows in frames.bands(frame):
        part = frame[rows]
        # Rounded, not cut off.
        part[..., :-1] = frames.to_floats(part)[..., :-1] + np.float32(0.5)
    _each_channel(frame, size)
    for rows in frames.bands(frame):
        frames.from_floats(frame[rows].astype(np.float32), frame[rows])
    return frame


def _each_channel(frame: Frame, size: int) -> Frame:
    by_sorting = frame.dtype == np.uint16 and size > _WIDEST_16_BIT
    median_of = _median_by_sorting if by_sorting else cv2.medianBlur
    for plane in [frame] if frame.ndim == 2 else np.moveaxis(frame, -1, 0):
        plane[...] = median_of(np.ascontiguousarray(plane), size)
    return frame


def _median_by_sorting(frame: Frame, size: int) -> Frame:
    padded = np.pad(frame, size // 2, mode="edge")
    middle = size * size // 2
    rows = max(frames.BAND_PIXELS // (frame.shape[1] * size), 1)
    for top in range(0, len(frame), rows):
        part = padded[top : top + rows + size - 1]
        squares = np.lib.stride_tricks.sliding_window_view(part, (size, size))
        flat = squares.reshape(*squares.shape[:2], -1)
        frame[top : top + rows] = np.partition(flat, middle, axis=-1)[..., middle]
    return frame


def reach_of(sigma: float) -> int:
    """Give how many pixels away the bilateral filter looks."""
    return math.ceil(3 * sigma)


def bilateral(frame: Frame, strength: float, sigma: float) -> Frame:
    """Average neighbours by nearness in place and in value, each channel by itself.

    Args:
        frame: any kind; it is overwritten.
        strength: standard deviation in value, in levels of 255.
        sigma: standard deviation in place, in pixels; three of them are looked at.
    """
    reach = reach_of(sigma)
    spread = strength * frames.white(frame) / 255

    def smooth(plane: Frame) -> Frame:
        plane = np.ascontiguousarray(plane)
        return cv2.bilateralFilter(
            plane, 2 * reach + 1, spread, sigma, borderType=cv2.BORDER_REPLICATE
        )

    def smooth_all(strip: Floats) -> Floats:
        if strip.ndim == 2:
            return smooth(strip)
        return np.dstack([smooth(strip[..., channel]) for channel in range(strip.shape[2])])

    if frames.has_alpha(frame) or frame.dtype == np.uint16:
        return filter_in_strips(frame, reach, smooth_all)
    if frame.ndim == 2:
        return smooth(frame)
    for channel in range(frame.shape[2]):
        frame[..., channel] = smooth(frame[..., channel])
    return frame
