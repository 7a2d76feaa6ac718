"""Between Pillow's images and our frames, a band of rows at a time.

Pillow holds every colour picture in four bytes a pixel; converting it whole, and then copying the
result, would hold it three times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures import colour, frames

if TYPE_CHECKING:
    from labapp.pictures.frames import Frame

_PLAIN = frozenset(("L", "LA", "RGB", "RGBA"))
_SIXTEEN = frozenset(("I;16", "I;16L", "I;16B", "I;16N"))
#: Modes that Pillow converts to one of ours without any choice to make.
_CONVERTED = {"La": "LA", "RGBa": "RGBA", "PA": "RGBA", "YCbCr": "RGB", "HSV": "RGB", "RGBX": "RGB"}


def from_image(image: Image.Image, profile: bytes | None, alpha: bool | None = None) -> Frame:
    """Decode a Pillow image into a frame.

    Args:
        image: opened, in any mode.
        profile: its ICC profile, used for CMYK.
        alpha: for a frame of an animation, whether it is to have alpha, so that all are alike.

    Raises:
        RefusedError: in a mode that has no place here.
    """
    image.load()
    mode = image.mode
    if mode in _SIXTEEN:
        return _sixteen(image)
    if alpha is not None and mode in ("P", "RGB", "RGBA"):
        target = "RGBA" if alpha else "RGB"
        return _by_bands(image, lambda band: band.convert(target))
    return _by_bands(image, _conversion(image, profile))


def _conversion(image: Image.Image, profile: bytes | None) -> Callable[[Image.Image], Image.Image]:
    mode, seen_through = image.mode, image.has_transparency_data
    if mode == "CMYK":
        return colour.to_srgb(profile, "CMYK")
    if mode == "P":
        target = "RGBA" if seen_through else "RGB"
    elif mode in ("1", "L"):
        target = "LA" if seen_through else "L"
    elif mode == "RGB":
        target = "RGBA" if seen_through else "RGB"
    elif mode in _PLAIN:
        target = mode
    elif mode in _CONVERTED:
        target = _CONVERTED[mode]
    else:
        raise RefusedError(
            f"the picture stores its pixels as {mode}, which is not taken", "Save it as RGB."
        )
    if target == mode:
        return lambda band: band
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


def _sixteen(image: Image.Image) -> Frame:
    frame = np.asarray(image).astype(np.uint16)
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return frame
    return frames.join_alpha(frame, np.where(frame == clear, 0, 65_535).astype(np.uint16))
