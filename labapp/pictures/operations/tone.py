"""Operations on each pixel by itself: grey, colour, brightness."""

from __future__ import annotations

from functools import partial

from labapp.pictures import exact, frames
from labapp.pictures.exact import Defined
from labapp.pictures.frames import Frame
from labapp.pictures.kernels import histogram
from labapp.pictures.lazy import cv2, exposure, filters, np, util
from labapp.pictures.registry import choice, number, operation, own_pixel

#: Red, green and blue of the result from those of the source, row by row: the customary sepia.
_SEPIA = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))


def _grey(frame: Frame) -> Defined:
    """Run skimage.color.rgb2gray."""
    return exact.grey(frame)


@operation("Grayscale", definition=_grey, colour_only=True, reach=own_pixel)
def grayscale(frame: Frame) -> Frame:
    """Turn colours into grey by their luminance."""
    return frames.grey_of(frame)


def _parted(frame: Frame, method: str, threshold: int) -> Defined:
    """Compare the grey picture with skimage.filters.threshold_otsu of all that is visible in it."""
    colour = frames.split_alpha(frame)[0] if frames.has_alpha(frame) else frame
    grey = exact.whole_grey(colour)
    limit = threshold * (frames.white(frame) // 255)
    if method == "otsu":
        shown = frames.visible(frame)
        limit = filters.threshold_otsu(grey if shown is None else grey[shown])
    return exact.with_alpha(iter([(grey > limit).astype(np.float64)]), frame)


@operation(
    "Black and white",
    choice(
        "method", "Method", ("otsu", "fixed"), "Find the threshold (Otsu), or take it as given."
    ),
    number("threshold", "Threshold", 127, 0, 255, 1, "With fixed: greys above it turn white."),
    definition=_parted,
    # Otsu looks at the whole picture.
    reach=lambda method, threshold: 0 if method == "fixed" else None,
)
def black_and_white(frame: Frame, method: str, threshold: int) -> Frame:
    """Turn greys above a threshold white and all others black."""
    alpha = frame[..., -1] if frames.has_alpha(frame) else None
    shown = frames.visible(frame)
    grey = frames.grey_of(frames.split_alpha(frame)[0] if alpha is not None else frame)
    top = frames.white(grey)
    limit = threshold * (top // 255)
    if method == "otsu":
        limit = histogram.otsu(histogram.counts(grey, shown))
    table = np.arange(top + 1) > limit
    result = frames.through_table(grey, table.astype(np.float64))
    return result if alpha is None else frames.join_alpha(result, alpha)


def _inverted(frame: Frame) -> Defined:
    """Run skimage.util.invert."""
    return exact.each_channel(frame, util.invert)


@operation("Invert", definition=_inverted, colour_only=True, reach=own_pixel)
def invert(frame: Frame) -> Frame:
    """Turn the picture into its negative."""
    return cv2.bitwise_not(frame, frame)


def _tinted(frame: Frame) -> Defined:
    """Mix red, green and blue by the customary matrix."""
    rgb = np.dstack([frame] * 3) if frame.ndim == 2 else frame
    return (exact.each_pixel(rgb, partial(np.inner, row)) for row in np.array(_SEPIA))


@operation("Sepia", definition=_tinted, colour_only=True, tints=True, reach=own_pixel)
def sepia(frame: Frame) -> Frame:
    """Tint like an old photograph."""
    return cv2.transform(frames.rgb_of(frame), np.array(_SEPIA, np.float32))


def _in_levels(frame: Frame, levels: int) -> Defined:
    """Cut each channel into bands of one width, and spread those over the whole range."""
    values = frames.white(frame) + 1
    return (
        np.floor(plane * np.float64(levels) / values) / (levels - 1)
        for plane in exact.planes(frame)
    )


@operation(
    "Posterize",
    number("levels", "Levels", 4, 2, 64, 1, "Values that each channel may take."),
    definition=_in_levels,
    colour_only=True,
    reach=own_pixel,
)
def posterize(frame: Frame, levels: int) -> Frame:
    """Keep only a few evenly spread values of each channel."""
    values = frames.white(frame) + 1
    step = np.arange(values) * levels // values
    return frames.through_table(frame, step / (levels - 1))


def _brightened(frame: Frame, factor: float) -> Defined:
    """Multiply every value by the factor."""
    return exact.each_channel(frame, lambda plane: plane * factor)


@operation(
    "Brightness",
    number("factor", "Factor", 1.2, 0.0, 4.0, 0.05, "Below 1 is darker, above 1 brighter."),
    definition=_brightened,
    colour_only=True,
    reach=own_pixel,
)
def brightness(frame: Frame, factor: float) -> Frame:
    """Multiply every value by a factor."""
    return frames.through_table(frame, frames.ramp(frame) * factor)


def _steepened(frame: Frame, factor: float) -> Defined:
    """Multiply every value's distance from 0.5 by the factor."""
    return exact.each_channel(frame, lambda plane: 0.5 + (plane - 0.5) * factor)


@operation(
    "Contrast",
    number("factor", "Factor", 1.3, 0.0, 4.0, 0.05, "Below 1 is flatter, above 1 steeper."),
    definition=_steepened,
    colour_only=True,
    reach=own_pixel,
)
def contrast(frame: Frame, factor: float) -> Frame:
    """Multiply every value's distance from middle grey by a factor."""
    return frames.through_table(frame, 0.5 + (frames.ramp(frame) - 0.5) * factor)


def _to_a_power(frame: Frame, gamma: float) -> Defined:
    """Run skimage.exposure.adjust_gamma."""
    return exact.each_channel(frame, lambda plane: exposure.adjust_gamma(plane, gamma))


@operation(
    "Gamma",
    number("gamma", "Gamma", 0.8, 0.1, 5.0, 0.05, "Below 1 is brighter, above 1 darker."),
    definition=_to_a_power,
    colour_only=True,
    reach=own_pixel,
)
def gamma(frame: Frame, gamma: float) -> Frame:
    """Raise every value to a power."""
    return frames.through_table(frame, frames.ramp(frame) ** gamma)
