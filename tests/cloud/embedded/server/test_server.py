"""The local cloud's own process: how it serves, and how it is asked to end."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.embedded import gateway, server
from labapp.cloud.embedded.state import STATE_FILE, NewerError, read_key, read_state
from tests.cloud.embedded.embedded_kit import POSIX_ONLY


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
        server._stop_on_signals(stop)
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0)
        assert not stop.is_set()
        os.kill(os.getpid(), getattr(signal, name))
        await asyncio.wait_for(stop.wait(), 30)

    assert signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN
    asyncio.run(serve())


def test_no_packet_of_an_answer_waits_for_the_one_before_to_be_acknowledged() -> None:
    delays: list[int] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = writer.get_extra_info("socket")
        delays.append(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def run() -> None:
        listener = server._listener(0)
        served = await asyncio.start_server(serve, sock=listener)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        assert await asyncio.wait_for(reader.read(), 30) == b""
        writer.close()
        served.close()

    asyncio.run(run())
    assert delays == [1]


def test_it_is_served_by_connections_that_end_with_their_peers_and_stopped_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Any] = []

    async def serve(app: object, config: Any, shutdown_trigger: Any) -> None:
        told.append((app, config))
        await asyncio.wait_for(shutdown_trigger(), 30)

    monkeypatch.setattr("hypercorn.asyncio.serve", serve)
    monkeypatch.setattr(gateway, "install_connections", lambda: told.append("installed"))

    async def run() -> Gate:
        gate: Any = Gate()
        gate.stop_asked.set()
        await server._hypercorn(gate, listener)
        served: Gate = gate
        return served

    with server._listener(0) as listener:
        gate = asyncio.run(run())
    installed, (app, config) = told
    assert installed == "installed"
    assert app is gate
    assert config.create_sockets().insecure_sockets == [listener]
    assert config.keep_alive_timeout == 3600, "botocore keeps its connections"
    assert config.graceful_timeout == 1.0


class Strict(socket.socket):
    """A socket as Windows has them: once it listens, it takes no option."""

    def setsockopt(self, *arguments: Any) -> None:
        if self.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise OSError(10022, "An invalid argument was supplied")
        super().setsockopt(*arguments)


class Echo(Gate):
    """An application that answers every request with nothing."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (event := (await receive())["type"]) != "lifespan.shutdown":
                await send({"type": f"{event}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})


def test_the_socket_is_served_as_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer() -> None:
        gate: Any = Echo()
        with server._listen(0) as listener:
            assert isinstance(listener, Strict)
            port = listener.getsockname()[1]
            serving = asyncio.create_task(server._hypercorn(gate, listener))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await asyncio.wait_for(reader.readline(), 30)).startswith(b"HTTP/1.1 204")
            assert not listener.get_inheritable()
            writer.close()
            gate.stop_asked.set()
            await asyncio.wait_for(serving, 30)

    monkeypatch.setattr(socket, "socket", Strict)
    asyncio.run(answer())


def test_it_ends_once_its_listener_is_closed_under_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "DEAF_SECONDS", 0.001)

    async def run() -> None:
        with server._listener(0) as listener:
            deaf = asyncio.create_task(server._is_deaf(listener))
            await asyncio.sleep(0.01)
            assert not deaf.done()
            listener.close()
            await asyncio.wait_for(deaf, 30)

    asyncio.run(run())


def test_it_ends_once_its_folder_is_gone_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "FOLDER_SECONDS", 0.001)
    state = tmp_path / STATE_FILE
    state.write_text("{}")

    async def watch() -> None:
        gone = asyncio.create_task(server._folder_is_gone(tmp_path))
        done, _ = await asyncio.wait({gone}, timeout=0.05)
        assert not done
        state.unlink()
        await asyncio.wait_for(gone, 30)

    asyncio.run(watch())


class Kept:
    """The queues of a cloud that is not there."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Let `_serve` keep nothing, and leave this process' signals and garbage as they are."""
    kept = Kept()
    monkeypatch.setattr(server, "_load", lambda home, disk: (kept, Kept()))
    monkeypatch.setattr(server, "_stop_on_signals", lambda stop: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    return kept


def serve(home: Path) -> None:
    with server._listener(0) as listener:
        asyncio.run(server._serve(home, listener))


def test_programs_find_it_by_its_file_while_it_serves_and_what_it_has_is_kept_at_the_end(
    served: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    async def hypercorn(gateway: Any, listener: socket.socket) -> None:
        while (state := read_state(tmp_path)) is None:
            await asyncio.sleep(0)
        seen.append((state, listener.getsockname()[1], gateway._gate))
        gateway.stop_asked.set()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not served.closed, "requests under way are waited for"

    monkeypatch.setattr(server, "_hypercorn", hypercorn)
    began = time.time()
    serve(tmp_path)
    assert served.closed
    served.closed = False
    serve(tmp_path)
    (first, port, gate), (second, _, other) = seen
    assert (first.pid, first.port) == (os.getpid(), port)
    assert (first, second) == (gate._state, other._state)
    assert began <= first.started_at <= second.started_at
    assert len(first.secret) == 64
    assert first.secret != second.secret
    key = read_key(tmp_path)
    assert key is not None
    assert gate._key == other._key == key, "other programs are set up with it"
    assert list(tmp_path.iterdir()) == [tmp_path / "key.json"], "one that has ended is not found"


def test_what_fails_in_the_server_ends_the_process_with_its_reason(
    served: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hypercorn(*_: object) -> None:
        raise OSError("no more sockets")

    monkeypatch.setattr(server, "_hypercorn", hypercorn)
    with pytest.raises(OSError, match="no more sockets"):
        serve(tmp_path)
    assert served.closed


def test_a_server_that_does_not_end_is_not_waited_for_beyond_its_grace(
    served: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.GRACE_SECONDS == 1.0
    monkeypatch.setattr(server, "GRACE_SECONDS", -0.99)
    waited: list[float] = []
    true_wait = asyncio.wait

    async def wait(*given: Any, **named: Any) -> Any:
        if "timeout" in named:
            waited.append(named["timeout"])
            (tmp_path / STATE_FILE).unlink()  # by whoever: it ends all the same
        return await true_wait(*given, **named)

    async def hypercorn(gateway: Any, _: socket.socket) -> None:
        gateway.stop_asked.set()
        await asyncio.Event().wait()  # as from Python 3.12 on, for connections that are idle

    monkeypatch.setattr(server, "_hypercorn", hypercorn)
    monkeypatch.setattr(asyncio, "wait", wait)
    serve(tmp_path)
    assert waited == [pytest.approx(0.01)], "the server's own grace, and a second"
    assert served.closed


def test_a_cloud_whose_folder_is_gone_writes_nothing_there_again(
    served: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "FOLDER_SECONDS", 0.001)
    home = tmp_path / "local"
    home.mkdir()

    async def hypercorn(gateway: Any, _: socket.socket) -> None:
        while read_state(home) is None:
            await asyncio.sleep(0)
        shutil.rmtree(home)
        await asyncio.wait_for(gateway.stop_asked.wait(), 30)

    monkeypatch.setattr(server, "_hypercorn", hypercorn)
    serve(home)
    assert not served.closed
    assert not home.exists()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put mask, environment and logging back as they were."""
    mask = os.umask(0)
    root, log = logging.getLogger(), logging.getLogger("labapp.local")
    handlers, level, own = [*root.handlers], root.level, log.level
    root.handlers.clear()
    monkeypatch.setattr(os, "environ", dict(os.environ))
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    log.setLevel(own)
    os.umask(mask)


@pytest.mark.usefixtures("environment")
def test_one_process_serves_a_folder_with_its_own_files_and_ministacks_own_means_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LOCK_SECONDS", 0.01)
    told: list[Any] = []

    async def serving(home: Path, listener: socket.socket) -> None:
        told.append((home, listener.getsockname()))
        (home / "new").touch()
        mode = (home / "new").stat().st_mode
        assert os.name != "posix" or mode & 0o077 == 0, "nobody else reads what is kept"
        assert os.environ["SERVICES"] == "s3,sqs,sts"
        for name in ("S3_PERSIST", "PERSIST_STATE", "IOT_MTLS_ENABLED", "SFTP_ENABLED"):
            assert os.environ[name] == "0"
        assert (os.environ["GATEWAY_PORT"], os.environ["BIND_HOST"]) == ("4566", "127.0.0.1")
        assert os.environ["LOG_LEVEL"] == "WARNING"
        assert logging.getLogger("labapp.local").isEnabledFor(logging.INFO)
        assert not logging.getLogger("hypercorn").isEnabledFor(logging.INFO)
        with pytest.raises(SystemExit, match="another process serves this folder already"):
            server.main(home, 0)

    monkeypatch.setattr(server, "_serve", serving)
    monkeypatch.setattr(server, "_raise_file_limit", lambda: told.append("limit raised"))
    with server._listener(0) as other:
        port = other.getsockname()[1]
    server.main(tmp_path, port)
    assert told == ["limit raised", (tmp_path, ("127.0.0.1", port))]
    assert server.LOG_BYTES == 1_000_000


@pytest.mark.usefixtures("environment")
def test_a_folder_that_a_newer_labapp_wrote_in_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def serving(*_: object) -> None:
        raise NewerError("the bucket lab")

    monkeypatch.setattr(server, "_serve", serving)
    with pytest.raises(SystemExit, match="the bucket lab was written by a newer labapp"):
        server.main(tmp_path, 0)
