"""A photo, and how like it something is."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


@functools.cache
def photo() -> Pixels:
    """Return a photo of 512 by 512 pixels that comes with scikit-image."""
    from skimage import data  # it loads slowly

    return np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]


def decibels(wanted: Pixels, shown: Pixels) -> float:
    """Return how like a picture another one is, at the other one's size: PSNR in dB."""
    size = shown.shape[1], shown.shape[0]
    same = np.asarray(Image.fromarray(wanted).resize(size, Image.Resampling.BICUBIC), float)
    return float(10 * np.log10(255**2 / np.mean((same - shown) ** 2)))
