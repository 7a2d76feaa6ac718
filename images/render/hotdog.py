"""A hot dog: bun, sausage, and what is put on top. Along x, on y = 0, about 2.9 long.

The bun is two lobes and a hinge with a V cut between them; the sausage lies in the V and sticks
out at both ends. Toppings are dropped on the two from above, so they lie where they would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from images.render import toppings
from images.render.arrays import Array, Field, Triple, full, mix, rgb, step
from images.render.fields import capsule, common, ellipsoid, union
from images.render.noise import fractal, noise
from images.render.trace import Material, Solid, Surface

#: Half the length of bun and sausage, the sausage's radius, and the height of its middle.
BUN = 1.16
SAUSAGE = 1.43
RADIUS = 0.205
HEIGHT = 0.475


@dataclass(frozen=True)
class HotDog:
    """What sort of hot dog.

    `mustard` and `ketchup` are `zigzag`, `line`, `wave`, `double` or empty; the other toppings are
    on or off. `bend` curves the whole sideways, `smile` lifts the sausage's ends.
    """

    mustard: str = "zigzag"
    ketchup: str = ""
    relish: bool = False
    onions: bool = False
    crispy: bool = False
    lettuce: bool = False
    pickles: bool = False
    tomatoes: bool = False
    seeds: str = ""
    marks: bool = False
    bend: float = 0.03
    smile: float = 0.035
    crust: tuple[str, str, str] = ("#efc98d", "#d28f45", "#97501b")
    skin: tuple[str, str] = ("#a83c1c", "#7a2410")
    seed: int = 1


def straighten(p: Array, style: HotDog) -> Array:
    """Undo the sideways bend."""
    q = p.copy()
    q[2] = p[2] - np.float32(style.bend) * (p[0] * p[0] - np.float32(0.6))
    return q


def cut(q: Array) -> Array:
    """Height above the V-shaped cut of the bun, negative in the crumb."""
    side = np.sqrt(q[2] * q[2] + np.float32(0.0016))
    slant: Array = (q[1] - np.float32(0.2)) * np.float32(0.45) - (side - np.float32(0.1)) * 0.893
    return slant.astype(np.float32)


def bun_field(style: HotDog) -> Field:
    """Give the bread."""

    def field(p: Array) -> Array:
        q = straighten(p, style)
        dents = 0.009 * noise(q, 1.9)
        # Loaves narrow a little towards their ends.
        q[1:] = q[1:] * (1 + 0.07 * (q[0] / np.float32(BUN)) ** 4)
        q[0] = np.maximum(np.abs(q[0]) - np.float32(BUN - 0.36), 0)
        q[2] = np.abs(q[2])
        lobe = ellipsoid(q, (0, 0.315, 0.325), (0.36, 0.315, 0.27))
        hinge = ellipsoid(q, (0, 0.17, 0), (0.33, 0.17, 0.34))
        whole = union(lobe, hinge, 0.06)
        return common((whole - dents).astype(np.float32), cut(q), 0.035)

    return field


def bun_material(style: HotDog) -> Material:
    """Crust, browner towards the top, and pale crumb in the cut."""
    pale, brown, dark = (rgb(code) for code in style.crust)

    def material(p: Array, n: Array) -> Surface:
        q = straighten(p, style)
        patch = 0.075 * fractal(q, 1.7, 4, 0.6) + 0.03 * noise(q, (3, 14, 14))
        baked = q[1] * 1.5 + patch + 0.14 * n[1]
        colour = mix(pale, brown, step(0.02, 0.5, baked))
        colour = mix(colour, dark, step(0.5, 1.0, baked) * 0.85)
        # The lip of the cut browns first.
        lip = step(-0.16, -0.09, cut(q)) * step(0.4, 0.55, q[1])
        colour = mix(colour, dark, 0.45 * lip)
        depth = cut(q) + 0.012 * noise(q, 9)
        crumb = step(-0.075, -0.03, depth)
        pores = 0.92 + 0.1 * np.clip(fractal(q, 22, 2), -1.5, 1.5)
        colour = mix(colour, rgb("#efd9a8") * pores, crumb)
        rough = (0.4 + 0.5 * crumb + 0.06 * noise(q, 8)).astype(np.float32)
        return Surface(colour.astype(np.float32), rough, full(p, 0.04), 0.25 + 0.2 * crumb)

    return material


def bun_bump(style: HotDog) -> Field:
    """Fine wrinkles of the crust; an open texture in the cut."""

    def bump(p: Array) -> Array:
        q = straighten(p, style)
        crumb = step(-0.06, -0.03, cut(q))
        wrinkle = 0.0008 * noise(q, (7, 20, 20)) + 0.0006 * noise(q, 40)
        rise: Array = wrinkle + 0.003 * noise(q, 3.2) + crumb * 0.007 * fractal(q, 16, 2)
        return rise.astype(np.float32)

    return bump


def sausage_field(style: HotDog) -> Field:
    """Give the sausage: a bent rod with a tied nub at each end."""

    def field(p: Array) -> Array:
        q = straighten(p, style)
        q[1] = q[1] - np.float32(HEIGHT) - np.float32(style.smile) * (q[0] * q[0] - np.float32(0.5))
        q[0] = np.abs(q[0])
        rod = capsule(q, (0, 0, 0), (SAUSAGE - RADIUS, 0, 0), RADIUS, RADIUS * 0.93)
        nub = capsule(q, (SAUSAGE - 0.05, 0, 0), (SAUSAGE + 0.035, 0, 0), 0.028, 0.042)
        return union(rod, nub, 0.07)

    return field


def sausage_material(style: HotDog) -> Material:
    """Glossy skin, mottled; charred stripes if it comes from a grill."""
    light, deep = (rgb(code) for code in style.skin)

    def material(p: Array, n: Array) -> Surface:
        q = straighten(p, style)
        mottle = 0.5 + 0.2 * fractal(q, 2.2, 4) + 0.1 * noise(q, 22)
        colour = mix(light, deep, np.clip(mottle, 0, 1))
        tip = step(SAUSAGE - 0.1, SAUSAGE + 0.02, np.abs(q[0]))
        colour = mix(colour, deep * 0.55, tip)
        rough = 0.21 + 0.035 * noise(q, 9)
        if style.marks:
            along = q[0] * 1.0 + q[2] * 0.75 + 0.02 * noise(q, 5)
            across = np.abs(np.mod(along, 0.3) - 0.15)
            char = step(0.075, 0.03, across + 0.012 * noise(q, 13)) * step(-0.1, 0.35, n[1])
            colour = mix(colour, rgb("#1d0d07"), char * 0.88)
            rough = rough + 0.25 * char
        rough = np.clip(rough, 0.14, 0.9).astype(np.float32)
        return Surface(colour.astype(np.float32), rough, full(p, 0.05), full(p, 0.18))

    return material


def sausage_bump(p: Array) -> Array:
    """Skin that is drawn tight but not quite even."""
    rise: Array = 0.002 * noise(p, (2.2, 4, 4)) + 0.0004 * noise(p, 22)
    return rise.astype(np.float32)


def bed(style: HotDog) -> Field:
    """Give what toppings fall on: bun and sausage."""
    bun, sausage = bun_field(style), sausage_field(style)
    return lambda p: np.minimum(bun(p), sausage(p))


def sausage_path(style: HotDog, x: Array) -> Array:
    """Sideways place, z, of the sausage's middle line."""
    z: Array = np.float32(style.bend) * (x * x - np.float32(0.6))
    return z


def hot_dog(style: HotDog) -> list[Solid]:
    """All its solids, in its own space."""
    bun_box: tuple[Triple, Triple] = ((-BUN - 0.02, 0, -0.75), (BUN + 0.02, 0.68, 0.75))
    long_box: tuple[Triple, Triple] = ((-1.53, 0.15, -0.4), (1.53, 0.85, 0.4))
    solids = [
        Solid(bun_field(style), bun_material(style), *bun_box, bun_bump(style), 0.85),
        Solid(sausage_field(style), sausage_material(style), *long_box, sausage_bump, 0.95),
    ]

    def middle(x: Array) -> Array:
        return sausage_path(style, x)

    if style.lettuce:
        solids += toppings.lettuce(style.bend, style.seed)
    if style.pickles:
        solids += toppings.pickles(style.bend)
    # Each topping falls on those before it.
    floor = bed(style)
    for wanted, make in (
        (style.tomatoes, toppings.tomatoes),
        (style.relish, toppings.relish),
        (style.onions, toppings.onions),
        (style.crispy, toppings.crispy),
    ):
        if wanted:
            solids.append(make(floor, middle, style.seed))
            floor = toppings.above(floor, solids[-1].field)
    for pattern, code in ((style.ketchup, "#a80f0a"), (style.mustard, "#f0ac08")):
        if pattern:
            shift = 1.0 if pattern == "double" and code == "#a80f0a" else -1.0
            solids.append(toppings.sauce(floor, middle, pattern, code, shift))
            floor = toppings.above(floor, solids[-1].field)
    if style.seeds:
        solids.append(toppings.seeds(bun_field(style), style.seeds, style.seed))
    return solids
