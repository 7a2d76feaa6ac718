"""Starts the programs as processes, and answers number jobs where no worker runs."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from labapp.cloud import provision
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import JobFailedError, RefusedError
from labapp.jobs.wire import FAILED, REFUSED, Reply, decode_request
from labapp.programs import find
from labapp.worker.handlers import Handler, NumbersHandler

ROOT = Path(__file__).resolve().parents[2]


class Run(Protocol):
    def __call__(
        self,
        *words: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        stdout: int | None = None,
    ) -> subprocess.CompletedProcess[bytes]: ...


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


class Shown(Protocol):
    def __call__(self, line: str, *, columns: int = 80) -> list[str]: ...


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Run a command in this process as at a terminal; give the lines that it wrote, less colour."""

    def at_terminal(line: str, *, columns: int = 80) -> list[str]:
        program, *words = line.split()
        screen = _Screen()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", screen)
            patch.setenv("COLUMNS", str(columns))
            patch.setenv("LINES", "24")
            assert find(program).main(words) == 0
        text = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
        return [line.rstrip() for line in text.splitlines()]

    return at_terminal


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a program as a process, away from any terminal; `stdin` is empty unless given."""
    home = tmp_path / "working-folder"
    home.mkdir()

    def start(
        *words: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        stdout: int | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, str(ROOT / words[0]), *words[1:]],
            input=stdin or b"",
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
            cwd=home,
            timeout=60,
            check=False,
        )

    return start


@pytest.fixture
def handler(cloud: Cloud) -> Handler:
    """Give what does the jobs: those of numbers, but in folders that say otherwise."""
    return NumbersHandler(cloud.settings)


@pytest.fixture
def answered(cloud: Cloud, handler: Handler) -> Iterator[None]:
    """Answer jobs as a worker does, from a thread, until the test ends."""
    done = threading.Event()

    def work() -> None:
        queue = Queue(cloud, handler.kind.request_queue_name(cloud.settings))
        while not done.wait(0.01):
            for message in queue.receive():
                request = decode_request(message)
                try:
                    reply = handler.work(request)
                except (RefusedError, JobFailedError) as error:
                    status = REFUSED if isinstance(error, RefusedError) else FAILED
                    reply = Reply(str(error), request.job, status)
                if not request.is_plain:
                    name = provision.reply_queue_name(cloud.settings, request.client)
                    Queue(cloud, name).send(reply.outgoing(request))
                queue.delete([message.receipt])

    thread = threading.Thread(target=work)
    thread.start()
    yield
    done.set()
    thread.join()


@pytest.fixture(autouse=True)
def unsignalled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what `main` does to a process's signals out of the tests' own."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
