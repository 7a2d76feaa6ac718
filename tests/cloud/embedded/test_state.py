"""How programs and the local cloud know each other: the file, and one question over a socket."""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labapp.cloud.embedded import state as embedded_state
from labapp.cloud.embedded.state import (
    STATE_FILE,
    State,
    ask_ours,
    ask_to_stop,
    proof,
    read_state,
    write_state,
)
from tests.support.ports import stop_listening

GOOD = {"pid": 12, "port": 4566, "started_at": 1.5, "secret": "secret"}


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
        ({"secret": "é"}, True),
        ({"secret": None}, True),
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
    """Answers requests with given pieces, and keeps what it was asked.

    In the pieces NONCE stands for the nonce that was sent, and PROOF for the proof of it.
    """

    def __init__(self, pieces: list[bytes], proved: tuple[object, ...]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._pieces = pieces
        self._proved = proved
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def _answer(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._socket.accept()
                with connection:
                    while self._talk(connection):
                        pass

    def _talk(self, connection: socket.socket) -> bool:
        """Answer one request; tell whether the answer is whole, so that another may follow."""
        request = b""
        while b"\r\n\r\n" not in request:
            chunk = connection.recv(65536)
            if (
                not chunk
            ):  # who asks nothing of another version's cloud only looks whether it is there
                return False
            request += chunk
        self.requests.append(request)
        found = re.search(rb"x-labapp-nonce: (\S+)", request)
        nonce = found[1].decode() if found else ""
        facts = (self.state.port if fact == "PORT" else fact for fact in self._proved)
        shown = proof(self.state.secret, "health", nonce, *facts).encode()
        for piece in self._pieces:
            connection.sendall(piece.replace(b"PROOF", shown).replace(b"NONCE", nonce.encode()))
        return b"".join(self._pieces).endswith(b"\r\n\r\n")

    @property
    def state(self) -> State:
        return State(77, self._socket.getsockname()[1], 1.5, "secret")

    def close(self) -> None:
        stop_listening(self._socket)
        self._thread.join(60)


#: What a cloud proves: its process, its port, its challenge, and what is wrong with its disk.
PROVED = (77, "PORT", "c4a1", "")

HEALTHY = (
    b"HTTP/1.1 204 \r\nX-Labapp-Pid: 77\r\nx-labapp-challenge: c4a1\r\n"
    b"x-labapp-proof: PROOF\r\n\r\n"
)


Answering = Callable[..., Listener]


@pytest.fixture
def answering() -> Iterator[Answering]:
    made: list[Listener] = []

    def make(*pieces: bytes, proved: tuple[object, ...] = PROVED) -> Listener:
        made.append(Listener([*pieces], proved))
        return made[-1]

    yield make
    for listener in made:
        listener.close()


def test_a_question_is_one_request_of_http_that_shows_a_new_nonce_and_no_secret(
    answering: Answering,
) -> None:
    listener = answering(HEALTHY)
    assert ask_ours(listener.state) == ""
    assert ask_ours(listener.state) == ""
    nonces = set()
    for request in listener.requests:
        first, host, nonce, *rest = request.decode().split("\r\n")
        assert first == "GET /_ministack/health HTTP/1.1"
        assert host == f"host: 127.0.0.1:{listener.state.port}"
        assert re.fullmatch("x-labapp-nonce: [0-9a-f]{32}", nonce)
        assert rest == ["content-length: 0", "", ""]
        assert b"secret" not in request
        nonces.add(nonce)
    assert len(nonces) == 2


def test_a_stop_shows_the_proof_of_the_clouds_own_challenge(answering: Answering) -> None:
    listener = answering(HEALTHY)
    state = listener.state
    assert ask_to_stop(state)
    first, _, challenge, shown, *_ = listener.requests[1].decode().split("\r\n")
    assert first == "POST /_labapp/stop HTTP/1.1"
    assert challenge == "x-labapp-challenge: c4a1"
    assert shown == f"x-labapp-proof: {proof('secret', 'stop', 'c4a1', 77, state.port)}"


def test_nobody_who_does_not_prove_itself_is_asked_to_stop(answering: Answering) -> None:
    listener = answering(HEALTHY.replace(b"PROOF", b"0" * 64))
    assert not ask_to_stop(listener.state)
    assert len(listener.requests) == 1
    assert ask_ours(State(77, listener.state.port, 1.5, "")) is None, "of another version"


def test_an_answer_that_comes_in_pieces_is_waited_for(answering: Answering) -> None:
    listener = answering(HEALTHY[:20], HEALTHY[20:90], HEALTHY[90:])
    assert ask_ours(listener.state) == ""


TROUBLE = b"x-labapp-trouble: is%20full%3A /f%C3%BCll\r\nx-labapp-pid: 77"
IN_TROUBLE = HEALTHY.replace(b"X-Labapp-Pid: 77", TROUBLE)


@pytest.mark.parametrize(
    ("answer", "proved", "found"),
    [
        (HEALTHY, PROVED, ""),
        (IN_TROUBLE, (77, "PORT", "c4a1", "is%20full%3A /f%C3%BCll"), "is full: /füll"),
        (IN_TROUBLE, PROVED, None),
        (HEALTHY.replace(b": 77", b": 78"), PROVED, None),
        (HEALTHY, (78, "PORT", "c4a1", ""), None),
        (HEALTHY, (77, 4566, "c4a1", ""), None),
        (HEALTHY, (77, "PORT", "another", ""), None),
        (HEALTHY.replace(b"PROOF", b"NONCE"), PROVED, None),
        (HEALTHY.replace(b"PROOF", "é".encode("latin-1")), PROVED, None),
        (b"HTTP/1.1 200 OK\r\nx-labapp-pid: 77\r\n\r\n", PROVED, None),
        (HEALTHY.replace(b"204 ", b"404 Not Found"), PROVED, None),
        (HEALTHY[:-2], PROVED, None),
        (b"", PROVED, None),
        (b"x" * 70_000, PROVED, None),
        (b"SSH-2.0-OpenSSH\r\n\r\n", PROVED, None),
    ],
    ids=[
        *("ours", "in trouble", "trouble not proved", "other pid", "of another pid"),
        *("of another port", "other challenge", "echo", "odd proof", "no proof", "refused"),
        *("cut", "none", "long", "ssh"),
    ],
)
def test_only_a_proved_answer_of_the_one_that_wrote_the_state_is_ours(
    answering: Answering, answer: bytes, proved: tuple[object, ...], found: str | None
) -> None:
    assert ask_ours(answering(answer, proved=proved).state) == found


def test_where_nobody_listens_or_answers_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        state = State(77, silent.getsockname()[1], 1.5, "secret")
        monkeypatch.setattr(embedded_state, "PROBE_SECONDS", 0.01)
        assert ask_ours(state) is None
    assert ask_ours(state) is None
    assert not ask_to_stop(state)


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
    headers = (state.NONCE_HEADER, state.CHALLENGE_HEADER, state.PROOF_HEADER)
    assert headers == ("x-labapp-nonce", "x-labapp-challenge", "x-labapp-proof")
    assert (state.PID_HEADER, state.TROUBLE_HEADER) == ("x-labapp-pid", "x-labapp-trouble")
    assert (state.HEALTH, state.STOP) == ("health", "stop")
    known = proof("secret", "stop", "c4a1", 12, 4566)
    assert known == hmac.new(b"secret", b"stop\nc4a1\n12\n4566", "sha256").hexdigest()
