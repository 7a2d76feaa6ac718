"""Between Pillow's images and our frames, a band of rows at a time.

Pillow holds every colour picture in four bytes a pixel; converting it whole, and then copying the
result, would hold it three times.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures import colour, frames
from labapp.pictures.frames import Frame

_PLAIN = frozenset(("L", "LA", "RGB", "RGBA"))


def from_image(image: Image.Image, profile: bytes | None) -> Frame:
    """Decode a Pillow image into a frame.

    Args:
        image: opened, in any mode.
        profile: its ICC profile, used for CMYK.

    Raises:
        RefusedError: in a mode that has no place here.
    """
    image.load()
    if image.mode == "I;16":
        return np.asarray(image).astype(np.uint16)
    return _by_bands(image, _conversion(image, profile))


def _conversion(image: Image.Image, profile: bytes | None) -> Callable[[Image.Image], Image.Image]:
    mode = image.mode
    if mode == "CMYK":
        return colour.to_srgb(profile, "CMYK")
    if mode in _PLAIN:
        return lambda band: band
    if mode == "1":
        return lambda band: band.convert("L")
    if mode != "P":
        raise RefusedError(
            f"the picture stores its pixels as {mode}, which is not taken", "Save it as RGB."
        )
    target = "RGBA" if image.has_transparency_data else "RGB"
    return lambda band: band.convert(target)


def _by_bands(image: Image.Image, convert: Callable[[Image.Image], Image.Image]) -> Frame:
    width, height = image.size
    out: Frame | None = None
    rows = max(frames.BAND_PIXELS // width, 1)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        part = np.asarray(convert(image.crop((0, top, width, bottom))))
        if out is None:
            out = np.empty((height, *part.shape[1:]), part.dtype)
        out[top:bottom] = part
    assert out is not None  # a picture without rows was refused by its header
    return out
