"""From a stage and a camera to a JPEG: rays, samples, depth of field, tone, file.

Samples fall at fixed sub-pixel places, so the same code always gives the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import gaussian_filter  # type: ignore[import-untyped]

from images.render.arrays import Array, Triple, single, unit, vector
from images.render.shade import Stage, colours
from images.render.trace import SKY, march

#: Rays marched at once: few enough for the processor's cache, enough to make numpy's calls cheap.
BUNDLE = 24_000
#: Sub-pixel places of up to four samples: a rotated square, which smooths near-level edges best.
PLACES = ((-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125))
QUALITY = 86


@dataclass(frozen=True)
class Camera:
    """Where one looks from and at; `lens` is the vertical angle in degrees, `blur` the far blur.

    `blur` is the standard deviation, as a share of the picture's height, of what is twice as far as
    the point looked at; `roll` turns the picture, in degrees.
    """

    eye: Triple
    aim: Triple
    lens: float = 30.0
    blur: float = 0.006
    roll: float = 0.0

    def rays(self, width: int, height: int, across: Array, down: Array) -> Array:
        """Give unit directions (3, N) through picture coordinates in pixels."""
        forward = unit(vector(self.aim) - vector(self.eye))[:, 0]
        right = np.cross(forward, [0, 1, 0])
        right = right / np.linalg.norm(right)
        up = np.cross(right, forward)
        turn = np.radians(self.roll)
        right, up = (
            right * np.cos(turn) + up * np.sin(turn),
            up * np.cos(turn) - right * np.sin(turn),
        )
        half = np.tan(np.radians(self.lens) / 2) / (height / 2)
        u = (across - width / 2) * half
        v = (height / 2 - down) * half
        d = forward[:, None] + right[:, None] * u + up[:, None] * v
        return unit(d.astype(np.float32))


def expose(stage: Stage, camera: Camera, width: int, height: int, samples: int) -> Array:
    """Give the picture in linear light, shape (height, width, 3), with far things out of focus."""
    rows, columns = np.divmod(np.arange(width * height), width)
    total = np.zeros((3, width * height), np.float32)
    depth = np.zeros(width * height, np.float32)
    for place in PLACES[:samples]:
        shift = place if samples > 1 else (0.0, 0.0)
        for first in range(0, width * height, BUNDLE):
            part = slice(first, first + BUNDLE)
            across = (columns[part] + 0.5 + shift[0]).astype(np.float32)
            down = (rows[part] + 0.5 + shift[1]).astype(np.float32)
            d = camera.rays(width, height, across, down)
            o = np.broadcast_to(vector(camera.eye), d.shape)
            t, hit = march(stage.solids, o, d)
            light = colours(stage, o, d, t, hit)
            # One sparkle must not outweigh the pixel's other samples.
            total[:, part] += np.minimum(light, 6)
            depth[part] = np.where(hit == SKY, 40, t)
    linear = (total / samples * stage.mood.exposure).T.reshape(height, width, 3)
    return defocus(single(linear), depth.reshape(height, width), camera)


def defocus(linear: Array, depth: Array, camera: Camera) -> Array:
    """Blur what lies behind the point looked at, more the further it is."""
    height = linear.shape[0]
    focus = float(np.linalg.norm(vector(camera.aim) - vector(camera.eye)))
    wanted = np.clip(1 - focus * 1.14 / depth, 0, 1) * (2 * camera.blur * height)
    out = linear.copy()
    for number in range(1, 6):
        sigma = 2 * camera.blur * height * (number / 5) ** 1.5
        # Only far pixels give light, so that sharp edges in front do not bleed backwards.
        gives = np.clip(wanted / sigma, 0, 1).astype(np.float32) ** 2 + np.float32(1e-5)
        weight = gaussian_filter(gives, sigma)
        soft = np.stack(
            [gaussian_filter(linear[..., c] * gives, sigma) / weight for c in range(3)], axis=-1
        )
        before = 2 * camera.blur * height * ((number - 1) / 5) ** 1.5
        share = np.clip((wanted - before) / (sigma - before), 0, 1)[..., None]
        out = (out + (soft - out) * share).astype(np.float32)
    return out


def develop(linear: Array) -> npt.NDArray[np.uint8]:
    """Bytes for the screen: a touch of glow and vignette, filmic tone, sRGB.

    The tone curve is Narkowicz, "ACES filmic tone mapping curve" (2015).
    """
    height, width, _ = linear.shape
    bright = np.maximum(linear - 0.9, 0)
    glow = np.stack([gaussian_filter(bright[..., c], height / 90) for c in range(3)], axis=-1)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    edge = (1 - 0.16 * ((x * x + y * y) / 2) ** 1.4)[..., None]
    x0 = (linear + 0.25 * glow) * edge * 0.72
    toned = np.clip(x0 * (2.51 * x0 + 0.03) / (x0 * (2.43 * x0 + 0.59) + 0.14), 0, 1)
    coded = np.where(toned <= 0.0031308, toned * 12.92, 1.055 * toned ** (1 / 2.4) - 0.055)
    # A grain of half a level hides the steps in smooth gradients.
    grain = np.random.default_rng(7).uniform(-0.5, 0.5, (height, width, 1))
    picture: npt.NDArray[np.uint8] = np.clip(coded * 255 + grain + 0.5, 0, 255).astype(np.uint8)
    return picture


def write(pixels: npt.NDArray[np.uint8], path: Path) -> None:
    """Save as JPEG, or as whatever the path's ending says."""
    image = Image.fromarray(pixels)
    if path.suffix == ".jpg":
        image.save(path, quality=QUALITY, optimize=True, subsampling="4:2:0")
    else:
        image.save(path)
