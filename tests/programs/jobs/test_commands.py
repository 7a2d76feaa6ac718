from __future__ import annotations

import json

import pytest

from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import UnreachableError
from labapp.jobs.kinds import kind_of
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession, open_ledger
from tests.jobs.short_polls import short_sighted
from tests.support.answers import answer
from tests.support.commands import client

Capture = pytest.CaptureFixture[str]


def test_an_answer_that_came_meanwhile_is_listed(cloud: Cloud, capsys: Capture) -> None:
    with ClientSession(cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
        queue = Queue(cloud, f"responseQueue-{session.client}")
    assert client("jobs") == 0
    assert f"{job}\t" in capsys.readouterr().out
    for number in range(12):
        queue.send(Outgoing("stale", {"job": f"stale-{number}", "status": "done"}))
    answer(cloud, session.client, job, "sum is 3\x1b[31m", result="{")
    assert client("jobs") == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "\tdone\t1,2\tsum is 3\\x1b[31m" in out
    assert "\x1b" not in out
    assert client("jobs", "--json") == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["status"], listed["result"]) == ("done", None)


@pytest.mark.parametrize(("command", "kind"), [("jobs", "numbers"), ("results", "pictures")])
@pytest.mark.parametrize("words", [(), ("--json",)])
def test_jobs_are_listed_while_the_cloud_does_not_answer_and_it_is_told(
    cloud: Cloud,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    kind: str,
    words: tuple[str, ...],
) -> None:
    with ClientSession(cloud) as session:
        (job,) = session.submit(kind_of(kind), ["1,2"])

    def away(_: object) -> None:
        raise UnreachableError("the cloud does not answer", "Check the network.")

    monkeypatch.setattr(ClientSession, "collect_all", away)
    assert client(command, *words) == 1
    out, err = capsys.readouterr()
    assert "the cloud does not answer" in err
    listed = json.loads(out)[0]["job"] if words else out.split("\t")[0]
    assert listed == job


@pytest.mark.usefixtures("cloud")
def test_without_jobs_it_says_how_to_send_one(capsys: Capture) -> None:
    assert client("jobs") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "client.py numbers 1,12,55,4" in err
    assert client("jobs", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_purge_needs_yes_where_nobody_can_be_asked(cloud: Cloud, capsys: Capture) -> None:
    client("numbers", "1,2", "--timeout", "0")
    capsys.readouterr()
    assert client("purge") == 2
    assert "--yes" in capsys.readouterr().err
    client("jobs", "--json")
    assert json.loads(capsys.readouterr().out)[0]["status"] == "pending", "nothing was done"
    assert client("purge", "--yes") == 0
    assert capsys.readouterr().out == "purged; 1 pending job given up\n"


@pytest.mark.parametrize(
    ("command", "default", "what"), [("jobs", 100, "jobs"), ("results", 100, "pictures")]
)
def test_a_listing_that_is_cut_says_so_and_shows_as_many_as_are_asked_for(
    cloud: Cloud,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    default: int,
    what: str,
) -> None:
    monkeypatch.setattr(Queue, "receive", short_sighted(Queue.receive))
    ledger = open_ledger(cloud)
    for number in range(default + 3):
        ledger.add([(f"job-{number}", "inbox/a.jpg")], "ada", "pictures")
    ledger.close()

    assert client(command) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == default
    assert out.startswith(f"job-{default + 2}\t")
    assert f"the newest {default} of {default + 3} {what}; -n {default + 3} shows all" in err

    assert client(command, "--json") == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == default
    assert f"the newest {default} of" in err

    assert client(command, "-n", str(default + 3)) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == default + 3
    assert err == ""
    assert client(command, "--limit", "2", "--json") == 0
    assert [one["job"] for one in json.loads(capsys.readouterr().out)] == [
        f"job-{default + 2}",
        f"job-{default + 1}",
    ]
    assert client(command, "-n", "0") == 2
