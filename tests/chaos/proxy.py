"""A small HTTP proxy on 127.0.0.1 between programs and emulator, which makes what goes wrong.

It runs on a thread with a loop of its own. A program reaches it as AWS_ENDPOINT_URL; the Host
header travels on, so that addresses of queues lead here too. Where a program goes away in the
middle of a long poll, the emulator sees its connection go away too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import ssl
import struct
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.chaos import faults as kinds
from tests.chaos.faults import Faults
from tests.chaos.http11 import LINE, Exchange, answer, read_head, read_rest
from tests.chaos.wiretap import Wiretap

HOST = "127.0.0.1"

#: Seconds that a signature may be off, as SQS has it.
TOLERATED = 300.0

_DATE = re.compile(rb"\r\ndate:[^\r]*\r\n", re.IGNORECASE)

#: A lab's session, and what STS says of it even when it is over.
_LAB = "arn:aws:sts::123456789012:assumed-role/voclabs/user1=Ada"
_IDENTITY = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>"
    f"<Arn>{_LAB}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
)

#: Messages of these actions may be delivered twice: so SQS may, at any time.
_TWICE = frozenset({"SendMessage", "SendMessageBatch"})


class Proxy:
    """Listens until closed.

    Args:
        target: the emulator's port.
        faults: what goes wrong; changed by scenarios while the proxy runs.
        tls: the certificate with which it is spoken to; None: plain HTTP.

    Attributes:
        port: where programs connect.
        tap: what passed.
        asked: how many requests were made; while the network is gone, how many connections.
    """

    def __init__(self, target: int, faults: Faults, tls: ssl.SSLContext | None = None) -> None:
        self.target = target
        self._tls = tls
        self.faults = faults
        self.tap = Wiretap()
        self.asked = 0
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        # Named as TCP: asyncio then lets no packet wait for the one before.
        self._listener = socket.socket(proto=socket.IPPROTO_TCP)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((HOST, 0))
        self._listener.listen(256)
        self.port = int(self._listener.getsockname()[1])
        self._open: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address for AWS_ENDPOINT_URL."""
        return f"{'https' if self._tls else 'http'}://{HOST}:{self.port}"

    def cut(self) -> None:
        """Take the network away: every connection is reset, the open ones too."""
        self.faults.down = True
        self._loop.call_soon_threadsafe(self._reset_all)

    def _reset_all(self) -> None:
        for writer in list(self._open):
            _reset(writer)

    def mend(self) -> None:
        """Give the network back."""
        self.faults.down = False

    def close(self) -> None:
        """End the proxy."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _run(self) -> None:
        self._loop.run_until_complete(self._listen())
        self._loop.close()

    async def _listen(self) -> None:
        server = await asyncio.start_server(
            self._serve, sock=self._listener, limit=LINE, ssl=self._tls
        )
        await self._stop.wait()
        server.close()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            if self.faults.down:
                self.asked += 1
                return
            upstream = await asyncio.open_connection(HOST, self.target, limit=LINE)
            while head := await read_head(reader):
                self.asked += 1
                request = await read_rest(reader, head)
                if not await self._exchange(request, reader, writer, *upstream):
                    return
            writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # one side is gone: the other shall see it
        except asyncio.CancelledError:
            pass  # the proxy is closed
        finally:
            self._open.discard(writer)
            _reset(writer)
            if upstream is not None:
                upstream[1].close()

    async def _exchange(
        self,
        request: Exchange,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        inward: asyncio.StreamReader,
        outward: asyncio.StreamWriter,
    ) -> bool:
        """Carry one request to the emulator and its answer back; False ends the connection."""
        if self.faults.down:
            return False
        while self.faults.silent and not reader.at_eof():
            await asyncio.sleep(0.1)
        fault, seconds = self._fault(request)
        if fault == kinds.REFUSED:
            return False
        if refusal := self._refusal(request, fault):
            writer.write(refusal)
            await writer.drain()
            return True
        if delay := seconds if fault == kinds.LATE else self.faults.delay:
            await asyncio.sleep(delay)
        got = None
        for _ in range(2 if fault == kinds.TWICE else 1):
            outward.write(request.without(self.faults.ignored))
            got = await _answer_unless_gone(reader, inward, no_body=request.method == "HEAD")
        if got is None:
            return False
        if not got.is_failure:
            self.tap.saw(request)
        if fault == kinds.LOST or self.faults.down:
            return False
        raw = self._dated(got.raw)
        writer.write(raw[: len(raw) // 2] if fault == kinds.CUT else raw)
        await writer.drain()
        return fault != kinds.CUT

    def _fault(self, request: Exchange) -> tuple[str, float]:
        """Draw the fault that a request meets; only messages can be delivered twice."""
        fault, seconds = self.faults.draw()
        if fault == kinds.TWICE and request.action not in _TWICE:
            fault = kinds.LATE
        if fault:
            self.faults.struck(fault)
        return fault, seconds

    def _refusal(self, request: Exchange, fault: str) -> bytes:
        """Return the answer to a request that is not carried out; empty where it is."""
        if request.action in self.faults.dropped:
            return answer(200, "application/x-amz-json-1.0", "{}")
        if (request.action or request.method) in self.faults.denied:
            return _error(request, 403, "AccessDenied", "The key may not do this")
        if fault in (kinds.ERROR, kinds.SLOW_DOWN):
            return _failure(request, fault)
        return self._skewed(request) or self._ended(request)

    def _ended(self, request: Exchange) -> bytes:
        """Return the cloud's answer to a key that has run out; empty where it has not."""
        signed = request.headers.get("authorization", "")
        key = signed.partition("Credential=")[2].partition("/")[0]
        if key in self.faults.expired:
            return _error(request, 403, "ExpiredToken", "The security token is expired")
        if key not in self.faults.ended:
            return b""
        if b"Action=GetCallerIdentity" in request.body:
            return answer(200, "text/xml", _IDENTITY)
        # S3 has words of its own, which say nothing of why.
        denied = f"User: {_LAB} is not authorized to perform: sqs:{request.action} with an explicit"
        text = f"{denied} deny in an identity-based policy" if request.action else "Access Denied"
        return _error(request, 403, "AccessDenied", text)

    def _dated(self, raw: bytes) -> bytes:
        """Return an answer with the date of the cloud's clock."""
        if not self.faults.ahead:
            return raw
        now = datetime.now(UTC) + timedelta(seconds=self.faults.ahead)
        date = f"\r\nDate: {format_datetime(now, usegmt=True)}\r\n".encode()
        head, end, body = raw.partition(b"\r\n\r\n")
        return _DATE.sub(date, head + b"\r\n", count=1).removesuffix(b"\r\n") + end + body

    def _skewed(self, request: Exchange) -> bytes:
        """Return the cloud's answer to a request of another time than its own; else empty."""
        stamp = request.headers.get("x-amz-date", "")
        if not (self.faults.ahead and stamp):
            return b""
        now = datetime.now(UTC) + timedelta(seconds=self.faults.ahead)
        signed = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        late = (now - signed).total_seconds()
        if abs(late) < TOLERATED:
            return b""
        code, text = "RequestTimeTooSkewed", "The difference between the times is too large."
        if request.action:
            code, theirs = "InvalidSignatureException", f"{now:%Y%m%dT%H%M%SZ}"
            text = f"Signature expired: {stamp} is now earlier than {theirs} ({theirs} - 5 min.)"
            if late < 0:
                text = f"Signature not yet current: {stamp} is still later than {theirs}"
        date = f"Date: {format_datetime(now, usegmt=True)}\r\n".encode()
        return _error(request, 403, code, text).replace(b"\r\n", b"\r\n" + date, 1)


async def _answer_unless_gone(
    client: asyncio.StreamReader, inward: asyncio.StreamReader, *, no_body: bool
) -> Exchange | None:
    """Read the emulator's answer; None where it, or the client, went away meanwhile."""
    head = asyncio.ensure_future(read_head(inward))
    try:
        # A client sends nothing while it waits for an answer.
        while not (await asyncio.wait({head}, timeout=0.1))[0]:
            if client.at_eof() or client.exception() is not None:
                return None
    finally:
        head.cancel()
    found = head.result()
    return await read_rest(inward, found, no_body=no_body) if found else None


def _failure(request: Exchange, fault: str) -> bytes:
    if fault == kinds.ERROR:
        return _error(request, 500, "InternalError", "We encountered an internal error")
    if request.action:
        return _error(request, 400, "RequestThrottled", "Rate exceeded")
    return _error(request, 503, "SlowDown", "Please reduce your request rate")


def _error(request: Exchange, status: int, code: str, text: str) -> bytes:
    if request.action:
        body = json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": text})
        return answer(status, "application/x-amz-json-1.0", body)
    xml = f"<Error><Code>{code}</Code><Message>{text}</Message></Error>"
    return answer(status, "application/xml", "" if request.method == "HEAD" else xml)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a broken network does: with a reset, and nothing more sent."""
    if writer.is_closing():
        return
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
