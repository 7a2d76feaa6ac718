"""What each operation is: scikit-image in float64 where it has it, plain NumPy where it has not.

Every definition takes a picture without alpha as float64, 0 to 1, (height, width) or
(height, width, 3), and gives the result likewise. They are written to be read, not to be fast.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

# scikit-image has no types: as Any it may be called from checked code.
color, exposure, filters, transform, util = (
    import_module(f"skimage.{name}")
    for name in ("color", "exposure", "filters", "transform", "util")
)

Image: TypeAlias = npt.NDArray[np.float64]
Frame: TypeAlias = npt.NDArray[Any]


def blur(image: Image, sigma: float) -> Image:
    return each(image, lambda plane: filters.gaussian(plane, sigma))


def sharpen(image: Image, radius: float, amount: float) -> Image:
    # Channel axis 2, not -1, which returns uninitialised memory (scikit-image issue 7264).
    axis = 2 if image.ndim == 3 else None
    sharp: Image = filters.unsharp_mask(image, radius, amount, channel_axis=axis)
    return sharp


def edges(image: Image) -> Image:
    found: Image = filters.sobel(grayscale(image))
    return found


def denoise(image: Image, strength: float, sigma: float) -> Image:
    # Not `skimage.restoration.denoise_bilateral`: in 0.26 its table of spatial weights has a row
    # and a column too many and is read at the wrong places, so near pixels do not weigh most.
    reach = int(np.ceil(3 * sigma))

    def plane_denoised(plane: Image) -> Image:
        padded = np.pad(plane, reach, mode="edge")
        total, weights = np.zeros_like(plane), np.zeros_like(plane)
        for down in range(2 * reach + 1):
            for right in range(2 * reach + 1):
                distance = np.hypot(down - reach, right - reach)
                if distance > reach:
                    continue
                other = padded[down : down + plane.shape[0], right : right + plane.shape[1]]
                difference = (other - plane) / (strength / 255)
                weight = np.exp(-0.5 * ((distance / sigma) ** 2 + difference**2))
                total += weight * other
                weights += weight
        return total / weights

    return each(image, plane_denoised)


def median(image: Image, radius: int) -> Image:
    square = np.ones((2 * radius + 1,) * 2)
    return each(image, lambda plane: filters.median(plane, square, mode="nearest"))


def pixelate(image: Image, size: int) -> Image:
    result = image.copy()
    for top in range(0, len(image), size):
        for left in range(0, image.shape[1], size):
            block = result[top : top + size, left : left + size]
            block[...] = block.mean(axis=(0, 1))
    return result


def grayscale(image: Image) -> Image:
    grey: Image = color.rgb2gray(image) if image.ndim == 3 else image
    return grey


def rounded_grey(image: Image) -> npt.NDArray[np.uint8]:
    """Give the 8-bit grey picture that thresholds and histograms are made of.

    Rounded as OpenCV does: one pixel in ten thousand lies on a half, and goes either way with the
    last bit of a sum, in float64 too; a threshold would make 255 levels of that.
    """
    eight = np.rint(image * 255).astype(np.uint8)
    if eight.ndim == 2:
        return eight
    return np.asarray(cv2.transform(eight, np.array([[0.2125, 0.7154, 0.0721]], np.float32)))


def black_and_white(image: Image, method: str, threshold: int) -> Image:
    grey = rounded_grey(image)
    return np.asarray(
        grey > (filters.threshold_otsu(grey) if method == "otsu" else threshold), float
    )


def invert(image: Image) -> Image:
    inverted: Image = util.invert(image)
    return inverted


def sepia(image: Image) -> Image:
    rows = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
    rgb = image if image.ndim == 3 else np.dstack([image] * 3)
    return np.asarray(rgb @ rows.T)


def posterize(image: Image, levels: int) -> Image:
    step = np.floor(np.rint(image * 255) * levels / 256)
    return step / (levels - 1)


def brightness(image: Image, factor: float) -> Image:
    return image * factor


def contrast(image: Image, factor: float) -> Image:
    return 0.5 + (image - 0.5) * factor


def gamma(image: Image, gamma: float) -> Image:
    adjusted: Image = exposure.adjust_gamma(image, gamma)
    return adjusted


def equalize(image: Image, mode: str) -> Image:
    if image.ndim == 2 or mode == "channels":
        return each(image, exposure.equalize_hist)
    grey = rounded_grey(image) / 255
    change: Image = exposure.equalize_hist(grey) - grey
    return image + change[..., None]


def clahe(image: Image, clip: float, tiles: int) -> Image:
    if np.ptp(image.max(axis=2) if image.ndim == 3 else image) == 0:
        # The one departure: scikit-image has no answer of its own for a flat picture.
        return image
    size = [max(side // tiles, 1) for side in image.shape[:2]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        equalized: Image = exposure.equalize_adapthist(image, size, clip)
    return equalized


def resize(image: Image, side: int) -> Image:
    height, width = image.shape[:2]
    wide, tall = (max(round(s * side / max(height, width)), 1) for s in (width, height))
    if (tall, wide) == (height, width):
        return image
    down = np.tensordot(lanczos(height, tall), image, axes=(1, 0))
    return np.moveaxis(np.tensordot(lanczos(width, wide), down, axes=(1, 1)), 0, 1)


def thumbnail(image: Image, side: int) -> Image:
    return resize(image, side) if max(image.shape[:2]) > side else image


def lanczos(before: int, after: int) -> Image:
    """Give the weights (after, before) of the Lanczos-3 window, widened where a picture shrinks."""
    scale = before / after
    stretch = max(scale, 1.0)
    centres = (np.arange(after) + 0.5) * scale
    places = (np.arange(before) + 0.5 - centres[:, None]) / stretch
    window = np.where(np.abs(places) < 3, np.sinc(places) * np.sinc(places / 3), 0.0)
    return np.asarray(window / window.sum(axis=1, keepdims=True))


def rotate(image: Image, angle: float, expand: bool, paper: str) -> Image:
    if angle % 90 == 0 and (expand or angle % 180 == 0 or image.shape[0] == image.shape[1]):
        return np.asarray(np.rot90(image, round(angle / 90)))
    turned: Image = transform.rotate(
        image, angle, resize=expand, order=1, cval=1.0 if paper == "white" else 0.0
    )
    return turned


def flip(image: Image, direction: str) -> Image:
    return np.asarray(image[:, ::-1] if direction == "horizontal" else image[::-1])


def crop_square(image: Image) -> Image:
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


#: Every operation's definition by its name.
DEFINITIONS: dict[str, Callable[..., Image]] = {
    function.__name__: function
    for function in (
        blur,
        sharpen,
        edges,
        denoise,
        median,
        pixelate,
        grayscale,
        black_and_white,
        invert,
        sepia,
        posterize,
        brightness,
        contrast,
        gamma,
        equalize,
        clahe,
        resize,
        thumbnail,
        rotate,
        flip,
        crop_square,
    )
}


def each(image: Image, function: Callable[[Image], Any]) -> Image:
    """Run a function over each channel by itself."""
    if image.ndim == 2:
        return np.asarray(function(image))
    return np.dstack([function(image[..., channel]) for channel in range(image.shape[2])])


def defined(name: str, frame: Frame, **values: Any) -> Frame:
    """Give the defined result of an operation on a frame without alpha, rounded to its bits."""
    top = 65_535 if frame.dtype == np.uint16 else 255
    # As `img_as_float` makes it, which multiplies: for a histogram the last bit may count.
    result = DEFINITIONS[name](util.img_as_float(frame), **values)
    return np.rint(np.clip(result, 0, 1) * top).astype(frame.dtype)
