"""The directories of a TIFF and the values of their tags (TIFF 6.0, section 2; BigTIFF)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from labapp.pictures.strangers import DamagedError

#: Of each type of value: its letter for `struct`. A rational is two numbers.
_TYPES = {
    1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 6: "b", 7: "s", 8: "h", 9: "i", 10: "ii",
    11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q",
}  # fmt: skip

#: Types of values that are written: 16 bits, 32 bits, fractions of those, bytes.
SHORT, LONG, RATIONAL, BYTES = 3, 4, 5, 7

#: An entry to write: its tag, the type of its values, and those.
Entry: TypeAlias = tuple[int, int, tuple[int, ...] | bytes]

#: Directories that are followed at most. Chains of masks and overviews are longer than the pages.
_MOST = 10_000

#: Sub-directories of one directory that are looked at.
_MOST_BELOW = 100


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

    def numbers(self, tag: int, most: int | None = None) -> tuple[int, ...]:
        """Give the whole numbers of a tag; none where it is missing or holds others.

        Args:
            tag: its number.
            most: of the numbers, where those behind do not matter.
        """
        if tag not in self.entries:
            return ()
        kind, count, at = self.entries[tag]
        if kind in (2, 5, 7, 10, 11, 12) or kind not in _TYPES:
            return ()
        count = count if most is None else min(count, most)
        return struct.unpack_from(f"{self.order}{count}{_TYPES[kind]}", self.data, at)

    def number(self, tag: int, default: int = 0) -> int:
        """Give the first whole number of a tag."""
        return next(iter(self.numbers(tag, 1)), default)

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

    def raw(self, tag: int, most: int | None = None) -> bytes:
        """Give the bytes of a tag, as of a profile or a text; empty where it is missing.

        `most` is of the bytes, as in `numbers`.
        """
        if tag not in self.entries:
            return b""
        kind, count, at = self.entries[tag]
        size = count * _size(kind)
        return self.data[at : at + (size if most is None else min(size, most))]

    def __contains__(self, tag: int) -> bool:
        return tag in self.entries


class Directories:
    """The directories of a file, which together are read in time that grows with its bytes.

    Each is a table of its own in a sound file. Where they lie over one another, a small file could
    name thousands of long ones: so all that are read may have twice the bytes of the file, as one
    may be met in the chain and below another.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._order = "<" if data.startswith(b"II") else ">"
        self._big = data[2:4] in (b"+\0", b"\0+")
        self._left = 2 * len(data)

    def walk(self) -> Iterator[Directory]:
        """Give the directories of the chain, in their order.

        Raises:
            OutsideError: one of them, or a value, lies behind the end.
            DamagedError: they lie over one another.
        """
        first, place = (8, "Q") if self._big else (4, "I")
        try:
            at = struct.unpack_from(self._order + place, self._data, first)[0]
            seen: set[int] = set()
            while at and at not in seen and len(seen) < _MOST:
                seen.add(at)
                directory, at = self._read(at)
                yield directory
        except (struct.error, OverflowError):
            raise OutsideError from None

    def below(self, directory: Directory) -> Iterator[Directory]:
        """Give the sub-directories of a directory (tag 330) that can be read.

        Raises:
            DamagedError: they lie over one another.
        """
        for at in directory.numbers(330, _MOST_BELOW):
            try:
                yield self._read(at)[0]
            except (OutsideError, struct.error, OverflowError):
                continue

    def _read(self, at: int) -> tuple[Directory, int]:
        """Give the directory at a place, and the place of the next one."""
        data = self._data
        # How many entries, an entry (tag, type, count and its value), and an offset.
        letters = ("Q", "HHQ", "Q") if self._big else ("H", "HHI", "I")
        count, entry, offset = (self._order + letter for letter in letters)
        first = at + struct.calcsize(count)
        room = struct.calcsize(offset)
        step = struct.calcsize(entry) + room
        last = first + step * struct.unpack_from(count, data, at)[0]
        # Read before the entries: where it lies behind the end, so do they.
        following = struct.unpack_from(offset, data, last)[0]
        self._left -= last - first
        if self._left < 0:
            raise DamagedError("its directories lie over one another")
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
        return Directory(data, self._order, entries), following


def file(entries: list[Entry], data: bytes) -> bytes:
    """Write a TIFF of one directory: the pixels, then that, then what does not fit into it."""
    data += bytes(len(data) % 2)
    at = 8 + len(data)
    behind, end = b"", at + 2 + 12 * len(entries) + 4
    directory = struct.pack("<H", len(entries))
    for tag, kind, values in entries:
        if isinstance(values, bytes):
            count, value = len(values), values
        else:
            count = len(values) // len(_TYPES[kind])
            value = struct.pack(f"<{len(values)}{_TYPES[kind][0]}", *values)
        if len(value) > 4:
            place = struct.pack("<I", end + len(behind))
            behind += value + bytes(len(value) % 2)
            value = place
        directory += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")
    head = b"II*\0" + struct.pack("<I", at)
    return b"".join([head, data, directory, bytes(4), behind])


def _size(kind: int) -> int:
    return struct.calcsize("=" + _TYPES.get(kind, "B"))
