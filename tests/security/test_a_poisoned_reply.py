"""A worker, or who took its keys, answers with anything: nesting, digits, NULs, halves, a megabyte.

The client takes what it can use, and its next commands and its menu do what they always do.
"""

from __future__ import annotations

import argparse
import itertools
import json

import pytest

from labapp import settings
from labapp.cloud.queues import Message, Queue
from labapp.cloud.session import Cloud
from labapp.jobs import wire
from labapp.jobs.kinds import kind_of
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import LONGEST_PURGE, LONGEST_SIFT, ClientSession
from labapp.jobs.wire import DONE, Reply, decode_request
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.shell.context import Context
from tests.support.commands import client

pytestmark = pytest.mark.usefixtures("short_polls")

RESULTS = {
    "nested": "[" * 200_000,
    "objects in objects": '{"a":' * 40_000,
    "a huge number": '{"sum": ' + "9" * 100_000 + "}",
    "beyond floats": '{"mean": 1e999}',
    "not a number": '{"mean": NaN}',
    "half a character": r'{"key": "\ud800"}',
    "a list": "[1, 2]",
    "a NUL": r'{"key": "outbox/\u0000.png"}',
    "of other types": '{"key": [[1]], "lost": {"a": 1}, "min": {"a": [1]}, "sum": true}',
    "large": json.dumps({"a": "b" * 200_000}),
}


def answered(cloud: Cloud, kind: str, body: str, *results: str) -> list[str]:
    """Send jobs and have them answered like that; return their ids."""
    with ClientSession(cloud) as session:
        jobs = session.submit(kind_of(kind), ["1,2"] * len(results))
    waiting = dict(zip(jobs, results, strict=True))
    queue = Queue(cloud, kind_of(kind).request_queue_name(cloud.settings))
    while messages := queue.receive():
        requests = map(decode_request, messages)
        for request in (one for one in requests if not one.is_plain):  # S3 told of a test
            reply = Reply(body, request.job, DONE, waiting.pop(request.job))
            Queue(cloud, f"responseQueue-{request.client}").send(reply.outgoing(request))
    assert not waiting
    return jobs


@pytest.mark.parametrize("kind", ["numbers", "pictures"])
def test_the_commands_go_on(cloud: Cloud, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    jobs = answered(cloud, kind, "sum is 3", *RESULTS.values())
    assert client("wait", jobs[0], "--json") == (1 if kind == "pictures" else 0)
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["job"], told["status"], told["result"]) == (jobs[0], "done", None)
    for command in ("jobs", "results"):
        assert client(command) == 0
        capsys.readouterr()
        assert client(command, "--json") == 0
        told = {one["job"] for one in json.loads(capsys.readouterr().out)}
        assert told == (set(jobs) if (command, kind) != ("results", "numbers") else set())
    for job in jobs:
        assert client("fetch", job) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_the_menu_opens_on_it_and_tells_it_once(cloud: Cloud) -> None:
    answered(cloud, "pictures", "outbox/x.png", "[" * 200_000)
    menu = ClientMenuSession(Context("client.py", argparse.Namespace(), settings.load()))
    menu.background_tick()
    assert "names no result" in menu.notices()[0].text
    assert menu.open_session().unshown() == []


def test_what_is_kept_of_an_answer_is_of_one_line_and_bounded(cloud: Cloud) -> None:
    (job,) = answered(cloud, "numbers", "a\nb\t" + "x" * 200_000, '{"sum": 3}')
    with ClientSession(cloud) as session:
        (entry,) = session.collect()
    assert entry.job == job
    assert len(entry.reply) == wire.MOST_REPLY
    assert entry.reply.startswith(r"a\x0ab\x09xxx")
    assert entry.values == {"sum": 3}


@pytest.fixture
def flooded(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Have somebody fill every queue faster than it is emptied; give what is noted of each look."""
    looks: list[None] = []
    now = itertools.count()

    def receive(*_: object, **__: object) -> list[Message]:
        looks.append(None)
        assert len(looks) < 1_000, "it never ends"
        return [Message("id", "[" * 1000, {}, frozenset(), "receipt", 1, 0.0, 0.0)] * 10

    monkeypatch.setattr(Queue, "receive", receive)
    monkeypatch.setattr(Queue, "delete", lambda *_: [])
    monkeypatch.setattr("labapp.jobs.session.time.monotonic", lambda: float(next(now)))
    return looks


def test_a_flood_keeps_nobody_from_his_timeout(cloud: Cloud, flooded: list[None]) -> None:
    with ClientSession(cloud) as session:
        session.submit(NUMBERS, ["1,2"])
        assert session.collect(wait=5) == []
        assert len(flooded) <= 5 + LONGEST_SIFT + 1


def test_a_purge_of_a_flooded_queue_ends(cloud: Cloud, flooded: list[None]) -> None:
    with ClientSession(cloud) as session:
        session.purge()
    assert len(flooded) <= LONGEST_PURGE + 2
