"""Pictures for the tests, made or taken from what scikit-image brings along."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from labapp.pictures.pipeline import Step

# scikit-image has no types: as Any it may be called from checked code.
data: Any = import_module("skimage.data")

Frame: TypeAlias = npt.NDArray[Any]


def photo(height: int, width: int, seed: int = 0) -> Frame:
    """Make a picture like a photo: soft shapes, some detail, a little noise; RGB."""
    import cv2

    random = np.random.default_rng(seed)
    result = np.full((height, width, 3), 128, np.float32)
    for grain, depth in ((64, 50), (8, 20)):
        coarse = random.normal(size=(height // grain + 2, width // grain + 2, 3)).astype(np.float32)
        result += depth * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    result += random.normal(scale=4, size=(height, width, 1)).astype(np.float32)
    return np.clip(result, 0, 255).astype(np.uint8)


def deep_photo(height: int, width: int, channels: int = 3, seed: int = 0) -> Frame:
    """Make a picture like a photo in 16 bits, whose lower 8 say something too."""
    fine = np.random.default_rng(seed).integers(0, 257, (height, width, 4)).astype(np.uint16)
    coarse = np.dstack([photo(height, width, seed), photo(height, width, seed + 1)[..., 0]])
    whole: Frame = np.maximum(coarse.astype(np.uint16), 1) * 257 - fine
    return (
        whole[..., 1] if channels == 1 else whole[..., [1, 3] if channels == 2 else range(channels)]
    )


def noise(height: int, width: int, channels: int = 3, seed: int = 1) -> Frame:
    """Make every value random; (height, width) where channels is 1."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def samples() -> dict[str, Frame]:
    """Give frames without alpha by name: photos, hard edges, noise, flat pictures, odd sizes."""
    rows, columns = np.indices((90, 121))
    checks = ((rows // 9 + columns // 9) % 2 * 255).astype(np.uint8)
    bars = np.where(columns < 60, 255, 0).astype(np.uint8)
    fine = ((rows + columns) % 2 * 255).astype(np.uint8)
    dots = np.random.default_rng(3).integers(0, 2, (97, 83, 3)).astype(np.uint8) * 255
    slope = np.linspace(0, 65_535, 101 * 77).reshape(101, 77)
    grain = np.random.default_rng(4).normal(scale=900, size=(101, 77))
    return {
        "astronaut": data.astronaut()[20:150, 150:310].copy(),
        "coffee": data.coffee()[100:221, 200:355].copy(),
        "camera": data.camera()[100:229, 180:331].copy(),
        "page": data.page()[:90, :130].copy(),
        "photo": photo(120, 160),
        "checks": checks,
        "bars": np.dstack([bars, bars.copy(), 255 - bars]),
        "fine": fine,
        "dots": dots,
        "noise": noise(70, 91),
        "narrow": (noise(60, 60) // 8 + 100).astype(np.uint8),
        "black": np.zeros((40, 50, 3), np.uint8),
        "white": np.full((40, 50), 255, np.uint8),
        "flat": np.full((33, 47, 3), (200, 100, 7), np.uint8),
        "one pixel": np.array([[[10, 200, 30]]], np.uint8),
        "one row": noise(1, 37),
        "one column": noise(41, 1, 1),
        "3x5": noise(3, 5),
        "17x23": noise(17, 23),
        "2x2": noise(2, 2, 1),
        "deep": np.clip(slope + grain, 0, 65_535).astype(np.uint16),
        "deep colours": deep_photo(64, 83),
    }


def defined(name: str, frame: Frame, **values: Any) -> Frame:
    """Give what an operation is defined to make of a frame."""
    return Step.of(name, values, exact=True).apply(frame)


def file_of(frame: Frame, format: str, mode: str = "", **options: Any) -> bytes:
    """Write a frame with Pillow, in another of its modes if one is named."""
    image = Image.fromarray(frame)
    buffer = io.BytesIO()
    (image.convert(mode) if mode else image).save(buffer, format, **options)
    return buffer.getvalue()


#: A small photo, as it is and as a file, and the pipeline that inverts it.
PHOTO = photo(30, 40)
PNG = file_of(PHOTO, "PNG")
INVERT = '[{"op":"invert"}]'


def opened(data: bytes) -> Image.Image:
    """Open a file with Pillow."""
    return Image.open(io.BytesIO(data))
