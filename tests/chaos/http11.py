"""As much of HTTP/1.1 as botocore and the emulator speak with each other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

#: Bytes of one line of a head, and of what is read at once.
LINE = 1 << 20


@dataclass(frozen=True)
class Exchange:
    """A request or an answer: its first line, its headers by small name, and all as it came."""

    first: str
    headers: dict[str, str]
    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        """Return it as it travels."""
        return self.head + self.body

    def without(self, names: frozenset[str]) -> bytes:
        """Return it as it travels, less the headers of some names in small letters."""
        if not names & self.headers.keys():
            return self.raw
        lines = self.head.split(b"\r\n")
        kept = [line for line in lines if _name(line) not in names]
        return b"\r\n".join(kept) + self.body

    @property
    def is_failure(self) -> bool:
        """Whether an answer says that nothing was done."""
        return self.first.split(" ")[1].startswith(("4", "5"))

    @property
    def method(self) -> str:
        """The method of a request."""
        return self.first.split(" ", 1)[0]

    @property
    def path(self) -> str:
        """The path of a request, without its query."""
        return self.first.split(" ")[1].partition("?")[0]

    @property
    def action(self) -> str:
        """The action of a request to SQS, such as `SendMessage`; empty for S3."""
        return self.headers.get("x-amz-target", "").partition(".")[2]


def _name(line: bytes) -> str:
    return line.partition(b":")[0].strip().lower().decode("latin-1")


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """Read first line and headers; empty where the other side has closed."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


async def read_rest(
    reader: asyncio.StreamReader, head: bytes, *, no_body: bool = False
) -> Exchange:
    """Read the body that belongs to a head."""
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = b""
    if no_body or lines[0].split(" ")[1] in ("204", "304"):
        pass
    elif headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunked(reader)
    elif size := int(headers.get("content-length") or 0):
        body = await reader.readexactly(size)
    return Exchange(lines[0], headers, head, body)


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    """Read a chunked body, and return it as it travels."""
    raw = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        raw += line + await reader.readexactly(size + 2)
        if size == 0:
            return raw


def answer(status: int, content_type: str, body: str) -> bytes:
    """Return a whole answer."""
    data = body.encode()
    head = f"HTTP/1.1 {status} Fault\r\nContent-Type: {content_type}\r\n"
    return head.encode() + f"Content-Length: {len(data)}\r\n\r\n".encode() + data
