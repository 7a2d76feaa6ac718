"""Answers of HTTP/1.1, read from a socket, as far as they are plain.

What is not as RFC 9112 has it, or has no length of its own, is no answer here: botocore's way reads
it its own way, and says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

#: Bytes of the head of an answer, and of the line before a chunk: AWS's have some hundred.
_MOST_HEAD, _MOST_LINE = 65_536, 1_024

#: Bytes that are read at once, of a head and of a body.
_READ, _READ_BODY = 16_384, 262_144

_STATUS = re.compile(r"HTTP/1\.([01]) (\d{3})(?: .*)?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(r"[0-9]{1,15}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?")


class ClosedError(OSError):
    """The other side closed the connection before the first byte of an answer."""


class MalformedError(Exception):
    """What came is no plain answer."""


class Source(Protocol):
    """What bytes are received from."""

    def recv(self, most: int, /) -> bytes:
        """Return the next bytes, so many at most; none at the end."""


@dataclass(slots=True)
class Answer:
    """One answer.

    Attributes:
        status: of HTTP.
        headers: by their names in small letters; what came twice, with a comma between.
        body: whole.
        stays: whether the connection is good for another request.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    stays: bool = True


def read(source: Source, most: int, *, bodiless: bool = False) -> Answer:
    """Read the answer to a request that was sent; one to HEAD is `bodiless`.

    Raises:
        ClosedError: not a byte of it came.
        MalformedError: it is no plain answer, has more than `most` bytes, or ends early.
        OSError: the connection fails, or nothing comes for too long.
    """
    buffer = source.recv(_READ)
    if not buffer:
        raise ClosedError("closed before an answer")
    while True:
        while (end := buffer.find(b"\r\n\r\n")) < 0:
            if len(buffer) > _MOST_HEAD:
                raise MalformedError("a head without an end")
            buffer += _more(source, _READ)
        minor, status, headers = _head(buffer[:end].decode("latin-1"))
        buffer = buffer[end + 4 :]
        if status >= 200:
            break
        if status == 101:
            raise MalformedError("another protocol")
    stays = minor == "1" and "close" not in headers.get("connection", "").lower()
    if bodiless or status in (204, 304):
        body, rest = b"", buffer
    elif "transfer-encoding" in headers:
        body, rest = _chunked(source, headers, buffer, most)
    else:
        body, rest = _counted(source, headers, buffer, most)
    return Answer(status, headers, body, stays and not rest)


def _more(source: Source, most: int) -> bytes:
    if found := source.recv(most):
        return found
    raise MalformedError("ended early")


def _head(text: str) -> tuple[str, int, dict[str, str]]:
    """Return what a head says: the minor version, the status and the headers."""
    first, *lines = text.split("\r\n")
    found = _STATUS.fullmatch(first)
    if not found or "\0" in text or text.count("\n") != len(lines) or "\r" in "".join(lines):
        raise MalformedError("no head of HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise MalformedError("a line that is no header")
        name, value = name.lower(), value.strip(" \t")
        if name in headers:
            if name in ("content-length", "transfer-encoding"):
                raise MalformedError("two lengths")
            value = f"{headers[name]}, {value}"
        headers[name] = value
    return found[1], int(found[2]), headers


def _counted(
    source: Source, headers: Mapping[str, str], buffer: bytes, most: int
) -> tuple[bytes, bytes]:
    """Read a body of a known length; return it, and what came behind it."""
    length = headers.get("content-length", "")
    if not _LENGTH.fullmatch(length):
        raise MalformedError("no length")
    left = int(length) - len(buffer)
    if int(length) > most:
        raise MalformedError("more than is read")
    if left <= 0:
        return buffer[: int(length)], buffer[int(length) :]
    parts = [buffer]
    while left > 0:
        part = _more(source, min(left, _READ_BODY))
        parts.append(part)
        left -= len(part)
    return b"".join(parts), b""


def _chunked(
    source: Source, headers: Mapping[str, str], buffer: bytes, most: int
) -> tuple[bytes, bytes]:
    """Read a body in chunks (RFC 9112, 7.1); return it, and what came behind it."""
    if headers["transfer-encoding"].lower() != "chunked" or "content-length" in headers:
        raise MalformedError("another encoding")
    parts: list[bytes] = []
    held = 0
    while True:
        line, buffer = _line(source, buffer)
        found = _CHUNK.fullmatch(line)
        if not found:
            raise MalformedError("no chunk")
        size = int(found[1], 16)
        if not size:
            break
        held += size
        if held > most:
            raise MalformedError("more than is read")
        gathered = [buffer]
        left = size + 2 - len(buffer)
        while left > 0:
            gathered.append(_more(source, min(left, _READ_BODY)))
            left -= len(gathered[-1])
        buffer = b"".join(gathered)
        if buffer[size : size + 2] != b"\r\n":
            raise MalformedError("a chunk without an end")
        parts.append(buffer[:size])
        buffer = buffer[size + 2 :]
    for _ in range(100):  # trailers, of which nothing is wanted
        line, buffer = _line(source, buffer)
        if not line:
            return b"".join(parts), buffer
    raise MalformedError("trailers without an end")


def _line(source: Source, buffer: bytes) -> tuple[bytes, bytes]:
    """Read a line; return it without its end, and what came behind it."""
    while (end := buffer.find(b"\r\n")) < 0:
        if len(buffer) > _MOST_LINE:
            raise MalformedError("a line without an end")
        buffer += _more(source, _READ)
    return buffer[:end], buffer[end + 2 :]
