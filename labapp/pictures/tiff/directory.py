"""The directories of a TIFF and the values of their tags (TIFF 6.0, section 2; BigTIFF)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

#: First bytes, in both byte orders, of classic TIFF and of BigTIFF.
MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

#: Of each type of value: its letter for `struct`. A rational is two numbers.
_TYPES = {
    1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 6: "b", 7: "s", 8: "h", 9: "i", 10: "ii",
    11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q",
}  # fmt: skip

#: Directories that are followed at most. Chains of masks and overviews are longer than the pages.
_MOST = 10_000


class OutsideError(Exception):
    """A directory, or a value, lies behind the end of the file; never leaves this room."""


@dataclass(frozen=True)
class Directory:
    """One directory: where the value of each tag lies.

    Args:
        data: the whole file.
        order: `<` or `>`, as `struct` has it.
        entries: of each tag its type, how many values, and the place of the first.
    """

    data: bytes
    order: str
    entries: dict[int, tuple[int, int, int]]

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Give the whole numbers of a tag; none where it is missing or holds others."""
        if tag not in self.entries:
            return ()
        kind, count, at = self.entries[tag]
        if kind in (2, 5, 7, 10, 11, 12) or kind not in _TYPES:
            return ()
        return struct.unpack_from(f"{self.order}{count}{_TYPES[kind]}", self.data, at)

    def number(self, tag: int, default: int = 0) -> int:
        """Give the first whole number of a tag."""
        return next(iter(self.numbers(tag)), default)

    def fractions(self, tag: int) -> tuple[float, ...]:
        """Give the numbers of a tag, whether they are whole, rational or floating."""
        if tag not in self.entries:
            return ()
        kind, count, at = self.entries[tag]
        if kind in (5, 10):
            letters = f"{self.order}{2 * count}{_TYPES[kind][0]}"
            flat = struct.unpack_from(letters, self.data, at)
            pairs = zip(flat[::2], flat[1::2], strict=True)
            return tuple(above / below if below else 0.0 for above, below in pairs)
        if kind in (11, 12):
            return struct.unpack_from(f"{self.order}{count}{_TYPES[kind]}", self.data, at)
        return tuple(map(float, self.numbers(tag)))

    def raw(self, tag: int) -> bytes:
        """Give the bytes of a tag, as of a profile or a text; empty where it is missing."""
        if tag not in self.entries:
            return b""
        kind, count, at = self.entries[tag]
        return self.data[at : at + count * _size(kind)]

    def __contains__(self, tag: int) -> bool:
        return tag in self.entries


def walk(data: bytes) -> Iterator[Directory]:
    """Give the directories of a file's chain, in their order.

    Raises:
        OutsideError: one of them, or a value, lies behind the end.
    """
    order, big = _head(data)
    try:
        at = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
        seen: set[int] = set()
        while at and at not in seen and len(seen) < _MOST:
            seen.add(at)
            directory, at = _read(data, at, order, big)
            yield directory
    except (struct.error, OverflowError):
        raise OutsideError from None


def below(directory: Directory) -> Iterator[Directory]:
    """Give the sub-directories of a directory (tag 330) that can be read."""
    _, big = _head(directory.data)
    for at in directory.numbers(330)[:100]:
        try:
            yield _read(directory.data, at, directory.order, big)[0]
        except (OutsideError, struct.error, OverflowError):
            continue


def _head(data: bytes) -> tuple[str, bool]:
    order = "<" if data.startswith(b"II") else ">"
    return order, data[2:4] in (b"+\0", b"\0+")


def _read(data: bytes, at: int, order: str, big: bool) -> tuple[Directory, int]:
    """Give the directory at a place, and the place of the next one."""
    # How many entries, an entry (tag, type, count and its value), and an offset.
    count, entry, offset = (order + f for f in (("Q", "HHQ", "Q") if big else ("H", "HHI", "I")))
    first = at + struct.calcsize(count)
    room = struct.calcsize(offset)
    step = struct.calcsize(entry) + room
    last = first + step * struct.unpack_from(count, data, at)[0]
    # Read before the entries: where it lies behind the end, so do they.
    following = struct.unpack_from(offset, data, last)[0]
    entries: dict[int, tuple[int, int, int]] = {}
    for place in range(first, last, step):
        tag, kind, many = struct.unpack_from(entry, data, place)
        value = place + struct.calcsize(entry)
        if many * _size(kind) > room:
            value = struct.unpack_from(offset, data, value)[0]
            if value + many * _size(kind) > len(data):
                raise OutsideError
        # Of a tag that stands twice the first counts, as for libtiff.
        entries.setdefault(tag, (kind, many, value))
    return Directory(data, order, entries), following


def _size(kind: int) -> int:
    return struct.calcsize("=" + _TYPES.get(kind, "B"))
