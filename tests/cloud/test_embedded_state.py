"""How programs and the local cloud know each other: the file, and one question over a socket."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labapp.cloud import embedded_state
from labapp.cloud.embedded_state import STATE_FILE, State, ask, ask_ours, read_state, write_state

GOOD = {"pid": 12, "port": 4566, "started_at": 1.5, "token": "secret"}


def test_what_was_written_is_read_and_no_other_user_can(tmp_path: Path) -> None:
    state = State(12, 4566, 1.5, "secret")
    umask = os.umask(0)
    try:
        write_state(tmp_path, state)
    finally:
        os.umask(umask)
    assert read_state(tmp_path) == state
    assert [path.name for path in tmp_path.iterdir()] == ["cloud.json"]
    if os.name == "posix":
        assert (tmp_path / STATE_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("change", "usable"),
    [
        ({}, True),
        ({"pid": 1}, True),
        ({"pid": 0}, False),
        ({"pid": -7}, False),
        ({"port": 1}, True),
        ({"port": 65535}, True),
        ({"port": 0}, False),
        ({"port": 65536}, False),
        ({"token": "é"}, False),
        ({"token": "a\r\nx: y"}, False),
        ({"token": None}, True),
        ({"started_at": "x"}, False),
        ({"pid": None}, False),
    ],
)
def test_only_what_can_be_a_cloud_is_taken_for_one(
    tmp_path: Path, change: dict[str, object], usable: bool
) -> None:
    (tmp_path / STATE_FILE).write_text(json.dumps({**GOOD, **change}))
    assert (read_state(tmp_path) is not None) is usable


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_lacks_something_counts_as_none(tmp_path: Path, name: str) -> None:
    text = json.dumps({key: value for key, value in GOOD.items() if key != name})
    (tmp_path / STATE_FILE).write_text(text)
    assert read_state(tmp_path) is None


class Listener:
    """Answers one request with given pieces, and keeps what it was asked."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._pieces = pieces
        self.request = b""
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def _answer(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            while b"\r\n\r\n" not in self.request:
                self.request += connection.recv(65536)
            for piece in self._pieces:
                connection.sendall(piece)

    @property
    def state(self) -> State:
        return State(77, self._socket.getsockname()[1], 1.5, "secret")

    def close(self) -> None:
        self._thread.join(20)
        self._socket.close()


Answering = Callable[..., Listener]


@pytest.fixture
def answering() -> Iterator[Answering]:
    made: list[Listener] = []

    def make(*pieces: bytes) -> Listener:
        made.append(Listener([*pieces]))
        return made[-1]

    yield make
    for listener in made:
        listener.close()


def test_a_question_is_one_request_of_http_that_shows_the_token(answering: Answering) -> None:
    listener = answering(b"HTTP/1.1 202 Accepted\r\nA: b : c\r\n\r\nbody\r\nX: y")
    assert ask(listener.state, "POST", "/_labapp/stop") == {"a": "b : c"}
    first, *rest = listener.request.decode().split("\r\n")
    assert first == "POST /_labapp/stop HTTP/1.1"
    assert rest == [
        f"host: 127.0.0.1:{listener.state.port}",
        "x-labapp-token: secret",
        "content-length: 0",
        "connection: close",
        "",
        "",
    ]


def test_an_answer_that_comes_in_pieces_is_waited_for(answering: Answering) -> None:
    listener = answering(b"HTTP/1.1 200 OK\r\nx-l", b"abapp-pid: 77\r\n", b"\r\n")
    assert ask_ours(listener.state) == ""
    assert listener.request.startswith(b"GET /_ministack/health HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Labapp-Pid: 77\r\n\r\n", ""),
        (
            b"HTTP/1.1 200 OK\r\nx-labapp-pid: 77\r\n"
            b"x-labapp-trouble: is%20full%3A /f%C3%BCll\r\n\r\n",
            "is full: /füll",
        ),
        (b"HTTP/1.1 200 OK\r\nx-labapp-pid: 78\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\n\r\n", None),
        (b"HTTP/1.1 404 Not Found\r\nx-labapp-pid: 77\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nx-labapp-pid: 77\r\n", None),
        (b"", None),
        (b"x" * 70_000, None),
        (b"SSH-2.0-OpenSSH\r\n\r\n", None),
    ],
    ids=["ours", "in trouble", "other pid", "no pid", "refused", "cut", "none", "long", "ssh"],
)
def test_only_a_good_answer_of_the_one_that_wrote_the_state_is_ours(
    answering: Answering, answer: bytes, found: str | None
) -> None:
    assert ask_ours(answering(answer).state) == found


def test_where_nobody_listens_or_answers_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        state = State(77, silent.getsockname()[1], 1.5, "secret")
        monkeypatch.setattr(embedded_state, "PROBE_SECONDS", 0.01)
        assert ask(state, "GET", "/") is None
    assert ask(state, "GET", "/") is None


def test_programs_of_every_version_find_and_stop_a_cloud_by_the_same_names(tmp_path: Path) -> None:
    write_state(tmp_path, State(12, 4566, 1.5, "secret"))
    assert json.loads((tmp_path / "cloud.json").read_text()) == GOOD
    state = embedded_state
    assert state.PROBE_SECONDS == 2.0, "a busy one has time to answer"
    files = (state.STATE_FILE, state.LOCK_FILE, state.START_LOCK_FILE)
    assert files == ("cloud.json", "cloud.lock", "start.lock")
    assert (state.LOG_FILE, state.PREVIOUS_LOG_FILE) == ("cloud.log", "cloud.log.1")
    assert state.DATA_FOLDERS == ("buckets", "state", "s3")
    paths = (state.HEALTH_PATH, state.STOP_PATH, state.AGES_PATH)
    assert paths == ("/_ministack/health", "/_labapp/stop", "/_labapp/ages")
    headers = (state.TOKEN_HEADER, state.PID_HEADER, state.TROUBLE_HEADER)
    assert headers == ("x-labapp-token", "x-labapp-pid", "x-labapp-trouble")
