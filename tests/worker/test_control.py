"""A child does what its parent says, also where the pipe may not be waited at; it tells it, too."""

from __future__ import annotations

import io
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from logging.handlers import QueueHandler
from pathlib import Path
from typing import Any

import pytest

from labapp.worker import control, in_hand
from labapp.worker.control import Runnable
from labapp.worker.logs import JsonFormatter
from tests.worker.worker_fakes import message

ROOT = Path(__file__).resolve().parents[2]

HEARER = """
import sys
import time
sys.path.insert(0, sys.argv[1])
from labapp.worker import control
for line in control.lines(sys.stdin):
    print(line.strip(), flush=True)
print("end", flush=True)
"""


def test_lines_are_heard_as_they_come_until_the_other_end_is_gone() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HEARER, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for word in ("pause", "stop"):
            process.stdin.write(f"{word}\n")
            assert process.stdout.readline() == f"{word}\n"
        process.stdin.close()
        assert process.stdout.read() == "end\n"


@pytest.mark.parametrize("gone", [BrokenPipeError(), OSError(22, "The handle is invalid")])
def test_a_pipe_that_is_looked_at_is_read_only_when_something_is_in_it(
    monkeypatch: pytest.MonkeyPatch, gone: OSError
) -> None:
    out, into = os.pipe()
    looks = iter([0, 0, 9, 0, 6])
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)

    def waiting() -> int:
        for size in looks:
            return size
        raise gone

    os.write(into, b"pause\r\nstop\nhalf")
    with os.fdopen(out), os.fdopen(into, "w"):
        heard = list(control.looked_for(out, waiting))
    assert [line.strip() for line in heard] == ["pause", "stop"]
    assert len(slept) == 3


class Told(Runnable):
    """A worker that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.stops = 0
        self.pauses = 0

    @property
    def stopping(self) -> bool:
        return self.stops > 0

    def run(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        self.stops += 1

    def toggle_pause(self) -> bool:
        self.pauses += 1
        return True


@pytest.mark.parametrize(
    ("said", "signals", "stops"),
    [
        ("", 0, 1),  # the parent is gone
        ("stop\n", 0, 1),
        ("stop\nstop\n", 0, 2),  # the user insists
        ("stop\n", 1, 1),  # a service manager told the whole group
        ("stop\nstop\n", 1, 2),
        ("", 1, 1),
        ("nonsense\n", 0, 1),
    ],
)
def test_a_child_stops_as_often_as_it_was_asked(said: str, signals: int, stops: int) -> None:
    worker = Told()
    for _ in range(signals):
        worker.stop()

    control.follow(io.StringIO(said), worker)

    assert worker.stops == stops


def test_a_child_pauses_and_goes_on() -> None:
    worker = Told()

    control.follow(io.StringIO("pause\npause\n"), worker)

    assert worker.pauses == 2


def test_a_child_tells_what_it_has_in_hand_whenever_that_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(control, "LOOK", 0.001)
    worker, ended, told = Told(), threading.Event(), queue.SimpleQueue[Any]()
    log = logging.Logger("a child's")
    log.addHandler(QueueHandler(told))
    monkeypatch.setattr(control, "log", log)
    talk = threading.Thread(target=control.tell_in_flight, args=(worker, ended))
    talk.start()
    heard = []
    messages = [message(job) for job in "abcde"]
    worker.stats.in_hand.take(messages, "requestQueue", "numbers")
    for gone in (messages[:2], messages[2:], []):
        heard.append(json.loads(JsonFormatter().format(told.get(timeout=60))))
        worker.stats.in_hand.drop(gone)
    ended.set()
    talk.join()

    assert [event["in_hand"] for event in heard] == [5, 3, 0]
    assert [[job.job for job in in_hand.read(event["hands"])] for event in heard] == [
        ["a", "b", "c", "d", "e"], ["c", "d", "e"], [],
    ]  # fmt: skip
