"""Operations that move pixels: resize, thumbnail, rotate, flip, crop to square."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.pictures import frames
from labapp.pictures.kernels import affine, lanczos
from labapp.pictures.registry import choice, length, number, operation, switch

if TYPE_CHECKING:
    import cv2

    from labapp.pictures.frames import Frame
else:
    from labapp.pictures.lazy import cv2


def _fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """Give the size of the same shape whose longest side is `side`."""
    longest = max(width, height)
    return max(round(width * side / longest), 1), max(round(height * side / longest), 1)


@operation(
    "Resize",
    length("side", "Longest side", 1024, 1, 16_384, 16, "Of the result, in pixels."),
    resizing=_fitted,
)
def resize(frame: Frame, side: int) -> Frame:
    """Scale the picture so that its longest side has the length given.

    Defined by the Lanczos window of three lobes, widened by the scale, in float64. Its dots per
    inch stay as they are, so that it prints smaller or larger.
    """
    return lanczos.resize(frame, *_fitted(frame.shape[1], frame.shape[0], side))


@operation(
    "Thumbnail",
    length("side", "Longest side", 256, 16, 1024, 16, "Of the result, in pixels, at most."),
    enough=lambda side: 4 * side,
)
def thumbnail(frame: Frame, side: int) -> Frame:
    """Make a small copy; a picture that is small already stays as it is.

    Scaled as by resize. A large JPEG is read at a fraction of its size where nothing came before.
    """
    if max(frame.shape[:2]) <= side:
        return frame
    return lanczos.resize(frame, *_fitted(frame.shape[1], frame.shape[0], side))


def _turned(width: int, height: int, angle: float, expand: bool, **_: str) -> tuple[int, int]:
    return affine.rotated_size(width, height, angle) if expand else (width, height)


@operation(
    "Rotate",
    number("angle", "Angle", 90.0, -360.0, 360.0, 1.0, "Degrees counter-clockwise."),
    switch("expand", "Expand", True, "Whether the picture grows to hold all that is turned."),
    choice("paper", "Corners", ("black", "white"), "Colour of the corners, where not transparent."),
    resizing=_turned,
)
def rotate(frame: Frame, angle: float, expand: bool, paper: str) -> Frame:
    """Turn the picture; steps of 90 degrees are exact.

    Defined by `skimage.transform.rotate`, with expand as its resize.
    """
    height, width = frame.shape[:2]
    quarters, rest = divmod(angle, 90)
    quarters = int(quarters) % 4
    if rest == 0 and quarters == 0:
        return frame
    if rest == 0 and (expand or quarters == 2 or height == width):
        codes = (
            cv2.ROTATE_90_COUNTERCLOCKWISE,
            cv2.ROTATE_180,
            cv2.ROTATE_90_CLOCKWISE,
        )
        return cv2.rotate(frame, codes[quarters - 1])
    fill = frames.white(frame) if paper == "white" else 0
    return affine.rotate(frame, angle, expand, fill)


@operation(
    "Flip",
    choice(
        "direction",
        "Direction",
        ("horizontal", "vertical"),
        "Swap left and right, or top and bottom.",
    ),
)
def flip(frame: Frame, direction: str) -> Frame:
    """Mirror the picture."""
    return cv2.flip(frame, 1 if direction == "horizontal" else 0)


@operation("Crop to square")
def crop_square(frame: Frame) -> Frame:
    """Cut the largest square out of the middle."""
    height, width = frame.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return frame[top : top + side, left : left + side].copy()
