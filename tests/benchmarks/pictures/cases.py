"""The contenders: each operation by scikit-image in float64, by Pillow, by OpenCV, and by us.

A contender takes and gives 8-bit RGB (or gives grey), as a program would use it. Only plain calls
are used of the libraries; where one has no such operation, it has no entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from labapp.pictures import registry

Frame: TypeAlias = npt.NDArray[Any]
Contender: TypeAlias = Callable[[Frame], Frame]

_SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]], np.float32)
_GREY = np.array([[0.2125, 0.7154, 0.0721]], np.float32)


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Args:
        operation: name in the registry.
        values: of its parameters, where not the default.
        pillow: the same by Pillow, on its images.
        opencv: the same by OpenCV.
    """

    operation: str
    values: dict[str, Any] = field(default_factory=dict)
    pillow: Callable[[Image.Image], Image.Image] | None = None
    opencv: Contender | None = None

    @property
    def title(self) -> str:
        """The step as it would be typed, short."""
        given = ",".join(f"{value:g}" if isinstance(value, float) else str(value)
                         for value in self.values.values())  # fmt: skip
        return f"{self.operation} {given}".strip()

    def ours(self, frame: Frame) -> Frame:
        """Run our operation; the frame is written over."""
        operation = registry.get(self.operation)
        return operation.apply(frame, operation.check(self.values))


def _gaussian(sigma: float) -> Contender:
    size = 2 * int(4 * sigma + 0.5) + 1

    def blur(frame: Frame) -> Frame:
        floats = frame.astype(np.float32)
        soft = cv2.GaussianBlur(floats, (size, size), sigma, borderType=cv2.BORDER_REPLICATE)
        return cv2.convertScaleAbs(soft)

    return blur


def _pillow_gaussian(sigma: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.filter(ImageFilter.GaussianBlur(sigma))


def _unsharp(frame: Frame) -> Frame:
    floats = frame.astype(np.float32)
    soft = cv2.GaussianBlur(floats, (17, 17), 2, borderType=cv2.BORDER_REFLECT)
    return cv2.addWeighted(floats, 2, soft, -1, 0, dtype=cv2.CV_8U)


def _sobel(frame: Frame) -> Frame:
    grey = cv2.transform(frame, _GREY)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, borderType=cv2.BORDER_REFLECT)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, borderType=cv2.BORDER_REFLECT)
    return cv2.convertScaleAbs(cv2.magnitude(across, down), alpha=1 / (4 * 2**0.5))


def _otsu(frame: Frame) -> Frame:
    grey = cv2.transform(frame, _GREY)
    return cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]


def _bilateral(frame: Frame) -> Frame:
    planes = cv2.split(frame)
    done = [cv2.bilateralFilter(p, 11, 25, 1.5, borderType=cv2.BORDER_REPLICATE) for p in planes]
    return cv2.merge(done)


def _turned(frame: Frame) -> Frame:
    height, width = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 7, 1)
    return cv2.warpAffine(frame, matrix, (width, height))


def _pillow_equalize(image: Image.Image) -> Image.Image:
    return ImageOps.equalize(image)


def _pillow_grey(image: Image.Image) -> Image.Image:
    weights = (0.2125, 0.7154, 0.0721, 0)
    return image.convert("L", weights)


def _pillow_sepia(image: Image.Image) -> Image.Image:
    rows = [(*row, 0.0) for row in _SEPIA.tolist()]
    return image.convert("RGB", tuple(value for row in rows for value in row))


def _power(value: int) -> int:
    return round(float((value / 255) ** 2.2 * 255))


CASES = [
    *[
        Case("blur", {"sigma": sigma}, _pillow_gaussian(sigma), _gaussian(sigma))
        for sigma in (1.0, 3.0, 10.0)
    ],
    Case(
        "sharpen",
        {"radius": 2.0, "amount": 1.0},
        lambda image: image.filter(ImageFilter.UnsharpMask(2, 100, 0)),
        _unsharp,
    ),
    Case("edges", {}, None, _sobel),
    Case("denoise", {}, None, _bilateral),
    Case(
        "median",
        {"radius": 1},
        lambda image: image.filter(ImageFilter.MedianFilter(3)),
        lambda frame: cv2.medianBlur(frame, 3),
    ),
    Case("pixelate", {"size": 16}),
    Case("grayscale", {}, _pillow_grey, lambda frame: cv2.transform(frame, _GREY)),
    Case("black_and_white", {}, None, _otsu),
    Case("invert", {}, ImageChops.invert, lambda frame: cv2.bitwise_not(frame)),
    Case("sepia", {}, _pillow_sepia, lambda frame: cv2.transform(frame, _SEPIA)),
    Case("posterize", {"levels": 4}, lambda image: ImageOps.posterize(image, 2)),
    Case("brightness", {"factor": 1.2}, lambda image: ImageEnhance.Brightness(image).enhance(1.2)),
    Case("contrast", {"factor": 1.3}),
    Case("gamma", {"gamma": 2.2}, lambda image: image.point([_power(v) for v in range(256)] * 3)),
    Case("equalize", {}, _pillow_equalize),
    Case("equalize", {"mode": "luminance"}),
    Case("clahe"),
    Case(
        "resize",
        {"side": 1024},
        lambda image: image.resize(
            (1024, round(image.height * 1024 / image.width)), Image.Resampling.LANCZOS
        ),
    ),
    Case(
        "rotate",
        {"angle": 7.0, "expand": False},
        lambda image: image.rotate(7, Image.Resampling.BILINEAR),
        _turned,
    ),
    Case(
        "rotate",
        {"angle": 90.0},
        lambda image: image.transpose(Image.Transpose.ROTATE_90),
        lambda frame: cv2.rotate(frame, cv2.ROTATE_90_COUNTERCLOCKWISE),
    ),
    Case("flip", {}, ImageOps.mirror, lambda frame: cv2.flip(frame, 1)),
    Case("crop_square"),
]
