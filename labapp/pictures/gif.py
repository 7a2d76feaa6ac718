"""Read GIF: where its frames lie, and what each looks like once it is composed (GIF89a).

The frames are composed here, as browsers do it: what is cleared, or never drawn on, is transparent.
Pillow unpacks the pixels of one frame at a time; its own composing fills what is cleared with
colour 0, and mixes up frames in grey and in colour.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from labapp.pictures.frames import Frame
from labapp.pictures.strangers import DamagedError

#: The palette in grey: each entry as bright as its number.
RAMP = bytes(value for value in range(256) for _ in range(3))

#: What becomes of a frame before the next is drawn. Of two readings of the standard some writers
#: took the one in which 4, not 3, restores.
_CLEARED, _RESTORED = 2, (3, 4)

_TRAILER, _IMAGE, _EXTENSION = 0x3B, 0x2C, 0x21
_CONTROL, _TEXT = 0xF9, 0x01

#: Clear index, disposal and milliseconds of what has no control before it.
_NO_CONTROL: tuple[int | None, int, float] = (None, 0, 0.0)


@dataclass(frozen=True)
class Part:
    """One image of a GIF.

    Args:
        left: in pixels, on the canvas.
        top: as left.
        width: in pixels.
        height: as width.
        interlaced: whether its rows are stored in four passes.
        palette: its own, or the file's.
        start: where its packed pixels begin.
        end: where they end.
        clear: index that leaves a pixel as it is.
        disposal: what becomes of it afterwards.
        duration: in milliseconds.
    """

    left: int
    top: int
    width: int
    height: int
    interlaced: bool
    palette: bytes
    start: int
    end: int
    clear: int | None = None
    disposal: int = 0
    duration: float = 0.0


@dataclass(frozen=True)
class Parts:
    """A whole GIF: its canvas in pixels, and its images."""

    width: int
    height: int
    parts: tuple[Part, ...]

    @property
    def grey(self) -> bool:
        """Whether each image is all greys, by a palette that is the ramp, and drawn whole."""
        return all(
            part.clear is None and part.palette == RAMP[: len(part.palette)] for part in self.parts
        )


def walk(data: bytes, most: int) -> Parts:
    """Find the images of a file, up to one more than `most`.

    Raises:
        IndexError, struct.error: the file ends before its trailer.
        DamagedError: there is something between blocks that is none.
    """
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _table_bytes(flags)
    shared = data[13:at] or RAMP
    control = _NO_CONTROL
    parts: list[Part] = []
    while len(parts) <= most:
        block = data[at]
        at += 1
        if block == _TRAILER:
            break
        if block == _IMAGE:
            part = _part(data, at, shared, control)
            control = _NO_CONTROL
            parts.append(part)
            at = part.end
        elif block == _EXTENSION:
            if data[at] == _CONTROL:
                control = _control(data, at + 2)
            elif data[at] == _TEXT:
                control = _NO_CONTROL
            at = _behind(data, at + 1)
        elif block:  # a terminator too many does no harm
            raise DamagedError("something stands between its blocks")
    if parts:
        # The first image may be greater than the canvas says; later ones are cut off.
        first = parts[0]
        width = max(width, first.left + first.width)
        height = max(height, first.top + first.height)
    return Parts(width, height, tuple(parts))


def _part(data: bytes, at: int, shared: bytes, control: tuple[int | None, int, float]) -> Part:
    left, top, wide, tall, flags = struct.unpack_from("<HHHHB", data, at)
    start = at + 9 + _table_bytes(flags)
    palette = data[at + 9 : start] or shared
    # A byte with the size of the codes stands before the blocks.
    end = _behind(data, start + 1)
    return Part(left, top, wide, tall, bool(flags & 0x40), palette, start, end, *control)


def _control(data: bytes, at: int) -> tuple[int | None, int, float]:
    flags, delay, clear = struct.unpack_from("<BHB", data, at)
    return (clear if flags & 1 else None), flags >> 2 & 7, delay * 10.0


def _behind(data: bytes, at: int) -> int:
    """Give the place behind a chain of sub-blocks."""
    while (length := data[at]) != 0:
        at += 1 + length
    return at + 1


def _table_bytes(flags: int) -> int:
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def compose(data: bytes, found: Parts) -> Iterator[tuple[Frame, float]]:
    """Give each frame as it is seen, with its milliseconds: L, RGB, or RGBA where any needs it.

    Raises:
        OSError, ValueError: pixels cannot be unpacked.
    """
    alpha = _is_seen_through(data, found)
    grey = found.grey and not alpha
    # A pixel of colour is one number of four bytes: many times as fast to look up and to lay.
    canvas = np.zeros((found.height, found.width), np.uint8 if grey else np.uint32)
    for part in _drawn(data, found, canvas):
        yield (canvas.copy() if grey else _seen(canvas, alpha)), part.duration


def _seen(canvas: Frame, alpha: bool) -> Frame:
    colours = canvas.view(np.uint8).reshape(*canvas.shape, 4)
    return colours.copy() if alpha else cv2.cvtColor(colours, cv2.COLOR_RGBA2RGB)


def _is_seen_through(data: bytes, found: Parts) -> bool:
    """Tell whether any frame has transparent pixels once it is composed.

    Most GIFs mark unchanged pixels as transparent, and show none: decoding twice costs less than
    carrying an alpha channel through every step.
    """
    first = found.parts[0]
    whole = first.width >= found.width and first.height >= found.height
    plain = whole and first.clear is None and first.disposal not in _RESTORED
    if plain and not any(part.disposal == _CLEARED for part in found.parts[:-1]):
        return False
    canvas = np.zeros((found.height, found.width), np.uint32)
    # Whatever is drawn is opaque: its last byte is not 0.
    return any(not canvas.all() for _ in _drawn(data, found, canvas))


def _drawn(data: bytes, found: Parts, canvas: Frame) -> Iterator[Part]:
    """Draw image after image on a canvas, and stop after each."""
    for part in found.parts:
        place = canvas[part.top : part.top + part.height, part.left : part.left + part.width]
        before = place.copy() if part.disposal in _RESTORED else None
        if place.size:
            _draw(part, _indices(data, part), place)
        yield part
        if before is not None:
            place[...] = before
        elif part.disposal == _CLEARED:
            place[...] = 0


def _draw(part: Part, indices: Frame, place: Frame) -> None:
    """Draw on the part of the canvas that an image lies on."""
    indices = indices[: place.shape[0], : place.shape[1]]
    if place.dtype == np.uint8:
        place[...] = indices
        return
    table = np.zeros((256, 4), np.uint8)
    colours = np.frombuffer(part.palette, np.uint8).reshape(-1, 3)
    table[: len(colours), :3] = colours
    table[:, 3] = 255
    drawn = np.take(table.view(np.uint32)[:, 0], indices)
    if part.clear is None:
        place[...] = drawn
    else:
        np.copyto(place, drawn, where=indices != part.clear)


def _indices(data: bytes, part: Part) -> Frame:
    """Unpack the pixels of an image: (height, width), each the index of its colour."""
    # A file of its own, in greys, so that what Pillow gives for a colour is its index.
    head = b"GIF89a" + struct.pack("<HHBBB", part.width, part.height, 0xF7, 0, 0) + RAMP
    place = b"\x2c" + struct.pack("<HHHHB", 0, 0, part.width, part.height, part.interlaced << 6)
    alone = b"".join([head, place, data[part.start : part.end], b"\x3b"])
    with Image.open(io.BytesIO(alone), formats=("GIF",)) as image:
        return np.array(image)


def sizes(found: Parts) -> Sequence[tuple[int, int]]:
    """Give what each frame costs: the canvas, or the image where that is greater."""
    return [(max(found.width, p.width), max(found.height, p.height)) for p in found.parts]
