"""What the local cloud's process does about its log, its folder and its listener."""

from __future__ import annotations

import io
import logging
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.embedded import server
from tests.cloud.embedded.embedded_kit import POSIX_ONLY
from tests.support.python_path import python_path


def test_it_listens_on_this_machine_alone_and_elsewhere_where_the_port_is_taken() -> None:
    with server._listener(0) as first:
        host, port = first.getsockname()
        assert (host, port > 0) == ("127.0.0.1", True)
        with server._listener(port) as second:
            assert second.getsockname()[1] not in (0, port)
            socket.create_connection(second.getsockname(), timeout=20).close()
    with server._listener(port) as again:
        assert again.getsockname()[1] == port


def test_the_log_does_not_grow_without_bound(tmp_path: Path) -> None:
    program = """
import logging
from labapp.cloud.embedded import server
server.LOG_BYTES = 5_000
server._set_up_log()
for number in range(1000):
    logging.warning("line %d", number)
"""
    log = tmp_path / "cloud.log"
    with log.open("wb") as file:
        subprocess.run(
            [sys.executable, "-c", program],
            stderr=file,
            check=True,
            env={**os.environ, "PYTHONPATH": python_path()},
        )
    text = log.read_text()
    assert len(text) < 6_000
    assert text.startswith("20")
    assert text.endswith("line 999\n")


@POSIX_ONLY
@pytest.mark.parametrize(
    ("soft", "hard", "refuses", "asked"),
    [
        (256, 4096, (), [(4096, 4096)]),
        (256, -1, (), [(10_240, -1)]),
        (4096, 4096, (10_240,), [(10_240, 4096)]),
        (256, 500_000, (500_000,), [(500_000, 500_000), (10_240, 500_000)]),
        (20_000, -1, (), []),
    ],
    ids=["raised", "no hard limit", "raised already", "too many", "more than that already"],
)
def test_it_takes_as_many_files_as_it_may_have(
    monkeypatch: pytest.MonkeyPatch,
    soft: int,
    hard: int,
    refuses: tuple[int, ...],
    asked: list[tuple[int, int]],
) -> None:
    import resource

    told: list[tuple[int, int]] = []

    def set_limit(kind: int, limits: tuple[int, int]) -> None:
        assert kind == resource.RLIMIT_NOFILE
        told.append(limits)
        if limits[0] in refuses:
            raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "RLIM_INFINITY", -1)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", set_limit)
    server._raise_file_limit()
    assert told == asked


def test_a_listener_that_cannot_be_had_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []

    class Refusing(socket.socket):
        def listen(self, backlog: int = 0) -> None:
            assert backlog == 128
            made.append(self)
            if len(made) < 3:
                raise OSError("none left")
            super().listen(backlog)

    monkeypatch.setattr(socket, "socket", Refusing)
    with pytest.raises(OSError, match="none left"):
        server._listener(0)
    assert [each.fileno() for each in made] == [-1, -1]
    with server._listener(0) as listener:
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) or os.name == "nt"


def test_the_log_is_emptied_when_it_is_full_and_written_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[tuple[Any, ...]] = []
    size = 1_000_000
    monkeypatch.setattr(os, "fstat", lambda file: SimpleNamespace(st_size=size if file == 2 else 0))
    monkeypatch.setattr(os, "ftruncate", lambda *given: done.append(("cut", *given)))
    monkeypatch.setattr(os, "lseek", lambda *given: done.append(("seek", *given)))
    handler = server._BoundedLog(io.StringIO())
    record = logging.LogRecord("x", logging.INFO, "x", 1, "said", None, None)
    handler.emit(record)
    assert done == []
    size += 1
    handler.emit(record)
    assert done == [("cut", 2, 0), ("seek", 2, 0, os.SEEK_SET)]
    assert handler.stream.getvalue() == "said\nsaid\n"
