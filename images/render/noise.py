"""Smooth random fields, the same on every run.

One periodic block of filtered white noise is made once and read by trilinear interpolation; all
textures and bumps are sums of its octaves. A unit of its domain is one blob of noise.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter  # type: ignore[import-untyped]

from images.render.arrays import Array, Ints

#: Cells along an edge of the block; a power of two, so that wrapping is a bit mask.
SIDE = 128
#: Cells to one unit; with `BLUR` it makes a blob about one unit wide.
CELLS = 5
BLUR = 2.0
SEED = 20


@cache
def block() -> Array:
    """Give the noise block, flattened, with mean 0 and standard deviation 1."""
    white = np.random.default_rng(SEED).standard_normal((SIDE, SIDE, SIDE)).astype(np.float32)
    smooth: Array = gaussian_filter(white, BLUR, mode="wrap")
    smooth = ((smooth - smooth.mean()) / smooth.std()).astype(np.float32)
    return smooth.ravel()


def trilinear(cells: Array, corners: list[Ints], share: Array) -> Array:
    """Interpolate between the eight flat indices `corners`, x slowest; `share` (3, N) is 0..1."""
    fx, fy, fz = share
    along = [cells[corners[i]] for i in range(8)]
    pairs = [along[i] + (along[i + 1] - along[i]) * fz for i in (0, 2, 4, 6)]
    near = pairs[0] + (pairs[1] - pairs[0]) * fy
    far = pairs[2] + (pairs[3] - pairs[2]) * fy
    value: Array = near + (far - near) * fx
    return value


def noise(points: Array, frequency: float | tuple[float, float, float] = 1.0) -> Array:
    """Noise at points, shape (N,): mean 0, deviation about 1, blobs of 1 / frequency units."""
    scale = np.asarray(frequency, np.float32).reshape(-1, 1) * np.float32(CELLS)
    q = points * scale
    base = np.floor(q)
    share: Array = (q - base).astype(np.float32)
    whole: Ints = base.astype(np.intp)
    x0, y0, z0 = whole & (SIDE - 1)
    x1, y1, z1 = (whole + 1) & (SIDE - 1)
    rows = [(x * SIDE + y) * SIDE for x in (x0, x1) for y in (y0, y1)]
    return trilinear(block(), [row + z for row in rows for z in (z0, z1)], share)


def fractal(points: Array, frequency: float = 1.0, octaves: int = 4, gain: float = 0.5) -> Array:
    """Octaves of noise, each twice as fine and `gain` as strong; deviation about 1."""
    total = np.zeros(points.shape[1], np.float32)
    weight, power = 1.0, 0.0
    for octave in range(octaves):
        # An irrational offset keeps the octaves from sharing lattice points.
        shifted = points + np.float32(17.31 * octave)
        total += np.float32(weight) * noise(shifted, frequency * 2.03**octave)
        power += weight * weight
        weight *= gain
    scaled: Array = total / np.float32(power**0.5)
    return scaled
