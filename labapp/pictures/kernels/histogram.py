"""Histograms, and the two decisions drawn from them: an equalising table and Otsu's threshold."""

from __future__ import annotations

from typing import TypeAlias

from labapp.pictures import frames
from labapp.pictures.frames import Frame, Mask
from labapp.pictures.lazy import cv2, np, npt

Counts: TypeAlias = "npt.NDArray[np.int64]"

#: Bins of scikit-image's `equalize_hist`.
_BINS = 256


def counts(plane: Frame, shown: Mask | None = None) -> Counts:
    """Count the pixels of each value.

    Args:
        plane: (height, width), uint8 or uint16.
        shown: mask of the pixels to count; None for all.
    """
    if plane.dtype == np.uint8 and shown is None:
        # Counted in float32 by OpenCV, which is exact to 16.7 million a call: a strip at a time.
        total = np.zeros(256, np.int64)
        for rows in frames.bands(plane):
            found = cv2.calcHist([plane[rows]], [0], None, [256], [0, 256])
            total += found.ravel().astype(np.int64)
        return total
    values = plane.ravel() if shown is None else plane[shown]
    return np.bincount(values, minlength=frames.white(plane) + 1)


def equalizing_table(histogram: Counts) -> npt.NDArray[np.float64]:
    """Give the table that equalises a histogram, as fractions of white.

    The same as `skimage.exposure.equalize_hist` on the picture in float64: the cumulated shares of
    256 bins between the least and the greatest value, and straight lines between their centres.
    """
    top = len(histogram) - 1
    present = np.flatnonzero(histogram)
    # Multiplied, not divided, as `img_as_float` does: a last bit decides between two bins.
    heights, bounds = np.histogram(present * (1 / top), bins=_BINS, weights=histogram[present])
    shares = np.cumsum(heights)
    centres = (bounds[:-1] + bounds[1:]) / 2
    table: npt.NDArray[np.float64] = np.interp(
        np.arange(top + 1) * (1 / top), centres, shares / shares[-1]
    )
    return table


def otsu(histogram: Counts) -> int:
    """Give the value that parts a histogram into the two classes farthest from each other.

    The same as `skimage.filters.threshold_otsu` on integers: of equals the lowest; where all
    pixels have one value, that value.
    """
    present = np.flatnonzero(histogram)
    low, high = int(present[0]), int(present[-1])
    if low == high:
        return low
    weights = histogram[low : high + 1].astype(np.float64)
    values = np.arange(low, high + 1)
    below, above = np.cumsum(weights), np.cumsum(weights[::-1])[::-1]
    mean_below = np.cumsum(weights * values) / below
    mean_above = np.cumsum((weights * values)[::-1])[::-1] / above
    between = below[:-1] * above[1:] * (mean_below[:-1] - mean_above[1:]) ** 2
    return low + int(np.argmax(between))
