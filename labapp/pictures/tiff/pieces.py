"""From the strips and tiles of a page to an array of its samples.

What libtiff can unpack is handed to it, by way of Pillow, as a file of our own making: rows of
bytes without any meaning, of which nothing can be misread. JPEG and WebP pieces are pictures of
their own and go to their decoders.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from labapp.pictures import jpeg, libraries
from labapp.pictures.frames import Frame
from labapp.pictures.strangers import CutShortError, DamagedError, UnsupportedError
from labapp.pictures.tiff import page as kinds
from labapp.pictures.tiff.directory import LONG, Entry, file
from labapp.pictures.tiff.page import TiffPage
from labapp.pictures.tiff.samples import PREDICTED, unpacked

#: Bytes that are unpacked at a time.
_GROUP = 0x40_0000

#: Pieces of a page at most: at the greatest page those of a tile's least size, and as many again.
_MOST_PIECES = 400_000

#: Pixels by which a tile may reach beyond its page; 1,024 by 1,024 are the greatest in use.
_ROOM = 1 << 22

#: Each byte with its bits in the other order (FillOrder 2).
_MIRROR = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


@dataclass(frozen=True)
class _Piece:
    """A strip or a tile: where it lies in the file, and the part of the page it holds."""

    start: int
    length: int
    top: int
    left: int
    rows: int
    plane: int


def samples(page: TiffPage) -> Frame:
    """Decode a page that `check` found whole: (height, width, samples), in its samples' type.

    Raises:
        ValueError, OSError: a piece cannot be unpacked.
    """
    page = _in_units(page)
    columns, pieces = _pieces(page)
    out: Frame | None = None
    for piece, part in _decoded(page, columns, pieces):
        if out is None:
            out = np.zeros((page.height, page.width, page.samples), part.dtype)
        seen = part[: page.height - piece.top, : page.width - piece.left]
        place = out[piece.top : piece.top + len(seen), piece.left : piece.left + seen.shape[1]]
        if page.planar:
            place[..., piece.plane] = seen[..., 0]
        else:
            place[...] = seen
    assert out is not None  # a page without pixels was refused by its header
    return out


def check(page: TiffPage) -> None:
    """Raise CutShortError where a piece lies behind the end of the file."""
    for piece in _pieces(_in_units(page))[1]:
        if piece.start + piece.length > len(page.directory.data):
            raise CutShortError


def _in_units(page: TiffPage) -> TiffPage:
    """Give a page whose pixels share chroma as one of fewer pixels with more samples."""
    if page.unit == (1, 1):
        return page
    across, down = page.unit
    wide, tall = -(-page.width // across), -(-page.height // down)
    return dataclasses.replace(page, width=wide, height=tall, samples=across * down + 2)


def _pieces(page: TiffPage) -> tuple[int, list[_Piece]]:
    """Give how many columns a piece has, and all pieces."""
    directory = page.directory
    tiled = 322 in directory
    if tiled:
        across, down = page.unit
        columns, rows = -(-directory.number(322) // across), -(-directory.number(323) // down)
        starts, lengths = directory.numbers(324), directory.numbers(325)
        # Written by some into the tags of strips.
        starts, lengths = starts or directory.numbers(273), lengths or directory.numbers(279)
    else:
        columns, rows = page.width, directory.number(278, page.height * page.unit[1])
        rows = min(-(-rows // page.unit[1]), page.height)
        starts, lengths = directory.numbers(273), directory.numbers(279)
    if page.compression == kinds.OLD_JPEG and 513 in directory:
        columns, rows = page.width, page.height
        starts, lengths, tiled = directory.numbers(513), directory.numbers(514), False
    if columns <= 0 or rows <= 0:
        raise DamagedError("its pieces have no size")
    across, down = -(-page.width // columns), -(-page.height // rows)
    planes = page.samples if page.planar else 1
    many = planes * across * down
    if many > _MOST_PIECES or columns * rows > 4 * _ROOM + page.width * page.height:
        raise DamagedError("its pieces are far too many, or far too great")
    if len(starts) < many:
        raise CutShortError
    found = []
    for number in range(many):
        plane, place = divmod(number, across * down)
        top, left = place // across * rows, place % across * columns
        tall = rows if tiled else min(rows, page.height - top)
        start = starts[number]
        length = lengths[number] if number < len(lengths) else 0
        if page.compression == kinds.NONE:
            # Known without being told, and told wrong by some.
            length = tall * _row_bytes(page, columns)
        elif not length:
            length = max(len(directory.data) - start, 0)
        found.append(_Piece(start, length, top, left, tall, plane))
    return columns, found


def _row_bytes(page: TiffPage, columns: int) -> int:
    return -(-columns * (1 if page.planar else page.samples) * page.bits // 8)


def _decoded(page: TiffPage, columns: int, pieces: list[_Piece]) -> Iterator[tuple[_Piece, Frame]]:
    """Give each piece with its samples: (rows, columns, samples of a piece)."""
    each = 1 if page.planar else page.samples
    if page.compression in (kinds.JPEG, kinds.OLD_JPEG, kinds.WEBP):
        for piece in pieces:
            part = _picture(page, _bytes(page, piece), each, (columns, piece.rows))
            if part.shape[1] < columns and part.shape[1] < page.width - piece.left:
                raise DamagedError("a piece is too narrow")
            if len(part) < min(piece.rows, page.height - piece.top):
                raise DamagedError("a piece has too few rows")
            yield piece, part[: piece.rows, :columns]
        return
    wide = columns if page.compression in kinds.FAX else _row_bytes(page, columns)
    summed = page
    if page.predictor == 2 and page.bits == 8 and each in (1, 3) and page.compression in PREDICTED:
        # Several times as fast as here, where libtiff adds up the differences too.
        summed = dataclasses.replace(page, predictor=1)
    for group in _groups(pieces, wide):
        rows = _rows(page, group, wide, each if summed is not page else 0)
        top = 0
        for piece in group:
            part = rows[top : top + piece.rows]
            top += piece.rows
            if page.compression in kinds.FAX:
                yield piece, part[..., None]
            else:
                yield piece, unpacked(part, columns, each, summed)


def _groups(pieces: list[_Piece], wide: int) -> Iterator[list[_Piece]]:
    """Give pieces by about `_GROUP` bytes; only the last of a group may have fewer rows."""
    group: list[_Piece] = []
    for piece in pieces:
        if group and piece.rows > group[0].rows:  # the next plane begins behind a short piece
            yield group
            group = []
        group.append(piece)
        short = piece.rows < group[0].rows
        if short or len(group) * group[0].rows * wide >= _GROUP:
            yield group
            group = []
    if group:
        yield group


def _bytes(page: TiffPage, piece: _Piece) -> bytes:
    data = page.directory.data
    found = data[piece.start : piece.start + piece.length]
    # Fax and JPEG see to the order of their bits themselves, or have none.
    mine = page.compression not in (*kinds.FAX, kinds.JPEG, kinds.OLD_JPEG, kinds.WEBP)
    if page.directory.number(266, 1) == 2 and mine:
        found = found.translate(_MIRROR)
    return found


def _rows(page: TiffPage, group: list[_Piece], wide: int, summed: int) -> Frame:
    """Unpack pieces that follow each other into rows of bytes, or of bits of a fax.

    Args:
        page: to which they belong.
        group: of one number of rows; the last may have fewer.
        wide: bytes of a row, or bits of a fax.
        summed: samples of a pixel whose differences are to be added up; 0 to leave them.
    """
    packed = [_bytes(page, piece) for piece in group]
    ours = page.compression in (kinds.DEFLATE, kinds.OLD_DEFLATE) and not summed
    if ours or page.compression == kinds.NONE:
        whole = []
        for piece, part in zip(group, packed, strict=True):
            size = piece.rows * wide
            if ours:
                part = libraries.deflate.decompressobj().decompress(part, size)
            if len(part) < size:
                raise DamagedError("a piece has too few bytes")
            whole.append(part)
        return np.frombuffer(b"".join(whole), np.uint8).reshape(-1, wide)
    strips = _strips(page, group, packed, wide, summed)
    with libraries.mute(), Image.open(io.BytesIO(strips), formats=("TIFF",)) as image:
        if image.mode == "1":
            # Of a bit Pillow makes 0 or 255.
            return np.array(image.convert("L")) & 1
        return np.array(image).reshape(-1, wide)


def _strips(
    page: TiffPage, group: list[_Piece], packed: list[bytes], wide: int, summed: int
) -> bytes:
    """Make a TIFF of packed strips: of bytes in grey or RGB, or of the bits of a fax."""
    starts, at = [], 8
    for part in packed:
        starts.append(at)
        at += len(part)
    fax = page.compression in kinds.FAX
    samples = summed or 1
    tags: dict[int, list[int]] = {
        256: [wide // samples],
        257: [sum(piece.rows for piece in group)],
        258: [1 if fax else 8] * samples,
        259: [page.compression],
        262: [2 if samples == 3 else 1],
        266: [page.directory.number(266, 1) if fax else 1],
        273: starts,
        277: [samples],
        278: [group[0].rows],
        279: [len(part) for part in packed],
        317: [2 if summed else 1],
    }
    tags |= {tag: [page.directory.number(tag)] for tag in (292, 293) if tag in page.directory}
    entries: list[Entry] = [(tag, LONG, tuple(values)) for tag, values in sorted(tags.items())]
    return file(entries, b"".join(packed))


def _picture(page: TiffPage, data: bytes, each: int, size: tuple[int, int]) -> Frame:
    """Decode a piece that is a JPEG or a WebP, of about the columns and rows that it is to have."""
    if page.compression == kinds.WEBP:
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as image:
            _check_size(image.size, size)
            return np.array(image.convert("RGBA" if each == 4 else "RGB"))
    tables = page.directory.raw(347)
    if page.compression == kinds.JPEG and len(tables) > 4:
        # An abbreviated stream (T.81, annex B.5) whose tables stand once for all.
        data = tables[:-2] + data[2:]
    try:
        found = jpeg.start(data)
    except UnsupportedError as error:
        raise UnsupportedError(f"is a TIFF of which a piece {error.what}", error.remedy) from None
    _check_size((found.width, found.height), size)
    return jpeg.samples(data, found, each, as_rgb=page.photometric == kinds.YCBCR)


def _check_size(found: tuple[int, int], wanted: tuple[int, int]) -> None:
    """Refuse a picture that unpacks to far more than its piece of the page."""
    if any(has > 2 * wants + 64 for has, wants in zip(found, wanted, strict=True)):
        raise DamagedError("a piece is far greater than its place")
