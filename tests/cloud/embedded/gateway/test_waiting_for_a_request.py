"""When a connection to the local cloud waits for another request, and when it is let go."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Closed, Updated
from hypercorn.protocol.h11 import H11Protocol

from labapp.cloud.embedded import gateway
from labapp.cloud.embedded.gateway import Connection


class Idle:
    """The task that waits for the next request."""

    stops = 0

    async def stop(self) -> None:
        self.stops += 1


def test_a_connection_waits_for_another_request_until_its_peer_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[Any] = []
    steps: list[str] = []

    async def send(_: TCPServer, event: Any) -> None:
        sent.append(event)

    async def read(connection: Any) -> None:
        steps.append(f"read to the end with {connection.idle_task.stops} stops")

    monkeypatch.setattr(TCPServer, "protocol_send", send)
    monkeypatch.setattr(TCPServer, "_read_data", read)

    async def scenario() -> None:
        connection: Any = Connection.__new__(Connection)
        connection.idle_task = idle = Idle()
        waits, ends = Updated(idle=True), Closed()
        await connection.protocol_send(waits)
        await connection.protocol_send(ends)
        assert sent == [waits, ends]
        await connection._read_data()
        assert (steps, idle.stops) == (["read to the end with 0 stops"], 1)
        await connection.protocol_send(waits)
        await connection.protocol_send(ends)
        assert sent == [waits, ends, ends]

    asyncio.run(scenario())


def test_the_server_of_this_process_makes_such_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "TCPServer", TCPServer)
    monkeypatch.setattr(H11Protocol, "_check_protocol", H11Protocol._check_protocol)
    gateway.install_connections()
    assert run.TCPServer is Connection  # type: ignore[attr-defined]
