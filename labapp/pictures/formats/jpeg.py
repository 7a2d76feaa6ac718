"""Write JPEG: at the quality of its source, its colours as coarse as there, and its resolution."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import simplejpeg
from PIL import Image

from labapp.pictures.frames import Frame
from labapp.pictures.limits import USUAL_QUALITY
from labapp.pictures.stored import Stored

#: How simplejpeg may store colours, and what Pillow calls those that it may, too.
_SUBSAMPLINGS = {"444": "4:4:4", "422": "4:2:2", "420": "4:2:0", "440": "", "411": ""}

#: Most bytes of a profile in one APP2 segment (ICC.1:2022, annex B.4).
_ICC_PIECE = 65_519

#: Pixels up to which a result that is denser than its source is packed once more with tables of its
#: own: below, the standard ones are a good part of the file; above, it gains some 5 % at 3 times
#: the cost.
_SMALL = 1_000_000

#: Where the units and densities of the JFIF segment stand, and the number that means inches.
_UNITS, _INCHES = 13, 1


def encode(
    frame: Frame,
    profile: bytes | None,
    stored: Stored,
    subsampling: str | None,
    quality: int | None,
) -> bytes:
    """Write one 8-bit frame, L or RGB.

    Args:
        frame: the pixels.
        profile: their ICC profile.
        stored: how the source was, whose tables are kept where it was a JPEG.
        subsampling: the source's, as simplejpeg names it; None for none to keep.
        quality: 1 to 100; None for the source's, else `USUAL_QUALITY`.
    """
    kept = subsampling if subsampling in _SUBSAMPLINGS else "444"
    tables = () if quality else stored.tables
    chosen = quality or stored.quality or USUAL_QUALITY
    if tables and _SUBSAMPLINGS[kept]:
        data = _by_pillow(frame, kept, qtables=_baseline(tables, frame))
    elif frame.ndim == 2:
        data = simplejpeg.encode_jpeg(frame[..., None], chosen, "GRAY", "Gray")
    else:
        data = simplejpeg.encode_jpeg(np.ascontiguousarray(frame), chosen, "RGB", kept)
    pixels = frame.shape[0] * frame.shape[1]
    if pixels <= _SMALL and len(data) > stored.density * pixels and _SUBSAMPLINGS[kept]:
        options = {"qtables": _baseline(tables, frame)} if tables else {"quality": chosen}
        tight = _by_pillow(frame, kept, optimize=True, **options)
        data = min(data, tight, key=len)
    return _with_head(data, profile, stored.dpi)


def _by_pillow(frame: Frame, subsampling: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    if frame.ndim == 3:
        options["subsampling"] = _SUBSAMPLINGS[subsampling]
    Image.fromarray(frame).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def _baseline(tables: tuple[tuple[int, ...], ...], frame: Frame) -> list[list[int]]:
    """Give tables as Pillow takes them: row by row, of 8 bits, none for colours in grey."""
    capped = [np.minimum(table, 255)[_ORDER].tolist() for table in tables]
    return capped[:1] if frame.ndim == 2 else capped


#: For each place in a square of 8 by 8 its place in a file's table (T.81, figure A.6).
_ORDER = np.argsort(
    sorted(
        range(64),
        key=lambda at: (at // 8 + at % 8, at // 8 if (at // 8 + at % 8) % 2 else at % 8),
    )
)


def _with_head(data: bytes, profile: bytes | None, dpi: tuple[float, float] | None) -> bytes:
    """Put the resolution into the JFIF segment, which comes first, and the profile behind it."""
    at = 4 + struct.unpack_from(">H", data, 4)[0]
    head = bytearray(data[:at])
    if dpi:
        across, down = (min(round(number), 65_535) for number in dpi)
        struct.pack_into(">BHH", head, _UNITS, _INCHES, across, down)
    parts = [bytes(head)]
    whole = profile or b""
    pieces = [whole[start : start + _ICC_PIECE] for start in range(0, len(whole), _ICC_PIECE)]
    if len(pieces) <= 255:
        for number, piece in enumerate(pieces, start=1):
            start = struct.pack(">HH", 0xFFE2, len(piece) + 16) + b"ICC_PROFILE\0"
            parts += [start, bytes([number, len(pieces)]), piece]
    return b"".join([*parts, data[at:]])
