"""Contrast-limited adaptive histogram equalisation (CLAHE), as scikit-image defines it.

`skimage.exposure.equalize_adapthist` cuts the picture into tiles, makes an equalising table for
each from its clipped histogram, and blends the tables of the four nearest tiles at every pixel; a
colour picture is treated by its brightest channel (V of HSV), whose change scales all three. It
holds some 300 bytes a pixel while it works; here a block between tile centres is blended at a time.
In 16 bits, too, scikit-image's tables have 14 and ours are within one level of 8.
A picture of one value has no contrast to equalise: scikit-image divides rounding noise by itself
there, we give the picture back.
"""

from __future__ import annotations

from labapp.pictures import frames
from labapp.pictures.frames import Floats, Frame
from labapp.pictures.kernels.histogram import counts
from labapp.pictures.lazy import cv2, np, npt

#: The scale the tables work in, and the bins of a histogram, as scikit-image has them.
_LEVELS = 1 << 14
_BINS = 256


def equalize_locally(colour: Frame, tiles: int, clip_limit: float) -> Frame:
    """Equalise a frame without alpha; it is overwritten or left, the result is returned.

    Args:
        colour: L, RGB, I;16 or RGB;16.
        tiles: how many tiles along each side.
        clip_limit: the most of a tile's pixels one bin may count, as a fraction.
    """
    value = _value_of(colour)
    lowest, highest = int(value.min()), int(value.max())
    if lowest == highest:
        return colour
    table = _bin_table(lowest, highest, frames.white(colour) + 1)
    bins = cv2.LUT(value, table) if value.dtype == np.uint8 else table[value]
    del value
    blended = _blend(bins, tiles, clip_limit)
    del bins
    return _scale(colour, blended, int(blended.min()), int(blended.max()))


def _value_of(colour: Frame) -> Frame:
    """Give V of HSV: the brightest channel."""
    if colour.ndim == 2:
        return colour
    red, green, blue = cv2.split(colour)
    return cv2.max(cv2.max(red, green), blue)


def _bin_table(low: int, high: int, size: int) -> npt.NDArray[np.uint8]:
    """Give the bin of every value when low to high is stretched over all levels."""
    values = np.clip(np.arange(size, dtype=np.float64), low, high)
    levels = np.round((values - low) / (high - low) * (_LEVELS - 1)).astype(np.int64)
    return (levels // (1 + _LEVELS // _BINS)).astype(np.uint8)


def _blend(bins: Frame, tiles: int, clip_limit: float) -> npt.NDArray[np.uint16]:
    """Map every pixel through the tables of the tiles around it, weighed by nearness."""
    steps = tuple(max(side // tiles, 1) for side in bins.shape)
    tables = np.pad(_tables(bins, steps, clip_limit), ((1,), (1,), (0,)), mode="edge")
    tall, wide = steps
    out = np.empty(bins.shape, np.uint16)
    weights_x = (np.arange(wide) / wide).astype(np.float32)
    weights_y = (np.arange(tall) / tall).astype(np.float32)[:, None]
    for down in range(tables.shape[0] - 1):
        top = down * tall - tall // 2
        rows = slice(max(top, 0), min(top + tall, bins.shape[0]))
        y = weights_y[rows.start - top : rows.stop - top]
        for right in range(tables.shape[1] - 1):
            left = right * wide - wide // 2
            cut = slice(max(left, 0), min(left + wide, bins.shape[1]))
            if rows.start >= rows.stop or cut.start >= cut.stop:
                continue
            x = weights_x[cut.start - left : cut.stop - left]
            block = np.ascontiguousarray(bins[rows, cut])
            near = tables[down : down + 2, right : right + 2]
            upper = _between(cv2.LUT(block, near[0, 0]), cv2.LUT(block, near[0, 1]), x)
            lower = _between(cv2.LUT(block, near[1, 0]), cv2.LUT(block, near[1, 1]), x)
            # scikit-image cuts the fraction off; so does the assignment.
            out[rows, cut] = _between(upper, lower, y)
    return out


def _between(first: Floats, second: Floats, weight: Floats) -> Floats:
    """Give first + (second - first) * weight, in second's place."""
    second -= first
    second *= weight
    second += first
    return second


def _tables(bins: Frame, steps: tuple[int, ...], clip_limit: float) -> Floats:
    """Give each tile's table: (tiles down, tiles right, bins) in levels."""
    grid = [-(-side // step) for side, step in zip(bins.shape, steps, strict=True)]
    tables = np.empty((*grid, _BINS), np.float32)
    pixels = steps[0] * steps[1]
    # scikit-image takes a limit of nothing for no limit; our parameter never gets there.
    limit = max(int(clip_limit * pixels), 1)
    for down in range(grid[0]):
        rows = _reflected(down * steps[0], steps[0], bins.shape[0])
        for right in range(grid[1]):
            columns = _reflected(right * steps[1], steps[1], bins.shape[1])
            tile = bins[rows][:, columns]
            histogram = counts(tile)
            total = np.cumsum(_clipped(histogram, limit)) * ((_LEVELS - 1) / pixels)
            tables[down, right] = np.minimum(total, _LEVELS - 1).astype(np.int64)
    return tables


def _reflected(start: int, length: int, side: int) -> slice | npt.NDArray[np.int64]:
    """Give the indices start to start + length, turned back at the picture's end."""
    if start + length <= side:
        return slice(start, start + length)
    places = np.arange(start, start + length)
    last = side - 1
    return np.where(places > last, np.maximum(2 * last - places, 0), places)


def _clipped(histogram: npt.NDArray[np.int64], limit: int) -> npt.NDArray[np.int64]:
    """Clip a histogram and hand the excess out again, in scikit-image's order."""
    excess = int((histogram - limit).clip(min=0).sum())
    heights = np.minimum(histogram, limit)
    share = excess // _BINS
    low = heights < limit - share
    excess -= int(low.sum()) * share
    heights[low] += share
    # Looked at after the share is given: a bin that has come near the limit is filled up to it.
    middle = (heights >= limit - share) & (heights < limit)
    excess -= int((limit - heights[middle]).sum())
    heights[middle] = limit
    while excess > 0:
        before = excess
        for first in range(_BINS):
            room = heights < limit
            every = max(1, int(room.sum()) // excess)
            takers = heights[first::every]
            chosen = room[first::every]
            takers[chosen] += 1
            excess -= int(chosen.sum())
            if excess <= 0:
                break
        if excess == before:
            break
    return heights


def _scale(colour: Frame, blended: npt.NDArray[np.uint16], low: int, high: int) -> Frame:
    """Stretch the blended values over the whole range and scale the colours by their change."""
    top = frames.white(colour)
    # Where the blend is flat, though the picture is not, scikit-image clips instead.
    factor, offset = (top / (high - low), low) if low < high else (top, 0)
    for rows in frames.bands(colour):
        part = colour[rows]
        value = (blended[rows].astype(np.float32) - np.float32(offset)) * np.float32(factor)
        np.clip(value, 0, top, out=value)
        if colour.ndim == 2:
            frames.from_floats(value, part)
            continue
        before = _value_of(part)
        black = before == 0
        if black.any():
            # Black has no hue: it becomes the grey of its new value.
            part[black] = before[black] = 1
        change = cv2.cvtColor(cv2.divide(value, before, dtype=cv2.CV_32F), cv2.COLOR_GRAY2BGR)
        depth = cv2.CV_16U if part.dtype == np.uint16 else cv2.CV_8U
        part[...] = cv2.multiply(part, change, dtype=depth)
    return colour
