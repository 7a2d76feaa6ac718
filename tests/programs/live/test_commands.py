"""`watch` streams what is there, one object a line, until there were enough of them."""

from __future__ import annotations

import json

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.programs.live.model import LabSnapshot
from labapp.programs.live.table import ANSWER, FOLLOWED, LAB, QUEUE, WORKER
from labapp.worker.reports import Reporter
from labapp.worker.stats import WorkerStats
from tests.programs.live.labs import job_id
from tests.support.commands import admin
from tests.worker.worker_fakes import message

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labapp.programs.live.commands._pause", lambda ended, seconds: None)


def test_each_look_is_a_document_on_a_line_of_its_own(cloud: Cloud, capsys: Capture) -> None:
    Queue(cloud, "requestQueue").send_batch([Outgoing("1"), Outgoing("2"), Outgoing("3")])
    Queue(cloud, "requestQueue").receive(1)
    stats = WorkerStats()
    stats.in_hand.take([message("a")], "requestQueue", "numbers")
    Reporter(Bucket(cloud), stats, 30).write()

    assert admin("watch", "--json", "--count", "3", "--job", job_id(1)) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 3
    last = lines[-1]
    assert last["in_flight"] == 1
    assert tuple(last) == LAB.names
    assert tuple(last["queues"][0]) == QUEUE.names
    assert last["queues"][0]["waiting"] == 2
    (one,) = last["workers"]
    assert tuple(one) == WORKER.names
    assert (one["in_hand"], [job["job"] for job in one["hands"]]) == (1, ["a"])
    assert tuple(last["followed"]) == FOLLOWED.names
    assert last["followed"]["station"] == "queue"
    assert lines[0]["requests"] < lines[1]["requests"]
    assert ANSWER.names[0] == "job"


@pytest.mark.usefixtures("cloud")
def test_a_pipe_gets_the_sums_of_each_look(capsys: Capture) -> None:
    assert admin("watch", "--count", "2") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[1:] for row in rows] == [["1", "0", "0", "", "0", "0", ""]] * 2, (
        "what S3 tells of itself"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--count", "0"], "1 or more"),
        (["--every", "1.9"], "every 2 seconds at most"),
        (["--job", "no job"], "no job's id"),
    ],
)
def test_what_cannot_be_is_told(words: list[str], said: str, capsys: Capture) -> None:
    assert admin("watch", *words) == 2
    assert said in capsys.readouterr().err


def test_an_outage_in_between_is_told_on_its_line(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labapp.errors import UnreachableError
    from labapp.programs.live.looking import Lookout

    looks = iter([Lookout.look, None, Lookout.look])
    look = Lookout.look

    def sometimes(self: Lookout) -> LabSnapshot:
        if next(looks) is None:
            raise UnreachableError("the cloud cannot be reached", "Check the network.")
        return look(self)

    monkeypatch.setattr(Lookout, "look", sometimes)
    assert admin("watch", "--json", "--count", "3") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [bool(line["trouble"]) for line in lines] == [False, True, False]
