"""Rays through a scene of solids: what they hit, what shades it, how open the sky is above it.

A solid is looked at only by rays that cross its box, and only within the box; everything else about
speed follows from that. The ground is the plane y = 0 and is met by a formula.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from images.render.arrays import Array, Field, Ints, Triple, rotation, single, vector
from images.render.bake import slope

MAX_STEPS = 110
SHADOW_STEPS = 48
#: A ray this near a surface, per unit travelled, has hit it.
TOUCH = np.float32(0.0004)
#: How far beyond a solid's box its soft shadow still begins.
SHADOW_MARGIN = 0.35
FAR = np.float32(60)
GROUND = -1
SKY = -2
#: Distances, along the normal, at which occlusion is probed.
PROBES = (0.02, 0.06, 0.14, 0.28, 0.5)


@dataclass(frozen=True)
class Surface:
    """What light finds at N points.

    `albedo` is (3, N); `rough` 0..1, `shine` (reflectance head-on) and `soft` (how far light creeps
    round into the shade, 0..1) are (N,).
    """

    albedo: Array
    rough: Array
    shine: Array
    soft: Array


#: The turn of what is not turned.
UPRIGHT: Array = np.eye(3, dtype=np.float32)
UPRIGHT.setflags(write=False)

#: Points and unit normals, both (3, N) in the solid's own space, to what is there.
Material = Callable[[Array, Array], Surface]


@dataclass(frozen=True)
class Solid:
    """A thing: its field and material in its own space, a box that holds it, and its place.

    `bump` raises the surface for the normals only. `slack` below 1 shortens steps where the field
    promises too much. World point = turn @ local * size + place.
    """

    field: Field
    material: Material
    low: Triple
    high: Triple
    bump: Field | None = None
    slack: float = 1.0
    turn: Array = dataclasses.field(default_factory=lambda: UPRIGHT)
    place: Triple = (0.0, 0.0, 0.0)
    size: float = 1.0

    def local(self, p: Array) -> Array:
        """World points in the solid's own space."""
        return single(single((self.turn.T @ (p - vector(self.place))) / np.float32(self.size)))

    def distance(self, p: Array) -> Array:
        """Distance in world units at world points."""
        d: Array = self.field(self.local(p)) * np.float32(self.slack * self.size)
        return d

    def normal(self, p: Array, width: float) -> Array:
        """Outward unit normals in world space, with the bump."""
        bump, shape = self.bump, self.field
        q = self.local(p)
        if bump is None:
            return self.turn @ slope(shape, q, width / self.size)
        return self.turn @ slope(lambda at: shape(at) - bump(at), q, width / self.size)

    def bounds(self) -> tuple[Array, Array]:
        """Low and high corner, each (3, 1), of a box in world space."""
        low, high = vector(self.low), vector(self.high)
        middle, half = (low + high) / 2, (high - low) / 2
        centre = (self.turn @ middle) * np.float32(self.size) + vector(self.place)
        extent = (np.abs(self.turn) @ half) * np.float32(self.size)
        return single(centre - extent), single(centre + extent)

    def put(self, turn: Array, place: Triple, size: float = 1.0) -> Solid:
        """Make the same thing moved as a whole, after whatever placed it before."""
        x, y, z = ((turn @ vector(self.place)) * np.float32(size) + vector(place))[:, 0]
        where = (float(x), float(y), float(z))
        return replace(self, turn=turn @ self.turn, place=where, size=self.size * size)


def at(
    solids: Sequence[Solid],
    x: float = 0,
    y: float = 0,
    z: float = 0,
    turn: float = 0,
    size: float = 1,
) -> list[Solid]:
    """Solids moved together: turned about y in degrees, made `size` times as big, then placed."""
    matrix = rotation(turn)
    return [solid.put(matrix, (x, y, z), size) for solid in solids]


def crossings(solid: Solid, o: Array, d: Array, margin: float) -> tuple[Array, Array]:
    """Where rays enter and leave a solid's box grown by `margin`; leave < enter for a miss."""
    low, high = solid.bounds()
    inverse = 1 / np.where(np.abs(d) < 1e-7, np.float32(1e-7), d)
    a = (low - np.float32(margin) - o) * inverse
    b = (high + np.float32(margin) - o) * inverse
    enter = np.minimum(a, b).max(0)
    leave = np.maximum(a, b).min(0)
    return np.maximum(enter, 0), leave


class Boxes:
    """The stretches of a bundle of rays that lie in each solid's box, for marching."""

    def __init__(self, solids: Sequence[Solid], o: Array, d: Array, margin: float) -> None:
        pairs = [crossings(solid, o, d, margin) for solid in solids]
        self.solids = solids
        self.enter = np.stack([pair[0] for pair in pairs])
        self.leave = np.stack([pair[1] for pair in pairs])
        self.enter = np.where(self.leave < self.enter, FAR, self.enter)

    def keep(self, rays: Ints) -> None:
        """Forget all rays but these."""
        self.enter, self.leave = self.enter[:, rays], self.leave[:, rays]

    def nearest(self, p: Array, t: Array) -> tuple[Array, Ints]:
        """How far rays at `p`, having gone `t`, may go on, and the solid that says so."""
        reach = np.full(t.shape, FAR)
        which = np.full(t.shape, GROUND)
        for number, solid in enumerate(self.solids):
            enter, leave = self.enter[number], self.leave[number]
            ahead = np.where(t < enter, enter - t + np.float32(1e-4), FAR)
            which[ahead < reach] = GROUND
            np.minimum(reach, ahead, out=reach)
            within = np.flatnonzero((t >= enter) & (t <= leave))
            if within.size:
                d = solid.distance(p[:, within])
                closer = d < reach[within]
                reach[within[closer]] = d[closer]
                which[within[closer]] = number
        return reach, which


def march(solids: Sequence[Solid], o: Array, d: Array) -> tuple[Array, Ints]:
    """First hits: distance along unit rays `d` from `o`, and the solid's number, GROUND or SKY."""
    down = np.where(d[1] < -1e-5, -o[1] / np.minimum(d[1], np.float32(-1e-5)), FAR)
    distance = np.minimum(down, FAR).astype(np.float32)
    hit = np.where(distance < FAR, GROUND, SKY)
    boxes = Boxes(solids, o, d, 0.01)
    t = boxes.enter.min(0) + np.float32(1e-4)
    end = np.minimum(distance, np.where(boxes.enter < FAR, boxes.leave, 0).max(0))
    rays = np.arange(t.size)
    alive = np.flatnonzero(t < end)
    for _ in range(MAX_STEPS):
        if not alive.size:
            break
        if alive.size < t.size:
            boxes.keep(alive)
            rays, t, end, o, d = rays[alive], t[alive], end[alive], o[:, alive], d[:, alive]
        reach, which = boxes.nearest(o + d * t, t)
        touched = (reach < TOUCH * t) & (which >= 0)
        distance[rays[touched]] = t[touched]
        hit[rays[touched]] = which[touched]
        t = t + np.maximum(reach, TOUCH * np.float32(0.5))
        alive = np.flatnonzero(~touched & (t < end))
    return distance, hit


def light_reaching(
    solids: Sequence[Solid], o: Array, d: Array, sharpness: float, start: Array
) -> Array:
    """Share of a round light, 0..1, that points `o` see along `d`, with a soft edge to the shade.

    `sharpness` is about two over the light's angular width; `start` is the first step, (N,), varied
    from ray to ray so that steps leave no bands. After Quilez, "Soft shadows in raymarched SDFs".
    """
    share = np.ones(o.shape[1], np.float32)
    stride = 0.65 + 0.35 * np.modf(start * np.float32(7919))[0]
    boxes = Boxes(solids, o, d, SHADOW_MARGIN)
    t = np.maximum(start, boxes.enter.min(0))
    end = np.where(boxes.enter < FAR, boxes.leave, 0).max(0)
    rays = np.arange(t.size)
    alive = np.flatnonzero(t < end)
    for _ in range(SHADOW_STEPS):
        if not alive.size:
            break
        if alive.size < t.size:
            boxes.keep(alive)
            rays, t, end, o, d = rays[alive], t[alive], end[alive], o[:, alive], d[:, alive]
        reach, which = boxes.nearest(o + d * t, t)
        seen = np.where(which >= 0, np.float32(sharpness) * reach / np.maximum(t, 1e-3), 1)
        share[rays] = np.minimum(share[rays], seen)
        # Steps of different length from ray to ray leave grain where equal ones leave bands.
        t = t + np.where(which >= 0, np.clip(reach, 0.012, 0.2) * stride[rays], reach)
        alive = np.flatnonzero((share[rays] > -1) & (t < end))
    # From -1 (wholly hidden) to 1 (wholly seen): the light's disc is half covered at 0.
    s = np.clip(share, -1, 1)
    seen_share: Array = 0.25 * (1 + s) * (1 + s) * (2 - s)
    return seen_share.astype(np.float32)


def openness(solids: Sequence[Solid], p: Array, n: Array) -> Array:
    """How much of the sky points see, 0..1, from how soon solids near the normal crowd in."""
    hidden = np.zeros(p.shape[1], np.float32)
    weight = 1.0
    for probe in PROBES:
        q = p + n * np.float32(probe)
        d = np.minimum(q[1], np.float32(probe))
        for solid in solids:
            low, high = solid.bounds()
            gap = np.maximum(np.maximum(low - q, q - high), 0)
            near = np.flatnonzero((gap * gap).sum(0) < probe * probe)
            if near.size:
                d[near] = np.minimum(d[near], solid.distance(q[:, near]))
        hidden += np.float32(weight) * (np.float32(probe) - np.maximum(d, 0)) / np.float32(probe)
        weight *= 0.75
    total = sum(0.75**i for i in range(len(PROBES)))
    sky: Array = np.clip(1 - hidden / np.float32(total), 0, 1)
    return sky
