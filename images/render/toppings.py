"""What goes on a hot dog: sauce, relish, onions, leaves, seeds.

Everything made of many pieces is baked into one field, dropped on what lies below.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from images.render.arrays import Array, Field, Triple, full, mix, rgb, rotation, single, step
from images.render.bake import Baked, Piece, bake, settle, slope
from images.render.fields import box, capsule, ellipsoid, sphere, torus
from images.render.noise import fractal, noise
from images.render.trace import Material, Solid, Surface

Path = Callable[[Array], Array]


def triple(x: float, y: float, z: float) -> Triple:
    """Plain numbers of a point, whatever sort they were."""
    return (float(x), float(y), float(z))


def from_kinds(
    grid: Baked, codes: list[str], rough: float, soft: float, shine: float = 0.045
) -> Material:
    """Make a material that colours each piece by its kind, slightly uneven."""
    palette = np.concatenate([rgb(code) for code in codes], axis=1)

    def material(p: Array, n: Array) -> Surface:
        uneven = 1 + 0.1 * noise(p, 14)
        colour = palette[:, grid.kind(p) % len(codes)] * uneven
        return Surface(colour.astype(np.float32), full(p, rough), full(p, shine), full(p, soft))

    return material


def above(floor: Field, heap: Field) -> Field:
    """Give the field of both: what falls next lies on either."""
    return lambda p: np.minimum(floor(p), heap(p))


def scatter(grid: Baked, material: Material, bump: Field | None = None) -> Solid:
    """Make a solid of baked pieces."""
    return Solid(grid, material, grid.low, grid.high, bump, 0.9)


def sauce_material(code: str) -> Material:
    """Thick and glossy."""

    def material(p: Array, n: Array) -> Surface:
        colour = rgb(code) * (1 + 0.06 * noise(p, 6))
        return Surface(colour.astype(np.float32), full(p, 0.2), full(p, 0.05), full(p, 0.4))

    return material


def strand(points: Array, radii: Array, cell: float, soften: float = 0.9) -> Baked:
    """Give a rope of balls through points (3, N), its radius varying, as one field."""
    pieces = [
        Piece(partial(sphere, centre=(0, 0, 0), radius=float(r)), triple(*point), float(r))
        for point, r in zip(points.T, radii, strict=True)
    ]
    return bake(pieces, cell, soften)


def sauce(floor: Field, middle: Path, pattern: str, code: str, shift: float = -1.0) -> Solid:
    """Make a line of sauce along x: `zigzag`, `wave`, `line` or `double` (one of two lines)."""
    x = np.linspace(-1.18, 1.18, 700 if pattern in ("zigzag", "wave") else 320, dtype=np.float32)
    if pattern == "zigzag":
        swing = np.arcsin(0.93 * np.sin(x * 17.5)) / 1.2 * 0.17
    elif pattern == "wave":
        swing = 0.095 * np.sin(x * 10 + 0.5)
    elif pattern == "double":
        swing = shift * 0.085 + 0.014 * np.sin(x * 7)
    else:
        swing = 0.022 * np.sin(x * 6.1)
    points = np.stack([x, x * 0, x])
    thick = (0.05 if pattern in ("line",) else 0.043) * (1 + 0.1 * noise(points, (4, 1, 1)))
    thick = thick * (0.75 + 0.25 * step(1.18, 1.1, np.abs(x)))
    z = middle(x) + swing
    y = settle(floor, x, z.astype(np.float32), 1.2) + 0.55 * thick
    # Sauce has body: it bridges the small steps of what it lies on.
    wide = x.size // 60
    kernel = np.ones(2 * wide + 1) / (2 * wide + 1)
    y = np.convolve(np.pad(y, wide, mode="edge"), kernel, mode="valid")
    grid = strand(np.stack([x, y, z]).astype(np.float32), thick, 0.011)
    return scatter(grid, sauce_material(code), lambda p: 0.0015 * noise(p, 9))


def chopped(
    floor: Field, middle: Path, seed: int, count: int, width: float, size: float, heap: float
) -> list[Piece]:
    """Small rounded dice heaped along the middle; `width` to either side, `heap` high."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1.08, 1.08, count).astype(np.float32)
    off = np.clip(random.normal(0, 0.5, count), -1, 1) * width
    z = (middle(x) + off).astype(np.float32)
    y = settle(floor, x, z, 1.2) + random.uniform(0.2, 1, count) * heap * (1 - (off / width) ** 2)
    pieces = []
    for i in range(count):
        a, b, c = size * random.uniform(0.55, 1.15, 3) * (1.0, 0.75, 0.9)
        dice = partial(box, centre=(0, 0, 0), half=triple(a, b, c), rounding=0.45 * min(a, b, c))
        turn = rotation(*random.uniform(0, 180, 3))
        where = triple(x[i], y[i] + size * 0.4, z[i])
        pieces.append(Piece(dice, where, 1.8 * size, int(random.integers(0, 6)), turn))
    return pieces


def relish(floor: Field, middle: Path, seed: int) -> Solid:
    """Chopped green pickle."""
    grid = bake(chopped(floor, middle, seed, 430, 0.16, 0.04, 0.055), 0.011, 0.5)
    greens = ["#6f8f1c", "#88a52a", "#55771a", "#9ab83c", "#7a9a22", "#4c6c14"]
    return scatter(grid, from_kinds(grid, greens, 0.25, 0.35))


def onions(floor: Field, middle: Path, seed: int) -> Solid:
    """Raw white onion, diced."""
    grid = bake(chopped(floor, middle, seed + 50, 130, 0.17, 0.042, 0.035), 0.01)
    whites = ["#e6e3d2", "#efece2", "#dcdcc0", "#e8e6d8", "#d9d7c6", "#e6dde2"]
    return scatter(grid, from_kinds(grid, whites, 0.25, 0.5))


def tomatoes(floor: Field, middle: Path, seed: int) -> Solid:
    """Diced tomato."""
    grid = bake(chopped(floor, middle, seed + 90, 46, 0.21, 0.058, 0.03), 0.011, 0.6)
    reds = ["#c8200f", "#d8341a", "#b3170c", "#dd4a26", "#c42412", "#e05a35"]
    return scatter(grid, from_kinds(grid, reds, 0.2, 0.4))


def curl(p: Array, ring: float, tube: float) -> Array:
    """Two thirds of a ring."""
    d = torus(p, (0, 0, 0), ring, tube)
    gap = p[0] * 0.8 + np.abs(p[2]) * 0.6
    return single(np.maximum(d, gap - np.float32(ring * 0.72)))


def crispy(floor: Field, middle: Path, seed: int) -> Solid:
    """Fried onion: brown curls and crumbs, heaped."""
    random = np.random.default_rng(seed + 7)
    count = 230
    x = random.uniform(-1.05, 1.05, count).astype(np.float32)
    off = np.clip(random.normal(0, 0.5, count), -1, 1) * 0.17
    z = (middle(x) + off).astype(np.float32)
    y = settle(floor, x, z, 1.2) + random.uniform(0.1, 1, count) * 0.09 * (1 - (off / 0.17) ** 2)
    pieces = []
    for i in range(count):
        ring, tube = random.uniform(0.03, 0.07), random.uniform(0.011, 0.017)
        shape = partial(curl, ring=ring, tube=tube)
        turn = rotation(*random.uniform(0, 360, 3))
        where = triple(x[i], y[i] + 0.02, z[i])
        pieces.append(Piece(shape, where, ring + tube, int(random.integers(0, 5)), turn))
    grid = bake(pieces, 0.008)
    browns = ["#c27a2c", "#a85f1d", "#d99a45", "#8a4715", "#c98a3a"]
    return scatter(grid, from_kinds(grid, browns, 0.45, 0.2), lambda p: 0.002 * noise(p, 30))


def lettuce(bend: float, seed: int) -> list[Solid]:
    """Make a ruffled leaf on either side, standing out of the cut between bread and sausage."""
    return [leaf(bend, seed, side) for side in (-1.0, 1.0)]


def leaf(bend: float, seed: int, side: float) -> Solid:
    """One leaf, leaning outwards over the bread on the side of z = `side`."""
    low, high = (-1.27, 0.3, -0.8), (1.27, 1.02, 0.8)

    def frame(p: Array) -> tuple[Array, Array]:
        z = (p[2] - np.float32(bend) * (p[0] * p[0] - np.float32(0.6))) * np.float32(side)
        # Up the leaf, which leans outwards, and away from its middle surface.
        up = (p[1] - 0.47) * 0.88 + (z - 0.13) * 0.475
        away = (p[1] - 0.47) * -0.475 + (z - 0.13) * 0.88
        return up.astype(np.float32), away.astype(np.float32)

    def field(p: Array) -> Array:
        up, away = frame(p)
        q = np.stack([p[0] + seed, up * 0.6, full(p, side)])
        grows = step(0, 0.36, up)
        ruffle = grows * (0.06 * np.sin(p[0] * 19 + 2.5 * noise(q, 2)) + 0.035 * noise(q, 4.5))
        curl = 0.06 * grows + 1.1 * np.maximum(up - 0.16, 0) ** 2
        thick = np.abs(away - ruffle - curl) - np.float32(0.007)
        edge = up - (0.37 + 0.045 * noise(q, 2.2) + 0.018 * noise(q, 8))
        ends = np.abs(p[0]) - np.float32(1.2) + 0.5 * up * up
        d: Array = np.maximum(np.maximum(thick, edge), np.maximum(-up - 0.1, ends))
        return d.astype(np.float32)

    def material(p: Array, n: Array) -> Surface:
        up, _ = frame(p)
        vein = np.abs(np.sin(p[0] * 10 + 5 * up + noise(p, 3)))
        tone = np.clip(up / 0.36 + 0.12 * fractal(p, 5, 3), 0, 1)
        colour = mix(rgb("#d6e39a"), rgb("#4c8f1e"), tone)
        colour = mix(colour, rgb("#c5dd86"), step(0.1, 0, vein) * 0.5)
        return Surface(colour.astype(np.float32), full(p, 0.35), full(p, 0.04), full(p, 0.6))

    return Solid(field, material, low, high, lambda p: 0.003 * noise(p, 11), 0.5)


def pickles(bend: float) -> list[Solid]:
    """Long slices of pickled cucumber tucked in beside the sausage."""
    solids = []
    for number, x in enumerate((-0.82, -0.28, 0.3, 0.84)):
        z = bend * (x * x - 0.6) + (-0.23 if number % 2 else -0.21)
        turn = rotation(turn=8 * (number - 1.5), roll=-58, tilt=4 * (-1) ** number)
        solids.append(pickle_slice().put(turn, (x, 0.7, z), 1.0))
    return solids


def pickle_slice(radius: float = 0.27) -> Solid:
    """One round slice, lying flat about the origin: seeds in the middle, a dark wavy rim."""

    def field(p: Array) -> Array:
        r = np.sqrt(p[0] * p[0] + p[2] * p[2])
        wave = 0.008 * np.sin(18 * np.arctan2(p[2], p[0]))
        ripple = 0.008 * np.sin(p[0] * 55)
        d: Array = np.maximum(r - radius - wave, np.abs(p[1] - ripple) - 0.024)
        return d.astype(np.float32)

    def material(p: Array, n: Array) -> Surface:
        r = np.sqrt(p[0] * p[0] + p[2] * p[2]) / np.float32(radius)
        ring = np.abs(np.mod(np.arctan2(p[2], p[0]) / (2 * np.pi) * 9, 1) - 0.5)
        pip = step(0.28, 0.12, np.hypot((r - 0.42) * 2.2, ring))
        colour = mix(rgb("#c3c95c"), rgb("#9cab35"), step(0.5, 0.85, r))
        colour = mix(colour, rgb("#e0dd9a"), pip * 0.8)
        colour = mix(colour, rgb("#3f5a14"), step(0.9, 0.97, r))
        return Surface(colour.astype(np.float32), full(p, 0.2), full(p, 0.05), full(p, 0.4))

    low, high = (-radius - 0.02, -0.045, -radius - 0.02), (radius + 0.02, 0.045, radius + 0.02)
    return Solid(field, material, low, high, slack=0.7)


def seeds(floor: Field, sort: str, seed: int) -> Solid:
    """Seeds on the upper half of a long bun: `sesame` or `poppy`."""
    random = np.random.default_rng(seed + 3)
    count = 230 if sort == "sesame" else 420
    x = random.uniform(-1.05, 1.05, count).astype(np.float32)
    z = (random.choice([-1, 1], count) * random.uniform(0.31, 0.55, count)).astype(np.float32)
    y = settle(floor, x, z, 1.0)
    return seeded(floor, np.stack([x, y, z]), sort, random)


def seeded(floor: Field, points: Array, sort: str, random: np.random.Generator) -> Solid:
    """Seeds lying flat on a surface at points (3, N)."""
    normals = slope(floor, points)
    radii: Triple = (0.034, 0.011, 0.021) if sort == "sesame" else (0.013, 0.011, 0.013)
    pieces = []
    for point, up in zip(points.T, normals.T, strict=True):
        side = np.cross(up, random.normal(size=3))
        side = side / np.linalg.norm(side)
        turn = np.stack([side, up, np.cross(side, up)], axis=1).astype(np.float32)
        where = triple(*(point + up * radii[1] * 0.5))
        seed = partial(ellipsoid, centre=(0, 0, 0), radii=radii)
        pieces.append(Piece(seed, where, max(radii), int(random.integers(0, 3)), turn))
    grid = bake(pieces, 0.007)
    codes = ["#f3e2b8", "#ead29b", "#f7ecd0"] if sort == "sesame" else ["#23252b", "#33353c"]
    return scatter(grid, from_kinds(grid, codes, 0.35, 0.3))


def nub(p: Array, length: float, thick: float) -> Array:
    """Give a short rod, for sprinkles and strands."""
    return capsule(p, (-length, 0, 0), (length, 0, 0), thick)
