"""Between Pillow's images and our frames, a band of rows at a time.

Pillow holds every colour picture in four bytes a pixel; converting it whole, and then copying the
result, would hold it three times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
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

#: EXIF orientations that are mirrored, and the quarter turns that make each upright afterwards.
_MIRRORED = frozenset((2, 4, 5, 7))
_TURNS = {
    3: cv2.ROTATE_180,
    4: cv2.ROTATE_180,
    5: cv2.ROTATE_90_COUNTERCLOCKWISE,
    6: cv2.ROTATE_90_CLOCKWISE,
    7: cv2.ROTATE_90_CLOCKWISE,
    8: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


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
    if mode in ("I", "F"):
        return _stretched(image)
    if alpha is not None and mode in ("P", "RGB", "RGBA"):
        target = "RGBA" if alpha else "RGB"
        return _by_bands(image, lambda band: band.convert(target))
    return _by_bands(image, _conversion(image, profile))


def upright(frame: Frame, orientation: int) -> Frame:
    """Apply an EXIF orientation, 1 to 8."""
    if orientation in _MIRRORED:
        frame = cv2.flip(frame, 1)
    return cv2.rotate(frame, _TURNS[orientation]) if orientation in _TURNS else frame


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


def _stretched(image: Image.Image) -> Frame:
    """Bring 32-bit samples to 16 bits.

    A file does not say which value is white. Where all lie within a customary range (0 to 1 for
    floats, 8 bits for floats, 16 bits) that range is taken, else the one they span.
    """
    values = np.nan_to_num(np.asarray(image).astype(np.float64))
    low, high = float(values.min()), float(values.max())
    customary = (1.0, 255.0, 65_535.0) if image.mode == "F" else (65_535.0,)
    top = next((limit for limit in customary if low >= 0 and high <= limit), None)
    if top is None:
        span = high - low
        values = (values - low) / (span if np.isfinite(span) and span > 0 else 1.0)
        top = 1.0
    return np.rint(np.clip(values / top, 0, 1) * 65_535).astype(np.uint16)
