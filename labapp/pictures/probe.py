"""What a file says of itself before any decoder is asked: format, size, frames, and its end.

The walk over a file's markers, chunks or blocks is done here, not by Pillow, for three reasons:
Pillow allocates WebP's canvas when it opens the file, it counts the frames of a GIF by visiting all
of them, and it takes a PNG or GIF without an end for a whole one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from labapp.errors import RefusedError
from labapp.pictures import bmp, gif, jpeg, png, strangers, vp8
from labapp.pictures.bmp import Head
from labapp.pictures.gif import Parts
from labapp.pictures.jpeg import Start
from labapp.pictures.limits import BEGINNINGS
from labapp.pictures.png import Chunks
from labapp.pictures.strangers import CutShortError, DamagedError
from labapp.pictures.tiff import page as tiff
from labapp.pictures.tiff.directory import OutsideError
from labapp.pictures.tiff.page import TiffPage


@dataclass(frozen=True)
class Layout:
    """What the header promises.

    Args:
        format: name of the format.
        width: in pixels, of the canvas where there are several frames.
        height: as width.
        frames: number of frames; not counted further than one above the limit.
        lossless: whether a WebP was written without loss.
        sizes: width and height of each page, where they may differ.
        gif: the images of a GIF.
        jpeg: the frame header of a JPEG.
        tiff: the pages of a TIFF.
        png: the chunks of a PNG.
        bmp: the header of a BMP.
    """

    format: str
    width: int = 0
    height: int = 0
    frames: int = 1
    lossless: bool = False
    sizes: tuple[tuple[int, int], ...] = ()
    gif: Parts | None = None
    jpeg: Start | None = None
    tiff: tuple[TiffPage, ...] = ()
    png: Chunks | None = None
    bmp: Head | None = None


def sniff(data: bytes) -> str | None:
    """Name the format by the first bytes; None when it is none of ours."""
    found = next((name for name, starts in BEGINNINGS.items() if data.startswith(starts)), None)
    if found == "webp" and data[8:12] != b"WEBP":
        return None
    # Two letters are little: texts begin so. The size of the header follows.
    if found == "bmp" and int.from_bytes(data[14:18], "little") >= 1024:
        return None
    return found


def measure(data: bytes, most_frames: int, called: str) -> Layout:
    """Walk through a file.

    Args:
        data: the whole file.
        most_frames: where to stop counting.
        called: the picture's name, for the message.

    Raises:
        RefusedError: the format is not one of ours.
        CutShortError: the file ends too early.
    """
    name = sniff(data)
    if name is None:
        what, remedy = strangers.describe(data, called)
        raise RefusedError(f"{called} is {what}, not a picture that is taken", remedy)
    try:
        return _WALKS[name](data, most_frames, called)
    except (struct.error, IndexError):
        raise CutShortError from None


def _jpeg(data: bytes, _: int, __: str) -> Layout:
    start = jpeg.start(data)
    # What follows the end (a second picture, a phone's video) is no concern of ours.
    if data.find(b"\xff\xd9", start.scan) < 0:
        raise CutShortError
    return Layout("jpeg", start.width, start.height, jpeg=start)


def _png(data: bytes, most_frames: int, _: str) -> Layout:
    found = png.walk(data)
    return Layout("png", found.width, found.height, min(found.count, most_frames + 1), png=found)


def _gif(data: bytes, most_frames: int, _: str) -> Layout:
    found = gif.walk(data, most_frames)
    if not found.parts:
        raise DamagedError("it has no image")
    sizes = tuple(gif.sizes(found))
    return Layout("gif", found.width, found.height, len(sizes), sizes=sizes, gif=found)


def _webp(data: bytes, most_frames: int, _: str) -> Layout:
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise CutShortError
    frames, size, lossless = 0, (0, 0), False
    for kind, body, length in vp8.chunks(data, end):
        if frames > most_frames:
            break
        if body + length > end:
            raise CutShortError
        if kind == b"VP8X":
            size = (1 + _three(data, body + 4), 1 + _three(data, body + 7))
        elif kind == b"ANMF":
            frames += 1
            lossless |= data[body + 16 : body + 20] == b"VP8L"
        elif kind in (b"VP8 ", b"VP8L"):
            lossless |= kind == b"VP8L"
            wide, tall = _vp8l(data, body) if lossless else _vp8(data, body)
            size = max(size[0], wide), max(size[1], tall)
    return Layout("webp", *size, max(frames, 1), lossless)


def _vp8(data: bytes, at: int) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, at + 6)
    return width & 0x3FFF, height & 0x3FFF


def _vp8l(data: bytes, at: int) -> tuple[int, int]:
    bits = struct.unpack_from("<I", data, at + 1)[0]
    return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)


def _three(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")


def _bmp(data: bytes, _: int, __: str) -> Layout:
    found = bmp.head(data)
    return Layout("bmp", found.width, found.height, bmp=found)


def _tiff(data: bytes, most_frames: int, name: str) -> Layout:
    try:
        found = tiff.pages(data, most_frames, name)
    except OutsideError:
        raise CutShortError from None
    sizes = tuple(page.shown for page in found)
    return Layout(
        "tiff", *(sizes[0] if sizes else (0, 0)), len(found), sizes=sizes, tiff=tuple(found)
    )


_WALKS = {"jpeg": _jpeg, "png": _png, "gif": _gif, "webp": _webp, "bmp": _bmp, "tiff": _tiff}
