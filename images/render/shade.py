"""From hits to colours: a large soft key light, an optional second one, and a sky all round.

Highlights are reflections of the lights as soft discs, so that sauce and skin shine like food under
a studio lamp. All in linear light; `picture` makes it fit for a screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from images.render.arrays import Array, Ints, Triple, dot, mix, rgb, single, step, unit, vector
from images.render.bake import slope
from images.render.trace import GROUND, SKY, Material, Solid, Surface, light_reaching, openness


@dataclass(frozen=True)
class Lamp:
    """A distant light: direction towards it, colour, strength, and angular radius in radians."""

    towards: Triple
    colour: str = "#fff3e0"
    strength: float = 2.6
    width: float = 0.22


@dataclass(frozen=True)
class Mood:
    """The light of a picture: lamps, and the sky's colour above, at the horizon and from below."""

    lamps: tuple[Lamp, ...] = (Lamp((-0.5, 0.9, -0.25)),)
    above: str = "#dfe9f5"
    around: str = "#efe6da"
    below: str = "#9a7a5c"
    sky: float = 0.75
    exposure: float = 1.0


@dataclass(frozen=True)
class Stage:
    """Everything a ray can meet: solids, the ground's material, light, backdrop.

    `backdrop` is two colours, at the horizon and high above it, seen where there is no ground;
    `glints` are blurred lamps in it: azimuth and height in radians, radius, colour, strength.
    """

    solids: Sequence[Solid]
    ground: Material
    mood: Mood = Mood()
    backdrop: tuple[str, str] = ("#b9a48c", "#6d6258")
    glints: tuple[tuple[float, float, float, str, float], ...] = ()


def surroundings(mood: Mood, d: Array, blur: Array) -> Array:
    """Light of the sky, colours (3, N), from directions `d`, blurred by roughness `blur` (N,)."""
    height = np.clip(d[1] / (np.float32(0.35) + blur), -1, 1)
    upper = mix(rgb(mood.around), rgb(mood.above), np.maximum(height, 0))
    light: Array = mix(upper, rgb(mood.below), np.maximum(-height, 0)) * np.float32(mood.sky)
    return light


def backdrop(stage: Stage, d: Array) -> Array:
    """Give what is far behind: a blurred wall, perhaps with lamps out of focus."""
    colour = mix(rgb(stage.backdrop[0]), rgb(stage.backdrop[1]), step(0, 0.55, d[1]))
    for azimuth, height, radius, code, strength in stage.glints:
        across, up = np.cos(height), np.sin(height)
        aim = vector((float(np.sin(azimuth) * across), float(up), float(np.cos(azimuth) * across)))
        angle = np.arccos(np.clip(dot(d, aim), -1, 1))
        disc = step(radius, radius * 0.8, angle) * (0.75 + 0.25 * step(radius * 0.4, radius, angle))
        colour = single(colour + rgb(code) * (strength * disc))
    return colour


def gloss(lamp: Lamp, reflected: Array, rough: Array) -> Array:
    """How bright the lamp's blurred disc is in the reflected direction, 1 at a mirror's centre."""
    own = np.float32(lamp.width * lamp.width)
    spread = own + 0.6 * rough**4 + 0.02 * rough * rough
    away = 1 - dot(reflected, unit(vector(lamp.towards)))
    return single(own / spread * np.exp(-2 * away / spread))


def lit(stage: Stage, p: Array, d: Array, n: Array, smooth: Array, what: Surface) -> Array:
    """Colours (3, N) of points whose surface is known.

    `n` are the normals with bumps, `smooth` those without, from which shadow and occlusion start.
    """
    facing = np.clip(-dot(n, d), 0.02, 1)
    reflected = d + 2 * facing * n
    fresnel = what.shine + (1 - what.shine) * (1 - facing) ** 5 * (1 - what.rough) ** 2
    sky = openness(stage.solids, p + smooth * np.float32(0.002), smooth)
    # Light that bounces between bright walls keeps their colour (Jimenez et al. 2016, simplified).
    open_sky = sky / (1 - np.minimum(what.albedo, np.float32(0.98)) * (1 - sky))
    one = np.ones_like(sky)
    diffuse = surroundings(stage.mood, n, one) * open_sky
    specular = surroundings(stage.mood, unit(reflected), what.rough) * sky
    jitter = (
        0.01
        + 0.012 * np.modf(np.abs(np.sin(p[0] * 917.3 + p[2] * 531.7 + p[1] * 389.1) * 437.5))[0]
    )
    for lamp in stage.mood.lamps:
        towards = unit(vector(lamp.towards))
        reach = np.flatnonzero(dot(smooth, towards) > -0.35)
        seen = np.zeros_like(sky)
        starts = p[:, reach] + smooth[:, reach] * np.float32(0.006)
        along = np.broadcast_to(towards, starts.shape)
        sharp = 1.3 / lamp.width
        seen[reach] = light_reaching(stage.solids, starts, along, sharp, jitter[reach])
        falling = dot(n, towards)
        wrapped = np.maximum((falling + what.soft) / (1 + what.soft), 0)
        # In the wrapped part light has passed through the thing, so it takes more of its colour.
        tint = what.albedo ** (0.6 * what.soft * step(0.5, -0.4, falling))
        colour = rgb(lamp.colour) * np.float32(lamp.strength)
        shade = mix(seen, np.maximum(seen, 0.25 * sky), what.soft)
        diffuse = diffuse + colour * (wrapped * shade) * tint
        bright = gloss(lamp, unit(reflected), what.rough) * seen * step(-0.1, 0.15, falling)
        specular = specular + colour * (bright * np.float32(9))
    mixed: Array = what.albedo * diffuse * (1 - fresnel) + specular * fresnel
    return mixed


def surface_of(stage: Stage, hit: Ints, p: Array, wide: float) -> tuple[Array, Array, Surface]:
    """Give normals with bumps, normals without, and the surface, of points that were hit."""
    count = hit.size
    n = np.zeros((3, count), np.float32)
    smooth = np.zeros((3, count), np.float32)
    what = Surface(np.zeros((3, count), np.float32), *(np.zeros(count, np.float32) for _ in "rss"))
    for number in np.unique(hit):
        here = np.flatnonzero(hit == number)
        q = p[:, here]
        if number == GROUND:
            flat = np.zeros_like(q)
            flat[1] = 1
            smooth[:, here] = n[:, here] = flat
            part = stage.ground(q, flat)
        else:
            solid = stage.solids[number]
            smooth[:, here] = solid.turn @ slope(solid.field, solid.local(q), 0.002)
            n[:, here] = solid.normal(q, wide) if solid.bump else smooth[:, here]
            part = solid.material(solid.local(q), solid.turn.T @ smooth[:, here])
        what.albedo[:, here] = part.albedo
        what.rough[here], what.shine[here], what.soft[here] = part.rough, part.shine, part.soft
    return n, smooth, what


def colours(stage: Stage, o: Array, d: Array, t: Array, hit: Ints) -> Array:
    """Linear colours (3, N) of rays that have been marched."""
    out = backdrop(stage, d)
    found = np.flatnonzero(hit != SKY)
    if found.size:
        p = o[:, found] + d[:, found] * t[found]
        n, smooth, what = surface_of(stage, hit[found], p, 0.004)
        out[:, found] = lit(stage, p, d[:, found], n, smooth, what)
    return out
