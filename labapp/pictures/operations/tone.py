"""Operations on each pixel by itself: grey, colour, brightness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.pictures import frames
from labapp.pictures.kernels import histogram
from labapp.pictures.registry import choice, number, operation, whole

if TYPE_CHECKING:
    import cv2
    import numpy as np

    from labapp.pictures.frames import Frame
else:
    from labapp.pictures.lazy import cv2, np

#: Red, green and blue of the result from those of the source, row by row: the customary sepia.
_SEPIA = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))


@operation("Grayscale", colour_only=True)
def grayscale(frame: Frame) -> Frame:
    """Turn colours into grey by their luminance.

    Defined by `skimage.color.rgb2gray`.
    """
    return frames.grey_of(frame)


@operation(
    "Black and white",
    choice(
        "method", "Method", ("otsu", "fixed"), "Find the threshold (Otsu), or take it as given."
    ),
    whole("threshold", "Threshold", 127, 0, 255, 1, "With fixed: greys above it turn white."),
)
def black_and_white(frame: Frame, method: str, threshold: int) -> Frame:
    """Turn greys above a threshold white and all others black.

    The threshold is `skimage.filters.threshold_otsu` of the grey picture in its own bits, over the
    pixels that are not transparent.
    """
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


@operation("Invert", colour_only=True)
def invert(frame: Frame) -> Frame:
    """Turn the picture into its negative."""
    return cv2.bitwise_not(frame, frame)


@operation("Sepia", colour_only=True, tints=True)
def sepia(frame: Frame) -> Frame:
    """Tint like an old photograph."""
    return cv2.transform(frames.rgb_of(frame), np.array(_SEPIA, np.float32))


@operation(
    "Posterize",
    whole("levels", "Levels", 4, 2, 64, 1, "Values that each channel may take."),
    colour_only=True,
)
def posterize(frame: Frame, levels: int) -> Frame:
    """Keep only a few evenly spread values of each channel."""
    values = frames.white(frame) + 1
    step = np.arange(values) * levels // values
    return frames.through_table(frame, step / (levels - 1))


@operation(
    "Brightness",
    number("factor", "Factor", 1.2, 0.0, 4.0, 0.05, "Below 1 is darker, above 1 brighter."),
    colour_only=True,
)
def brightness(frame: Frame, factor: float) -> Frame:
    """Multiply every value by a factor."""
    return frames.through_table(frame, frames.ramp(frame) * factor)


@operation(
    "Contrast",
    number("factor", "Factor", 1.3, 0.0, 4.0, 0.05, "Below 1 is flatter, above 1 steeper."),
    colour_only=True,
)
def contrast(frame: Frame, factor: float) -> Frame:
    """Multiply every value's distance from middle grey by a factor."""
    return frames.through_table(frame, 0.5 + (frames.ramp(frame) - 0.5) * factor)


@operation(
    "Gamma",
    number("gamma", "Gamma", 0.8, 0.1, 5.0, 0.05, "Below 1 is brighter, above 1 darker."),
    colour_only=True,
)
def gamma(frame: Frame, gamma: float) -> Frame:
    """Raise every value to a power.

    Defined by `skimage.exposure.adjust_gamma`.
    """
    return frames.through_table(frame, frames.ramp(frame) ** gamma)
