"""Operations as they are defined: scikit-image in float64, plain NumPy where it has none.

Beside each operation stands its definition. It takes what the operation takes, and gives float64,
0 to 1: the whole of it, or one channel after another, so that one alone is in memory. It is written
to be read, not to be fast; the kernels are held to it, and it can be run in their place.

A result is brought to the frame's own bits here and nowhere else: clipped, and rounded half to
even, as scikit-image's own `img_as_ubyte` does it. Each step of a pipeline ends so.

scikit-image is loaded by the first picture that is asked for so, and by nothing else.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from labapp.errors import JobFailedError
from labapp.pictures import frames
from labapp.pictures.frames import Frame
from labapp.pictures.lazy import color, np, npt, util

Image: TypeAlias = "npt.NDArray[np.float64]"

#: What a definition gives: the result as it is, or its channels one by one.
Defined: TypeAlias = "Image | Iterator[Image]"
Definition: TypeAlias = Callable[..., Defined]

#: The parts of scikit-image that definitions use.
_PARTS = ("color", "exposure", "filters", "transform", "util")


def load() -> None:
    """Load scikit-image.

    Raises:
        JobFailedError: it is not there, or broken; what is asked for so cannot be done here.
    """
    if trouble := _trouble():
        raise JobFailedError(
            f"scikit-image cannot be loaded on the worker ({trouble})",
            "Send it without --exact: no worker of a fleet on AWS has it. On another one,"
            " 'pip install -r requirements.txt' brings it.",
        )


@functools.cache  # what is forked from here says the same, where it may no longer look for itself
def _trouble() -> str:
    """Load it; return the kind of error that keeps it away, empty where none does."""
    try:
        for part in _PARTS:
            importlib.import_module(f"skimage.{part}")
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a package that is broken ends in any of them
        return type(error).__name__
    return ""


def apply(definition: Definition, frame: Frame, values: Mapping[str, object]) -> Frame:
    """Give what an operation is defined to make of a frame, in the frame's own bits.

    Args:
        definition: of the operation.
        frame: of any kind; it stays as it is.
        values: every parameter of the operation, checked.

    Raises:
        JobFailedError: there is no scikit-image here.
    """
    load()
    defined = definition(frame, **values)
    if isinstance(defined, np.ndarray):
        return to_frame(defined, frame)
    planes = [to_frame(plane, frame) for plane in defined]
    return planes[0] if len(planes) == 1 else np.dstack(planes)


def to_frame(image: Image, like: Frame) -> Frame:
    """Bring float64 to the bits of a frame: clipped, rounded half to even."""
    result = np.clip(image, 0, 1)
    result *= frames.white(like)
    np.rint(result, out=result)
    return result.astype(like.dtype)


def floats(frame: Frame) -> Image:
    """Give a frame in float64, 0 to 1."""
    image: Image = util.img_as_float(frame)
    return image


def planes(frame: Frame) -> list[Frame]:
    """Part a frame into its channels, each (height, width); alpha is the last."""
    if frame.ndim == 2:
        return [frame]
    return [frame[..., channel] for channel in range(frame.shape[2])]


def each_channel(
    frame: Frame, function: Callable[[Image], Image], *, weighed: bool = True
) -> Iterator[Image]:
    """Run a function over each channel by itself, alpha included.

    Args:
        frame: of any kind.
        function: takes and gives (height, width); both sizes may differ.
        weighed: whether colours are weighed by alpha, as a function of neighbours has to: what is
            hidden under a transparent pixel must not leak into a visible one.
    """
    *colours, last = planes(frame)
    if not (weighed and frames.has_alpha(frame)):
        for plane in (*colours, last):
            yield function(floats(plane))
        return
    opacity = floats(last)
    alpha = np.clip(function(opacity), 0, 1)
    visible = alpha > frames.CLEAR / frames.white(frame)
    for plane in colours:
        seen = function(floats(plane) * opacity)
        yield np.divide(seen, alpha, out=np.zeros_like(alpha), where=visible)
    yield alpha


def with_alpha(colours: Iterator[Image], frame: Frame) -> Iterator[Image]:
    """Put a frame's own alpha, if it has any, behind the channels of a result."""
    yield from colours
    if frames.has_alpha(frame):
        yield floats(frame[..., -1])


def each_pixel(frame: Frame, function: Callable[[Image], Image]) -> Image:
    """Make one channel of all: run a function of single pixels over a band of rows at a time.

    Args:
        frame: of any kind.
        function: takes the band in float64, gives (height, width).
    """
    out: Image = np.empty(frame.shape[:2], np.float64)
    for rows in frames.bands(frame):
        out[rows] = function(floats(frame[rows]))
    return out


def grey(colour: Frame) -> Image:
    """Turn a frame without alpha into grey as `skimage.color.rgb2gray` does."""
    return floats(colour) if colour.ndim == 2 else each_pixel(colour, color.rgb2gray)


def whole_grey(colour: Frame) -> Frame:
    """Give the levels of grey that thresholds and histograms are made of.

    Rounded as the kernel does. One pixel in ten thousand lies on a half, and goes either way with
    the last bit of a sum, in float64 too: a threshold would make 255 levels of that.
    """
    return frames.grey_of(colour)
