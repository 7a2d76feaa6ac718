"""Colours of images as frames, profiles (ICC) that results may carry, and the way to sRGB."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import cast

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from labapp.errors import RefusedError
from labapp.pictures import frames
from labapp.pictures.frames import Frame
from labapp.pictures.limits import WITHOUT_PROFILE

#: The colour spaces of profiles (ICC.1:2022, table 19) that go with our frames.
_SPACES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}

#: The colours of a profile that goes with what is stored.
_STORED = {"L": "L", "RGB": "RGB", "RGBX": "RGB", "YCbCr": "RGB", "CMYK": "CMYK"}

#: Modes of Pillow's that are kinds of frames.
_PLAIN = frozenset(("L", "LA", "RGB", "RGBA"))

#: What Pillow raises for a profile that cannot be used.
_UNUSABLE = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def space(profile: bytes | None) -> str | None:
    """Give the mode a profile is for: RGB, L or CMYK; None for no or any other profile."""
    if profile is None or profile[36:40] != b"acsp":
        return None
    return _SPACES.get(profile[16:20])


def fitting(profile: bytes | None, mode: str) -> bytes | None:
    """Give the profile if it is one for the colours that a source stores, else None.

    A profile for others says nothing of these values; viewers pass it over too.

    Args:
        profile: as found in the file.
        mode: Pillow's name of how the source stores its pixels.
    """
    stored = "RGB" if mode[:1] == "P" else mode.removesuffix("A").removesuffix("a")
    if mode in ("1", "F") or mode[:1] == "I":
        stored = "L"
    if profile is None or space(profile) is None or space(profile) != _STORED.get(stored):
        return None
    try:
        ImageCms.getOpenProfile(io.BytesIO(profile))
    except _UNUSABLE:
        return None
    return profile


def to_srgb(profile: bytes | None, mode: str) -> Callable[[Image.Image], Image.Image]:
    """Give a function that turns Pillow images of one mode into sRGB.

    Without a profile for that mode, or with one that cannot be used, it is Pillow's own conversion.
    """
    if profile is not None and space(profile) == mode:
        with contextlib.suppress(*_UNUSABLE):
            opened, srgb = (
                ImageCms.getOpenProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
            )
            transform = ImageCms.buildTransform(opened, srgb, mode, "RGB")
            # It gives None for a transform in place, which this is not.
            return lambda image: cast("Image.Image", ImageCms.applyTransform(image, transform))
    return lambda image: image.convert("RGB")


def converted(stored: Frame, profile: bytes | None, mode: str) -> Frame:
    """Turn samples of 8 bits, in one of Pillow's modes, into RGB as by `to_srgb`."""
    convert = to_srgb(profile, mode)
    out = np.empty((*stored.shape[:2], 3), np.uint8)
    for rows in frames.bands(stored):
        out[rows] = np.asarray(convert(Image.fromarray(np.ascontiguousarray(stored[rows]), mode)))
    return out


def for_result(frame: Frame, profile: bytes | None, target: str) -> tuple[Frame, bytes | None]:
    """Fit a frame and its profile to each other and to the format of the result.

    A grey frame out of a picture with an RGB profile becomes RGB again, so that the profile still
    tells how bright its values are. Where the format carries no profile the frame becomes sRGB.

    Args:
        frame: of the result.
        profile: that of the source, fitting to what it stored.
        target: name of the result's format.

    Returns:
        the frame, and the profile to write with it or None.
    """
    wanted = space(profile)
    colours = "L" if frames.channels(frame) < 3 else "RGB"
    if wanted is None or (wanted, colours) == ("L", "RGB") or wanted == "CMYK":
        return frame, None
    if wanted != colours:
        frame = frames.in_colour(frame, alpha=False)
    # WebP stores grey as RGB, to which a profile for grey says nothing.
    carried = target not in WITHOUT_PROFILE and (target, wanted) != ("webp", "L")
    return (frame, profile) if carried else (in_srgb(frame, profile), None)


def in_srgb(frame: Frame, profile: bytes | None) -> Frame:
    """Give a frame as viewers show it: its values under a profile become those of sRGB.

    Grey stays grey, in its own bits; colour comes in 8 bits. Without a profile for its colours the
    frame stays as it is.
    """
    if space(profile) != ("L" if frames.channels(frame) < 3 else "RGB"):
        return frame
    alpha = None
    if frames.has_alpha(frame):
        frame, alpha = frames.split_alpha(frame)
    if frame.ndim == 2:
        seen = frames.through_table(frame, _grey_table(profile, frames.ramp(frame)))
    else:
        alpha = None if alpha is None else frames.eight_bits(alpha)
        seen = converted(frames.eight_bits(frame), profile, "RGB")
    return seen if alpha is None else frames.join_alpha(seen, alpha)


def _grey_table(profile: bytes | None, levels: npt.NDArray[np.float64]) -> Frame:
    """Give for each level, as fractions of white, the one that looks the same in sRGB."""
    greys = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    shown = np.asarray(to_srgb(profile, "L")(greys))[0, :, 1] / 255
    return np.interp(levels, np.linspace(0, 1, 256), shown)


def from_image(image: Image.Image, profile: bytes | None) -> Frame:
    """Decode a Pillow image into a frame, a band of rows at a time.

    Pillow holds every colour picture in four bytes a pixel; converting it whole, and then copying
    the result, would hold it three times.

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
        return to_srgb(profile, "CMYK")
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
