"""What stands between the programs and MiniStack, in the local cloud's own process.

MiniStack looks into an empty queue every 100 ms for as long as a long poll lasts, so that an answer
takes 100 ms, whatever the worker does. Here a long poll sleeps until something is sent to its
queue, ends when its client goes away (MiniStack would hand a message to the dead client, and hide
it; what was handed out at that very moment is given back), and returns at once when the cloud
stops. All this is done on the wire, by asking MiniStack with a wait of zero; what is replaced
inside it, `fair_queues`, `queues` and `s3` tell.

Before all of it `gate` says who may pass: MiniStack takes any key and allows every origin.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from labapp.cloud.embedded.gate import Gate
from labapp.cloud.embedded.refusals import PREFIX, TARGET, RefusedError, response
from labapp.cloud.embedded.requests import SqsRequest, json_object, sqs_request
from labapp.cloud.embedded.state import AGES_PATH, HEALTH_PATH, STOP_PATH

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

#: Seconds between two looks into an empty queue, for what rings no bell: a visibility timeout that
#: ends, a delayed message, a notification from the bucket.
LOOK_AGAIN_SECONDS = 0.25

#: Bytes of the body of a request that is refused which are read all the same.
MOST_REFUSED = 64 * 1024

#: What makes a message visible at once, so that sleeping polls must look again.
_RINGING = frozenset(
    {"SendMessage", "SendMessageBatch", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch"}
)


@dataclass(frozen=True)
class _Answer:
    """One whole answer of MiniStack."""

    status: int
    headers: Headers
    body: bytes

    async def send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body})


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
        self._bells: dict[str, asyncio.Event] = {}
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
                await _refused(error, scope).send(send)
        else:
            await send({"type": "websocket.close"})

    def close(self) -> None:
        """End every long poll now, let no new one begin, and have the server stop."""
        self.stop_asked.set()
        for name in list(self._bells):
            self._ring(name)

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
            await _refused(error, scope).send(send)
            return
        if (request := sqs_request(headers, scope["path"], body)) is not None:
            await self._queue_request(request, scope, body, receive, send)
            return
        await self._inner(scope, _replay(body, receive), send)

    async def _ours(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        """Answer what programs of ours ask of the cloud itself."""
        method, path = scope["method"], scope["path"]
        if path == STOP_PATH and method == "POST" and self._gate.may_stop(headers):
            await _plain(202, "stopping").send(send)
            self.stop_asked.set()
        elif path == AGES_PATH and method == "GET" and self._gate.is_owners(scope, headers):
            await _plain(200, json.dumps(self._ages())).send(send)
        elif path == HEALTH_PATH and method in ("GET", "HEAD"):
            shown = self._gate.health(headers, self._trouble())
            if shown is None:
                await self._inner(scope, _replay(b"", receive), send)
            else:  # one that stops is nobody's cloud any more
                await _Answer(503 if self.stop_asked.is_set() else 204, shown, b"").send(send)
        else:
            raise RefusedError(404, "", "not offered here")

    async def _queue_request(
        self, request: SqsRequest, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        if request.action == "ReceiveMessage" and request.parameters:
            await self._receive_message(request, scope, receive, send)
            return
        await self._inner(scope, _replay(body, receive), send)
        if request.action in _RINGING:
            self._ring(request.queue)

    async def _receive_message(
        self, request: SqsRequest, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer ReceiveMessage: look, and while there is nothing, sleep until the bell rings."""
        began, look = time.monotonic(), request.look()
        wait: float | None = None
        gone = asyncio.ensure_future(receive())
        try:
            while True:
                # The bell is fetched before the look: what is sent in between must not be missed.
                bell = self._bells.setdefault(request.queue, asyncio.Event())
                answer = await self._ask(scope, look)
                handles = request.handles(answer.body) if answer.status == 200 else []
                if handles:
                    await asyncio.sleep(0)  # a client that has gone by now is heard of
                    if gone.done():
                        await self._give_back(request, handles, scope)
                        return
                if handles or answer.status != 200:
                    break
                if wait is None:
                    wait = await self._wait_seconds(request, scope)
                left = began + wait - time.monotonic()
                if left <= 0 or self.stop_asked.is_set():
                    break
                if await _rung_or_gone(bell, gone, min(left, LOOK_AGAIN_SECONDS)):
                    return
        finally:
            gone.cancel()
        await answer.send(send)

    async def _give_back(self, request: SqsRequest, handles: list[str], scope: Scope) -> None:
        """Have messages that nobody took be visible at once."""
        entries = [
            {"Id": str(place), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            for place, handle in enumerate(handles)
        ]
        await self._ask_json(scope, "ChangeMessageVisibilityBatch", request.url, Entries=entries)
        self._ring(request.queue)

    async def _wait_seconds(self, request: SqsRequest, scope: Scope) -> float:
        """Return how long this poll may last: the request's own word, else the queue's."""
        wait = request.parameters.get("WaitTimeSeconds")
        if wait is None:
            key = "ReceiveMessageWaitTimeSeconds"
            found = await self._ask_json(
                scope, "GetQueueAttributes", request.url, AttributeNames=[key]
            )
            wait = found.get("Attributes", {}).get(key, 0)
        try:
            return float(wait)
        except (TypeError, ValueError):
            return 0.0

    async def _ask_json(
        self, scope: Scope, action: str, url: str, **request: Any
    ) -> dict[str, Any]:
        """Ask MiniStack something of our own about the queue that a request is for."""
        headers = [pair for pair in scope["headers"] if pair[0] != TARGET]
        headers.append((TARGET, f"{PREFIX}{action}".encode()))
        body = json.dumps({"QueueUrl": url, **request}).encode()
        return json_object((await self._ask({**scope, "headers": headers}, body)).body)

    async def _ask(self, scope: Scope, body: bytes) -> _Answer:
        """Return MiniStack's whole answer to one request."""
        status, headers, chunks = 500, [], []

        async def collect(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message.get("headers", []))
            else:
                chunks.append(message.get("body", b""))

        await self._inner(dict(scope), _replay(body, _never), collect)
        return _Answer(status, headers, b"".join(chunks))

    def _ring(self, name: str) -> None:
        bell = self._bells.pop(name, None)
        if bell is not None:
            bell.set()


async def _rung_or_gone(bell: asyncio.Event, gone: asyncio.Future[Message], seconds: float) -> bool:
    """Sleep until the bell rings, the client is gone or the time is over; tell if it is gone."""
    rung = asyncio.ensure_future(bell.wait())
    either: set[asyncio.Future[Any]] = {rung, gone}
    await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    rung.cancel()
    return gone.done()


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


async def _never() -> Message:
    return {"type": "http.disconnect"}


def _refused(error: RefusedError, scope: Scope) -> _Answer:
    """Return the answer to a request that does not pass."""
    kind, more, body = response(error, dict(scope["headers"]))
    pairs = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    pairs += [(name.encode(), value.encode()) for name, value in more.items()]
    return _Answer(error.status, pairs, body)


def _plain(status: int, text: str) -> _Answer:
    return _Answer(status, [(b"content-type", b"text/plain")], text.encode())


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
