"""Read what BMPs say of themselves, and bring unusual layouts of a pixel to a customary one.

Pillow knows the layouts that Windows writes, and no alpha in 16 bits. The others, which differ in
the masks of red, green, blue and alpha alone, are rewritten as 32 bits before it sees them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from labapp.pictures.strangers import CutShortError, DamagedError, UnsupportedError

_REMEDY = "Save it in an image editor as PNG, or as a BMP of 24 bits."

#: Sizes of the headers that are read: Windows' and OS/2's (the latter 12 and 64).
_OS2 = (16, 64)
_HEADERS = (12, 40, 52, 56, 64, 108, 124)

_PLAIN, _RLE8, _RLE4, _MASKS, _JPEG, _PNG, _MASKS_WITH_ALPHA = range(7)
_INK = frozenset((11, 12, 13))

#: Masks of red, green, blue and alpha: the usual ones of 32 bits, and those that Pillow reads
#: rightly, by bits of a pixel.
RGBA = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
_CUSTOMARY = {
    32: ((*RGBA[:3], 0), RGBA),
    16: ((0xF800, 0x7E0, 0x1F, 0), (0x7C00, 0x3E0, 0x1F, 0)),
}


@dataclass(frozen=True)
class Head:
    """What the header of a BMP says.

    Args:
        width: in pixels.
        height: as width.
        top_down: whether the first row stands first.
        bits: of a pixel.
        masks: of red, green, blue and alpha, where the pixels have some.
        start: where they begin.
        resolution: in dots per metre, as stored.
        runs: bits of a pixel where they are compressed by run lengths; else 0.
        palette: then, its entries of four bytes.
    """

    width: int
    height: int
    top_down: bool
    bits: int
    masks: tuple[int, int, int, int] | None
    start: int
    resolution: bytes = bytes(8)
    runs: int = 0
    palette: bytes = b""


def head(data: bytes) -> Head:
    """Read the header.

    Raises:
        UnsupportedError: a variant that is not taken, by name.
        struct.error: the file ends before.
    """
    start, size = struct.unpack_from("<II", data, 10)
    if size == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        return Head(width, height, False, bits, None, start)
    width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    _check(size, bits, compression)
    if width < 0:
        raise DamagedError("its width is below 0")
    masks = None
    if compression in (_MASKS, _MASKS_WITH_ALPHA) and size != 64:
        many = 4 if compression == _MASKS_WITH_ALPHA or size >= 56 else 3
        found = struct.unpack_from(f"<{many}I", data, 54)
        masks = (*found[:3], found[3] if many == 4 else 0)
    runs = {_RLE8: 8, _RLE4: 4}.get(compression, 0)
    palette = data[14 + size : start][: 4 << runs] if runs else b""
    size_and_turn = (abs(width), abs(height), height < 0)
    return Head(*size_and_turn, bits, masks, start, data[38:46], runs, palette)


def _check(size: int, bits: int, compression: int) -> None:
    what = ""
    if size not in _HEADERS:
        if not 12 < size < 1024:
            raise DamagedError("its header has no known size")
        what = f"a BMP with a header of {size} bytes"
    elif size in _OS2 and compression in (3, 4):
        what = "an OS/2 BMP compressed by " + ("Huffman's code" if compression == 3 else "RLE24")
    elif compression in (_JPEG, _PNG):
        what = f"a BMP that holds a {'JPEG' if compression == _JPEG else 'PNG'}"
    elif compression in _INK:
        what = "a BMP in CMYK"
    elif compression > _MASKS_WITH_ALPHA:
        what = f"a BMP compressed by method {compression}"
    elif bits not in (1, 4, 8, 16, 24, 32):
        what = f"a BMP of {bits} bits a pixel"
    if what:
        raise UnsupportedError(f"is {what}, which is not taken", _REMEDY)


def customary(data: bytes, found: Head) -> bytes:
    """Give the file as Pillow reads it rightly: itself, or its pixels in 32 or 8 bits.

    Raises:
        CutShortError: pixels are missing.
    """
    if found.runs:
        return _without_runs(data, found)
    if found.masks is None or found.masks in _CUSTOMARY.get(found.bits, ()):
        return data
    if found.bits not in _CUSTOMARY:
        raise DamagedError("it has masks, yet not 16 or 32 bits a pixel")
    row = (found.width * found.bits + 31) // 32 * 4
    if found.start + row * found.height > len(data):
        raise CutShortError
    stored = np.frombuffer(data, np.uint8, row * found.height, found.start)
    stored = stored.view(f"<u{found.bits // 8}").reshape(found.height, -1)[:, : found.width]
    out = np.zeros((found.height, found.width, 4), np.uint8)
    for place, mask in zip((2, 1, 0, 3), found.masks, strict=True):
        if mask:
            shift = (mask & -mask).bit_length() - 1
            top = mask >> shift
            share = ((stored & mask) >> shift) * (255 / top)
            out[..., place] = np.rint(np.minimum(share, 255))
    height = -found.height if found.top_down else found.height
    masks = (*RGBA[:3], RGBA[3] if found.masks[3] else 0)
    return file(found.width, height, 32, out.tobytes(), found.resolution, masks=masks)


def _without_runs(data: bytes, found: Head) -> bytes:
    """Give the same picture with its run lengths written out.

    Pillow takes one that ends before its last pixel for damaged; what is left out is colour 0.
    """
    rows = np.frombuffer(_run(data, found), np.uint8).reshape(found.height, found.width)
    body = np.pad(rows, ((0, 0), (0, -found.width % 4))).tobytes()
    return file(found.width, found.height, 8, body, found.resolution, found.palette)


def file(
    width: int,
    height: int,
    bits: int,
    body: bytes,
    resolution: bytes,
    palette: bytes = b"",
    masks: tuple[int, ...] = (),
) -> bytes:
    """Write a BMP.

    Args:
        width: in pixels.
        height: likewise; below 0 where the first row stands first.
        bits: of a pixel.
        body: the rows, each filled up to four bytes.
        resolution: as in `Head`.
        palette: entries of four bytes.
        masks: of red, green, blue and alpha in sRGB, which want Windows' longer header
            (BITMAPV4HEADER, not BITMAPINFOHEADER).
    """
    size, how = (108, _MASKS) if masks else (40, _PLAIN)
    start = 14 + size + len(palette)
    head = struct.pack("<2sIII", b"BM", start + len(body), 0, start)
    head += struct.pack("<IiiHHII", size, width, height, 1, bits, how, len(body)) + resolution
    head += struct.pack("<II", len(palette) // 4, 0)
    if masks:
        head += struct.pack("<4I", *masks) + b"BGRs" + bytes(48)
    return b"".join([head, palette, body])


def _run(data: bytes, found: Head) -> bytearray:
    """Write out run lengths: rows from the bottom up, a byte a pixel (Windows GDI, BITMAPINFO)."""
    width, height = found.width, found.height
    out = bytearray(width * height)
    x, y, at = 0, 0, found.start
    while y < height:
        if at + 2 > len(data):
            if (x, y) == (width, height - 1):
                break  # an end that nobody marked
            raise CutShortError
        count, value = data[at], data[at + 1]
        at += 2
        if count:
            run = bytes([value]) if found.runs == 8 else bytes([value >> 4, value & 15])
            pixels = (run * count)[:count]
        elif value > 2:
            size = value if found.runs == 8 else (value + 1) // 2
            pixels = data[at : at + size]
            if found.runs == 4:
                pixels = bytes(half for both in pixels for half in (both >> 4, both & 15))[:value]
            at += size + size % 2
        else:
            if value == 1:
                break
            right, up = (data[at], data[at + 1]) if value == 2 and at + 2 <= len(data) else (0, 1)
            x = min(x + right, width) if value == 2 else 0
            y, at = y + up, at + (value == 2) * 2
            continue
        place = y * width + x
        pixels = pixels[: width - x]
        out[place : place + len(pixels)] = pixels
        x += len(pixels)
    return out
