"""Times are this machine's on a terminal, and UTC as in JSON where a program reads them."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator

import pytest

from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.programs import find
from tests.support.commands import client
from tests.support.platforms import posix_only

Capture = pytest.CaptureFixture[str]

pytestmark = posix_only("a process does not choose its time zone there")

UTC = re.compile(r"2\d{3}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@pytest.fixture(autouse=True)
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def cells(capsys: Capture, *words: str) -> list[str]:
    capsys.readouterr()
    assert find(words[0]).main(words[1:]) == 0
    return capsys.readouterr().out.rstrip("\n").split("\t")


@pytest.mark.usefixtures("answered")
def test_jobs_in_a_pipe_have_the_times_of_their_json(capsys: Capture) -> None:
    assert client("numbers", "1,2") == 0
    sent = cells(capsys, "client.py", "jobs")[1]
    (job,) = json.loads(cells(capsys, "client.py", "jobs", "--json")[0])
    assert sent == job["sent"]
    assert UTC.fullmatch(sent)


def test_dead_letters_in_a_pipe_have_the_times_of_their_json(cloud: Cloud, capsys: Capture) -> None:
    Queue(cloud, "requestQueue-dlq").send(Outgoing("x"))
    first, last = cells(capsys, "admin.py", "queues", "dead")[4:6]
    (letter,) = json.loads(cells(capsys, "admin.py", "queues", "dead", "--json")[0])
    assert [first, last] == [letter["first"], letter["last"]]
    assert UTC.fullmatch(last)


def test_on_a_terminal_they_are_this_machines(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    Queue(cloud, "requestQueue-dlq").send(Outgoing("x"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "140")
    minutes = {time.strftime("%H:%M")}
    told = "\t".join(cells(capsys, "admin.py", "queues", "dead"))
    minutes.add(time.strftime("%H:%M"))
    assert any(minute in told for minute in minutes)
    assert not UTC.search(told)
