"""Who heard how the cloud was once asked to stop, or read an old `cloud.json`, asks it again.

The secret of an instance was sent as a token with every question; now it is sent by nobody.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.state import State, ask_to_stop, read_state
from tests.security.local_clouds import home as home
from tests.security.local_clouds import sent


class Wire:
    """A place on the way to the cloud, where everything is heard and passed on."""

    def __init__(self, port: int) -> None:
        self.heard: list[bytes] = []
        self._to = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._pass_on)
        self._thread.start()

    def _pass_on(self) -> None:
        connection, _ = self._socket.accept()
        with connection, socket.create_connection(("127.0.0.1", self._to)) as cloud:
            self.heard.append(connection.recv(65536))
            cloud.sendall(self.heard[-1])
            connection.sendall(cloud.recv(65536))

    def close(self) -> None:
        self._thread.join(60)
        self._socket.close()


@pytest.fixture
def state(home: Path) -> Iterator[State]:
    found = read_state(home)
    assert found
    yield found
    assert launcher.find(home) is not None, "it was stopped"


def stop_request(challenge: str, shown: str) -> bytes:
    return (
        "POST /_labapp/stop HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n"
        f"x-labapp-challenge: {challenge}\r\nx-labapp-proof: {shown}\r\n"
        "x-labapp-token: guess\r\n\r\n"
    ).encode()


def test_nobody_stops_it_with_what_was_heard(home: Path, state: State) -> None:
    running = launcher.find(home)
    assert running
    nonce = "0" * 32
    ask = f"GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1\r\nx-labapp-nonce: {nonce}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        connection.sendall(ask.encode())
        head = connection.recv(65536).decode().lower()
    told = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    challenge, health = told["x-labapp-challenge"], told["x-labapp-proof"]
    for shown in (health, "", "0" * 64, nonce, challenge, state.secret):
        answer = sent(running, stop_request(challenge, shown))
        assert answer.startswith(b"HTTP/1.1 404")
        assert health not in answer.decode()


def test_on_the_way_to_another_port_neither_secret_nor_proof_is_heard(state: State) -> None:
    wire = Wire(state.port)
    try:
        asked = ask_to_stop(State(state.pid, wire.port, state.started_at, state.secret))
    finally:
        wire.close()
    assert not asked, "what is proved for one port is none for another"
    assert len(wire.heard) == 1
    assert state.secret.encode() not in wire.heard[0]
    assert b"x-labapp-proof" not in wire.heard[0]
