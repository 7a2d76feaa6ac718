"""How a file stores its pixels, so that a result can be stored likewise.

A flip or a crop is not to make a file larger, nor a picture worse: a result goes back to the
quality of its source, its palette, its compression and its resolution, where it still can.
"""

from __future__ import annotations

import contextlib
import functools
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PIL import Image

from labapp.pictures import vp8
from labapp.pictures.jpeg import FRAMES, segments
from labapp.pictures.strangers import CutShortError
from labapp.pictures.tiff import page as tiff
from labapp.pictures.tiff.page import TiffPage

if TYPE_CHECKING:
    from labapp.pictures.probe import Layout

#: The tables of JPEG's annex K.1, luminance and colour, in the zigzag order in which files have
#: them. libjpeg scales both by one number for each quality from 1 to 100.
_LUMINANCE = (
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49,
    35, 37, 29, 40, 58, 51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56,
    80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
)  # fmt: skip
_COLOUR = (
    17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, *(99,) * 48,
)  # fmt: skip

#: The marker of quantisation tables (T.81, table B.1).
_TABLES = 0xDB

#: Dots per inch across and down.
Resolution: TypeAlias = tuple[float, float] | None
_INCH = 0.0254

#: Pixels across and down that share their chroma, by simplejpeg's name of it.
SUBSAMPLINGS = {"444": (1, 1), "422": (2, 1), "420": (2, 2), "440": (1, 2), "411": (4, 1)}

#: Quantisation tables of a JPEG, luminance first, in the order of the file.
Tables: TypeAlias = tuple[tuple[int, ...], ...]

#: What a resolution may be, in dots per inch; others are slips of whoever wrote the file.
_LEAST_DPI, _MOST_DPI = 1.0, 100_000.0


@dataclass(frozen=True)
class Stored:
    """How a file, or one page of it, stores its pixels.

    Args:
        quality: of a lossy JPEG, WebP or JPEG within TIFF, 1 to 100, as libjpeg and libwebp count;
            None where nothing was lost, or it is not known.
        tables: of a JPEG; none where they are libjpeg's own for that quality.
        indexed: whether its pixels are numbers of colours, or greys of fewer than 8 bits.
        compression: of a TIFF, the number of its tag.
        differences: whether a TIFF packs differences between neighbours where it may.
        dpi: its resolution; None where it does not say.
        bits: of a sample.
        alpha: whether any pixel may be seen through.
        density: bytes a pixel, all frames and all else in the file together.
    """

    quality: int | None = None
    tables: Tables = ()
    indexed: bool = False
    compression: int = 0
    differences: bool = True
    dpi: Resolution = None
    bits: int = 8
    alpha: bool = False
    density: float = math.inf

    def turned(self) -> Stored:
        """Give the same of a picture turned by a quarter."""
        return replace(self, dpi=self.dpi[::-1]) if self.dpi else self


def of(image: Image.Image, found: Layout, data: bytes) -> Stored:
    """Look at how an opened picture that is no TIFF is stored; arguments as of `header.of`."""
    bits = data[24] if found.format == "png" else 1 if image.mode == "1" else 8
    quality, tables = of_jpeg(data) if found.format == "jpeg" else (None, ())
    if found.format == "webp" and not found.lossless:
        quality = vp8.quality(data)
    few = image.mode == "P" or bits < 8 or found.format == "gif"
    return Stored(
        quality,
        tables,
        indexed=few,
        dpi=resolution(image.info),
        bits=bits,
        alpha=image.has_transparency_data,
        density=len(data) / max(image.width * image.height * found.frames, 1),
    )


#: By what a TIFF's resolution becomes one by inches, for the numbers of its unit (tag 296).
_PER_INCH = {2: 1.0, 3: 2.54}

#: Where nothing is known of a source.
UNKNOWN = Stored()


def of_tiff(pages: Sequence[TiffPage]) -> list[Stored]:
    """Look at how the pages of a TIFF are stored."""
    area = sum(page.width * page.height for page in pages)
    return [_of_page(page, area) for page in pages]


def _of_page(page: TiffPage, area: int) -> Stored:
    tags = page.directory
    quality: int | None = None
    tables: Tables = ()
    if page.compression in (tiff.JPEG, tiff.OLD_JPEG):
        start = tags.number(273) or tags.number(324)
        shared = tags.raw(347)
        # The tables all pieces share are a JPEG of their own, without a picture.
        piece = shared[:-2] + tags.data[start + 2 :] if shared else tags.data[start:]
        quality, tables = of_jpeg(piece)
    packs = page.compression in (tiff.LZW, tiff.DEFLATE, tiff.OLD_DEFLATE)
    unit = _PER_INCH.get(tags.number(296, 2))
    across, down = (next(iter(tags.fractions(tag)), 0.0) * (unit or 0) for tag in (282, 283))
    kept = Stored(
        quality,
        tables,
        indexed=page.bits < 8 or page.photometric == tiff.PALETTE,
        compression=tiff.JPEG if page.compression == tiff.OLD_JPEG else page.compression,
        differences=not packs or page.predictor != 1,
        dpi=_trusted(across, down),
        bits=page.bits,
        alpha=page.alpha is not None,
        density=len(tags.data) / max(area, 1),
    )
    return kept.turned() if page.orientation >= 5 else kept


def subsampling(page: TiffPage) -> str | None:
    """Give how coarse the colours of a JPEG within a TIFF are, as simplejpeg names it."""
    if page.compression not in (tiff.JPEG, tiff.OLD_JPEG):
        return None
    if page.photometric != tiff.YCBCR:
        return "444"
    chroma = tiff.chroma(page.directory)
    return next((name for name, shared in SUBSAMPLINGS.items() if shared == chroma), None)


def resolution(info: Mapping[Any, Any]) -> Resolution:
    """Give the dots per inch that Pillow found in a file; None where there are none to trust."""
    found = info.get("dpi")
    if not isinstance(found, tuple) or len(found) != 2:
        return None
    try:
        across, down = (float(number) for number in found)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return _trusted(across, down)


def per_metre(dpi: tuple[float, float]) -> tuple[int, int]:
    """Give dots per inch as dots per metre, rounded."""
    return round(dpi[0] / _INCH), round(dpi[1] / _INCH)


def _trusted(across: float, down: float) -> Resolution:
    good = all(_LEAST_DPI <= number <= _MOST_DPI for number in (across, down))
    return (across, down) if good else None


def of_jpeg(data: bytes) -> tuple[int | None, Tables]:
    """Estimate the quality of a JPEG, and give its quantisation tables unless they are libjpeg's.

    libjpeg's own tables give the number that they were made with. Of others that number is given
    whose tables are nearest, in the mean of their ratios.

    Returns:
        quality, 1 to 100, None where there is no table; and the tables, luminance first.
    """
    tables = _jpeg_tables(data)
    if not tables:
        return None, ()
    quality, is_exact = _nearest(tables)
    return quality, () if is_exact else tables


@functools.lru_cache(64)  # what one camera, or program, has written has the same tables
def _nearest(tables: Tables) -> tuple[int, bool]:
    """Give the quality whose tables are nearest to some, and whether they are the same."""
    distance = np.sum(list(map(_distances, (_LUMINANCE, _COLOUR), tables)), axis=0)
    # Of equals the best: from some quality on tables do not change any more.
    quality = 100 - int(np.argmin(distance[::-1]))
    return quality, bool(distance[quality - 1] == 0)


def _distances(
    standard: tuple[int, ...], table: tuple[int, ...]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Give how far a table is from the standard one at each quality, 1 to 100."""
    quality = np.arange(1, 101)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    scaled = (np.array(standard)[None] * scale[:, None] + 50) // 100
    # Where more than 8 bits are stored, libjpeg does not stop at 255.
    scaled = np.clip(scaled, 1, 255 if max(table) <= 255 else 32_767)
    return np.asarray(np.abs(np.log(scaled / np.maximum(table, 1))).sum(axis=1))


def _jpeg_tables(data: bytes) -> Tables:
    """Give the tables of luminance and of colours, if they have one (T.81, B.2.2 and B.2.4.1)."""
    tables: dict[int, tuple[int, ...]] = {}
    chosen: list[int] = []
    with contextlib.suppress(struct.error, IndexError, CutShortError):
        for marker, at, length in segments(data):
            body = data[at + 2 : at + length]
            if marker == _TABLES:
                tables |= _tables_of(body)
            elif marker in FRAMES:
                chosen = [body[place] for place in range(8, len(body), 3)]
    found = [tables[number] for number in chosen[:2] if number in tables]
    return tuple(found)


def _tables_of(body: bytes) -> dict[int, tuple[int, ...]]:
    tables, at = {}, 0
    while at < len(body):
        letter = "H" if body[at] >> 4 else "B"
        tables[body[at] & 15] = struct.unpack_from(f">64{letter}", body, at + 1)
        at += 1 + struct.calcsize(f">64{letter}")
    return tables
