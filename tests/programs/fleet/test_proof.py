"""A fleet works once a worker that it started reports, and a list is answered."""

from __future__ import annotations

import json

import pytest

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.cloud.patience import HASTY
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import ForbiddenError, TimedOutError
from labapp.programs.fleet import proof


def report(cloud: Cloud, name: str, started: float, state: str = "running") -> None:
    fields = {"state": state, "pid": 7, "counts": {}, "started": utc.stamp(started)}
    Bucket(cloud).put(f"workers/{name}.json", json.dumps(fields).encode(), "application/json")


def test_a_worker_of_before_is_not_taken_for_a_new_one(cloud: Cloud) -> None:
    now = utc.seconds()
    report(cloud, "of-before", now - 600)
    report(cloud, "ill", now, "paused")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        report(cloud, "new", now + 100)

    assert proof.wait_for_worker(cloud, now, pause) == "new"
    assert pauses == [proof.LOOK]


def test_where_no_instance_is_made_anew_any_worker_counts(cloud: Cloud) -> None:
    report(cloud, "of-before", utc.seconds() - 600)
    assert proof.wait_for_worker(cloud, None, lambda _: None) == "of-before"


def test_that_none_reports_is_told_with_where_to_look(cloud: Cloud) -> None:
    with pytest.raises(TimedOutError, match="no worker of the fleet reported") as error:
        proof.wait_for_worker(cloud, None, lambda _: None, longest=0)
    assert "deploy logs" in error.value.remedy


def test_a_report_that_tells_no_time_is_an_old_one(cloud: Cloud) -> None:
    body = b'{"state": "running", "pid": 1, "started": "yesterday"}'
    Bucket(cloud).put("workers/odd.json", body, "application/json")
    assert proof._worker(cloud, utc.seconds()) == ""


def test_who_may_not_send_is_told_that_none_was_sent(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> list[int]:
        raise ForbiddenError("cannot send to requestQueue; it takes sqs:SendMessage")

    monkeypatch.setattr(Queue, "send_batch", refused)
    monkeypatch.setattr(Queue, "send", refused)
    told = proof.answer(cloud, HASTY)
    assert told == "no list was sent: cannot send to requestQueue; it takes sqs:SendMessage"
