"""Operations that move pixels: resize, thumbnail, rotate, flip, crop to square."""

from __future__ import annotations

from functools import partial

from labapp.pictures import exact, frames
from labapp.pictures.exact import Defined, Image
from labapp.pictures.frames import Frame
from labapp.pictures.kernels import affine, lanczos
from labapp.pictures.lazy import cv2, np, transform
from labapp.pictures.registry import choice, length, number, operation, switch


def _fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """Give the size of the same shape whose longest side is `side`."""
    longest = max(width, height)
    return max(round(width * side / longest), 1), max(round(height * side / longest), 1)


def _scaled(frame: Frame, side: int) -> Defined:
    """Sum rows, then columns, by the Lanczos window of three lobes, widened by the scale."""
    width, height = _fitted(frame.shape[1], frame.shape[0], side)
    if (height, width) == frame.shape[:2]:
        return exact.floats(frame)

    def resized(plane: Image) -> Image:
        lower = np.ascontiguousarray(_weighed_sums(plane, height).T)
        return _weighed_sums(lower, width).T

    return exact.each_channel(frame, resized)


def _weighed_sums(image: Image, after: int) -> Image:
    """Give so many rows, each a sum of those near it by the Lanczos window of three lobes."""
    before = len(image)
    scale = before / after
    stretch = max(scale, 1.0)
    centres = (np.arange(after) + 0.5) * scale - 0.5
    first = np.ceil(centres - 3 * stretch).astype(int)
    result, total = np.zeros((after, image.shape[1])), np.zeros((after, 1))
    for place in range(int(6 * stretch) + 1):
        rows = first + place
        distance = (rows - centres) / stretch
        window = np.sinc(distance) * np.sinc(distance / 3)
        window[(np.abs(distance) >= 3) | (rows < 0) | (rows >= before)] = 0
        total += window[:, None]
        result += window[:, None] * image[np.clip(rows, 0, before - 1)]
    return result / total


@operation(
    "Resize",
    length("side", "Longest side", 1024, 1, 16_384, 16, "Of the result, in pixels."),
    definition=_scaled,
    resizing=_fitted,
)
def resize(frame: Frame, side: int) -> Frame:
    """Scale the picture so that its longest side has the length given.

    Its dots per inch stay as they are, so that it prints smaller or larger.
    """
    return lanczos.resize(frame, *_fitted(frame.shape[1], frame.shape[0], side))


def _scaled_down(frame: Frame, side: int) -> Defined:
    """Do what resize does to a picture that is larger."""
    return _scaled(frame, min(side, max(frame.shape[:2])))


@operation(
    "Thumbnail",
    length("side", "Longest side", 256, 16, 1024, 16, "Of the result, in pixels, at most."),
    definition=_scaled_down,
    enough=lambda side: 4 * side,
)
def thumbnail(frame: Frame, side: int) -> Frame:
    """Make a small copy; a picture that is small already stays as it is.

    Scaled as by resize. A large JPEG is read at a fraction of its size where nothing came before.
    """
    return resize(frame, min(side, max(frame.shape[:2])))


def _turned(width: int, height: int, angle: float, expand: bool, **_: str) -> tuple[int, int]:
    return affine.rotated_size(width, height, angle) if expand else (width, height)


def _rotated(frame: Frame, angle: float, expand: bool, paper: str) -> Defined:
    """Run skimage.transform.rotate with order 1; steps of 90 degrees move pixels alone."""
    height, width = frame.shape[:2]
    if angle % 90 == 0 and (expand or angle % 180 == 0 or height == width):
        turned = partial(np.rot90, k=round(angle / 90))
        return exact.each_channel(frame, turned, weighed=False)
    turned = partial(transform.rotate, angle=angle, resize=expand, order=1)
    if frames.has_alpha(frame):
        # Corners are transparent: at the border nothing of that is clipped away.
        return exact.each_channel(frame, partial(turned, clip=False))
    image: Image = turned(exact.floats(frame), cval=1.0 if paper == "white" else 0.0)
    return image


@operation(
    "Rotate",
    number("angle", "Angle", 90.0, -360.0, 360.0, 1.0, "Degrees counter-clockwise."),
    switch("expand", "Expand", True, "Whether the picture grows to hold all that is turned."),
    choice("paper", "Corners", ("black", "white"), "Colour of the corners, where not transparent."),
    definition=_rotated,
    resizing=_turned,
)
def rotate(frame: Frame, angle: float, expand: bool, paper: str) -> Frame:
    """Turn the picture; steps of 90 degrees are exact."""
    height, width = frame.shape[:2]
    quarters, rest = divmod(angle, 90)
    quarters = int(quarters) % 4
    if rest == 0 and (expand or quarters % 2 == 0 or height == width):
        return frames.turned(frame, quarters)
    fill = frames.white(frame) if paper == "white" else 0
    return affine.rotate(frame, angle, expand, fill)


def _mirrored(frame: Frame, direction: str) -> Defined:
    """Swap left and right, or top and bottom."""
    axis = 1 if direction == "horizontal" else 0
    return exact.each_channel(frame, partial(np.flip, axis=axis), weighed=False)


@operation(
    "Flip",
    choice(
        "direction",
        "Direction",
        ("horizontal", "vertical"),
        "Swap left and right, or top and bottom.",
    ),
    definition=_mirrored,
)
def flip(frame: Frame, direction: str) -> Frame:
    """Mirror the picture."""
    return cv2.flip(frame, 1 if direction == "horizontal" else 0)


def _square(frame: Frame) -> tuple[slice, slice]:
    """Give the rows and columns of the largest square in the middle."""
    side = min(frame.shape[:2])
    top, left = ((length - side) // 2 for length in frame.shape[:2])
    return slice(top, top + side), slice(left, left + side)


def _cut(frame: Frame) -> Defined:
    """Cut the largest square out of the middle."""
    return exact.each_channel(frame, lambda plane: plane[_square(plane)], weighed=False)


@operation("Crop to square", definition=_cut)
def crop_square(frame: Frame) -> Frame:
    """Cut the largest square out of the middle."""
    return frame[_square(frame)].copy()
