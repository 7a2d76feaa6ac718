"""Read what BMPs say of themselves, and bring unusual layouts of a pixel to a customary one.

Pillow knows the layouts that Windows writes, and no alpha in 16 bits. The others, which differ in
the masks of red, green, blue and alpha alone, are rewritten as 32 bits before it sees them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from labapp.pictures.refusals import CutShortError, DamagedError, UnsupportedError

_REMEDY = "Save it in an image editor as PNG, or as a BMP of 24 bits."

#: Sizes of the headers that are read: Windows' and OS/2's (the latter 12 and 64).
_OS2 = (16, 64)
_HEADERS = (12, 40, 52, 56, 64, 108, 124)

_PLAIN, _RLE8, _RLE4, _MASKS, _JPEG, _PNG, _MASKS_WITH_ALPHA = range(7)
_INK = frozenset((11, 12, 13))

#: Masks of red, green, blue and alpha that Pillow reads rightly, by bits of a pixel.
_CUSTOMARY = {
    32: ((0xFF0000, 0xFF00, 0xFF, 0), (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
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
    """

    width: int
    height: int
    top_down: bool
    bits: int
    masks: tuple[int, int, int, int] | None
    start: int
    resolution: bytes = bytes(8)


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
    return Head(abs(width), abs(height), height < 0, bits, masks, start, data[38:46])


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
    """Give the file as Pillow reads it rightly: itself, or its pixels in 32 bits.

    Raises:
        CutShortError: pixels are missing.
    """
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
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000 if found.masks[3] else 0)
    info = struct.pack("<IiiHHII", 108, found.width, height, 1, 32, _MASKS, out.nbytes)
    info += found.resolution + bytes(8) + struct.pack("<4I", *masks) + b"BGRs" + bytes(48)
    return struct.pack("<2sIII", b"BM", 122 + out.nbytes, 0, 122) + info + out.tobytes()
