"""Write GIF, each frame with a palette of its own unless that of the first has all its colours.

A frame of up to 256 colours keeps them exactly; others get the nearest of 256. Blocks are those of
the GIF89a specification; the packing of the pixels is left to Pillow.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from labapp.pictures import frames
from labapp.pictures.formats.indexed import indexed
from labapp.pictures.frames import Frame, Mask, changed
from labapp.pictures.gif import RAMP

#: What is left of a frame when its time is over: all of it, or nothing.
_KEEP, _CLEAR = 1, 2

#: Pixels that choose the palette of a frame of many colours.
_SAMPLE = 128 * 128

#: Alpha below this is transparent: GIF knows only all or nothing.
_HALF = 128


def encode(sequence: Iterable[tuple[Frame, float]], loop: int | None) -> bytes:
    """Write a GIF of one frame or many.

    Args:
        sequence: 8-bit frames of one kind and size, each with its milliseconds.
        loop: how often an animation repeats, 0 for ever; None to play it once.
    """
    parts: list[bytes] = []
    before: Frame | None = None
    shared = b""
    for frame, duration in sequence:
        # A pixel can turn transparent only where the canvas is cleared, and then all is drawn.
        clearing = frames.has_alpha(frame)
        rows, columns = changed(None if clearing else before, frame)
        coded = _coded(frame[rows, columns])
        if before is None:
            shared = coded.palette
            parts += _head(frame.shape[1], frame.shape[0], shared, loop)
        coded = coded.within(shared)
        packed = _packed(coded.indices)
        if before is not None and not clearing:
            same = before[rows, columns] == frame[rows, columns]
            thin = coded.without(same if same.ndim == 2 else same.all(axis=2))
            if thin and len(pixels := _packed(thin.indices)) < len(packed):
                coded, packed = thin, pixels
        parts += _block(coded, packed, (columns.start, rows.start), shared, duration, clearing)
        before = frame
    return b"".join([*parts, b"\x3b"])


@dataclass(frozen=True)
class _Coded:
    """A part of a frame as numbers: of colours in a palette, one of which may be clear."""

    indices: Frame
    palette: bytes
    clear: int | None = None

    def within(self, shared: bytes) -> _Coded:
        """Give the same by the palette that all frames share, if that has all of its colours."""
        places = {shared[at : at + 3]: at // 3 for at in range(0, len(shared), 3)}
        spare = len(shared) // 3
        table = np.zeros(256, np.uint8)
        for index in range(len(self.palette) // 3):
            place = places.get(self.palette[3 * index : 3 * index + 3])
            if place is None:
                return self
            table[index] = place
        if self.clear is None:
            return _Coded(table[self.indices], shared)
        if spare >= _size(shared):
            return self
        table[self.clear] = spare
        return _Coded(table[self.indices], shared, spare)

    def without(self, same: Mask) -> _Coded | None:
        """Leave out pixels that are shown already; None where no number is left for that."""
        spare = len(self.palette) // 3
        if spare >= _size(self.palette):
            return None
        return _Coded(np.where(same, np.uint8(spare), self.indices), self.palette, spare)


def _size(palette: bytes) -> int:
    """Give the colours that a table has which holds a palette and a spare: a power of two."""
    return min(max(2, 1 << (len(palette) // 3).bit_length()), 256)


def _head(width: int, height: int, palette: bytes, loop: int | None) -> list[bytes]:
    bits = _size(palette).bit_length() - 2
    # 0xF0: eight bits of colour, and a palette for all.
    parts = [b"GIF89a", struct.pack("<HHBBB", width, height, 0xF0 | bits, 0, 0)]
    parts.append(palette.ljust(3 * _size(palette), b"\0"))
    if loop is not None:
        parts.append(b"\x21\xff\x0bNETSCAPE2.0" + struct.pack("<BBHB", 3, 1, min(loop, 65_535), 0))
    return parts


def _block(
    coded: _Coded,
    packed: bytes,
    corner: tuple[int, int],
    shared: bytes,
    duration: float,
    clearing: bool,
) -> list[bytes]:
    own = b"" if coded.palette == shared else coded.palette
    flags = (_CLEAR if clearing else _KEEP) << 2 | (coded.clear is not None)
    delay = min(round(duration / 10), 65_535)
    control = struct.pack("<BBHBB", 4, flags, delay, coded.clear or 0, 0)
    height, width = coded.indices.shape
    bits = 0x80 | _size(own).bit_length() - 2 if own else 0
    place = struct.pack("<HHHHB", *corner, width, height, bits)
    table = own.ljust(3 * _size(own), b"\0") if own else b""
    return [b"\x21\xf9", control, b"\x2c", place, table, packed]


def _coded(part: Frame) -> _Coded:
    if part.ndim == 2:
        return _Coded(part, RAMP)
    if not frames.has_alpha(part):
        return _Coded(*_quantized(part, 256))
    colour, alpha = frames.split_alpha(part)
    colour = frames.rgb_of(colour)
    hidden = alpha < _HALF
    # Hidden colours must not take places in the palette.
    colour[hidden] = colour[~hidden][:1] if not hidden.all() else 0
    indices, palette = _quantized(colour, 255)
    clear = len(palette) // 3
    indices[hidden] = clear
    # The clear number stands behind the colours, and needs none of its own.
    return _Coded(indices, palette, clear)


def _quantized(colour: Frame, most: int) -> tuple[Frame, bytes]:
    if few := indexed(colour, most):
        return few.indices, few.palette[:, :3].tobytes()
    image = Image.fromarray(colour)
    if image.width * image.height > _SAMPLE:
        # Choosing colours takes most of the time, and a sample of the pixels chooses nearly alike.
        shrink = (_SAMPLE / (image.width * image.height)) ** 0.5
        size = (max(int(image.width * shrink), 1), max(int(image.height * shrink), 1))
        chosen = image.resize(size, Image.Resampling.NEAREST).quantize(most)
        image = image.quantize(palette=chosen, dither=Image.Dither.NONE)
    else:
        image = image.quantize(most)
    return np.asarray(image).copy(), bytes(image.getpalette() or b"")[: 3 * most]


def _packed(indices: Frame) -> bytes:
    """Compress with Pillow's LZW: the data of a GIF that it writes, without what is around it."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(indices)).save(buffer, "GIF", interlace=0, optimize=False)
    data = buffer.getvalue()
    # Header, and the palette of 256 entries that Pillow gives every grey picture.
    start = data.index(b"\x2c", 13 + 3 * (2 << (data[10] & 7)))
    return data[start + 10 : -1]
