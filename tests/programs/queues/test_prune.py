"""The command that deletes reply queues of clients that are gone."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import utc
from labapp.cloud import queues
from labapp.cloud.new_queues import make as make_queue
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.jobs import reply_queues
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]

ADA, BOB = "responseQueue-ada-0123456789ab", "responseQueue-bob-0123456789ab"


@pytest.fixture(autouse=True)
def left_behind(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give two reply queues of long ago; one holds an answer."""
    monkeypatch.setattr(Queue, "sure", 0)
    Queue(cloud, "imageInbox").purge()  # of S3's test event
    for name in (ADA, BOB):
        make_queue(cloud, name)
    Queue(cloud, BOB).send(Outgoing("sum is 2"))
    moment = time.time() + 60 * reply_queues.DAY
    monkeypatch.setattr(reply_queues, "utc", SimpleNamespace(seconds=lambda: moment))


def rows(capsys: Capture, *words: str, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert admin("queues", "prune", *words, "--json") == code
    return {row["queue"]: row for row in json.loads(capsys.readouterr().out)}


def test_a_dry_run_names_exactly_what_the_run_deletes(cloud: Cloud, capsys: Capture) -> None:
    dry = rows(capsys, "--dry-run")
    assert {name: row["state"] for name, row in dry.items()} == {ADA: "would be deleted",
                                                                BOB: "kept"}  # fmt: skip
    assert (dry[ADA]["client"], dry[ADA]["reason"]) == ("ada-0123456789ab", None)
    assert (dry[BOB]["messages"], dry[BOB]["reason"]) == (1, "messages in it: 1")
    assert ADA in queues.names(cloud)
    done = rows(capsys, "--yes")
    assert {name: row["state"] for name, row in done.items()} == {ADA: "deleted", BOB: "kept"}
    left = queues.names(cloud, "responseQueue-")
    assert left == [BOB, "responseQueue-dlq"]


def test_younger_ones_stay(cloud: Cloud, capsys: Capture) -> None:
    (row,) = [row for row in rows(capsys, "--older-than", "90", "--yes").values()
              if row["queue"] == ADA]  # fmt: skip
    assert (row["state"], row["reason"]) == ("kept", "younger than 90 days")
    assert ADA in queues.names(cloud)


def test_a_number_of_days_that_is_none_is_refused(capsys: Capture) -> None:
    for days in ("-1", "nan", "inf"):
        assert admin("queues", "prune", f"--older-than={days}", "--dry-run") == 2
        assert "is no number of days" in capsys.readouterr().err


def test_nothing_is_deleted_unless_somebody_says_yes(cloud: Cloud, capsys: Capture) -> None:
    assert admin("queues", "prune") == 2
    err = capsys.readouterr().err
    assert f"{ADA}\n" in err
    assert "Delete 1 reply queue of a client that is gone, for good?" in err
    assert "--yes" in err
    assert ADA in queues.names(cloud)


def test_those_that_are_named_are_meant_alone_and_only_if_they_are_empty(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_queues, "utc", utc)  # they are of today
    make_queue(cloud, "responseQueue-eve-0123456789ab")
    assert {name: row["state"] for name, row in rows(capsys, ADA, BOB, "--yes").items()} == {
        ADA: "deleted",
        BOB: "kept",
    }
    assert "responseQueue-eve-0123456789ab" in queues.names(cloud)
    assert admin("queues", "prune", "requestQueue", "--yes") == 1
    assert "'requestQueue' is no client's reply queue" in capsys.readouterr().err


def test_without_any_it_says_so(cloud: Cloud, capsys: Capture) -> None:
    for name in (ADA, BOB):
        Queue(cloud, name).delete_queue()
    assert admin("queues", "prune") == 0
    assert capsys.readouterr().err == "No client has a reply queue.\n"
