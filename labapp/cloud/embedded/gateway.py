"""What stands between the programs and MiniStack, in the local cloud's own process.

`gate` says who may pass: MiniStack takes any key and allows every origin. What programs of ours ask
of the cloud itself is answered here, and connections live as long as their peers. What is replaced
inside MiniStack is told by `receiving`, `queues` and `s3`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config, Sockets
from hypercorn.events import Updated
from hypercorn.protocol import h11

from labapp.cloud.embedded.gate import Gate
from labapp.cloud.embedded.receiving import CLIENT_GONE
from labapp.cloud.embedded.refusals import RefusedError, response
from labapp.cloud.embedded.state import AGES_PATH, HEALTH_PATH, STOP_PATH

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

#: Bytes of the body of a request that is refused which are read all the same.
MOST_REFUSED = 64 * 1024

_PLAIN: Headers = [(b"content-type", b"text/plain")]


class Gateway:
    """The ASGI application that is served; MiniStack's own stands behind it.

    Args:
        inner: MiniStack's ASGI application.
        gate: says who may pass.
        trouble: says in a sentence what is wrong with the disk; programs are told with our health.
        ages: tells for how many seconds the oldest message of each queue has waited.

    Attributes:
        stop_asked: set once the end was asked for, by a program that knows the secret or a signal.
    """

    def __init__(
        self,
        inner: Application,
        gate: Gate,
        trouble: Callable[[], str] = lambda: "",
        ages: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        self._inner = inner
        self._gate = gate
        self._trouble = trouble
        self._ages = ages
        self.stop_asked = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            try:
                await self._request(scope, receive, send)
            except RefusedError as error:
                # A client whose connection ends while it sends may never see the answer; so a short
                # body is read first, and a long one is not.
                with contextlib.suppress(ConnectionError, RefusedError):
                    await _whole(receive, MOST_REFUSED)
                await _refuse(send, error, scope)
        else:
            await send({"type": "websocket.close"})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = self._gate.headers(scope)
        if scope["path"] in (HEALTH_PATH, STOP_PATH, AGES_PATH):
            await self._ours(scope, headers, receive, send)
            return
        passing = self._gate.passing(scope, headers)
        try:
            body = await _whole(receive, passing.most)
            passing.check(body)
        except ConnectionError:
            return
        except RefusedError as error:
            await _refuse(send, error, scope)
            return
        CLIENT_GONE.set(receive)  # behind the body, ASGI has nothing else to say
        await self._inner(scope, _replay(body, receive), send)

    async def _ours(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        """Answer what programs of ours ask of the cloud itself."""
        method, path = scope["method"], scope["path"]
        if path == STOP_PATH and method == "POST" and self._gate.may_stop(headers):
            await _answer(send, 202, _PLAIN, b"stopping")
            self.stop_asked.set()
        elif path == AGES_PATH and method == "GET" and self._gate.is_owners(scope, headers):
            await _answer(send, 200, _PLAIN, json.dumps(self._ages()).encode())
        elif path == HEALTH_PATH and method in ("GET", "HEAD"):
            shown = self._gate.health(headers, self._trouble())
            if shown is None:
                await self._inner(scope, _replay(b"", receive), send)
            else:  # one that stops is nobody's cloud any more
                await _answer(send, 503 if self.stop_asked.is_set() else 204, shown, b"")
        else:
            raise RefusedError(404, "", "not offered here")


async def _whole(receive: Receive, most: int | None = None) -> bytes:
    """Return a request's whole body.

    MiniStack adds chunk to chunk, which takes time with the square of the size (a picture of 20 MB
    stops the cloud for a second); in one piece it does not.

    Raises:
        ConnectionError: the client went.
        RefusedError: it is longer than `most` bytes.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if most is not None and size > most:
            raise RefusedError(413, "RequestEntityTooLarge", f"more than {most} bytes were sent")
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes, rest: Receive) -> Receive:
    """Return a `receive` that gives `body` in one piece, then what `rest` gives."""
    first = True

    async def receive() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await rest()

    return receive


async def _refuse(send: Send, error: RefusedError, scope: Scope) -> None:
    """Answer a request that does not pass."""
    headers, body = response(error, dict(scope["headers"]))
    headers["content-length"] = str(len(body))
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await _answer(send, error.status, pairs, body)


async def _answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    """Answer the server's own start and stop.

    MiniStack is not told of them: it would look for start-up scripts, stop containers in Docker
    that bear its label, and start schedulers for services that are not offered here.
    """
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def install_connections() -> None:
    """Have hypercorn, in this process, close a connection when its peer has, and not upgrade it.

    It waits for the next request on a connection for as long as its keep-alive says, also after the
    peer has closed it. Ours is an hour, for botocore keeps connections for ever; so each program
    that ended left one or two open files, until there were no more.

    The gate refuses HTTP/2, and hypercorn would take it up wherever a client offers it (RFC 9110,
    7.8), as Java's own does with each request. An offer is passed over, and answered in HTTP/1.1.
    """
    run.TCPServer = Connection  # type: ignore[attr-defined]
    h11.H11Protocol._check_protocol = _stay  # type: ignore[assignment, method-assign]


async def _stay(protocol: h11.H11Protocol, event: Any) -> None:
    """Stay with HTTP/1.1, whatever the head of a request offers."""


class At(Config):
    """Where hypercorn serves: at a socket that listens already, and that is left as it is.

    It makes its sockets, and of one that is given it still sets options and lets children have it.
    Windows refuses an option that contradicts an earlier one; so ours is served as it was made.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    def create_sockets(self) -> Sockets:
        """Return the listener, for connections without TLS."""
        return Sockets([], [self._listener], [])


class Connection(TCPServer):
    """A connection that is not kept once its peer is gone."""

    _gone = False

    async def protocol_send(self, event: Any) -> None:
        """Send; a request that ends after its peer went begins no wait for another."""
        if not (self._gone and isinstance(event, Updated)):
            await super().protocol_send(event)

    async def _read_data(self) -> None:
        await super()._read_data()
        self._gone = True
        await self.idle_task.stop()
