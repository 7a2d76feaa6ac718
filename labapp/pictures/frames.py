"""One frame of a picture, as an array, and the small things every operation does to it.

A frame is a NumPy array of one of eight kinds, told apart by shape and dtype alone:

    L      (height, width)       uint8     grey
    LA     (height, width, 2)    uint8     grey, alpha
    RGB    (height, width, 3)    uint8
    RGBA   (height, width, 4)    uint8     colour not multiplied by alpha
    I;16   (height, width)       uint16    grey in 16 bits
    LA;16, RGB;16, RGBA;16       uint16    as those above, alpha in 16 bits too

Whatever else a file may hold is brought to one of these when it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from labapp.pictures.lazy import cv2, np, npt

Frame: TypeAlias = "npt.NDArray[Any]"
#: float32; said by the name alone, for OpenCV's types know no depth.
Floats: TypeAlias = "npt.NDArray[Any]"
Mask: TypeAlias = "npt.NDArray[np.bool_]"

#: Weights of red, green and blue in grey: linear luminance of ITU-R BT.709 primaries as rounded by
#: scikit-image's `rgb2gray`, which defines our grey.
GREY_WEIGHTS = (0.2125, 0.7154, 0.0721)

#: Levels of alpha below which it rounds to nothing, and colour has no meaning.
CLEAR = 1e-3

#: EXIF orientations that are mirrored, and the quarters by which each is turned upright afterwards.
_MIRRORED = frozenset((2, 4, 5, 7))
_QUARTERS = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}

_KINDS = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def channels(frame: Frame) -> int:
    """Give the number of channels, alpha included."""
    return 1 if frame.ndim == 2 else int(frame.shape[2])


def kind(frame: Frame) -> str:
    """Name the kind of a frame: L, LA, RGB or RGBA; I;16, LA;16, RGB;16 or RGBA;16."""
    if frame.dtype != np.uint16:
        return _KINDS[channels(frame)]
    return "I;16" if channels(frame) == 1 else f"{_KINDS[channels(frame)]};16"


def white(frame: Frame) -> int:
    """Give the value that stands for white, and for full alpha."""
    return 65_535 if frame.dtype == np.uint16 else 255


def has_alpha(frame: Frame) -> bool:
    """Tell whether the last channel is alpha."""
    return channels(frame) in (2, 4)


def turned(frame: Frame, quarters: int) -> Frame:
    """Turn a frame by 0 to 3 quarters, counter-clockwise."""
    codes = (cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE)
    return cv2.rotate(frame, codes[quarters - 1]) if quarters else frame


def upright(frame: Frame, orientation: int) -> Frame:
    """Apply an EXIF orientation, 1 to 8."""
    if orientation in _MIRRORED:
        frame = cv2.flip(frame, 1)
    return turned(frame, _QUARTERS.get(orientation, 0))


def split_alpha(frame: Frame) -> tuple[Frame, Frame]:
    """Part a frame that has alpha into its colour, contiguous, and its alpha (height, width)."""
    colour = frame[..., 0] if frame.shape[2] == 2 else frame[..., :3]
    # Not `ascontiguousarray`: of one pixel it makes no copy, and OpenCV minds the odd strides.
    return colour.copy(), frame[..., -1]


def join_alpha(colour: Frame, alpha: Frame) -> Frame:
    """Put alpha (height, width) behind the channels of a colour of the same depth."""
    return np.dstack([colour, alpha])


def visible(frame: Frame) -> Mask | None:
    """Give the mask of pixels that are not fully transparent; None where all are."""
    if not has_alpha(frame):
        return None
    mask = frame[..., -1] > 0
    return None if mask.all() or not mask.any() else mask


def grey_of(colour: Frame) -> Frame:
    """Turn a frame without alpha into grey by `GREY_WEIGHTS`; grey stays as it is."""
    if colour.ndim == 2:
        return colour
    return cv2.transform(colour, np.array([GREY_WEIGHTS], np.float32))


def rgb_of(colour: Frame) -> Frame:
    """Turn a frame without alpha into RGB of the same depth; RGB stays as it is."""
    return colour if colour.ndim == 3 else cv2.cvtColor(colour, cv2.COLOR_GRAY2RGB)


def in_colour(frame: Frame, alpha: bool) -> Frame:
    """Turn any frame into RGB, or into RGBA where it has alpha or `alpha` wants it."""
    if has_alpha(frame):
        colour, opacity = split_alpha(frame)
        return join_alpha(rgb_of(colour), opacity)
    colour = rgb_of(frame)
    if not alpha:
        return colour
    return join_alpha(colour, np.full(colour.shape[:2], white(colour), colour.dtype))


def eight_bits(frame: Frame) -> Frame:
    """Scale a 16-bit frame to 8 bits, rounded; an 8-bit one stays as it is."""
    if frame.dtype != np.uint16:
        return frame
    table = ((np.arange(65_536, dtype=np.uint32) + 128) // 257).astype(np.uint8)
    return table[frame]


def through_table(frame: Frame, table: Frame) -> Frame:
    """Replace every value by its entry in a table.

    Args:
        frame: a frame without alpha.
        table: one number for each value from black to white, or (values, 3) for one table a
            channel, as fractions of white; what lies outside 0 to 1 is clipped.
    """
    top = white(frame)
    entries = np.rint(np.clip(table, 0.0, 1.0) * top).astype(frame.dtype)
    if frame.dtype == np.uint16:
        if entries.ndim == 1:
            mapped: Frame = entries[frame]
            return mapped
        return np.dstack([entries[:, number][frame[..., number]] for number in range(3)])
    if entries.ndim == 1:
        return cv2.LUT(frame, entries)
    return cv2.LUT(frame, entries.reshape(1, 256, 3))


def ramp(frame: Frame) -> npt.NDArray[np.float64]:
    """Give every value a frame can hold, as fractions of white: the identity for a table."""
    top = white(frame)
    return np.arange(top + 1, dtype=np.float64) / top


def to_floats(part: Frame) -> Floats:
    """Give float32 in the frame's own scale, colour multiplied by alpha.

    A filter over neighbours must not let the colour hidden under a transparent pixel leak into a
    visible one; multiplied, it weighs what can be seen of it.
    """
    floats: Floats = part.astype(np.float32)
    if has_alpha(part):
        floats[..., :-1] *= floats[..., -1:] * np.float32(1 / white(part))
    return floats


def from_floats(floats: Floats, out: Frame) -> None:
    """Undo `to_floats` into `out`: divide by alpha, round, clip."""
    if has_alpha(out):
        alpha = np.clip(floats[..., -1:], 0, white(out))
        scale = np.divide(white(out), alpha, out=np.zeros_like(alpha), where=alpha > CLEAR)
        floats = np.concatenate([floats[..., :-1] * scale, alpha], axis=-1)
    depth = cv2.CV_16U if out.dtype == np.uint16 else cv2.CV_8U
    # The one call of OpenCV that rounds and clips float32 into an array that is there already.
    cv2.addWeighted(floats, 1.0, floats, 0.0, 0.0, out, depth)


def flatten(frame: Frame) -> Frame:
    """Lay a frame with alpha on white, rounded; one without stays as it is."""
    if not has_alpha(frame):
        return frame
    flat = np.empty(frame.shape[:2] + ((3,) if frame.shape[2] == 4 else ()), frame.dtype)
    for rows in bands(frame):
        part = to_floats(frame[rows])
        colour = part[..., 0] if flat.ndim == 2 else part[..., :3]
        paper = np.float32(white(frame)) - part[..., -1]
        from_floats(colour + (paper if flat.ndim == 2 else paper[..., None]), flat[rows])
    return flat


#: Pixels that are held as float32 at a time: 4 MB of RGB, about what the second-level cache holds.
BAND_PIXELS = 1 << 18


def bands(frame: Frame, least: int = 1) -> list[slice]:
    """Cut the rows of a frame into slices of about `BAND_PIXELS` pixels, at least `least` rows."""
    height, width = frame.shape[:2]
    rows = max(BAND_PIXELS // max(width, 1), least, 1)
    return [slice(top, min(top + rows, height)) for top in range(0, height, rows)]


def filter_in_strips(frame: Frame, halo: int, kernel: Callable[[Floats], Floats]) -> Frame:
    """Run a filter over a frame in float32, colour multiplied by alpha, and write it back.

    It is done in strips of rows, so that little is ever held as float32. A strip needs rows of its
    neighbours (the halo); those above have been overwritten by then, so a copy is carried along.

    Args:
        frame: overwritten with the result.
        halo: how many rows away the filter looks.
        kernel: takes (rows, width[, channels]) float32 in the frame's scale and returns the same
            shape. It sees the border of the picture as the border of its strip.
    """
    height = frame.shape[0]
    above = to_floats(frame[:0])
    for rows in bands(frame, least=2 * halo):
        below = min(rows.stop + halo, height)
        strip = np.concatenate([above, to_floats(frame[rows.start : below])])
        first = len(above)
        last = first + rows.stop - rows.start
        above = strip[max(last - halo, 0) : last].copy()
        from_floats(kernel(strip)[first:last], frame[rows])
    return frame


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
