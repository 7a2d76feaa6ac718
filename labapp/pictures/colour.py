"""Colour profiles (ICC): which one a result may carry, and the way to sRGB where it may not."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image, ImageCms

from labapp.pictures import frames

if TYPE_CHECKING:
    from labapp.pictures.frames import Frame

#: Formats that can carry a profile.
CARRIERS = frozenset(("jpeg", "png", "webp", "tiff"))

#: The colour spaces of profiles (ICC.1:2022, table 19) that go with our frames.
_SPACES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}


def space(profile: bytes | None) -> str | None:
    """Give the mode a profile is for: RGB, L or CMYK; None for no or any other profile."""
    if profile is None or profile[36:40] != b"acsp":
        return None
    return _SPACES.get(profile[16:20])


def to_srgb(profile: bytes | None, mode: str) -> Callable[[Image.Image], Image.Image]:
    """Give a function that turns Pillow images of one mode into sRGB.

    Without a profile for that mode, or with one that cannot be used, it is Pillow's own conversion.
    """
    if profile is not None and space(profile) == mode:
        try:
            transform = ImageCms.buildTransform(
                ImageCms.getOpenProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                mode,
                "RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
        else:
            return lambda image: _transformed(image, transform)
    return lambda image: image.convert("RGB")


def _transformed(image: Image.Image, transform: Any) -> Image.Image:
    result = ImageCms.applyTransform(image, transform)
    # None is for a transform in place, which this is not.
    assert result is not None
    return result


def for_result(frame: Frame, profile: bytes | None, target: str) -> tuple[Frame, bytes | None]:
    """Fit a frame and its profile to each other and to the format of the result.

    A grey frame out of a picture with an RGB profile becomes RGB again, so that the profile still
    tells how bright its values are. Where the format carries no profile the frame becomes sRGB.

    Returns:
        the frame, and the profile to write with it or None.
    """
    wanted = space(profile)
    colours = "L" if frames.channels(frame) < 3 else "RGB"
    if wanted is None or (wanted, colours) == ("L", "RGB") or wanted == "CMYK":
        return frame, None
    if wanted != colours:
        frame = frames.coloured(frame, alpha=False)
    # WebP stores grey as RGB, to which a profile for grey says nothing.
    carried = target in CARRIERS and (target, wanted) != ("webp", "L")
    return (frame, profile) if carried else (_as_srgb(frame, profile), None)


def _as_srgb(frame: Frame, profile: bytes | None) -> Frame:
    alpha = frame[..., -1] if frames.has_alpha(frame) else None
    colour = frames.split_alpha(frame)[0] if alpha is not None else frames.eight_bits(frame)
    convert = to_srgb(profile, "L" if colour.ndim == 2 else "RGB")
    out = np.empty((*colour.shape[:2], 3), np.uint8)
    for rows in frames.bands(colour):
        out[rows] = np.asarray(convert(Image.fromarray(colour[rows])))
    if frames.channels(colour) == 1:
        out = cv2.cvtColor(out, cv2.COLOR_RGB2GRAY)
    return out if alpha is None else frames.join_alpha(out, alpha)
