"""Plates, trays, boards, paper, a pan: what food lies on. All stand on y = 0 about the y axis."""

from __future__ import annotations

import numpy as np

from images.render.arrays import Array, Triple, full, mix, rgb, rotation, step
from images.render.fields import (
    box,
    capsule,
    common,
    drum,
    extrude_corner,
    less,
    radial,
    union,
)
from images.render.grounds import flat
from images.render.noise import fractal, noise
from images.render.trace import Material, Solid, Surface


def plain(code: str, rough: float = 0.3, soft: float = 0.0, shine: float = 0.045) -> Material:
    """One colour, hardly uneven."""

    def material(p: Array, n: Array) -> Surface:
        colour = rgb(code) * (1 + 0.015 * fractal(p, 3, 2))
        return flat(p, colour.astype(np.float32), rough, shine, soft)

    return material


def plate(code: str = "#f3f0ea", radius: float = 1.75, ring: str = "") -> Solid:
    """Make a round plate, its rim lined in the colour `ring`; its floor is at y = 0.07."""

    def field(p: Array) -> Array:
        r = radial(p)
        height = 0.045 + 0.2 * step(radius * 0.66, radius * 1.02, r)
        shell = np.abs(p[1] - height) * np.float32(0.93) - np.float32(0.022)
        body = common(shell.astype(np.float32), r - np.float32(radius), 0.03)
        foot = drum(p, (0, 0.03, 0), radius * 0.6, 0.03, 0.02)
        return union(body, foot, 0.03)

    def material(p: Array, n: Array) -> Surface:
        r = radial(p) / np.float32(radius)
        colour = np.repeat(rgb(code), p.shape[1], axis=1)
        if ring:
            line = step(0.025, 0.02, np.abs(r - 0.95)) + step(0.01, 0.006, np.abs(r - 0.895))
            colour = mix(colour, rgb(ring), np.clip(line, 0, 1))
        return flat(p, colour, 0.16, 0.05)

    corner = radius + 0.03
    return Solid(field, material, (-corner, 0, -corner), (corner, 0.31, corner), slack=0.8)


def tray(first: str = "#c8242b", second: str = "#fbf7ef", half: float = 1.32) -> Solid:
    """Make a striped paper boat, `half` its inner half length; its floor is at y = 0.04."""
    deep, lean, high = 0.56, 0.42, 0.44

    def walls(p: Array) -> tuple[Array, Array]:
        out_x = np.abs(p[0]) - np.float32(half) - np.float32(lean) * p[1]
        out_z = np.abs(p[2]) - np.float32(deep) - np.float32(lean) * p[1]
        return out_x * np.float32(0.92), out_z * np.float32(0.92)

    def field(p: Array) -> Array:
        out_x, out_z = walls(p)
        out = common(out_x, out_z, 0.12)
        hollow = np.maximum(out + np.float32(0.03), np.float32(0.035) - p[1])
        top = p[1] - np.float32(high) + 0.018 * np.cos(p[0] * 14) * np.cos(p[2] * 14)
        body = np.maximum(np.maximum(out, -p[1]), top.astype(np.float32))
        return less(body, hollow, 0.012)

    def material(p: Array, n: Array) -> Surface:
        out_x, out_z = walls(p)
        outside = step(-0.026, -0.012, np.maximum(out_x, out_z))
        along = np.where(out_z > out_x, p[0], p[2])
        stripe = step(-0.08, 0.08, np.sin(along * 13.5))
        paper = rgb(second) * (0.96 + 0.02 * fractal(p, 6, 2))
        colour = mix(paper, rgb(first), stripe * outside)
        return flat(p, colour.astype(np.float32), 0.6, 0.04, 0.25)

    x, z = half + 0.22, deep + 0.22
    return Solid(field, material, (-x, 0, -z), (x, high + 0.04, z), slack=0.9)


def timber(pale: str, dark: str) -> Material:
    """Wood with its grain along x."""

    def material(p: Array, n: Array) -> Surface:
        wave = 0.3 * noise(p, (0.4, 1, 1.2))
        rings = np.sin((p[2] * 2.6 + wave + p[1]) * 10 + 2 * noise(p, (0.3, 1, 0.9)))
        fibre = fractal(p * np.array([[0.12], [1], [1]], np.float32), 15, 3)
        tone = np.clip(0.45 + 0.24 * rings + 0.12 * fibre, 0, 1)
        return flat(p, mix(rgb(pale), rgb(dark), tone).astype(np.float32), 0.4)

    return material


def board(half: Triple = (1.95, 0.07, 1.05), pale: str = "#d9a86c", dark: str = "#a8703c") -> Solid:
    """Make a chopping board with a handle towards +x; its top is at twice `half[1]`."""
    long, thick, wide = half

    def field(p: Array) -> Array:
        # Joined as outlines: joined as solids, the fillet would swell the top they share.
        q = p * np.array([[1], [0], [1]], np.float32)
        slab = box(q, (0, 0, 0), (long, 1, wide), 0.1)
        grip = box(q, (long + 0.25, 0, 0), (0.5, 1, 0.2), 0.1)
        hole = drum(q, (long + 0.5, 0, 0), 0.08, 1)
        outline = less(union(slab, grip, 0.2), hole, 0.03)
        edge = np.float32(0.05)
        return (
            extrude_corner(outline + edge, np.abs(p[1] - np.float32(thick)) - thick + edge) - edge
        )

    low, high = (-long - 0.02, 0.0, -wide - 0.02), (long + 0.8, 2 * thick + 0.02, wide + 0.02)
    return Solid(field, timber(pale, dark), low, high)


def paper(code: str, half: tuple[float, float], check: str = "", turn: float = 0.0) -> Solid:
    """Make a creased sheet of greaseproof paper, its edges raised; `check` for a pattern."""
    wide, deep = half

    def field(p: Array) -> Array:
        lift = 0.02 + 0.012 * noise(p * np.array([[1], [0], [1]], np.float32), 1.1)
        edge = np.maximum(np.abs(p[0]) / wide, np.abs(p[2]) / deep)
        lift = lift + 0.09 * step(0.72, 1.05, edge) * (0.7 + 0.5 * noise(p * 1.0, 1.3))
        shell = np.abs(p[1] - np.maximum(lift, 0.008)) - np.float32(0.006)
        sides = np.maximum(np.abs(p[0]) - np.float32(wide), np.abs(p[2]) - np.float32(deep))
        d: Array = np.maximum(shell, sides).astype(np.float32)
        return d

    def bump(p: Array) -> Array:
        crease = np.abs(noise(p, 2.6)) + 0.6 * np.abs(noise(p + 4, 5.2))
        rise: Array = (0.013 * crease).astype(np.float32)
        return rise

    def material(p: Array, n: Array) -> Surface:
        colour = np.repeat(rgb(code), p.shape[1], axis=1) * (1 + 0.03 * fractal(p, 4, 2))
        if check:
            pair = [step(-0.1, 0.1, np.sin(p[i] * 11.5)) for i in (0, 2)]
            colour = mix(colour, rgb(check), (0.5 * (pair[0] + pair[1])) ** 1.2)
        return flat(p, colour.astype(np.float32), 0.6, 0.04, 0.2)

    low, high = (-wide - 0.01, 0.0, -deep - 0.01), (wide + 0.01, 0.3, deep + 0.01)
    return Solid(field, material, low, high, bump, 0.6, rotation(turn))


def pan(radius: float = 1.35) -> list[Solid]:
    """Make a black frying pan with a wooden grip towards +x; its floor is at y = 0.08."""

    def field(p: Array) -> Array:
        r = radial(p)
        outer = r - np.float32(radius) - 0.3 * p[1]
        body = np.maximum(np.maximum(outer * 0.95, -p[1]), p[1] - np.float32(0.42))
        hollow = np.maximum((outer + 0.06) * 0.95, np.float32(0.08) - p[1])
        bowl = less(body.astype(np.float32), hollow.astype(np.float32), 0.03)
        neck = capsule(p, (radius + 0.05, 0.34, 0), (radius + 0.55, 0.46, 0), 0.075)
        return union(bowl, neck, 0.06)

    def grip(p: Array) -> Array:
        q = p.copy()
        q[2] = q[2] * np.float32(0.8)
        return capsule(q, (radius + 0.6, 0.47, 0), (radius + 2.2, 0.7, 0), 0.115, 0.14)

    def material(p: Array, n: Array) -> Surface:
        swirl = noise(np.stack([radial(p) * 30, p[1], np.arctan2(p[2], p[0])]), 1.0)
        colour = rgb("#232426") * (1 + 0.1 * swirl)
        return Surface(colour.astype(np.float32), full(p, 0.38), full(p, 0.12), full(p, 0))

    side = radius + 0.2
    low, high = (-side, 0.0, -side), (radius + 0.7, 0.6, side)
    far = (radius + 2.45, 0.9, 0.25)
    return [
        Solid(field, material, low, high),
        Solid(grip, timber("#8a5a32", "#5c381d"), (radius + 0.4, 0.3, -0.25), far, None, 0.8),
    ]


def pole(start: Triple, end: Triple, r0: float, r1: float, code: str) -> Solid:
    """Make a rod with round ends: a chopstick, a straw."""
    edge = max(r0, r1) + 0.01
    low = tuple(min(a, b) - edge for a, b in zip(start, end, strict=True))
    high = tuple(max(a, b) + edge for a, b in zip(start, end, strict=True))
    material = plain(code, 0.25)

    def field(p: Array) -> Array:
        return capsule(p, start, end, r0, r1)

    return Solid(field, material, (low[0], low[1], low[2]), (high[0], high[1], high[2]))


def block(half: Triple) -> Solid:
    """Make a block of pale wood, to stand a cone in."""

    def field(p: Array) -> Array:
        return box(p, (0, half[1], 0), half, 0.06)

    low, high = (-half[0], 0.0, -half[2]), (half[0], 2 * half[1], half[2])
    return Solid(field, timber("#d8ab76", "#b07f4c"), low, high)
