"""Many small things as one field: seeds, sprinkles, chopped onion, lines of sauce.

Each piece is written into a grid of distances once; a ray then pays for one interpolation, however
many pieces there are. A second grid remembers which piece is nearest, for its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter  # type: ignore[import-untyped]

from images.render.arrays import Array, Bools, Field, Ints, Triple, vector
from images.render.noise import trilinear


@dataclass(frozen=True)
class Piece:
    """One small thing: its own field about the origin, and where it lies.

    `reach` is its greatest radius; `kind` is the number by which its colour is found; `turn` is the
    rotation matrix (3, 3), None for none.
    """

    field: Field
    centre: Triple
    reach: float
    kind: int = 0
    turn: Array | None = None


@dataclass(frozen=True)
class Baked:
    """A grid of distances over a box from `low` to `high`, and of the nearest piece's kind."""

    low: Triple
    high: Triple
    cell: float
    shape: tuple[int, int, int]
    distances: Array
    kinds: Ints

    def __call__(self, p: Array) -> Array:
        """Distance at points, shape (N,); a lower bound outside the box."""
        inside = np.clip(p, vector(self.low), vector(self.high))
        gap = p - inside
        away = np.sqrt((gap * gap).sum(0))
        _, ny, nz = self.shape
        q = (inside - vector(self.low)) / np.float32(self.cell)
        base = np.minimum(np.floor(q), np.array(self.shape, np.float32)[:, None] - 2)
        x, y, z = base.astype(np.intp)
        first = (x * ny + y) * nz + z
        corners = [first + i * ny * nz + j * nz + k for i in (0, 1) for j in (0, 1) for k in (0, 1)]
        d = trilinear(self.distances, corners, (q - base).astype(np.float32))
        outside: Array = np.maximum(d - away, away)
        return np.where(away > 0, outside, d)

    def kind(self, p: Array) -> Ints:
        """Kind of the piece nearest to each point, shape (N,)."""
        _, ny, nz = self.shape
        q = np.rint((p - vector(self.low)) / np.float32(self.cell)).astype(np.intp)
        x, y, z = np.clip(q, 0, np.array(self.shape)[:, None] - 1)
        found: Ints = self.kinds[(x * ny + y) * nz + z]
        return found


def bake(pieces: Sequence[Piece], cell: float, soften: float = 0.0) -> Baked:
    """Write pieces into a grid of `cell` units; `soften` cells of blur melt them together."""
    band = 4 * cell
    centres = np.array([piece.centre for piece in pieces])
    reach = max(piece.reach for piece in pieces) + band
    low, high = centres.min(0) - reach, centres.max(0) + reach
    shape = tuple(int(n) for n in np.ceil((high - low) / cell).astype(int) + 1)
    distances = np.full(shape, band, np.float32)
    kinds = np.zeros(shape, np.intp)
    for piece in pieces:
        near = np.maximum(((piece.centre - low - piece.reach - band) / cell).astype(int), 0)
        far = np.minimum(((piece.centre - low + piece.reach + band) / cell).astype(int) + 2, shape)
        window = tuple(slice(a, b) for a, b in zip(near, far, strict=True))
        axes = [
            np.arange(a, b) * cell + o - c
            for a, b, o, c in zip(near, far, low, piece.centre, strict=True)
        ]
        grid = np.stack(np.meshgrid(*axes, indexing="ij")).reshape(3, -1).astype(np.float32)
        local = grid if piece.turn is None else piece.turn.T @ grid
        d = piece.field(local).reshape(distances[window].shape)
        closer = d < distances[window]
        distances[window][closer] = d[closer]
        kinds[window][closer] = piece.kind
    distances = np.maximum(distances, beyond(distances >= band, cell), dtype=np.float32)
    if soften:
        distances = gaussian_filter(distances, soften)
    top = low + (np.array(shape) - 1) * cell
    ends = (float(top[0]), float(top[1]), float(top[2]))
    starts = (float(low[0]), float(low[1]), float(low[2]))
    size = (shape[0], shape[1], shape[2])
    return Baked(starts, ends, cell, size, distances.ravel(), kinds.ravel())


def beyond(empty: Bools, cell: float) -> Array:
    """Lower bound of the distance from each empty cell to the nearest that is not.

    It is measured on a grid four times as coarse, which is ample for taking long steps.
    """
    wide = [-(-n // 4) * 4 for n in empty.shape]
    padded = np.pad(
        empty, [(0, w - n) for w, n in zip(wide, empty.shape, strict=True)], mode="edge"
    )
    a, b, c = (w // 4 for w in wide)
    coarse = padded.reshape(a, 4, b, 4, c, 4).all(axis=(1, 3, 5))
    # From middle to middle, so a block's diagonal less.
    far = 4 * cell * (distance_transform_edt(coarse) - 1.75)
    fine = far.astype(np.float32).repeat(4, 0).repeat(4, 1).repeat(4, 2)
    nx, ny, nz = empty.shape
    bound: Array = fine[:nx, :ny, :nz]
    return bound


def settle(field: Field, x: Array, z: Array, top: float) -> Array:
    """Height at which things dropped at (x, z) from `top` come to lie on a field, shape (N,)."""
    y = np.full(x.shape, top, np.float32)
    for _ in range(60):
        y -= np.float32(0.8) * np.maximum(field(np.stack([x, y, z])), np.float32(-0.02))
        y = np.maximum(y, np.float32(-1))
    return y


def slope(field: Field, p: Array, width: float = 0.01) -> Array:
    """Outward unit normals, shape (3, N), of a field at points, by four differences."""
    signs = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32)
    total = np.zeros_like(p)
    for sign in signs:
        total += sign[:, None] * field(p + sign[:, None] * np.float32(width))
    length = np.sqrt((total * total).sum(0))
    normals: Array = total / np.maximum(length, np.float32(1e-9))
    return normals
