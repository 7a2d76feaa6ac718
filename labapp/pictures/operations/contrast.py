"""Operations that spread the values of a picture by its histogram."""

from __future__ import annotations

import warnings

from labapp.pictures import exact, frames
from labapp.pictures.exact import Defined, Image
from labapp.pictures.frames import Frame, Mask
from labapp.pictures.kernels import adaptive, histogram
from labapp.pictures.lazy import cv2, exposure, np
from labapp.pictures.registry import choice, number, operation


def _spread(frame: Frame, mode: str) -> Defined:
    """Run skimage.exposure.equalize_hist over each channel, or add to all what it does to grey."""
    shown = frames.visible(frame)
    colour = frames.split_alpha(frame)[0] if frames.has_alpha(frame) else frame

    def spread(plane: Frame) -> Image:
        even: Image = exposure.equalize_hist(exact.floats(plane), mask=shown)
        return even

    if colour.ndim == 2 or mode == "channels":
        return exact.with_alpha(map(spread, exact.planes(colour)), frame)
    grey = exact.whole_grey(colour)
    change = spread(grey) - exact.floats(grey)
    changed = (exact.floats(plane) + change for plane in exact.planes(colour))
    return exact.with_alpha(changed, frame)


@operation(
    "Equalize",
    choice(
        "mode",
        "Mode",
        ("channels", "luminance"),
        "Each channel by itself, or the luminance with colours kept.",
    ),
    definition=_spread,
)
def equalize(frame: Frame, mode: str) -> Frame:
    """Spread the values evenly over the whole range.

    Pixels that are fully transparent do not count.
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


def _spread_locally(frame: Frame, clip: float, tiles: int) -> Defined:
    """Run skimage.exposure.equalize_adapthist; a flat picture, which breaks it, stays."""
    image = exact.floats(frame)
    if np.ptp(frame.max(axis=2) if frame.ndim == 3 else frame) == 0:
        # The one departure: scikit-image divides rounding noise by itself there.
        return image
    size = [max(side // tiles, 1) for side in frame.shape[:2]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        even: Image = exposure.equalize_adapthist(image, size, clip)
    return even


@operation(
    "Local contrast (CLAHE)",
    number("clip", "Clip limit", 0.01, 0.001, 0.1, 0.001, "Higher values give more contrast."),
    number("tiles", "Tiles", 8, 1, 16, 1, "Regions along each side."),
    definition=_spread_locally,
    colour_only=True,
)
def clahe(frame: Frame, clip: float, tiles: int) -> Frame:
    """Equalise region by region, with limited contrast."""
    return adaptive.equalize_locally(frame, tiles, clip)
