"""The lines of a file or a pipe that may have any length, or no end, and hold anything.

They are given as they come, each with a digest of all up to it. A line is held up to a length, of a
longer one nothing. Text in UTF-16, as Windows PowerShell writes it, is known by its first bytes.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase, RawIOBase
from typing import BinaryIO

#: Bytes that are read at once, at most.
CHUNK = 65_536

#: Bytes of a digest: as good as no chance finds another line to it.
_DIGEST = 12


@dataclass(frozen=True)
class RawLine:
    """One line.

    Attributes:
        number: its number, from 1.
        data: what stands in it, less its end and a mark before the first; None: it is too long.
        digest: of this line, as far as it is looked at, and all before it.
    """

    number: int
    data: bytes | None
    digest: str


def chunks_of(file: RawIOBase | BinaryIO) -> Iterator[bytes]:
    """Yield what a file or a pipe has, as soon as it has it."""
    read = file.read1 if isinstance(file, BufferedIOBase) else file.read
    while chunk := read(CHUNK):
        yield chunk


def lines_of(chunks: Iterable[bytes], most: int) -> Iterator[RawLine]:
    """Yield each line of a text, the last one also where no line's end is behind it.

    One that is too long is given as soon as it is, since its end may never come.

    Args:
        chunks: the text's bytes, as they come.
        most: bytes of a line that are held.
    """
    splitter = _Splitter(most)
    for chunk in _in_utf8(chunks):
        yield from splitter.feed(chunk)
    yield from splitter.end()


class _Splitter:
    """Cuts bytes into lines, of which it holds no more than the one that is not at its end."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[bytes] = []
        self._length = 0
        self._number = 1
        self._digest = b""
        self._hash = _hash(b"")

    def feed(self, chunk: bytes) -> Iterator[RawLine]:
        """Take more bytes; yield the lines that they end, or make too long."""
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            yield from self._add(part)
            yield from self._end_line()
        yield from self._add(rest)

    def end(self) -> Iterator[RawLine]:
        """Yield the last line, where it has no end."""
        if self._length:
            yield from self._end_line()

    def _add(self, part: bytes) -> Iterator[RawLine]:
        before, self._length = self._length, self._length + len(part)
        if before <= self._most < self._length:
            cut = self._most + 1 - before  # the same whatever the pieces are
            self._hash.update(part[:cut])
            self._parts.clear()
            yield RawLine(self._number, None, self._hash.hexdigest())
            part = part[cut:]
        self._hash.update(part)
        if self._length <= self._most:
            self._parts.append(part)

    def _end_line(self) -> Iterator[RawLine]:
        digest = self._hash.digest()
        if self._length <= self._most:
            data = b"".join(self._parts)
            if self._number == 1:
                data = data.removeprefix(codecs.BOM_UTF8)
            yield RawLine(self._number, data.removesuffix(b"\r"), digest.hex())
        self._parts, self._length, self._number = [], 0, self._number + 1
        self._hash = _hash(digest)


def _hash(before: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(before, digest_size=_DIGEST)


def _in_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a text in UTF-8, where it is in UTF-16 as `text.decode_text` knows it."""
    rest, first = iter(chunks), b""
    while len(first) < 2 and (chunk := next(rest, b"")):
        first += chunk
    mark = first[:2]
    if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or first[1:2] == b"\0":
        big = mark == codecs.BOM_UTF16_BE
        # What is no character becomes the sign for that, which no list has.
        decode = codecs.getincrementaldecoder("utf-16-be" if big else "utf-16-le")("replace").decode
        yield decode(first).encode("utf-8", "replace")
        for chunk in rest:
            yield decode(chunk).encode("utf-8", "replace")
        yield decode(b"", True).encode("utf-8", "replace")
        return
    if first:
        yield first
    yield from rest
