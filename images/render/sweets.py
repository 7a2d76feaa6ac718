"""Sweet things: doughnut, cupcake, ice cream, banana, watermelon. Each stands on y = 0."""

from __future__ import annotations

from functools import partial

import numpy as np

from images.render.arrays import Array, Field, Triple, full, mix, rgb, rotation, single, step
from images.render.bake import Piece, bake, settle, slope
from images.render.fields import capsule, common, ellipsoid, less, radial, sphere, torus, union
from images.render.grounds import flat
from images.render.noise import fractal, noise
from images.render.tableware import plain
from images.render.toppings import from_kinds, nub, scatter, triple
from images.render.trace import Solid, Surface

CANDY = ["#f25a8c", "#ffd23c", "#4fb7e8", "#7ccf5a", "#ff8a2b", "#ffffff", "#8f5be0"]


def sprinkles(floor: Field, x: Array, z: Array, seed: int, top: float) -> Solid:
    """Sugar rods lying on a surface at (x, z)."""
    random = np.random.default_rng(seed)
    points = np.stack([x, settle(floor, x, z, top), z]).astype(np.float32)
    normals = slope(floor, points)
    pieces = []
    for point, up in zip(points.T, normals.T, strict=True):
        side = np.cross(up, random.normal(size=3))
        side = side / np.linalg.norm(side)
        turn = np.stack([side, up, np.cross(side, up)], axis=1).astype(np.float32)
        rod = partial(nub, length=0.045, thick=0.016)
        where = triple(*(point + up * 0.011))
        pieces.append(Piece(rod, where, 0.062, int(random.integers(0, len(CANDY))), turn))
    grid = bake(pieces, 0.0065)
    return scatter(grid, from_kinds(grid, CANDY, 0.25, 0.2))


def ring_places(count: int, inner: float, outer: float, seed: int) -> tuple[Array, Array]:
    """Places (x, z) strewn evenly over a ring, none too near another."""
    random = np.random.default_rng(seed)
    kept: list[tuple[float, float]] = []
    for _ in range(count * 20):
        r = np.sqrt(random.uniform(inner**2, outer**2))
        angle = random.uniform(0, 2 * np.pi)
        x, z = float(r * np.cos(angle)), float(r * np.sin(angle))
        if all((x - a) ** 2 + (z - b) ** 2 > 0.075**2 for a, b in kept):
            kept.append((x, z))
        if len(kept) == count:
            break
    places = np.array(kept, np.float32).T
    return places[0], places[1]


def doughnut(icing: str = "#f08bb0", seed: int = 4, sprinkled: bool = True) -> list[Solid]:
    """Make a ring of dough with icing and sprinkles, radius 1."""

    def dough(p: Array) -> Array:
        q = p * np.array([[1], [1.12], [1]], np.float32)
        return torus(q, (0, 0.4, 0), 0.64, 0.37) - 0.012 * noise(p, 1.7)

    def dough_material(p: Array, n: Array) -> Surface:
        # A paler belt where the dough floated out of the fat.
        belt = step(0.09, 0.02, np.abs(p[1] - 0.33 + 0.015 * noise(p, 3)))
        colour = mix(rgb("#b8701f"), rgb("#8d4d14"), np.clip(0.4 + 0.3 * fractal(p, 3, 3), 0, 1))
        colour = mix(colour, rgb("#e6bf7c"), belt * 0.8)
        return flat(p, colour.astype(np.float32), 0.5, 0.04, 0.2)

    def coat(p: Array) -> Array:
        q = p * np.array([[1], [1.12], [1]], np.float32)
        shell = torus(q, (0, 0.4, 0), 0.64, 0.405) - 0.012 * noise(p, 1.7)
        angle = np.arctan2(p[2], p[0])
        ripple = 0.055 * np.sin(angle * 7 + 1) + 0.04 * np.sin(angle * 11 + 2.2)
        edge = np.float32(0.43) + np.where(radial(p) > 0.64, ripple, -0.4 * ripple + 0.02) - p[1]
        return common(shell.astype(np.float32), edge.astype(np.float32), 0.07)

    def coat_material(p: Array, n: Array) -> Surface:
        colour = rgb(icing) * (1 + 0.04 * noise(p, 3))
        return flat(p, colour.astype(np.float32), 0.2, 0.05, 0.3)

    def soft(p: Array) -> Array:
        rise: Array = (0.005 * noise(p, 4)).astype(np.float32)
        return rise

    box: tuple[Triple, Triple] = ((-1.08, 0, -1.08), (1.08, 0.8, 1.08))
    solids = [
        Solid(dough, dough_material, *box, lambda p: 0.003 * noise(p, 14), 0.85),
        Solid(coat, coat_material, *box, soft, 0.75),
    ]
    if sprinkled:
        x, z = ring_places(190, 0.36, 0.93, seed)
        solids.append(sprinkles(coat, x, z, seed, 0.9))
    return solids


def cupcake(cream: str = "#f7b7c9", cup: str = "#5fb3b0") -> list[Solid]:
    """Make a cake in a pleated paper cup under a swirl of cream and a cherry, about 2 high."""

    def case(p: Array) -> Array:
        r, angle = radial(p), np.arctan2(p[2], p[0])
        wide = 0.5 + 0.24 * p[1] + 0.02 * np.sin(angle * 34) * step(0, 0.2, p[1])
        body = np.maximum((r - wide) * 0.93, np.maximum(-p[1], p[1] - np.float32(0.76)))
        return single(body)

    def case_material(p: Array, n: Array) -> Surface:
        pleat = 0.5 + 0.5 * np.sin(np.arctan2(p[2], p[0]) * 34)
        colour = mix(rgb(cup) * 0.75, rgb(cup), pleat)
        colour = mix(colour, rgb("#ffffff"), step(0.7, 0.72, p[1]) * 0.6)
        return flat(p, colour.astype(np.float32), 0.6, 0.04, 0.2)

    def cake(p: Array) -> Array:
        return ellipsoid(p, (0, 0.72, 0), (0.75, 0.22, 0.75)) - 0.012 * noise(p, 6)

    def cake_material(p: Array, n: Array) -> Surface:
        colour = rgb("#c98d48") * (1 + 0.12 * fractal(p, 7, 3))
        return flat(p, colour.astype(np.float32), 0.8, 0.03, 0.2)

    def swirl(p: Array) -> Array:
        angle = np.arctan2(p[2], p[0])
        up = p[1] - 0.82
        # A rope of cream wound upwards: its radius about the axis shrinks by one rope a turn.
        turns = up / 0.27 - angle / np.float32(2 * np.pi)
        wound = np.mod(turns, 1) - 0.5
        girth = 0.66 * (1 - np.clip(up / 1.06, 0, 1) ** 1.35)
        rope = girth + 0.085 * np.sqrt(np.maximum(1 - (wound * 1.9) ** 2, 0)) - 0.05
        rope = rope + 0.02 * np.sin(angle * 9 + wound * 8) * step(0, 0.3, girth)
        d = (radial(p) - rope) * 0.62
        d = np.maximum(d, np.maximum(-up - 0.14, up - 1.1))
        return single(d)

    def cream_material(p: Array, n: Array) -> Surface:
        colour = rgb(cream) * (1 + 0.03 * noise(p, 2))
        return flat(p, colour.astype(np.float32), 0.42, 0.04, 0.4)

    x, z = ring_places(80, 0.08, 0.62, 9)
    return [
        Solid(case, case_material, (-0.74, 0, -0.74), (0.74, 0.78, 0.74), None, 0.7),
        Solid(cake, cake_material, (-0.8, 0.5, -0.8), (0.8, 0.97, 0.8)),
        Solid(swirl, cream_material, (-0.8, 0.66, -0.8), (0.8, 1.95, 0.8), None, 0.7),
        sprinkles(swirl, x, z, 5, 2.0),
        *cherry((0.0, 1.95, 0.0)),
    ]


def cherry(place: Triple) -> list[Solid]:
    """Make a glossy cherry with its stalk."""
    x, y, z = place

    def ball(p: Array) -> Array:
        dent = sphere(p, (x, y + 0.24, z), 0.09)
        return less(sphere(p, place, 0.19), dent, 0.08)

    def stalk(p: Array) -> Array:
        q = p.copy()
        q[0] = q[0] - 0.5 * (q[1] - np.float32(y + 0.12)) ** 2
        return capsule(q, (x, y + 0.12, z), (x, y + 0.62, z), 0.014, 0.02)

    low, high = (x - 0.2, y - 0.2, z - 0.2), (x + 0.2, y + 0.2, z + 0.2)
    tall = (x + 0.2, y + 0.66, z + 0.05)
    return [
        Solid(ball, plain("#b00d1e", 0.12, 0.25, 0.06), low, high),
        Solid(stalk, plain("#6b7a2a", 0.5), (x - 0.04, y + 0.05, z - 0.05), tall, None, 0.8),
    ]


def scoop(centre: Triple, radius: float, code: str, chips: str = "") -> Solid:
    """Make a ball of ice cream with its ragged skirt; `chips` colours flecks in it."""
    x, y, z = centre

    def field(p: Array) -> Array:
        q = np.stack([p[0] - x, (p[1] - y + 0.56 * radius) * 1.3, p[2] - z]).astype(np.float32)
        skirt = torus(q, (0, 0, 0), radius * 0.82, radius * 0.25)
        frill = 0.055 * noise(p, 4) + 0.03 * noise(p, 9)
        whole = union(sphere(p, centre, radius), skirt - frill, 0.16)
        rough = 0.012 * fractal(p, 5, 3, 0.6)
        return (whole - rough).astype(np.float32)

    def material(p: Array, n: Array) -> Surface:
        colour = rgb(code) * (1 + 0.05 * fractal(p, 4, 3))
        if chips:
            colour = mix(colour, rgb(chips), step(1.35, 1.6, noise(p + y, 8)))
        return flat(p, colour.astype(np.float32), 0.5, 0.04, 0.45)

    edge = radius * 1.25 + 0.12
    low, high = (x - edge, y - radius * 1.1, z - edge), (x + edge, y + radius + 0.06, z + edge)
    return Solid(field, material, low, high, lambda p: 0.006 * noise(p, 16), 0.6)


def cone(tip: float = 0.12, top: float = 1.75, wide: float = 0.56) -> Solid:
    """Make a waffle cone from y = `tip` to y = `top`, its mouth `wide`."""
    lean = (wide - 0.03) / (top - tip)

    def field(p: Array) -> Array:
        r, angle = radial(p), np.arctan2(p[2], p[0])
        up = np.clip((p[1] - tip) / np.float32(top - tip), 0.02, 1)
        # Two sets of spirals cross; their pitch follows the narrowing, as rolled waffle does.
        turns = np.log(up) * 5.2
        grid = np.maximum(np.sin(angle * 6 + turns * 2), np.sin(angle * 6 - turns * 2))
        ridge = 0.022 * up * step(0.3, 0.98, grid)
        side = (r - 0.03 - lean * (p[1] - tip) - ridge) * np.float32(0.9)
        d: Array = np.maximum(side, np.maximum(p[1] - top, tip - p[1])).astype(np.float32)
        return d

    def material(p: Array, n: Array) -> Surface:
        up = np.clip((p[1] - tip) / np.float32(top - tip), 0.02, 1)
        over = radial(p) - 0.03 - lean * (p[1] - tip)
        tone = step(0.0, 0.02, over / up)
        colour = mix(rgb("#b9752f"), rgb("#e2aa5e"), tone) * (1 + 0.09 * fractal(p, 4, 3))
        return flat(p, colour.astype(np.float32), 0.6, 0.04, 0.15)

    edge = wide + 0.04
    return Solid(field, material, (-edge, tip, -edge), (edge, top, edge), None, 0.6)


def banana() -> Solid:
    """One banana lying on its side in the plane of the table, about 2.6 long, bulging to +z."""
    bow = 1.3

    def along(p: Array) -> tuple[Array, Array, Array]:
        out = np.sqrt(p[0] * p[0] + (p[2] + bow) ** 2)
        way = np.arctan2(p[0], p[2] + bow) * np.float32(bow)
        return way.astype(np.float32), (out - bow).astype(np.float32), p[1] - np.float32(0.3)

    def field(p: Array) -> Array:
        way, out, up = along(p)
        body = 0.3 * np.sqrt(np.clip(1 - (np.abs(way) / 1.42) ** 3.2, 0.002, 1))
        neck = 0.075 - 0.012 * way
        thick = np.where(way > 1.25, np.maximum(body, neck), np.maximum(body, 0.06))
        angle = np.arctan2(up, out)
        # Five soft edges.
        thick = thick * (1 + 0.045 * np.cos(5 * angle + 0.6))
        rod = np.sqrt(out * out + up * up) - thick
        ends = np.maximum(way - 1.78, -way - 1.47)
        return common(rod.astype(np.float32), ends.astype(np.float32), 0.04)

    def material(p: Array, n: Array) -> Surface:
        way, out, up = along(p)
        angle = np.arctan2(up, out)
        colour = mix(rgb("#f4c81e"), rgb("#e0a912"), np.clip(0.4 + 0.35 * fractal(p, 1.5, 3), 0, 1))
        edge = step(0.9, 1.0, np.cos(5 * angle + 0.6)) * 0.3
        colour = mix(colour, rgb("#b98a14"), edge)
        colour = mix(colour, rgb("#a8b33a"), step(1.05, 1.5, way) * 0.75)
        peel = np.stack([way, angle * 0.3, angle * 0]).astype(np.float32)
        spots = step(2.0, 2.5, noise(peel, 17)) + step(1.75, 2.3, noise(peel, (4, 26, 1)))
        colour = mix(colour, rgb("#5a3a12"), np.clip(spots, 0, 1) * 0.7)
        tips = np.maximum(step(1.66, 1.75, way), step(-1.33, -1.43, way))
        colour = mix(colour, rgb("#2e2010"), single(tips * 0.9))
        return flat(p, colour.astype(np.float32), 0.42, 0.04, 0.2)

    low, high = (-1.6, 0.0, -1.35), (1.6, 0.66, 0.4)
    return Solid(field, material, low, high, lambda p: 0.002 * noise(p, 8), 0.55)


def watermelon() -> list[Solid]:
    """Half a slice standing on its rind, radius 1.25, 0.36 thick, with pips on both faces."""
    radius = 1.25

    def field(p: Array) -> Array:
        r = np.sqrt(p[0] * p[0] + (p[1] - radius) ** 2)
        round_side = (r - radius).astype(np.float32)
        top = p[1] - np.float32(radius)
        return common(common(round_side, top, 0.03), np.abs(p[2]) - np.float32(0.2), 0.03)

    def material(p: Array, n: Array) -> Surface:
        r = np.sqrt(p[0] * p[0] + (p[1] - radius) ** 2) / np.float32(radius)
        r = r + 0.006 * noise(p, 4)
        flesh = mix(rgb("#e5303a"), rgb("#c9182a"), np.clip(0.5 + 0.3 * fractal(p, 4, 4), 0, 1))
        colour = mix(flesh, rgb("#f29a92"), step(0.78, 0.87, r))
        colour = mix(colour, rgb("#eef3d2"), step(0.85, 0.89, r))
        colour = mix(colour, rgb("#8fbf58"), step(0.915, 0.945, r))
        stripes = step(-0.2, 0.3, np.sin(np.arctan2(p[1] - radius, p[0]) * 21 + noise(p, 5)))
        rind = mix(rgb("#2d6a2a"), rgb("#16401b"), stripes)
        colour = mix(colour, rind, step(0.95, 0.965, r))
        crystals = 1 + 0.04 * noise(p, 26) + 0.05 * noise(p, (20, 5, 20))
        colour = single(colour * mix(crystals, np.ones_like(crystals), step(0.8, 0.9, r)))
        rough = (0.32 + 0.08 * noise(p, 12)).astype(np.float32)
        return Surface(colour.astype(np.float32), rough, full(p, 0.04), full(p, 0.35))

    random = np.random.default_rng(12)
    pieces = []
    for ring, count in ((0.45, 4), (0.66, 7), (0.86, 9)):
        for number in range(count):
            angle = -np.pi * (number + 0.5 + random.uniform(-0.18, 0.18)) / count
            for face in (-0.2, 0.2):
                x, y = ring * np.cos(angle), radius + ring * np.sin(angle)
                turn = rotation(tilt=float(np.degrees(angle)))
                pip = partial(ellipsoid, centre=(0, 0, 0), radii=(0.07, 0.04, 0.022))
                pieces.append(Piece(pip, triple(x, y, face), 0.08, 0, turn))
    grid = bake(pieces, 0.01)
    box: tuple[Triple, Triple] = ((-1.3, 0, -0.22), (1.3, 1.27, 0.22))
    return [
        Solid(field, material, *box, lambda p: 0.0025 * fractal(p, 11, 3, 0.7)),
        scatter(grid, from_kinds(grid, ["#1d120d"], 0.2, 0.0)),
    ]
