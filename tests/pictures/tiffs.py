"""TIFFs made by hand, of any combination of tags (TIFF 6.0, section 2)."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labapp.pictures import frames, libraries
from tests.pictures import codec
from tests.pictures.samples import Frame

#: Of each type of value its letter for `struct`.
LETTERS = {1: "B", 2: "s", 3: "H", 4: "I", 7: "s", 12: "d", 16: "Q"}

Values = Sequence[int] | Sequence[float] | bytes
Tags = Mapping[int, tuple[int, Values]]

COMPRESSIONS = {"none": 1, "lzw": 5, "deflate": 8, "packbits": 32773, "zstd": 50000, "lzma": 34925}
BY_PILLOW = {"lzw": "tiff_lzw", "packbits": "packbits", "zstd": "zstd", "lzma": "lzma"}


def packed(values: Frame, bits: int, order: str = "<") -> list[bytes]:
    """Write (rows, columns, samples) as rows of bytes; odd depths highest bit first."""
    rows = []
    for row in values.reshape(len(values), -1):
        if bits in (8, 16, 32, 64):
            rows.append(row.astype(f"{order}{row.dtype.kind}{row.itemsize}").tobytes())
        elif bits == 24:
            big = order == ">"
            rows.append(b"".join(int(v).to_bytes(3, "big" if big else "little") for v in row))
        else:
            text = "".join(format(int(value), f"0{bits}b") for value in row)
            text += "0" * (-len(text) % 8)
            rows.append(int(text, 2).to_bytes(len(text) // 8, "big"))
    return rows


def compressed(rows: Sequence[bytes], how: str) -> bytes:
    """Compress rows of bytes, by zlib or as Pillow compresses a grey picture of them."""
    data = b"".join(rows)
    if how == "none":
        return data
    if how == "deflate":
        return zlib.compress(data)
    if libraries.lacks(COMPRESSIONS[how]):
        pytest.skip(f"Pillow was built without {how} here")
    buffer = io.BytesIO()
    grey = np.frombuffer(data, np.uint8).reshape(len(rows), -1)
    Image.fromarray(grey).save(
        buffer, "TIFF", compression=BY_PILLOW[how], tiffinfo={278: len(rows)}
    )
    with Image.open(io.BytesIO(buffer.getvalue())) as image:
        (start,), (length,) = image.tag_v2[273], image.tag_v2[279]  # type: ignore[attr-defined]
    return buffer.getvalue()[start : start + length]


def file(
    pages: Sequence[tuple[Tags, Sequence[bytes]]], order: str = "<", big: bool = False
) -> bytes:
    """Write a file of pages, each of tags (type and values) and of strips or tiles."""
    offset = "Q" if big else "I"
    head = {"<": b"II", ">": b"MM"}[order]
    head += struct.pack(order + "HHH", 43, 8, 0) if big else struct.pack(order + "H", 42)
    out = bytearray(head + bytes(8 if big else 4))
    link = len(head)
    for given, pieces in pages:
        tags = dict(given)
        starts = []
        for piece in pieces:
            starts.append(len(out))
            out += piece + bytes(len(piece) % 2)
        tiled = 322 in tags
        if pieces:
            tags.setdefault(324 if tiled else 273, (16 if big else 4, starts))
            tags.setdefault(325 if tiled else 279, (4, [len(piece) for piece in pieces]))
        entries = b""
        for tag, (kind, values) in sorted(tags.items()):
            body, count = _body(order, kind, values)
            room = struct.calcsize(offset)
            if len(body) > room:
                place = struct.pack(order + offset, len(out))
                out += body + bytes(len(body) % 2)
                body = place
            entry = struct.pack(order + ("HHQ" if big else "HHI"), tag, kind, count)
            entries += entry + body.ljust(room, b"\0")
        struct.pack_into(order + offset, out, link, len(out))
        out += struct.pack(order + ("Q" if big else "H"), len(tags)) + entries
        link = len(out)
        out += bytes(struct.calcsize(offset))
    return bytes(out)


def _body(order: str, kind: int, values: Values) -> tuple[bytes, int]:
    if isinstance(values, bytes):
        return values, len(values)
    if kind == 5:
        flat = [n for value in values for n in (round(value * 10_000), 10_000)]
        return struct.pack(f"{order}{len(flat)}I", *flat), len(values)
    return struct.pack(f"{order}{len(values)}{LETTERS[kind]}", *values), len(values)


def tags(
    values: Frame, bits: int, photometric: int, **more: tuple[int, Values]
) -> dict[int, tuple[int, Values]]:
    """Give the tags of (rows, columns, samples); more: `t339=(3, [2])`."""
    height, width, samples = values.shape
    kinds = {"u": 1, "i": 2, "f": 3, "c": 6}
    found: dict[int, tuple[int, Values]] = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [bits] * samples),
        259: (3, [1]),
        262: (3, [photometric]),
        277: (3, [samples]),
    }
    if values.dtype.kind != "u":
        found[339] = (3, [kinds[values.dtype.kind]] * samples)
    return found | {int(name[1:]): value for name, value in more.items()}


def tiff(
    values: Frame,
    bits: int = 0,
    photometric: int = 1,
    *,
    order: str = "<",
    big: bool = False,
    planar: int = 1,
    compression: str = "none",
    rows: int = 0,
    tile: tuple[int, int] = (0, 0),
    **more: tuple[int, Values],
) -> bytes:
    """Write one page of (rows, columns, samples) or (rows, columns).

    Args:
        values: the samples as stored.
        bits: of each; those of the array unless given.
        photometric: what they mean.
        order: `<` or `>`.
        big: whether it is a BigTIFF.
        planar: 2 to write each sample apart.
        compression: a name of `COMPRESSIONS`.
        rows: of a strip; all unless given.
        tile: columns and rows of a tile, instead of strips.
        more: further tags, as for `tags`.
    """
    values = values if values.ndim == 3 else values[..., None]
    bits = bits or values.dtype.itemsize * 8
    height, width, samples = values.shape
    found = tags(values, bits, photometric, **more)
    found[259] = (3, [COMPRESSIONS[compression]])
    if planar == 2:
        found[284] = (3, [2])
    pieces = []
    for plane in np.split(values, samples, axis=2) if planar == 2 else [values]:
        if tile[0]:
            found |= {322: (3, [tile[0]]), 323: (3, [tile[1]])}
            right, below = -width % tile[0], -height % tile[1]
            plane = np.pad(plane, ((0, below), (0, right), (0, 0)))
            parts = [
                plane[top : top + tile[1], left : left + tile[0]]
                for top in range(0, height, tile[1])
                for left in range(0, width, tile[0])
            ]
        else:
            found[278] = (4, [rows or height])
            parts = [
                plane[top : top + (rows or height)] for top in range(0, height, rows or height)
            ]
        pieces += [compressed(packed(part, bits, order), compression) for part in parts]
    return file([(found, pieces)], order, big)


ORDERS = ["<", ">"]


def read(data: bytes) -> Frame:
    picture = codec.read(data)
    assert len(picture.frames) == 1
    return picture.frames[0]


def parts(frame: Frame) -> Frame:
    """Give a frame as fractions of white."""
    return frame / float(frames.white(frame))


def close(data: bytes, wanted: Any, within: float = 0.5 / 255) -> None:
    np.testing.assert_allclose(parts(read(data)), wanted, atol=within)
