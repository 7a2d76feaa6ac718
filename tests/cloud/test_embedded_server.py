"""The local cloud's own process: how it serves, and how it is asked to end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud import embedded_connections, embedded_server
from labapp.cloud.embedded_state import STATE_FILE
from tests.cloud.embedded_kit import POSIX_ONLY


class Gate:
    """A gateway that nobody asks for anything but its end."""

    def __init__(self) -> None:
        self.stop_asked = asyncio.Event()


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put the signals' handlers back as they were."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP")]
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@POSIX_ONLY
@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_asks_for_the_end_and_a_closed_terminal_does_not(name: str) -> None:
    async def serve() -> None:
        stop = asyncio.Event()
        embedded_server._stop_on_signals(stop)
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0)
        assert not stop.is_set()
        os.kill(os.getpid(), getattr(signal, name))
        await asyncio.wait_for(stop.wait(), 30)

    assert signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN
    asyncio.run(serve())


def test_it_is_served_by_connections_that_end_with_their_peers_and_stopped_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Any] = []

    async def serve(app: object, config: Any, shutdown_trigger: Any) -> None:
        told.append((app, config))
        await asyncio.wait_for(shutdown_trigger(), 30)

    monkeypatch.setattr("hypercorn.asyncio.serve", serve)
    monkeypatch.setattr(embedded_connections, "install", lambda: told.append("installed"))

    async def run() -> Gate:
        gate: Any = Gate()
        gate.stop_asked.set()
        await embedded_server._hypercorn(gate, listener)
        served: Gate = gate
        return served

    listener = embedded_server._listener(0)
    number = listener.fileno()
    try:
        gate = asyncio.run(run())
    finally:
        os.close(number) if sys.platform != "win32" else None
    installed, (app, config) = told
    assert installed == "installed"
    assert app is gate
    assert config.bind == [f"fd://{number}"]
    assert config.keep_alive_timeout == 3600, "botocore keeps its connections"
    assert config.graceful_timeout == 1.0


def test_it_listens_on_this_machine_alone_and_elsewhere_where_the_port_is_taken() -> None:
    with embedded_server._listener(0) as first:
        host, port = first.getsockname()
        assert (host, port > 0) == ("127.0.0.1", True)
        with embedded_server._listener(port) as second:
            assert second.getsockname()[1] not in (0, port)
            socket.create_connection(second.getsockname(), timeout=20).close()
    with embedded_server._listener(port) as again:
        assert again.getsockname()[1] == port


def test_it_ends_once_its_folder_is_gone_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_server, "FOLDER_SECONDS", 0.001)
    state = tmp_path / STATE_FILE
    state.write_text("{}")

    async def watch() -> None:
        gone = asyncio.create_task(embedded_server._folder_is_gone(tmp_path))
        done, _ = await asyncio.wait({gone}, timeout=0.05)
        assert not done
        state.unlink()
        await asyncio.wait_for(gone, 30)

    asyncio.run(watch())
