"""What things stand on: wood, cloth, stone, paper. Each makes a material for the plane y = 0."""

from __future__ import annotations

import numpy as np

from images.render.arrays import Array, full, mix, rgb, rotation, single, step
from images.render.noise import fractal, noise
from images.render.trace import Material, Surface


def spread(colour: Array, p: Array) -> Array:
    """One colour for each point, shape (3, N)."""
    return np.repeat(colour, p.shape[1], axis=1) if colour.shape[1] == 1 else colour


def flat(p: Array, colour: Array, rough: float, shine: float = 0.04, soft: float = 0.0) -> Surface:
    """Give a surface whose colour alone varies."""
    return Surface(spread(colour, p), full(p, rough), full(p, shine), full(p, soft))


def wood(
    pale: str = "#b98352", dark: str = "#7a4a26", plank: float = 0.9, turn: float = 0.0
) -> Material:
    """Planks along x, after turning by `turn` degrees; `plank` is their width."""
    matrix = rotation(turn)

    def material(p: Array, n: Array) -> Surface:
        q = matrix @ p
        number = np.floor(q[2] / np.float32(plank))
        across = q[2] / np.float32(plank) - number
        q = q + np.stack([number * 7.7, number * 3.1, number * 0])
        wave = 0.35 * noise(q, (0.35, 1, 1.4))
        rings = np.sin((q[2] * 3.2 + wave) * 9 + 3 * noise(q, (0.25, 1, 0.8)))
        pores = step(0.7, 1.9, noise(q, (2.5, 20, 42)))
        fibre = fractal(q * np.array([[0.12], [1], [1.0]], np.float32), 14, 3)
        tone = 0.5 + 0.2 * rings + 0.14 * fibre + 0.22 * np.sin(number * 5.3) + 0.35 * pores
        colour = mix(rgb(pale), rgb(dark), np.clip(tone, 0, 1.2))
        seam = step(0.014, 0.005, np.minimum(across, 1 - across) * np.float32(plank))
        colour = colour * (1 - 0.75 * seam)
        rough = np.clip(0.42 + 0.08 * fibre + 0.2 * pores, 0.25, 1).astype(np.float32)
        return Surface(colour.astype(np.float32), rough, full(p, 0.04), full(p, 0))

    return material


def checked(
    first: str = "#b8232a", second: str = "#f4efe6", width: float = 0.42, turn: float = 20.0
) -> Material:
    """Gingham: two sets of stripes that cross, darkest where both lie; `width` of a stripe."""
    matrix = rotation(turn)

    def material(p: Array, n: Array) -> Surface:
        q = matrix @ p
        q = q + 0.012 * np.stack([noise(p, 1.3), noise(p, 0.5), noise(p + 9, 1.3)])
        bands = [0.5 + 0.5 * np.sin(q[i] * np.float32(np.pi / width)) for i in (0, 2)]
        stripes = [step(0.46, 0.54, band) for band in bands]
        weave = 0.93 + 0.07 * np.sin(q[0] * 150) * np.sin(q[2] * 150) + 0.03 * fractal(p, 9, 2)
        tone = (stripes[0] + stripes[1]) / 2
        colour = mix(rgb(second), rgb(first), single(tone**1.15)) * weave
        return flat(p, colour.astype(np.float32), 0.95, 0.02)

    return material


def cloth(colour: str = "#8fa6a3", thread: float = 110.0, stripe: str | None = None) -> Material:
    """Plain woven linen, with a pair of stripes now and then if asked."""

    def material(p: Array, n: Array) -> Surface:
        weave = np.sin(p[0] * thread) * np.sin(p[2] * thread)
        uneven = fractal(p * np.array([[1], [1], [0.15]], np.float32), 12, 2)
        weight = 0.95 + 0.07 * weave + 0.015 * uneven + 0.03 * fractal(p, 0.8, 2)
        base = spread(rgb(colour), p)
        if stripe:
            across = np.abs(np.mod(p[0] + 0.4 * p[2], 1.6) - 0.8)
            base = mix(base, rgb(stripe), step(0.16, 0.15, np.abs(across - 0.25)) * 0.9)
        return flat(p, (base * weight).astype(np.float32), 0.95, 0.02)

    return material


def stone(dark: str = "#2b2d30", pale: str = "#4a4d50", gloss: float = 0.55) -> Material:
    """Slate or concrete: clouds, scratches and specks between two colours."""

    def material(p: Array, n: Array) -> Surface:
        clouds = fractal(p, 0.9, 5, 0.6)
        scratch = step(1.5, 2.6, noise(p, (1.2, 5, 26)))
        specks = step(1.7, 2.6, noise(p, 34))
        tone = np.clip(0.42 + 0.24 * clouds + 0.3 * scratch + 0.3 * specks, 0, 1.4)
        rough = np.clip(gloss + 0.1 * clouds, 0.2, 1).astype(np.float32)
        colour = mix(rgb(dark), rgb(pale), tone)
        return Surface(colour.astype(np.float32), rough, full(p, 0.04), full(p, 0))

    return material


def painted(colour: str = "#3f8f8b", worn: str = "#356f6c", plank: float = 1.1) -> Material:
    """Painted boards: one colour, faint grain, dark seams."""

    def material(p: Array, n: Array) -> Surface:
        number = np.floor(p[2] / np.float32(plank))
        across = p[2] / np.float32(plank) - number
        grain = fractal((p + number * 3) * np.array([[0.1], [1], [1]], np.float32), 9, 3)
        colours = mix(rgb(colour), rgb(worn), np.clip(0.4 + 0.28 * grain, 0, 1))
        seam = step(0.02, 0.008, np.minimum(across, 1 - across) * np.float32(plank))
        colours = colours * (1 - 0.7 * seam) * (1 + 0.04 * fractal(p, 1, 2))
        return flat(p, colours.astype(np.float32), 0.5)

    return material
