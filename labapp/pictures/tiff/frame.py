"""What the samples of a TIFF's page mean: from numbers as stored to a frame, upright."""

from __future__ import annotations

import numpy as np

from labapp.pictures import colour, frames
from labapp.pictures.frames import Frame
from labapp.pictures.strangers import DamagedError
from labapp.pictures.tiff import page as kinds
from labapp.pictures.tiff import pieces
from labapp.pictures.tiff.page import TiffPage

#: The ranges that are customary in samples of which the format does not say which one is white.
_CUSTOMARY = {kinds.FLOAT: (1.0, 255.0, 65_535.0), kinds.SIGNED: (65_535.0,)}


def decode(page: TiffPage) -> Frame:
    """Decode a page into a frame, upright; errors as `pieces.samples`."""
    stored = pieces.samples(page)
    frame = _seen(page, stored)
    return frames.upright(np.ascontiguousarray(frame), page.orientation)


def _seen(page: TiffPage, stored: Frame) -> Frame:
    if page.photometric == kinds.YCBCR:
        # A JPEG's decoder has made it RGB.
        rgb = stored if page.compression in (kinds.JPEG, kinds.OLD_JPEG) else _ycbcr(page, stored)
        return _with_alpha(page, rgb[..., :3], stored)
    if page.photometric == kinds.PALETTE:
        return _with_alpha(page, _palette(page, stored[..., 0]), stored)
    if page.photometric == kinds.CMYK:
        inks = frames.eight_bits(_scaled(page, stored[..., :4]))
        return _with_alpha(page, colour.converted(inks, page.profile, "CMYK"), stored)
    if page.photometric in (kinds.CIELAB, kinds.ICCLAB):
        return _with_alpha(page, colour.converted(_lab(page, stored[..., :3]), None, "LAB"), stored)
    seen = _scaled(page, stored[..., : page.colours])
    if page.photometric == kinds.WHITE_IS_ZERO:
        seen = frames.white(seen) - seen
    return _with_alpha(page, seen[..., 0] if page.colours == 1 else seen, stored)


def _with_alpha(page: TiffPage, seen: Frame, stored: Frame) -> Frame:
    """Put alpha behind the colours, and undo their multiplication by it."""
    if page.alpha is None:
        return seen
    place, multiplied = page.alpha
    alpha = _scaled(page, stored[..., place])
    if seen.dtype != alpha.dtype:
        seen, alpha = frames.eight_bits(seen), frames.eight_bits(alpha)
    if multiplied:
        seen = _divided(seen, alpha)
    return np.dstack([seen, alpha])


def _divided(seen: Frame, alpha: Frame) -> Frame:
    out = np.zeros_like(seen)
    white = frames.white(seen)
    for rows in frames.bands(seen):
        below = alpha[rows] if seen.ndim == 2 else alpha[rows][..., None]
        part = seen[rows].astype(np.float64) * white
        part = np.divide(part, below, out=np.zeros_like(part), where=below > 0)
        out[rows] = np.rint(np.minimum(part, white))
    return out


def _scaled(page: TiffPage, stored: Frame) -> Frame:
    """Bring samples to 8 bits where they have no more, else to 16."""
    if page.sample_format == kinds.SIGNED and page.bits <= 16:
        # The least number is black, the greatest white: turning the sign bit makes it so.
        plain: Frame = stored.view(f"u{page.bits // 8}").copy()
        plain ^= plain.dtype.type(1 << page.bits - 1)
        return plain
    if page.sample_format != kinds.UNSIGNED:
        return _stretched(stored, _CUSTOMARY[page.sample_format])
    top = (1 << page.bits) - 1
    if page.bits in (8, 16):
        return stored
    if page.bits < 16:
        kind, white = (np.uint8, 255) if page.bits < 8 else (np.uint16, 65_535)
        table = np.rint(np.arange(top + 1) * (white / top)).astype(kind)
        spread: Frame = np.take(table, stored)
        return spread
    out = np.empty(stored.shape, np.uint16)
    for rows in frames.bands(stored):
        out[rows] = np.rint(stored[rows] * (frames.white(out) / top))
    return out


def _stretched(stored: Frame, customary: tuple[float, ...]) -> Frame:
    """Bring samples of which nothing says which one is white to 16 bits.

    Where all lie within a customary range that one is taken, else the one they span. What is no
    number is black.
    """
    finite = stored[np.isfinite(stored)] if stored.dtype.kind == "f" else stored
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    del finite
    top = next((limit for limit in customary if low >= 0 and high <= limit), None)
    start, span = (0.0, top) if top is not None else (low, high - low)
    if not np.isfinite(span) or span <= 0:
        span = 1.0
    out = np.empty(stored.shape, np.uint16)
    for rows in frames.bands(stored):
        part = np.nan_to_num(stored[rows].astype(np.float64), nan=start)
        out[rows] = np.rint(np.clip((part - start) / span, 0, 1) * 65_535)
    return out


def _palette(page: TiffPage, index: Frame) -> Frame:
    entries = np.array(page.directory.numbers(320), np.uint16)
    size = 1 << page.bits
    if len(entries) < 3 * size:
        raise DamagedError("the colour map is too short")
    # Written in 8 bits by some (as libtiff, which looks at it in the same way).
    eight = entries.max(initial=0) < 256
    table = (entries if eight else entries >> 8).astype(np.uint8)
    return table[: 3 * size].reshape(3, size).T[index]


def _lab(page: TiffPage, stored: Frame) -> Frame:
    """Give L*a*b* in 8 bits, a and b signed (TIFF 6.0, section 23; technical note 1 of 2002)."""
    if page.bits != 16:
        lab: Frame = stored.view(np.uint8).copy()
    elif page.photometric == kinds.ICCLAB:
        lab = np.minimum((stored.astype(np.uint32) + 128) >> 8, 255).astype(np.uint8)
    else:
        lightness = frames.eight_bits(np.ascontiguousarray(stored[..., 0]).view(np.uint16))
        signed = np.ascontiguousarray(stored[..., 1:]).view(np.int16)
        rest = np.clip((signed.astype(np.int32) + 128) >> 8, -128, 127).astype(np.int8)
        return np.dstack([lightness, rest.view(np.uint8)])
    if page.photometric == kinds.ICCLAB:
        lab[..., 1:] ^= 128
    return lab


def _ycbcr(page: TiffPage, stored: Frame) -> Frame:
    """Turn YCbCr into RGB (TIFF 6.0, sections 20 and 21), its units spread over their pixels."""
    across, down = page.unit
    directory = page.directory
    red, green, blue = (directory.fractions(529) or (0.299, 0.587, 0.114))[:3]
    black_white = directory.fractions(532)
    ends = black_white if len(black_white) >= 6 else (0, 255, 128, 255, 128, 255)
    many = across * down
    rows, columns = stored.shape[:2]
    light = stored[..., :many].reshape(rows, columns, down, across).swapaxes(1, 2)
    light = light.reshape(rows * down, columns * across)[: page.height, : page.width]
    out = np.empty((page.height, page.width, 3), np.uint8)
    for band in frames.bands(light):
        lines = np.arange(band.start, band.stop) // down
        places = np.arange(page.width) // across
        chroma = stored[lines][:, places, many : many + 2].astype(np.float32)
        y = (light[band].astype(np.float32) - ends[0]) * (255 / ((ends[1] - ends[0]) or 255))
        cb = (chroma[..., 0] - ends[2]) * (127 / ((ends[3] - ends[2]) or 127))
        cr = (chroma[..., 1] - ends[4]) * (127 / ((ends[5] - ends[4]) or 127))
        r, b = y + cr * (2 - 2 * red), y + cb * (2 - 2 * blue)
        g = (y - blue * b - red * r) / (green or 1)
        out[band] = np.rint(np.clip(np.dstack([r, g, b]), 0, 255))
    return out
