"""Savoury things in bread: hamburger and taco. Each stands on y = 0."""

from __future__ import annotations

from functools import partial

import numpy as np

from images.render.arrays import Array, Field, Triple, full, mix, rgb, rotation, single, step
from images.render.bake import Piece, bake, settle
from images.render.fields import box, common, drum, ellipsoid, radial
from images.render.grounds import flat
from images.render.noise import fractal, noise
from images.render.tableware import plain
from images.render.toppings import from_kinds, scatter, seeded, triple
from images.render.trace import Material, Solid, Surface


def crust(low: float, high: float, crumb: float = -9.0) -> Material:
    """Baked dough, browner from y = `low` to `high`; pale crumb below y = `crumb`."""

    def material(p: Array, n: Array) -> Surface:
        baked = p[1] + 0.05 * fractal(p, 2, 3)
        colour = mix(rgb("#e9bd77"), rgb("#b9641d"), step(low, high, baked))
        colour = mix(colour, rgb("#8d4310"), step(high, high + 0.4, baked) * 0.6)
        inside = step(crumb + 0.02, crumb, p[1] + 0.01 * noise(p, 9))
        colour = mix(colour, rgb("#f3dfb0"), inside)
        return flat(p, colour.astype(np.float32), 0.38, 0.04, 0.25)

    return material


def frill(radius: float, y: float, code: tuple[str, str], waves: int, seed: float) -> Solid:
    """Make a round leaf lying at `y`, ruffled and drooping at its edge."""
    inner = radius * 0.72

    def shape(p: Array) -> tuple[Array, Array]:
        r, angle = radial(p), np.arctan2(p[2], p[0])
        grows = step(inner * 0.9, radius, r)
        q = p + np.float32(seed)
        wave = np.sin(angle * waves + 1.5 * noise(q, 1.2)) + 0.5 * noise(q, 3.5)
        height = y - 0.09 * grows * grows + 0.06 * grows * wave
        return height.astype(np.float32), r

    def field(p: Array) -> Array:
        height, r = shape(p)
        edge = r - np.float32(radius) - 0.05 * noise(p + np.float32(seed), 2.6)
        d: Array = np.maximum(np.abs(p[1] - height) - np.float32(0.012), edge).astype(np.float32)
        return d

    def material(p: Array, n: Array) -> Surface:
        r = radial(p)
        tone = np.clip((r - inner) / (radius - inner) + 0.2 * fractal(p, 5, 2), 0, 1)
        colour = mix(rgb(code[0]), rgb(code[1]), tone)
        return flat(p, colour.astype(np.float32), 0.35, 0.04, 0.5)

    edge = radius + 0.14
    low, high = (-edge, y - 0.26, -edge), (edge, y + 0.16, edge)
    return Solid(field, material, low, high, lambda p: 0.004 * noise(p, 10), 0.5)


def cheese(y: float, half: float, turn: float) -> Solid:
    """Make a square slice at `y`, melted: its corners hang down."""

    def field(p: Array) -> Array:
        r = radial(p)
        height = y - 0.3 * step(0.86, 1.3, r) ** 1.3 - 0.03 * step(0.6, 0.9, r)
        slab = np.abs(p[1] - height) - np.float32(0.022)
        square = box(p * np.array([[1], [0], [1]], np.float32), (0, 0, 0), (half, 1, half), 0.1)
        return common((slab * 0.75).astype(np.float32), square, 0.03)

    edge = half * 1.02
    low, high = (-edge, y - 0.4, -edge), (edge, y + 0.05, edge)
    material = plain("#f6a81c", 0.3, 0.4)
    return Solid(field, material, low, high, None, 0.75, rotation(turn))


def patty(y: float, radius: float = 1.0, half: float = 0.15) -> Solid:
    """Minced meat, grilled."""

    def field(p: Array) -> Array:
        rough = 0.03 * fractal(p, 3.2, 3, 0.6)
        return (drum(p, (0, y, 0), radius, half, 0.12) - rough).astype(np.float32)

    def material(p: Array, n: Array) -> Surface:
        tone = np.clip(0.5 + 0.3 * fractal(p, 6, 4, 0.7), 0, 1)
        colour = mix(rgb("#8a5030"), rgb("#45220f"), tone)
        rough = (0.58 + 0.12 * noise(p, 10)).astype(np.float32)
        return Surface(colour.astype(np.float32), rough, full(p, 0.05), full(p, 0.1))

    edge = radius + 0.1
    low, high = (-edge, y - half - 0.1, -edge), (edge, y + half + 0.1, edge)
    return Solid(field, material, low, high, lambda p: 0.012 * fractal(p, 11, 2), 0.7)


def hamburger() -> list[Solid]:
    """Bun with sesame, lettuce, tomato, cheese, patty; about 1.5 high, radius 1.1."""

    def top(p: Array) -> Array:
        dome = ellipsoid(p, (0, 0.86, 0), (1.06, 0.68, 1.06)) - 0.01 * noise(p, 1.5)
        return common(dome, np.float32(0.93) - p[1], 0.1)

    def bottom(p: Array) -> Array:
        return drum(p, (0, 0.16, 0), 1.0, 0.16, 0.14) - 0.008 * noise(p, 1.6)

    random = np.random.default_rng(2)
    angle, r = random.uniform(0, 2 * np.pi, 120), np.sqrt(random.uniform(0, 0.72, 120))
    x, z = (r * np.cos(angle)).astype(np.float32), (r * np.sin(angle)).astype(np.float32)
    points = np.stack([x, settle(top, x, z, 1.8), z])
    slices = [
        Solid(
            partial(drum, centre=(dx, 0.84, dz), radius=0.56, half=0.05, rounding=0.03),
            plain("#c8281a", 0.2, 0.4),
            (dx - 0.57, 0.78, dz - 0.57),
            (dx + 0.57, 0.9, dz + 0.57),
        )
        for dx, dz in ((0.42, 0.28), (-0.45, 0.28), (0.0, -0.5), (0.02, 0.46))
    ]
    return [
        Solid(top, crust(0.95, 1.4, 0.0), (-1.1, 0.9, -1.1), (1.1, 1.58, 1.1), wrinkle, 0.9),
        Solid(bottom, crust(0.0, 0.34), (-1.03, 0, -1.03), (1.03, 0.35, 1.03), wrinkle),
        patty(0.54),
        cheese(0.73, 0.93, 38),
        frill(1.2, 0.86, ("#b9d766", "#4d9a22"), 13, 3.0),
        frill(1.14, 0.41, ("#b9d766", "#5fa62a"), 11, 8.0),
        *slices,
        seeded(top, points, "sesame", random),
    ]


def wrinkle(p: Array) -> Array:
    """Give the fine unevenness of baked dough."""
    rise: Array = (0.003 * noise(p, 5) + 0.001 * noise(p, 18)).astype(np.float32)
    return rise


def taco() -> list[Solid]:
    """Make a folded shell along x, open upwards, filled; about 2.4 long."""
    fold, wide = 0.34, 1.2

    def wall(p: Array) -> Array:
        y = p[1] - np.float32(fold)
        below = np.sqrt(np.minimum(y, 0) ** 2 + p[2] * p[2]) - fold
        lean = np.abs(p[2]) - fold - 0.16 * np.maximum(y, 0)
        return single(np.where(y < 0, below, lean * 0.98))

    def rim(p: Array) -> Array:
        arc = np.sqrt(p[0] * p[0] + (p[1] * 1.08) ** 2) - wide
        return single(arc + 0.015 * noise(p, 3))

    def shell(p: Array) -> Array:
        skin = np.abs(wall(p) - 0.012 * noise(p, 2.2)) - np.float32(0.026)
        return common(skin.astype(np.float32), rim(p), 0.03)

    def shell_material(p: Array, n: Array) -> Surface:
        blisters = step(0.9, 1.8, noise(p, 7))
        colour = mix(rgb("#eebf57"), rgb("#d1902c"), np.clip(0.4 + 0.3 * fractal(p, 2.5, 4), 0, 1))
        colour = mix(colour, rgb("#9c5a18"), blisters * 0.55)
        return flat(p, colour.astype(np.float32), 0.5, 0.04, 0.25)

    def filling(p: Array) -> Array:
        heap = np.sqrt(p[0] * p[0] + (p[1] * 1.08) ** 2) - (wide - 0.12)
        return single(np.maximum(wall(p) + 0.06, heap.astype(np.float32)) - 0.012 * noise(p, 5))

    meat = crumbly("#6b3a1e", "#3c1d0e")
    box_of: tuple[Triple, Triple] = ((-1.3, 0, -0.6), (1.3, 1.25, 0.6))
    return [
        Solid(shell, shell_material, *box_of, lambda p: 0.006 * noise(p, 9), 0.7),
        Solid(filling, meat, *box_of, lambda p: 0.02 * fractal(p, 8, 2), 0.6),
        *taco_top(filling),
    ]


def crumbly(light: str, dark: str) -> Material:
    """Fried mince."""

    def material(p: Array, n: Array) -> Surface:
        tone = np.clip(0.5 + 0.35 * fractal(p, 7, 3), 0, 1)
        colour = mix(rgb(light), rgb(dark), tone).astype(np.float32)
        return flat(p, colour, 0.4, 0.05, 0.1)

    return material


def shred(p: Array, length: float, thick: float, bow: float) -> Array:
    """Give a strip of leaf or cheese, bowed."""
    q = p.copy()
    q[1] = q[1] - np.float32(bow) * (q[0] * q[0] - np.float32(length * length * 0.5))
    return box(q, (0, 0, 0), (length, thick * 0.6, thick * 1.6), thick * 0.4) * np.float32(0.8)


def taco_top(floor: Field) -> list[Solid]:
    """Shredded lettuce, grated cheese, diced tomato, heaped along the opening."""
    random = np.random.default_rng(31)

    def heap(count: int, low: float, high: float) -> Array:
        x = random.uniform(-0.98, 0.98, count).astype(np.float32)
        z = np.clip(random.normal(0, 0.17, count), -0.32, 0.32).astype(np.float32)
        y = settle(floor, x, z, 1.5) + random.uniform(low, high, count).astype(np.float32)
        return np.stack([x, y, z]).astype(np.float32)

    def strips(points: Array, length: float, thick: float, kinds: int) -> list[Piece]:
        pieces = []
        for point in points.T:
            shape = partial(shred, length=length, thick=thick, bow=random.uniform(-2, 2))
            turn = rotation(*random.uniform((0, -40, 0), (360, 40, 180)))
            kind = int(random.integers(0, kinds))
            pieces.append(Piece(shape, triple(*point), length * 1.4, kind, turn))
        return pieces

    leaves = bake(strips(heap(190, 0.0, 0.17), 0.15, 0.02, 5), 0.011)
    grated = bake(strips(heap(90, 0.12, 0.24), 0.11, 0.017, 2), 0.01)
    dice = []
    for point in heap(42, 0.1, 0.22).T:
        a = random.uniform(0.05, 0.075)
        cube = partial(box, centre=(0, 0, 0), half=(a, a * 0.8, a), rounding=0.02)
        turn = rotation(*random.uniform(0, 180, 3))
        dice.append(Piece(cube, triple(*point), 1.8 * a, int(random.integers(0, 3)), turn))
    red = bake(dice, 0.011)
    greens = ["#6aa62c", "#8dc043", "#b7d86e", "#4c8a1f", "#9ccb52"]
    return [
        scatter(leaves, from_kinds(leaves, greens, 0.35, 0.4)),
        scatter(grated, from_kinds(grated, ["#f8b62a", "#fbc74a"], 0.4, 0.4)),
        scatter(red, from_kinds(red, ["#d3250f", "#e04326", "#bd1a0c"], 0.2, 0.35)),
    ]


def chips() -> list[Solid]:
    """Make a heap of fried potato sticks."""
    random = np.random.default_rng(17)
    pieces = []
    for _ in range(46):
        x, z = random.normal(0, 0.3), random.normal(0, 0.42)
        y = 0.06 + 0.3 * float(np.exp(-(x * x + z * z) / 0.2)) * random.uniform(0, 1)
        half = (random.uniform(0.28, 0.46), 0.052, 0.052)
        stick = partial(box, centre=(0, 0, 0), half=half, rounding=0.018)
        tilt = random.normal(0, 9) if y > 0.12 else 0.0
        turn = rotation(random.uniform(0, 360), tilt, random.uniform(0, 90))
        pieces.append(Piece(stick, triple(x, y, z), 0.48, int(random.integers(0, 4)), turn))
    grid = bake(pieces, 0.014)
    golds = ["#edb84c", "#e3a537", "#f2c765", "#d9982c"]
    return [scatter(grid, from_kinds(grid, golds, 0.45, 0.25), lambda p: 0.004 * noise(p, 12))]
