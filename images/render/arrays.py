"""The words every part of the renderer shares: arrays of points, colours, blends, rotations.

Points travel as float32 arrays of shape (3, N), a row for each of x, y (up) and z; colours
likewise, as linear light, never as sRGB.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
#: Points of shape (3, N) to one number each, of shape (N,).
Field = Callable[[Array], Array]
Triple = tuple[float, float, float]


def rgb(code: str) -> Array:
    """Linear colour, shape (3, 1), of an sRGB code such as `#c8722a` (IEC 61966-2-1)."""
    channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return np.array(linear, np.float32)[:, None]


def vector(values: Triple) -> Array:
    """Give a point or direction as an array of shape (3, 1)."""
    return np.array(values, np.float32)[:, None]


def single(values: npt.ArrayLike) -> Array:
    """Give the same numbers in single precision."""
    return np.asarray(values, np.float32)


def unit(v: Array) -> Array:
    """Give the same directions, of shape (3, N), with length one."""
    length: Array = np.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    return single(v / np.maximum(length, np.float32(1e-9)))


def dot(a: Array, b: Array) -> Array:
    """Scalar products, shape (N,), of two sets of vectors."""
    product: Array = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return product


def mix(a: Array, b: Array, weight: Array) -> Array:
    """Blend from `a` (weight 0) to `b` (weight 1); colours of shape (3, 1) broadcast."""
    blended: Array = a + (b - a) * weight
    return blended


def step(low: float, high: float, x: Array) -> Array:
    """Smooth 0-to-1 ramp of `x` between `low` and `high` (Hermite); falls where high < low."""
    t: Array = np.clip((x - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    ramp: Array = t * t * (np.float32(3) - np.float32(2) * t)
    return ramp


def full(points: Array, value: float) -> Array:
    """One constant for each point, shape (N,)."""
    return np.full(points.shape[1], value, np.float32)


def rotation(turn: float = 0, tilt: float = 0, roll: float = 0) -> Array:
    """Matrix (3, 3) that rolls about x, then tilts about z, then turns about y; in degrees."""
    a, b, c = np.radians([turn, tilt, roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_z = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(c), -np.sin(c)], [0, np.sin(c), np.cos(c)]])
    matrix: Array = (about_y @ about_z @ about_x).astype(np.float32)
    return matrix
