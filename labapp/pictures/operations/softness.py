"""Operations that look at a pixel's neighbours: blur, sharpen, edges, denoise, median, pixelate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.pictures import frames
from labapp.pictures.kernels import gaussian, rank
from labapp.pictures.kernels.strips import filter_in_strips
from labapp.pictures.registry import length, number, operation

if TYPE_CHECKING:
    import cv2
    import numpy as np

    from labapp.pictures.frames import Floats, Frame
else:
    from labapp.pictures.lazy import cv2, np


@operation(
    "Blur",
    length("sigma", "Sigma", 2.0, 0.1, 50.0, 0.1, "Standard deviation of the blur, in pixels."),
)
def blur(frame: Frame, sigma: float) -> Frame:
    """Soften with a Gaussian.

    Defined by `skimage.filters.gaussian` with its mode 'nearest'.
    """
    return gaussian.blur(frame, sigma)


@operation(
    "Sharpen",
    length("radius", "Radius", 1.0, 0.1, 10.0, 0.1, "Sigma of the blur taken away, in pixels."),
    number("amount", "Amount", 1.0, 0.0, 5.0, 0.1, "How much of the difference is added."),
)
def sharpen(frame: Frame, radius: float, amount: float) -> Frame:
    """Add what a blur takes away (unsharp mask).

    Defined by `skimage.filters.unsharp_mask` channel by channel.
    """

    def sharpened(strip: Floats) -> Floats:
        soft = gaussian.convolve(strip, radius, border=cv2.BORDER_REFLECT)
        return cv2.addWeighted(strip, 1.0 + amount, soft, -amount, 0.0)

    return filter_in_strips(frame, gaussian.radius_of(radius), sharpened)


@operation("Edges")
def edges(frame: Frame) -> Frame:
    """Show the edges of the grey picture, white on black (Sobel).

    Defined by `skimage.filters.sobel`; under transparent pixels nothing has an edge.
    """
    out = np.empty(frame.shape[:2], frame.dtype)
    depth = cv2.CV_16U if frame.dtype == np.uint16 else cv2.CV_8U
    for rows in frames.bands(frame):
        first, last = max(rows.start - 1, 0), min(rows.stop + 1, len(frame))
        part = frame[first:last]
        if frames.has_alpha(frame):
            part = frames.to_floats(part)
            part = np.ascontiguousarray(part[..., 0] if part.shape[2] == 2 else part[..., :3])
        grey = frames.grey_of(part)
        across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, borderType=cv2.BORDER_REFLECT)
        down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, borderType=cv2.BORDER_REFLECT)
        # Four is the weight of one side of the kernel; the directions are averaged as squares.
        scale = 1 / (4 * 2**0.5)
        size = cv2.magnitude(across, down)[rows.start - first :][: rows.stop - rows.start]
        out[rows] = cv2.addWeighted(size, scale, size, 0.0, 0.0, dtype=depth).reshape(
            out[rows].shape
        )
    return frames.join_alpha(out, frame[..., -1]) if frames.has_alpha(frame) else out


@operation(
    "Denoise",
    number("strength", "Strength", 25.0, 1.0, 100.0, 1.0, "Differences smoothed, of 255 levels."),
    length("sigma", "Sigma", 1.5, 0.5, 5.0, 0.5, "How far it looks, in pixels."),
)
def denoise(frame: Frame, strength: float, sigma: float) -> Frame:
    """Smooth noise and keep edges (bilateral filter).

    Each channel by itself; Gaussian weights in place, over a disc of three sigma, and in value.
    """
    return rank.bilateral(frame, strength, sigma)


@operation(
    "Median",
    length("radius", "Radius", 1, 1, 7, 1, "Of the square, in pixels: 1 is a square of 3."),
)
def median(frame: Frame, radius: int) -> Frame:
    """Replace each pixel by the median of a square around it; removes specks.

    Defined by `skimage.filters.median` with a square footprint, channel by channel.
    """
    return rank.median(frame, radius)


@operation(
    "Pixelate",
    length("size", "Block size", 12, 2, 256, 1, "Side of a block, in pixels."),
)
def pixelate(frame: Frame, size: int) -> Frame:
    """Replace each block of pixels by its mean.

    Blocks start at the top left; those cut off at the border take the mean of what is there.
    """
    width = frame.shape[1]
    starts = np.arange(0, width, size)
    for top in range(0, len(frame), size):
        part = frame[top : top + size]
        sums = np.add.reduceat(frames.to_floats(part).sum(axis=0, dtype=np.float64), starts, axis=0)
        counts = np.diff(np.append(starts, width)) * len(part)
        means = (sums.T / counts).T.astype(np.float32)
        row = np.empty((1, len(starts), *frame.shape[2:]), frame.dtype)
        frames.from_floats(means.reshape(row.shape), row)
        part[...] = np.repeat(row, size, axis=1)[:, :width]
    return frame
