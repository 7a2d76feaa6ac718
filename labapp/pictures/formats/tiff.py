"""Write TIFF, each page compressed as its source's was where its pixels allow it.

Deflate, JPEG and what Pillow has no mode for (16 bits in colour or with alpha) are written here,
each page in one strip; fax, LZW and PackBits are left to libtiff by way of Pillow. Tags are those
of TIFF 6.0; JPEG is that of its Technical Note 2.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, TiffImagePlugin

from labapp.pictures import frames
from labapp.pictures.formats import jpeg
from labapp.pictures.formats.indexed import Indexed
from labapp.pictures.frames import Frame
from labapp.pictures.stored import SUBSAMPLINGS, Stored
from labapp.pictures.tiff import page as tags
from labapp.pictures.tiff.directory import BYTES, LONG, RATIONAL, SHORT, Entry, file

#: What Pillow calls the ways that it keeps: those for one bit alone, and others; and which of all
#: may pack differences.
_FAX = {tags.RLE: "tiff_ccitt", tags.FAX3: "group3", tags.FAX4: "group4"}
_PACKING = frozenset(("tiff_lzw", "tiff_adobe_deflate"))
_OTHERS = {tags.LZW: "tiff_lzw", tags.PACKBITS: "packbits"}

#: Effort of deflate, 1 to 9: of a photo as much as libtiff's own.
_LEVEL = 6

#: How colours are told: greys from black, RGB, YCbCr.
_GREY, _RGB, _YCBCR = 1, 2, 6

#: A resolution where none is known: of no unit, and the same both ways.
_UNKNOWN, _NO_UNIT, _INCHES = (72.0, 72.0), 1, 2


class Page(NamedTuple):
    """One page to write.

    Args:
        frame: its pixels.
        few: the same as numbers, where it is to be stored so.
        profile: its ICC profile.
        stored: how its source was.
        subsampling: of the source's JPEG, as simplejpeg names it.
    """

    frame: Frame
    few: Indexed | None
    profile: bytes | None
    stored: Stored
    subsampling: str | None = None


def encode(pages: Iterator[Page], quality: int | None) -> bytes:
    """Write pages as they come.

    Args:
        pages: one or more, of any kinds and sizes.
        quality: of pages in JPEG, 1 to 100; None for each source's own.
    """
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer, new=True) as pen:
        for page in pages:
            frame, how = page.frame, page.stored.compression
            if page.few or (how in _OTHERS and not (frame.dtype == np.uint16 and frame.ndim == 3)):
                _by_pillow(pen, page)
            elif how == tags.JPEG and frames.kind(frame) in ("L", "RGB"):
                data = jpeg.encode(frame, None, page.stored, page.subsampling, quality)
                pen.write(_whole(page, data, tags.JPEG))
            else:
                pen.write(_whole(page, _deflated(page), tags.DEFLATE))
            pen.newFrame()
    return buffer.getvalue()


def _by_pillow(pen: Any, page: Page) -> None:
    few, stored = page.few, page.stored
    image = Image.fromarray(page.frame)
    if few is not None and few.grey:  # black and white alone
        image = image.convert("1", dither=Image.Dither.NONE)
    elif few is not None:
        image = Image.fromarray(few.indices).convert("P")
        image.putpalette(few.palette[:, :3].tobytes())
    allowed = _OTHERS | _FAX if image.mode == "1" else _OTHERS
    how = allowed.get(stored.compression, "tiff_adobe_deflate")
    across, down = stored.dpi or _UNKNOWN
    info = {282: across, 283: down, 296: _INCHES if stored.dpi else _NO_UNIT}
    if stored.differences and how in _PACKING and image.mode not in ("1", "P"):
        # Differences between neighbours (section 14) pack most pictures to half the size.
        info[317] = 2
    options: dict[str, Any] = {"icc_profile": page.profile} if page.profile else {}
    image.save(pen, "TIFF", compression=how, tiffinfo=info, **options)


def _deflated(page: Page) -> bytes:
    """Pack by deflate, differences between neighbours (section 14) unless its source did not."""
    frame = page.frame
    packer = zlib.compressobj(_LEVEL)
    pieces = []
    for rows in frames.bands(frame):
        part = frame[rows].copy()
        if page.stored.differences:
            part[:, 1:] -= frame[rows][:, :-1]
        part = part.astype(part.dtype.newbyteorder("<"), copy=False)
        pieces.append(packer.compress(part.tobytes()))
    return b"".join([*pieces, packer.flush()])


def _whole(page: Page, data: bytes, how: int) -> bytes:
    """Give a TIFF of one page whose pixels are packed already."""
    frame, stored = page.frame, page.stored
    height, width = frame.shape[:2]
    samples = frames.channels(frame)
    colours = _GREY if samples < 3 else _YCBCR if how == tags.JPEG else _RGB
    across, down = stored.dpi or _UNKNOWN
    entries: list[Entry] = [
        (256, LONG, (width,)),
        (257, LONG, (height,)),
        (258, SHORT, (8 * frame.itemsize,) * samples),
        (259, SHORT, (how,)),
        (262, SHORT, (colours,)),
        (273, LONG, (8,)),
        (277, SHORT, (samples,)),
        (278, LONG, (height,)),
        (279, LONG, (len(data),)),
        (282, RATIONAL, _rational(across)),
        (283, RATIONAL, _rational(down)),
        (284, SHORT, (1,)),
        (296, SHORT, (_INCHES if stored.dpi else _NO_UNIT,)),
    ]
    if how == tags.DEFLATE and stored.differences:
        entries.append((317, SHORT, (2,)))
    if frames.has_alpha(frame):
        entries.append((338, SHORT, (2,)))
    if colours == _YCBCR:
        entries.append((530, SHORT, SUBSAMPLINGS.get(page.subsampling or "444", (1, 1))))
        entries.append((532, RATIONAL, (0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1)))
    if page.profile:
        entries.append((34675, BYTES, page.profile))
    return file(entries, data)


def _rational(number: float) -> tuple[int, int]:
    fraction = Fraction(number).limit_denominator(1000)
    return fraction.numerator, fraction.denominator
