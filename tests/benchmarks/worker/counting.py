"""Counts the requests that an emulator answers, from inside it.

An ASGI wrapper around the emulator's app. Requests whose user agent carries the benchmark's own
mark are served, and neither counted nor delayed. `GET /__bench/counts` returns for each kind of
request how many there were and when the last was answered; `GET /__bench/reset` forgets them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tests.benchmarks.worker.job import HARNESS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: What calls the emulator by its name and not by its number, and what its requests are counted as.
BY_NAME, CLIENT = b"localhost", "client"

#: Bytes of the longest answer to a receive that brought nothing: `{}` or `{"Messages": []}`.
EMPTY = 20


class Counting:
    """An ASGI app that counts what it hands on to another.

    Args:
        inner: the emulator.
        delay: seconds added to every request, as a network would.
    """

    def __init__(self, inner: App, delay: float = 0.0) -> None:
        self._inner = inner
        self._delay = delay
        # For each kind: how many, and the CLOCK_MONOTONIC time of the last answer, which the
        # benchmark's own process can compare with its clock.
        self._kinds: dict[str, tuple[int, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        if scope["path"].startswith("/__bench/"):
            await self._tell(scope["path"], send)
            return
        headers = dict(scope["headers"])
        if HARNESS.encode() in headers.get(b"user-agent", b""):
            await self._inner(scope, receive, send)
            return
        if self._delay:
            await asyncio.sleep(self._delay)
        status, size = 0, 0

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        await self._inner(scope, receive, watched)
        kind = _kind(scope, headers.get(b"x-amz-target", b"").decode(), size)
        if status >= 400:
            kind += f".{status}"
        if headers.get(b"host", b"").startswith(BY_NAME):
            kind = f"{CLIENT} {kind}"
        count, _ = self._kinds.get(kind, (0, 0.0))
        self._kinds[kind] = (count + 1, time.monotonic())

    async def _tell(self, path: str, send: Send) -> None:
        if path.endswith("reset"):
            self._kinds.clear()
        await respond(send, 200, json.dumps(self._kinds).encode())


async def respond(
    send: Send, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """Send a whole answer."""
    length = (b"content-length", str(len(body)).encode())
    start = {"type": "http.response.start", "status": status, "headers": [length, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _kind(scope: Scope, target: str, size: int) -> str:
    """Return what is counted together: `sqs.SendMessage`, or `s3.PUT.logs` by first folder."""
    if target:
        kind = "sqs." + target.rpartition(".")[2]
        empty = kind == "sqs.ReceiveMessage" and size <= EMPTY
        return kind + ".empty" if empty else kind
    _, _, key = scope["path"].lstrip("/").partition("/")
    return f"s3.{scope['method']}.{key.partition('/')[0]}"
