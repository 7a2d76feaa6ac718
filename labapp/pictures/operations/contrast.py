"""Operations that spread the values of a picture by its histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.pictures import frames
from labapp.pictures.kernels import adaptive, histogram
from labapp.pictures.registry import choice, number, operation, whole

if TYPE_CHECKING:
    import cv2
    import numpy as np

    from labapp.pictures.frames import Frame, Mask
else:
    from labapp.pictures.lazy import cv2, np


@operation(
    "Equalize",
    choice(
        "mode",
        "Mode",
        ("channels", "luminance"),
        "Each channel by itself, or the luminance with colours kept.",
    ),
)
def equalize(frame: Frame, mode: str) -> Frame:
    """Spread the values evenly over the whole range.

    Defined by `skimage.exposure.equalize_hist` of each channel, or of the luminance, whose
    change is then added to all channels. Pixels that are fully transparent do not count.
    """
    if not frames.has_alpha(frame):
        return _equalized(frame, None, mode)
    shown = frames.visible(frame)
    colour, alpha = frames.split_alpha(frame)
    return frames.join_alpha(_equalized(colour, shown, mode), alpha)


def _equalized(colour: Frame, shown: Mask | None, mode: str) -> Frame:
    if colour.ndim == 2:
        table = histogram.equalizing_table(histogram.counts(colour, shown))
        return frames.through_table(colour, table)
    if mode == "channels":
        planes = cv2.split(colour)
        tables = [histogram.equalizing_table(histogram.counts(p, shown)) for p in planes]
        return frames.through_table(colour, np.column_stack(tables))
    return _equalized_by_luminance(colour, shown)


def _equalized_by_luminance(colour: Frame, shown: Mask | None) -> Frame:
    grey = frames.grey_of(colour)
    table = histogram.equalizing_table(histogram.counts(grey, shown))
    change = ((table - frames.ramp(grey)) * frames.white(grey)).astype(np.float32)
    for rows in frames.bands(colour):
        added = cv2.cvtColor(change[grey[rows]], cv2.COLOR_GRAY2BGR)
        frames.from_floats(cv2.add(colour[rows], added, dtype=cv2.CV_32F), colour[rows])
    return colour


@operation(
    "Local contrast (CLAHE)",
    number("clip", "Clip limit", 0.01, 0.001, 0.1, 0.001, "Higher values give more contrast."),
    whole("tiles", "Tiles", 8, 1, 16, 1, "Regions along each side."),
    colour_only=True,
)
def clahe(frame: Frame, clip: float, tiles: int) -> Frame:
    """Equalise region by region, with limited contrast.

    Defined by `skimage.exposure.equalize_adapthist`.
    """
    return adaptive.equalize_locally(frame, tiles, clip)
