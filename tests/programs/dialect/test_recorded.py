"""Requests of other programs are shown as they come, a file is proposed, and nothing is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import UnreachableError
from labapp.jobs import logbook
from labapp.jobs.wire import Reply, Request
from labapp.message_attribute import Attribute
from labapp.programs.dialect import recording
from labapp.programs.dialect.recorded import RECORD
from labapp.programs.shell.context import Context
from labapp.worker import reports
from tests.programs.conftest import Shown
from tests.support.commands import admin, document
from tests.support.quick_watch import hasten

Capture = pytest.CaptureFixture[str]

#: Would set the window's title; SQS takes no control below the blank, and these.
EVIL = "1,2 \x9b2J\u202e"

RECORDS = ("dialect", "record", "--seconds", "4")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hasten(monkeypatch)
    monkeypatch.setattr(reports, "count_or_none", lambda _: 0)


@pytest.fixture
def foreign(cloud: Cloud) -> None:
    """Send a request of another program, and one of ours."""
    attributes = {"Kind": Attribute("String", EVIL), "N": Attribute("Number", "5")}
    queue = Queue(cloud, "requestQueue")
    queue.send(Outgoing(EVIL, typed=attributes))
    queue.send(Request("3,4", "job-1", "ada").outgoing())


@pytest.mark.usefixtures("foreign")
def test_a_pipe_gets_a_line_for_each_and_the_proposal(cloud: Cloud, capsys: Capture) -> None:
    assert admin(*RECORDS) == 0
    out, err = capsys.readouterr()
    first, *text = out.splitlines()
    assert first.split("\t")[1] == "requestQueue"
    assert first.split("\t")[3:] == [
        "'1,2 \\x9b2J\\u202e'",
        "Kind String '1,2 \\x9b2J\\u202e', N Number '5'",
    ]
    assert 'numbers = "{body}"' in text or "[[request]]" in "".join(text)
    assert "counts as one receive" in err
    assert "1 foreign request seen, 2 of labapp's own, or events of S3" in err
    assert not set(out + err) & set("\x9b\u202e")
    assert Queue(cloud, "requestQueue").counts().visible == 2


@pytest.mark.usefixtures("foreign")
def test_a_terminal_has_attributes_below_the_body(shown: Shown) -> None:
    lines = shown(f"admin.py {' '.join(RECORDS)}", columns=100)
    at = next(number for number, line in enumerate(lines) if "requestQueue  '1,2 " in line)
    assert re.fullmatch(r"[0-9:]{8}  requestQueue  '1,2 \\x9b2J\\u202e'", lines[at])
    assert lines[at + 1 : at + 3] == ["    Kind String '1,2 \\x9b2J\\u202e'", "    N Number '5'"]


@pytest.mark.usefixtures("foreign")
def test_the_document_has_all_as_it_came(capsys: Capture) -> None:
    found = document(capsys, "admin.py", *RECORDS, "--queue", "requestQueue")
    assert list(found) == list(RECORD.names)
    queues, requests = RECORD.parts
    assert found["queues"] == [
        dict(zip(queues.names, ("requestQueue", 1, 1, 1, 5, 0, 0), strict=True))
    ]
    (request,) = found["requests"]
    assert list(request) == list(requests.names)
    assert request["body"] == EVIL
    assert {"name": "N", "type": "Number", "value": "5"} in request["attributes"]
    assert "[[request]]" in found["proposal"]
    assert (found["workers"], found["done"], found["out"]) == (0, None, None)


@pytest.mark.usefixtures("foreign")
def test_a_proposal_is_written_and_checked_and_never_over_a_file(
    tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "lab.toml"
    assert admin(*RECORDS, "--out", str(out)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(out)
    assert admin("dialect", "check", str(out)) == 0
    before = out.read_text("utf-8")
    assert admin(*RECORDS, "--out", str(out)) == 3
    assert "replace it with --force" in capsys.readouterr().err
    assert admin(*RECORDS, "--out", str(out), "--force") == 0
    assert out.read_text("utf-8") == before
    assert admin(*RECORDS, "--out", str(tmp_path), "--force") == 3


@pytest.mark.usefixtures("foreign")
def test_ctrl_c_ends_it_with_what_was_seen(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Context, "row", interrupted)
    assert admin("dialect", "record") == 130
    assert "[[request]]" in capsys.readouterr().out
    assert Queue(cloud, "requestQueue").counts().visible == 2


@pytest.mark.usefixtures("foreign")
def test_an_error_ends_it_with_what_was_seen(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise UnreachableError("no network")

    monkeypatch.setattr(Context, "row", fails)
    assert admin("dialect", "record") == 1
    out, err = capsys.readouterr()
    assert "[[request]]" in out
    assert err.endswith("no network\n")


def test_without_a_request_nothing_is_proposed_or_written(
    cloud: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    del cloud
    assert admin(*RECORDS) == 0
    assert recording.NOTHING in capsys.readouterr().err
    assert admin(*RECORDS, "--out", str(tmp_path / "x.toml")) == 1
    assert not (tmp_path / "x.toml").exists()
    assert admin("dialect", "record", "--seconds", "0") == 2
    assert admin("dialect", "record", "--queue", "no queue") == 2
    assert admin("dialect", "record", "--queue", "requestQeue", "--seconds", "9") == 0
    assert "not there yet (is it requestQueue?)" in capsys.readouterr().err


def test_who_looks_often_is_warned_with_numbers(cloud: Cloud, capsys: Capture) -> None:
    queue = Queue(cloud, "requestQueue")
    queue.send(Outgoing("1,2"))
    for _ in range(3):
        queue.hide([message.receipt for message in queue.receive()], 0)
    for told in ("received 4 of 5 times, by now", "received 5 of 5 times is 1 message: sent anew"):
        assert admin(*RECORDS) == 0
        assert f"requestQueue: {told}" in capsys.readouterr().err
    assert admin(*RECORDS) == 0
    assert "received" not in capsys.readouterr().err.replace(recording.COST, "")


def test_a_queue_that_nobody_made_is_made_on_the_local_cloud_alone(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    recording.make_missing(cloud, ["theirs"], told.append)
    assert told == []
    monkeypatch.setattr(Cloud, "is_local", True)
    recording.make_missing(cloud, ["theirs", "requestQueue"], told.append)
    assert told == ["theirs was not there: it is made, so that a client can send to it"]
    assert Queue(cloud, "theirs").exists()


def test_workers_are_told_of_and_what_they_did_meanwhile(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "count_or_none", lambda _: 2)
    request = Request("1,2", "job-1", sent_at=utc.seconds() + 600)
    logbook.store(Bucket(cloud), "numbers", request, Reply("x", "job-1", "done"))
    assert admin(*RECORDS) == 0
    told = capsys.readouterr().err
    assert "2 workers at work here: what they take first is not seen" in told
    assert document(capsys, "admin.py", *RECORDS)["done"] == 1
