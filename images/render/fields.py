"""Signed distance fields: shapes, and how they are put together.

A field gives, for points of shape (3, N), the distance to a surface, negative inside. Some are
only bounds of it (ellipsoids, bent or stretched shapes); the solid that uses one sets `slack` so
that a ray never steps through. Formulas follow Inigo Quilez, "Distance functions".
"""

from __future__ import annotations

import numpy as np

from images.render.arrays import Array, Triple, vector


def sphere(p: Array, centre: Triple, radius: float) -> Array:
    """Measure to a ball."""
    x, y, z = p - vector(centre)
    d: Array = np.sqrt(x * x + y * y + z * z) - np.float32(radius)
    return d


def ellipsoid(p: Array, centre: Triple, radii: Triple) -> Array:
    """Measure to an ellipsoid; a good bound near the surface."""
    q = p - vector(centre)
    r = vector(radii)
    a = q / r
    b = a / r
    k0 = np.sqrt((a * a).sum(0))
    k1 = np.sqrt((b * b).sum(0))
    d: Array = k0 * (k0 - 1) / np.maximum(k1, np.float32(1e-6))
    return d


def box(p: Array, centre: Triple, half: Triple, rounding: float = 0.0) -> Array:
    """Measure to a box of half sizes `half` (over all), its edges rounded."""
    q = np.abs(p - vector(centre)) - (vector(half) - np.float32(rounding))
    out = np.maximum(q, 0)
    inside = np.minimum(np.maximum(np.maximum(q[0], q[1]), q[2]), 0)
    d: Array = np.sqrt((out * out).sum(0)) + inside - np.float32(rounding)
    return d


def capsule(p: Array, start: Triple, end: Triple, r0: float, r1: float | None = None) -> Array:
    """Measure to a rod with round ends, its radius going from `r0` to `r1`."""
    a, b = vector(start), vector(end)
    pa, ba = p - a, b - a
    h = np.clip((pa * ba).sum(0) / np.float32((ba * ba).sum()), 0, 1)
    q = pa - ba * h
    radius = np.float32(r0) + np.float32((r0 if r1 is None else r1) - r0) * h
    d: Array = np.sqrt((q * q).sum(0)) - radius
    return d


def torus(p: Array, centre: Triple, ring: float, tube: float) -> Array:
    """Measure to a ring lying flat."""
    x, y, z = p - vector(centre)
    a = np.sqrt(x * x + z * z) - np.float32(ring)
    d: Array = np.sqrt(a * a + y * y) - np.float32(tube)
    return d


def drum(p: Array, centre: Triple, radius: float, half: float, rounding: float = 0.0) -> Array:
    """Measure to a standing cylinder of half height `half`, its edges rounded."""
    x, y, z = p - vector(centre)
    a = np.sqrt(x * x + z * z) - np.float32(radius - rounding)
    b = np.abs(y) - np.float32(half - rounding)
    return extrude_corner(a, b) - np.float32(rounding)


def extrude_corner(a: Array, b: Array) -> Array:
    """Intersection of two fields that stand at right angles, exact outside the edge."""
    oa, ob = np.maximum(a, 0), np.maximum(b, 0)
    d: Array = np.sqrt(oa * oa + ob * ob) + np.minimum(np.maximum(a, b), 0)
    return d


def union(a: Array, b: Array, smooth: float = 0.0) -> Array:
    """Both; `smooth` is the width of the fillet between them."""
    if smooth == 0:
        return np.minimum(a, b)
    k = np.float32(smooth)
    h = np.maximum(k - np.abs(a - b), 0) / k
    d: Array = np.minimum(a, b) - h * h * k * np.float32(0.25)
    return d


def common(a: Array, b: Array, smooth: float = 0.0) -> Array:
    """Where both are; `smooth` rounds the edge between them."""
    return -union(-a, -b, smooth)


def less(a: Array, b: Array, smooth: float = 0.0) -> Array:
    """Measure to `a` with `b` cut away; `smooth` rounds the edge of the cut."""
    return -union(-a, b, smooth)


def radial(p: Array) -> Array:
    """Distance from the y axis, shape (N,)."""
    r: Array = np.sqrt(p[0] * p[0] + p[2] * p[2])
    return r
