"""The cloud dies uncleanly, and another user binds its port before it is started again.

They show a pid that `ps` tells, give forged answers, hand the challenge on to the true cloud at its
new port, and wait for whoever still has the old address to send something.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.state import STATE_FILE, ask_ours, read_state
from labapp.cloud.session import Cloud, local_home
from labapp.errors import UnreachableError
from tests.cloud.embedded.embedded_kit import kill
from tests.support.ports import stop_listening

PICTURE = b"a picture that nobody else may see"

#: What is sent of every request is kept here, and what is answered comes from there.
Answer = Callable[[bytes], bytes]


class Listener:
    """Another user's program at the cloud's port."""

    def __init__(self, port: int, answer: Answer) -> None:
        self.heard = b""
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._socket.accept()
                with connection, contextlib.suppress(OSError):
                    while chunk := connection.recv(65536):
                        self.heard += chunk
                        connection.sendall(self._answer(chunk))

    def close(self) -> None:
        stop_listening(self._socket)
        self._thread.join(60)


Listening = Callable[[int, Answer], Listener]


@pytest.fixture
def listening() -> Iterator[Listening]:
    made: list[Listener] = []

    def listen(port: int, answer: Answer) -> Listener:
        made.append(Listener(port, answer))
        return made[-1]

    yield listen
    for one in made:
        one.close()


def forged(_: bytes) -> bytes:
    """Answer everything as the cloud did that showed its pid, or that took the token."""
    pid = os.getpid()
    return (
        b"HTTP/1.1 200 OK\r\nx-labapp-pid: %d\r\nx-labapp-challenge: 00\r\nx-labapp-proof: %s\r\n"
        b"content-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}"
    ) % (pid, b"0" * 64)


def show_a_living_pid(home: Path) -> None:
    """Have the file name a process that lives, as a pid that was given again would."""
    state = read_state(home)
    assert state
    text = (home / STATE_FILE).read_text()
    (home / STATE_FILE).write_text(text.replace(str(state.pid), str(os.getpid())))


def test_whoever_binds_the_port_of_a_dead_cloud_is_not_believed(
    local_cloud: Cloud, home: Path, listening: Listening
) -> None:
    running = launcher.find(home)
    assert running
    state = read_state(home)
    assert state
    kill(running)
    show_a_living_pid(home)
    listener = listening(running.port, forged)

    assert launcher.find(home) is None
    assert not launcher.seems_alive(home, running.endpoint_url)
    again = read_state(home)
    assert again
    assert ask_ours(again) is None, "nor if its lock seemed held"
    assert launcher.stop(home) is False
    started = launcher.ensure(home, running.port)
    assert started.port != running.port
    for secret in (state.secret, running.key.secret, running.key.id):
        assert secret.encode() not in listener.heard


def test_who_still_has_the_old_address_sends_nothing_there_and_finds_the_new_one(
    local_cloud: Cloud, listening: Listening
) -> None:
    running = launcher.find(local_home())
    assert running
    assert local_cloud.s3
    kill(running)
    listener = listening(running.port, forged)
    for send in (
        lambda: local_cloud.s3.put_object(Bucket="labapp", Key="inbox/x", Body=PICTURE),
        lambda: local_cloud.sqs.send_message(
            QueueUrl=f"{running.endpoint_url}/0/q", MessageBody="1,2"
        ),
    ):
        with pytest.raises(Exception, match="Could not connect"):
            send()
    assert b"x-labapp-nonce" in listener.heard
    for kept in (PICTURE, b"1,2", running.key.id.encode(), b"Signature="):
        assert kept not in listener.heard
    with pytest.raises(UnreachableError):
        local_cloud.refresh()
    launcher.ensure(local_home(), running.port)
    local_cloud.refresh()
    local_cloud.s3.put_object(Bucket="labapp", Key="inbox/x", Body=PICTURE)
    assert PICTURE not in listener.heard


def test_who_hands_the_challenge_on_to_the_true_cloud_is_not_believed(
    local_cloud: Cloud, listening: Listening
) -> None:
    running = launcher.find(local_home())
    assert running
    kill(running)
    true: list[int] = []

    def handed_on(request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", true[0]), timeout=20) as other:
            other.sendall(request)
            return other.recv(65536)

    listener = listening(running.port, handed_on)
    true.append(launcher.ensure(local_home(), running.port).port)
    state = read_state(local_home())
    assert state
    assert ask_ours(state) == ""
    moved = type(state)(state.pid, running.port, state.started_at, state.secret)
    assert ask_ours(moved) is None
    with pytest.raises(Exception, match="Could not connect"):
        local_cloud.s3.put_object(Bucket="labapp", Key="inbox/x", Body=PICTURE)
    assert PICTURE not in listener.heard
