"""Savoury things on a plate or board: pizza, fried egg, sushi. Each stands on y = 0."""

from __future__ import annotations

from functools import partial

import numpy as np

from images.render.arrays import Array, Triple, full, mix, rgb, rotation, single, step
from images.render.bake import Piece, bake
from images.render.fields import box, common, drum, ellipsoid, radial, torus, union
from images.render.grounds import flat
from images.render.noise import fractal, noise
from images.render.tableware import plain
from images.render.toppings import from_kinds, scatter, triple
from images.render.trace import Solid, Surface

#: The slice that is pulled out of the pizza lies about this angle, and is this wide; radians.
SLICE_AT = 0.9
SLICE_WIDE = np.pi / 4


def wedge(p: Array, inside: bool) -> Array:
    """Field of the slice's sector, or of the rest."""
    x = p[0] * np.cos(SLICE_AT) + p[2] * np.sin(SLICE_AT)
    z = -p[0] * np.sin(SLICE_AT) + p[2] * np.cos(SLICE_AT)
    half = SLICE_WIDE / 2
    d = np.abs(z) * np.cos(half) - x * np.sin(half)
    signed: Array = (d if inside else -d).astype(np.float32)
    return signed


def dough(p: Array) -> Array:
    """Give the whole pizza without toppings: base, cheese and puffed rim; radius about 1.65."""
    r, angle = radial(p), np.arctan2(p[2], p[0])
    puff = 0.02 * np.sin(angle * 5 + 1) + 0.025 * noise(
        p * np.array([[1], [0], [1]], np.float32), 2
    )
    rim = torus(p, (0, 0.13, 0), 1.5, 0.135) - puff
    melt = 0.014 * fractal(p * np.array([[1], [0], [1]], np.float32), 3.5, 3)
    base = np.maximum(r - np.float32(1.5), np.abs(p[1] - 0.06) - 0.065 - melt)
    # Between the slices the knife has left a groove.
    turn = np.mod(angle - SLICE_AT + SLICE_WIDE / 2, SLICE_WIDE)
    knife = np.minimum(turn, SLICE_WIDE - turn) * r - 0.008
    whole = union(base.astype(np.float32), rim.astype(np.float32), 0.06)
    return single(np.maximum(whole, -np.maximum(knife, 0.07 - p[1])))


def dough_material(p: Array, n: Array) -> Surface:
    """Crust at the rim, then a line of sauce, then cheese browned in spots."""
    r = radial(p) + 0.02 * fractal(p, 4, 2)
    baked = np.clip(0.1 + 0.3 * fractal(p, 3, 3) + 2.6 * p[1], 0, 1)
    crust = mix(rgb("#e8bd74"), rgb("#a55a1c"), baked)
    crust = mix(crust, rgb("#4a230d"), step(1.5, 2.3, noise(p, 6)) * 0.8)
    spots = step(0.45, 1.5, fractal(p, 4.2, 3))
    cheese = mix(rgb("#f2c25c"), rgb("#e6a23c"), np.clip(0.4 + 0.3 * fractal(p, 2, 3), 0, 1))
    cheese = mix(cheese, rgb("#b9661d"), spots * 0.6)
    bare = step(0.55, 1.05, noise(p + 3, 2.6)) * 0.75
    cheese = mix(cheese, rgb("#c23a12"), bare)
    colour = mix(cheese, rgb("#b52a0e"), step(1.3, 1.36, r) * 0.9)
    colour = mix(colour, crust, step(1.37, 1.41, r))
    cut_face = step(0.105, 0.09, p[1]) * step(1.5, 1.4, r)
    colour = mix(colour, rgb("#f0d9a4"), cut_face)
    rough = (0.3 + 0.2 * step(1.36, 1.42, r) + 0.05 * noise(p, 9)).astype(np.float32)
    return Surface(colour.astype(np.float32), rough, full(p, 0.045), full(p, 0.25))


def salami(p: Array, radius: float, seed: float) -> Array:
    """Give a slice of salami, its edge curled up a little."""
    r = radial(p)
    height = 0.03 * step(radius * 0.4, radius, r) + 0.008 * noise(p + np.float32(seed), 4)
    d = np.maximum(
        np.abs(p[1] - height) - 0.02, r - radius - 0.012 * noise(p + np.float32(seed), 3)
    )
    return single(d * 0.85)


def salami_solid(x: float, z: float, seed: int) -> Solid:
    """One slice lying on the cheese at (x, z)."""
    radius = 0.215

    def material(p: Array, n: Array) -> Surface:
        q = p + np.float32(seed)
        fat = step(0.55, 1.3, noise(q, 13))
        colour = mix(rgb("#a8261a"), rgb("#c4432c"), np.clip(0.5 + 0.3 * fractal(q, 6, 2), 0, 1))
        colour = mix(colour, rgb("#e08a68"), fat * 0.55)
        colour = mix(colour, rgb("#6e140d"), step(radius * 0.82, radius, radial(p)) * 0.7)
        return flat(p, colour.astype(np.float32), 0.36, 0.05, 0.25)

    edge = radius + 0.05
    shape = partial(salami, radius=radius, seed=seed)
    tilt = rotation(turn=seed * 50, tilt=3 * np.sin(seed), roll=3 * np.cos(seed))
    low, high = (-edge, -0.05, -edge), (edge, 0.12, edge)
    return Solid(shape, material, low, high).put(tilt, (x, 0.145, z))


def basil(x: float, z: float, turn: float) -> Solid:
    """Make a basil leaf."""

    def field(p: Array) -> Array:
        wide = 0.11 * np.sqrt(np.clip(1 - (p[0] / 0.2) ** 2, 0, 1)) * (1 - 0.8 * p[0])
        height = 0.05 - 0.9 * p[2] ** 2 - 0.8 * p[0] ** 2 + 0.05 * np.abs(p[2])
        d = np.maximum(np.abs(p[1] - height) - 0.008, np.abs(p[2]) - wide)
        return single(d)

    def material(p: Array, n: Array) -> Surface:
        vein = step(0.012, 0.004, np.abs(p[2]))
        colour = mix(rgb("#3f8a24"), rgb("#8cbf5a"), vein) * (1 + 0.1 * noise(p, 9))
        return flat(p, colour.astype(np.float32), 0.35, 0.04, 0.4)

    low, high = (-0.21, -0.04, -0.16), (0.21, 0.08, 0.16)
    return Solid(field, material, low, high, None, 0.7).put(rotation(turn), (x, 0.19, z))


def pizza() -> list[Solid]:
    """Make a pizza with salami and basil, one slice pulled out."""
    shift = np.array([np.cos(SLICE_AT), np.sin(SLICE_AT)]) * 0.42
    away = (float(shift[0]), 0.0, float(shift[1]))
    solids = []
    corner: tuple[Triple, Triple] = ((-1.7, 0, -1.7), (1.7, 0.34, 1.7))
    for inside, place in ((False, (0.0, 0.0, 0.0)), (True, away)):

        def field(p: Array, inside: bool = inside) -> Array:
            return common(dough(p), wedge(p, inside), 0.03)

        box_of: tuple[Triple, Triple] = ((0, 0, 0.2), (1.62, 0.34, 1.66)) if inside else corner
        part = Solid(field, dough_material, *box_of, lambda p: 0.006 * noise(p, 7), 0.75)
        solids.append(part.put(np.eye(3, dtype=np.float32), place))
    # Two slices of salami to a slice of pizza, one further out than the other.
    for number in range(8):
        middle = SLICE_AT + number * SLICE_WIDE
        push = shift if number == 0 else (0.0, 0.0)
        for r, off in ((1.1, 0.13), (0.6, -0.05))[: 2 - number % 2]:
            angle = middle + off * (-1) ** number
            x, z = r * np.cos(angle) + push[0], r * np.sin(angle) + push[1]
            solids.append(salami_solid(float(x), float(z), number * 2 + int(r > 1)))
    for angle, r in ((2.1, 0.8), (3.3, 1.15), (4.6, 0.75), (5.6, 1.1), (0.1, 1.2), (1.75, 1.22)):
        x, z = float(r * np.cos(angle)), float(r * np.sin(angle))
        solids.append(basil(x, z, angle * 70))
    return solids


def egg(y: float = 0.08) -> list[Solid]:
    """Make a fried egg on a floor at `y`: white with a browned edge, and a shining yolk."""

    def outline(p: Array) -> Array:
        angle = np.arctan2(p[2], p[0])
        wavy = (
            0.09 * np.sin(angle * 3 + 0.7)
            + 0.05 * np.sin(angle * 5 + 2)
            + 0.02 * np.sin(angle * 11)
        )
        edge: Array = radial(p) - (0.84 + wavy) - 0.02 * noise(p, 5)
        return edge.astype(np.float32)

    def white(p: Array) -> Array:
        edge = outline(p)
        mound = 0.05 + 0.09 * step(0.75, 0.3, radial(p)) + 0.02 * step(-0.12, -0.02, edge)
        top = p[1] - np.float32(y) - mound - 0.012 * noise(p, 3.5)
        return common((top * 0.8).astype(np.float32), edge * np.float32(0.8), 0.06)

    def white_material(p: Array, n: Array) -> Surface:
        edge = outline(p) + 0.025 * noise(p, 9)
        colour = mix(rgb("#f7f4ea"), rgb("#e9dfc4"), step(-0.3, -0.08, edge) * 0.6)
        colour = mix(colour, rgb("#b9742a"), step(-0.1, -0.005, edge) * 0.85)
        return flat(p, colour.astype(np.float32), 0.25, 0.045, 0.45)

    def yolk(p: Array) -> Array:
        return ellipsoid(p, (0.05, y + 0.13, -0.03), (0.37, 0.22, 0.37))

    def yolk_material(p: Array, n: Array) -> Surface:
        colour = mix(rgb("#f79a0a"), rgb("#fbb81c"), step(0.1, 0.9, n[1]))
        return flat(p, colour.astype(np.float32), 0.12, 0.05, 0.4)

    return [
        Solid(white, white_material, (-1.1, y, -1.1), (1.1, y + 0.32, 1.1), None, 0.8),
        Solid(yolk, yolk_material, (-0.35, y, -0.42), (0.45, y + 0.37, 0.36)),
    ]


def grains(points: Array, seed: int) -> Solid:
    """Grains of rice about points (3, N), lying any way."""
    random = np.random.default_rng(seed)
    pieces = []
    for point in points.T:
        shape = partial(ellipsoid, centre=(0, 0, 0), radii=(0.068, 0.03, 0.03))
        turn = rotation(*random.uniform(0, 180, 3))
        pieces.append(Piece(shape, triple(*point), 0.07, int(random.integers(0, 3)), turn))
    grid = bake(pieces, 0.011)
    return scatter(grid, from_kinds(grid, ["#f4f1e8", "#faf8f2", "#ebe7da"], 0.35, 0.5))


def roll(seed: int) -> list[Solid]:
    """Make a sushi roll standing on end: seaweed round rice round salmon, cucumber and avocado."""
    random = np.random.default_rng(seed)

    def nori(p: Array) -> Array:
        outer = drum(p, (0, 0.3, 0), 0.46, 0.3, 0.02) - 0.006 * noise(p, 3)
        return single(np.maximum(outer, -(radial(p) - np.float32(0.435))))

    def rice(p: Array) -> Array:
        return drum(p, (0, 0.29, 0), 0.44, 0.28, 0.03)

    def filling(p: Array) -> Array:
        return drum(p, (0, 0.32, 0), 0.2, 0.3, 0.03) - 0.01 * noise(p, 5)

    def filling_material(p: Array, n: Array) -> Surface:
        angle = np.arctan2(p[2], p[0]) + 0.15 * noise(p, 4) + seed
        third = np.mod(angle, 2 * np.pi) / (2 * np.pi) * 3
        colour = mix(rgb("#f4703a"), rgb("#b8d37a"), step(0.97, 1.03, third))
        colour = mix(colour, rgb("#f0a05a"), step(0.6, 1, np.sin(p[0] * 45)) * step(1, 0.9, third))
        colour = mix(colour, rgb("#5f9b3a"), step(1.97, 2.03, third))
        return flat(p, colour.astype(np.float32), 0.25, 0.045, 0.35)

    count = 120
    angle, r = random.uniform(0, 2 * np.pi, count), np.sqrt(random.uniform(0.06, 0.16, count))
    top = np.stack([r * np.cos(angle), random.uniform(0.55, 0.585, count), r * np.sin(angle)])
    box_of: tuple[Triple, Triple] = ((-0.49, 0, -0.49), (0.49, 0.64, 0.49))
    return [
        Solid(nori, plain("#16211b", 0.4), *box_of, lambda p: 0.005 * noise(p, 16)),
        Solid(rice, plain("#f2efe4", 0.5, 0.4), *box_of),
        Solid(filling, filling_material, (-0.24, 0.4, -0.24), (0.24, 0.66, 0.24)),
        grains(top.astype(np.float32), seed),
    ]


def nigiri(seed: int, code: str = "#f7813f", stripe: str = "#ffd2ae") -> list[Solid]:
    """Make a pad of rice along x under a slice of salmon."""
    random = np.random.default_rng(seed)

    def pad(p: Array) -> Array:
        return box(p, (0, 0.2, 0), (0.62, 0.2, 0.27), 0.18)

    def fish(p: Array) -> Array:
        drape = 0.47 - 0.1 * p[0] ** 2 - 1.3 * p[2] ** 2 + 0.015 * noise(p, 2)
        slab = (np.abs(p[1] - drape) - 0.05) * 0.8
        plan = box(p * np.array([[1], [0], [1]], np.float32), (0, 0, 0), (0.82, 1, 0.34), 0.15)
        return common(slab.astype(np.float32), plan, 0.05)

    def fish_material(p: Array, n: Array) -> Surface:
        band = np.sin((p[0] + 0.5 * np.abs(p[2]) + 0.03 * noise(p, 3)) * 27)
        colour = mix(rgb(code), rgb(stripe), step(0.72, 0.97, band) * 0.85)
        colour = colour * (1 + 0.06 * fractal(p, 3, 2))
        return flat(p, colour.astype(np.float32), 0.22, 0.05, 0.4)

    # Only the sides of the pad show, so that is where the grains are.
    count = 330
    angle, y = random.uniform(0, 2 * np.pi, count), random.uniform(0.04, 0.27, count)
    x, z = np.cos(angle), np.sin(angle)
    x, z = np.sign(x) * np.abs(x) ** 0.45 * 0.6, np.sign(z) * np.abs(z) ** 0.45 * 0.265
    swell = 1 - 0.9 * (y - 0.18) ** 2
    points = np.stack([x * swell, y, z * swell]).astype(np.float32)
    return [
        Solid(pad, plain("#f2efe4", 0.5, 0.4), (-0.64, 0, -0.29), (0.64, 0.42, 0.29)),
        Solid(fish, fish_material, (-0.84, 0.18, -0.37), (0.84, 0.56, 0.37), None, 0.75),
        grains(points, seed),
    ]


def wasabi() -> Solid:
    """Make a dab of green paste."""

    def field(p: Array) -> Array:
        lump = ellipsoid(p, (0, 0.1, 0), (0.22, 0.17, 0.2)) - 0.03 * fractal(p, 5, 3)
        return lump.astype(np.float32)

    low, high = (-0.3, 0.0, -0.3), (0.3, 0.36, 0.3)
    return Solid(field, plain("#9fbf5a", 0.6, 0.3), low, high, None, 0.7)
