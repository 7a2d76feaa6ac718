"""Read PNG and APNG: chunks, the colour that is transparent, and frames as they are composed.

A transparent colour (tRNS) stands in the picture's own depth, which Pillow compares with samples
that it has spread to 8 bits. Frames of an animation are taken apart into PNGs of their own and
composed here: by Pillow a half transparent one covers wrongly, and what is cleared is black.
Chunks are those of the PNG specification, third edition (W3C, 2025).
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from labapp.pictures import colour, deep_png, frames, libraries
from labapp.pictures.frames import Frame
from labapp.pictures.limits import BEGINNINGS
from labapp.pictures.strangers import CutShortError, DamagedError, UnsupportedError

(SIGNATURE,) = BEGINNINGS["png"]

#: Bytes of a PNG's signature and IHDR, which always comes first.
_HEAD = 33

#: Colour types without alpha of their own: grey, colours, and a palette.
_GREY, _RGB, _PALETTE = 0, 2, 3

#: Chunks in which its orientation may stand: EXIF, and the texts that hold EXIF or XMP.
_METADATA = frozenset((b"eXIf", b"iTXt", b"tEXt", b"zTXt"))

#: Keywords of texts that hold them.
_KEYWORDS = (b"XML:com.adobe.xmp", b"Raw profile type exif", b"Raw profile type APP1")

#: Most bytes that a packed text may unpack to; XMP of that size holds more than an orientation.
_MOST_TEXT = 1_000_000

#: Bytes that chunks have at least which Pillow reads without need, and minds when they are short.
_LEAST = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9}

#: What becomes of a frame before the next is drawn, and whether one covers or is laid over.
_CLEARED, _RESTORED = 1, 2
_COVERS = 0


@dataclass
class Moving:
    """One frame of an animation (fcTL): its place, its milliseconds, and where its pixels lie."""

    width: int
    height: int
    left: int
    top: int
    duration: float
    disposal: int
    blend: int
    bodies: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Chunks:
    """What the chunks of a PNG say.

    Args:
        width: in pixels, of the canvas.
        height: as width.
        depth: bits of a sample.
        colours: number of the colour type.
        clear: body of tRNS; None without.
        palette: body of PLTE.
        count: frames that it promises.
        moving: frames of an animation, as they stand.
        late: from and to where chunks lie that say something, yet behind the pixels.
        idle: from and to where those lie that say nothing here, and that Pillow fails over.
    """

    width: int
    height: int
    depth: int
    colours: int
    clear: bytes | None
    palette: bytes
    count: int
    moving: tuple[Moving, ...]
    late: tuple[tuple[int, int], ...]
    idle: tuple[tuple[int, int], ...]


def walk(data: bytes) -> Chunks:
    """Walk through a file.

    Raises:
        struct.error, IndexError, CutShortError: it ends before its end is told.
        DamagedError: its bytes are not those that were written.
        UnsupportedError: packed in Apple's way.
    """
    if data[12:16] == b"CgBI":
        raise UnsupportedError(
            "is a PNG as Xcode packs it for iPhones, which is not taken",
            "Take the picture that the app was built from, or open it on a Mac and export it.",
        )
    width, height, depth, colours = struct.unpack_from(">IIBB", data, 16)
    said: dict[bytes, bytes] = {}
    behind = False
    moving: list[Moving] = []
    late: list[tuple[int, int]] = []
    idle: list[tuple[int, int]] = []
    for kind, start, end in deep_png.chunks(data):
        _check(data, kind, start, end)
        if kind in (b"acTL", b"tRNS", b"PLTE"):
            said[kind] = data[start:end]
        elif kind == b"fcTL":
            moving.append(_moving(data, start))
        elif kind in (b"IDAT", b"fdAT"):
            behind |= kind == b"IDAT"
            if moving:
                moving[-1].bodies.append((start + 4 * (kind == b"fdAT"), end))
        elif _is_idle(kind, data, start, end):
            idle.append((start - 8, end + 4))
        elif kind in _METADATA and behind:
            late.append((start - 8, end + 4))
    declared = struct.unpack_from(">I", said.get(b"acTL", bytes(4)))[0]
    # Without acTL the others mean nothing; with it, whichever counts more.
    count = max(declared, len(moving)) if declared else 1
    shown = tuple(moving) if declared else ()
    return Chunks(
        width, height, depth, colours, said.get(b"tRNS"), said.get(b"PLTE", b""), count, shown,
        tuple(late), tuple(idle),
    )  # fmt: skip


def _is_idle(kind: bytes, data: bytes, start: int, end: int) -> bool:
    """Tell whether a chunk is one of those that a whole picture must not fail over."""
    if kind in _LEAST:
        return end - start < _LEAST[kind]
    if kind not in (b"zTXt", b"iTXt"):
        return False
    body = data[start:end]
    keyword, _, rest = body.partition(b"\0")
    if not keyword or (kind == b"iTXt" and rest[:1] != b"\1"):
        return False
    if keyword not in _KEYWORDS:
        return True
    # Behind the method; an iTXt has its language and the keyword in it before the text.
    text = body[len(keyword) + 2 :]
    if kind == b"iTXt":
        text = text[1:].partition(b"\0")[2].partition(b"\0")[2]
    unpacked = zlib.decompressobj()
    try:
        return len(unpacked.decompress(text, _MOST_TEXT + 1)) > _MOST_TEXT
    except zlib.error:
        return True


def _moving(data: bytes, at: int) -> Moving:
    width, height, left, top, above, below, disposal, blend = struct.unpack_from(
        ">IIIIHHBB", data, at + 4
    )
    return Moving(width, height, left, top, above * 1000 / (below or 100), disposal, blend)


def _check(data: bytes, kind: bytes, start: int, end: int) -> None:
    """Refuse a chunk that is cut, and a part of the picture whose bytes are not as written.

    Pillow leaves the sums of such parts unread, and takes what it cannot unpack for black.
    """
    if end + 4 > len(data):
        raise CutShortError
    # Small letters first: not part of the picture.
    if not kind[0] & 0x20 or kind == b"fdAT":
        found = libraries.deflate.crc32(memoryview(data)[start - 4 : end])
        if found != struct.unpack_from(">I", data, end)[0]:
            raise DamagedError("a checksum is wrong")


def in_reading_order(data: bytes, found: Chunks) -> bytes:
    """Move what stands late before the pixels, where it is read without decoding them.

    What is idle is left out.
    """
    if not found.late and not found.idle:
        return data
    parts, at = [data[:_HEAD], *(data[start:end] for start, end in found.late)], _HEAD
    for start, end in sorted(found.late + found.idle):
        parts.append(data[at:start])
        at = end
    return b"".join([*parts, data[at:]])


def decode(data: bytes, found: Chunks, image: Image.Image | None = None) -> Frame:
    """Decode a PNG that stands still into a frame, not turned upright.

    Args:
        data: the whole file.
        found: its chunks.
        image: the file as opened by Pillow, if it is.

    Raises:
        CutShortError: pixels are missing.
        ValueError, OSError: they cannot be unpacked.
    """
    if deep_png.is_deep(data):
        return deep_png.decode(data)
    image = image or Image.open(io.BytesIO(data), formats=("PNG",))
    if found.clear is None or found.colours not in (_GREY, _RGB):
        return colour.from_image(image, None)
    image.load()
    image.info.pop("transparency", None)
    frame = colour.from_image(image, None)
    samples = 3 if found.colours == _RGB else 1
    # The lowest bits count where there are fewer than 16 (11.3.1.1); Pillow spreads grey to 8.
    top = (1 << found.depth) - 1
    spread = max(255 // top, 1)
    clear = [(number & top) * spread for number in struct.unpack_from(f">{samples}H", found.clear)]
    same = frame == np.array(clear if samples == 3 else clear[0], frame.dtype)
    hidden = same.all(axis=2) if samples == 3 else same
    return frames.join_alpha(frame, np.where(hidden, 0, frames.white(frame)).astype(frame.dtype))


def compose(data: bytes, found: Chunks) -> Iterator[tuple[Frame, float]]:
    """Give each frame of an animation as it is seen, with its milliseconds; all of one kind.

    Raises:
        CutShortError: a frame that is promised is missing, or pixels are.
        DamagedError: a frame lies outside the canvas.
        ValueError, OSError: pixels cannot be unpacked.
    """
    shown = found.moving
    if not shown or len(shown) < found.count or not all(moving.bodies for moving in shown):
        raise CutShortError
    whole = (found.width, found.height, 0, 0)
    first = shown[0]
    alpha = found.clear is not None or found.colours in (4, 6)
    alpha |= (first.width, first.height, first.left, first.top) != whole
    alpha |= any(moving.disposal == _CLEARED for moving in shown[:-1])
    samples = (1 if found.colours in (_GREY, 4) else 3) + alpha
    shape = (found.height, found.width, samples) if samples > 1 else (found.height, found.width)
    canvas = np.zeros(shape, np.uint16 if found.depth == 16 else np.uint8)
    for moving in shown:
        right, below = moving.left + moving.width, moving.top + moving.height
        if right > found.width or below > found.height or not moving.width * moving.height:
            raise DamagedError("a frame lies outside its canvas")
        place = canvas[moving.top : below, moving.left : right]
        before = place.copy() if moving.disposal == _RESTORED else None
        _draw(moving, _alone(data, found, moving), place)
        yield canvas.copy(), moving.duration
        if before is not None:
            place[...] = before
        elif moving.disposal == _CLEARED:
            place[...] = 0


def _alone(data: bytes, found: Chunks, moving: Moving) -> Frame:
    """Decode a frame of an animation by itself."""
    head = struct.pack(">II", moving.width, moving.height) + data[24:29]
    parts = [SIGNATURE, *chunk(b"IHDR", head)]
    if found.palette:
        parts += chunk(b"PLTE", found.palette)
    if found.clear is not None:
        parts += chunk(b"tRNS", found.clear)
    parts += chunk(b"IDAT", *(data[start:end] for start, end in moving.bodies))
    return decode(b"".join([*parts, *chunk(b"IEND")]), found)


def chunk(kind: bytes, *body: bytes) -> list[bytes]:
    """Give the parts of a chunk whose body is in pieces."""
    check = libraries.deflate.crc32(kind)
    for piece in body:
        check = libraries.deflate.crc32(piece, check)
    return [struct.pack(">I", sum(map(len, body))), kind, *body, struct.pack(">I", check)]


def _draw(moving: Moving, frame: Frame, place: Frame) -> None:
    """Draw a frame on its part of the canvas: covering it, or laid over it (13.2, "over")."""
    if not frames.has_alpha(place):
        place[...] = frame
        return
    if not frames.has_alpha(frame):
        place[..., :-1] = frame if frame.ndim == 3 else frame[..., None]
        place[..., -1] = frames.white(place)
        return
    if moving.blend == _COVERS:
        place[...] = frame
        return
    white = frames.white(place)
    for rows in frames.bands(frame):
        above, below = frame[rows] / white, place[rows] / white
        share, rest = above[..., -1:], below[..., -1:] * (1 - above[..., -1:])
        alpha = share + rest
        mixed = above[..., :-1] * share + below[..., :-1] * rest
        mixed = np.divide(mixed, alpha, out=np.zeros_like(mixed), where=alpha > 0)
        place[rows] = np.rint(np.concatenate([mixed, alpha], axis=2) * white)
