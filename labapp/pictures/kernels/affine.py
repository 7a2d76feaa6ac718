"""Rotation by any angle, as `skimage.transform.rotate` defines it with order 1, mode 'constant'."""

from __future__ import annotations

from labapp.pictures import frames
from labapp.pictures.frames import Frame
from labapp.pictures.lazy import cv2, np, npt

#: Side of the squares in which a frame with alpha is turned, so that little of it is float32.
_TILE = 512


def rotated_size(width: int, height: int, angle: float) -> tuple[int, int]:
    """Give the width and height that hold a picture turned by `angle` degrees."""
    corners = _corners(width, height, angle)
    spans = corners.max(axis=1) - corners.min(axis=1) + 1
    return int(np.around(spans[0])), int(np.around(spans[1]))


def rotate(frame: Frame, angle: float, expand: bool, paper: int) -> Frame:
    """Turn a frame about its centre, with linear interpolation.

    Args:
        frame: any kind; colours are weighed by alpha.
        angle: degrees, counter-clockwise.
        expand: whether the result grows to hold all of it, or keeps its size.
        paper: value of the corners that come free, in the frame's scale; with alpha they are
            transparent.
    """
    height, width = frame.shape[:2]
    matrix = _turn(width, height, angle)
    if expand:
        corners = _corners(width, height, angle)
        matrix[:, 2] += matrix[:, :2] @ corners.min(axis=1)
        width, height = rotated_size(width, height, angle)
    if frames.has_alpha(frame):
        return _warp_in_tiles(frame, matrix, width, height)
    turned = _warp(frame, matrix, width, height, (paper,) * frames.channels(frame))
    x, y = _placed(matrix, 0, 0, width, height)
    tall, wide = frame.shape[:2]
    # Whether a corner of the result lies so far off the source that none of it shows.
    if not ((x <= -1) | (x >= wide) | (y <= -1) | (y >= tall)).any():
        # The colour of corners shows as a blend on the border only: scikit-image clips it away.
        np.clip(turned, frame.min(), frame.max(), out=turned)
    return turned


def _turn(width: int, height: int, angle: float) -> npt.NDArray[np.float64]:
    """Give the 2x3 matrix from places in the result to places in the source, size unchanged."""
    sine, cosine = np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.column_stack([turn, centre - turn @ centre])


def _corners(width: int, height: int, angle: float) -> npt.NDArray[np.float64]:
    """Give where the centres of the corner pixels land, as (x, y) columns."""
    return _placed(_turn(width, height, -angle), 0, 0, width, height)


def _placed(
    matrix: npt.NDArray[np.float64], left: int, top: int, width: int, height: int
) -> npt.NDArray[np.float64]:
    """Give where a matrix puts the centres of a part's corner pixels, as (x, y) columns."""
    right, bottom = left + width - 1, top + height - 1
    corners = np.array([[left, left, right, right], [top, bottom, top, bottom]])
    places: npt.NDArray[np.float64] = matrix[:, :2] @ corners + matrix[:, 2:]
    return places


def _warp(
    part: Frame,
    matrix: npt.NDArray[np.float64],
    width: int,
    height: int,
    fill: tuple[int, ...],
) -> Frame:
    if frames.channels(part) == 2:
        # OpenCV's exact code knows one, three and four channels; two it rounds to 1/32 pixel.
        planes = cv2.split(part)
        return np.dstack([_warp(plane, matrix, width, height, fill[:1]) for plane in planes])
    return cv2.warpAffine(
        part,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=fill,
    )


def _warp_in_tiles(frame: Frame, matrix: npt.NDArray[np.float64], width: int, height: int) -> Frame:
    out = np.zeros((height, width, frame.shape[2]), frame.dtype)
    tall, wide = frame.shape[:2]
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            tile = out[top : top + _TILE, left : left + _TILE]
            places = _placed(matrix, left, top, tile.shape[1], tile.shape[0])
            # Two pixels more on each side for the interpolation.
            x0, y0 = np.floor(places.min(axis=1)).astype(int) - 2
            x1, y1 = np.ceil(places.max(axis=1)).astype(int) + 3
            x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, wide), min(y1, tall)
            if x0 >= x1 or y0 >= y1:
                continue
            part = frames.to_floats(frame[y0:y1, x0:x1])
            origin = matrix[:, 2] + matrix[:, :2] @ [left, top] - [x0, y0]
            local = np.column_stack([matrix[:, :2], origin])
            floats = _warp(part, local, tile.shape[1], tile.shape[0], (0,) * frame.shape[2])
            turned = np.empty(tile.shape, frame.dtype)
            frames.from_floats(floats, turned)
            tile[...] = turned
    return out
