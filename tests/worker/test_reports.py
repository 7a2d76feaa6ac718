"""Reports tell who is at work; one that stopped reporting is gone."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labapp import __version__
from labapp.cloud.bucket import Entry, Stored
from labapp.errors import ForbiddenError, MissingResourceError
from labapp.worker.reports import KEPT, MISSED, PREFIX, Report, Reporter, read_all
from labapp.worker.stats import Finished, WorkerStats
from tests.worker.worker_fakes import message


class Objects:
    """A bucket in memory, with the age of each object."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.ages: dict[str, timedelta] = {}

    def put(self, key: str, body: bytes, content_type: str) -> None:
        assert content_type == "application/json"
        self.bodies[key] = body

    def get(self, key: str, most: int = 0) -> Stored:
        return Stored(self.bodies[key], "", "", {})

    def list(self, prefix: str) -> list[Entry]:
        now = datetime.now(UTC)
        return [
            Entry(key, len(body), "", now - self.ages.get(key, timedelta()))
            for key, body in self.bodies.items()
            if key.startswith(prefix)
        ]

    def delete(self, key: str) -> None:
        del self.bodies[key]


@pytest.fixture
def objects() -> Any:
    return Objects()


def test_a_report_tells_what_the_board_knows(objects: Any) -> None:
    stats = WorkerStats()
    stats.note_finished(Finished(1.0, "numbers", "a", "tester", "done", 0.1, ""))
    stats.in_hand.take(map(message, "abc"), "requestQueue", "numbers")
    stats.note_polled("requestQueue")
    reporter = Reporter(objects, stats, 30)

    reporter.write()
    (report,) = read_all(objects)

    assert report.worker == reporter.worker
    assert report.age < 1
    assert report.state == "running"
    assert report.fields["counts"] == {"done": 1}
    assert report.fields["in_hand"] == 3
    assert [job["job"] for job in report.fields["hands"]] == ["a", "b", "c"]
    assert list(report.fields["last_polls"]) == ["requestQueue"]


def test_a_worker_writes_over_its_last_report(objects: Any) -> None:
    stats = WorkerStats()
    reporter = Reporter(objects, stats, 30)
    reporter.write()
    stats.state = "stopped"
    reporter.write()

    assert [report.state for report in read_all(objects)] == ["stopped"]


@pytest.mark.parametrize(
    ("said", "age", "state"),
    [
        ("running", MISSED * 30, "running"),
        ("running", MISSED * 30 + 1, "gone"),
        ("paused", MISSED * 30 + 1, "gone"),
        ("stopped", 3600, "stopped"),
    ],
)
def test_a_worker_that_missed_three_reports_is_gone(said: str, age: float, state: str) -> None:
    assert Report("w", age, {"state": said, "report_seconds": 30}).state == state


def test_how_often_a_worker_reports_is_read_from_its_own_report() -> None:
    often = {"state": "running", "report_seconds": 5}
    seldom = {"state": "running", "report_seconds": 300}
    assert (Report("w", 15, often).state, Report("w", 16, often).state) == ("running", "gone")
    assert (Report("w", 900, seldom).state, Report("w", 901, seldom).state) == ("running", "gone")
    unsaid = {"state": "running"}
    assert (Report("w", 90, unsaid).state, Report("w", 91, unsaid).state) == ("running", "gone")


def test_a_report_has_the_fields_that_admins_read(objects: Any) -> None:
    stats = WorkerStats(started=1_700_000_000.0)
    stats.trouble = "no network. Check it."
    Reporter(objects, stats, 17, log="none").write()

    (one,) = (report.fields for report in read_all(objects))

    assert one["worker"] == stats.name.worker, "as its log lines have it"
    assert one | {"reported": "", "worker": ""} == {
        "worker": "",
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "version": __version__,
        "started": "2023-11-14T22:13:20Z",
        "reported": "",
        "report_seconds": 17,
        "log": "none",
        "state": "running",
        "trouble": "no network. Check it.",
        "complaint": "",
        "in_hand": 0,
        "hands": [],
        "rate": 0.0,
        "counts": {},
        "last_polls": {},
    }
    assert abs(datetime.fromisoformat(one["reported"]) - datetime.now(UTC)) < timedelta(minutes=5)


def test_who_may_not_delete_reads_reports_all_the_same(
    objects: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_: str) -> None:
        raise ForbiddenError("not allowed")

    monkeypatch.setattr(objects, "delete", forbidden)
    for name in ("a-old", "new"):
        objects.bodies[f"{PREFIX}{name}.json"] = json.dumps({"state": "running"}).encode()
    objects.ages[f"{PREFIX}a-old.json"] = timedelta(hours=24, minutes=1)

    assert [report.worker for report in read_all(objects)] == ["new"]


def test_a_report_that_is_gone_before_it_is_read_is_passed_over(
    objects: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        objects.bodies[f"{PREFIX}{name}.json"] = json.dumps({"state": "running"}).encode()
    get = objects.get

    def gone(key: str, most: int) -> Any:
        if key == f"{PREFIX}a.json":
            raise MissingResourceError(key)
        return get(key)

    monkeypatch.setattr(objects, "get", gone)

    assert [report.worker for report in read_all(objects)] == ["b"]


def test_reports_of_workers_long_gone_are_removed(objects: Any) -> None:
    for name in ("old", "new"):
        objects.bodies[f"{PREFIX}{name}.json"] = json.dumps({"state": "running"}).encode()
    objects.ages[f"{PREFIX}old.json"] = KEPT + timedelta(minutes=1)
    objects.ages[f"{PREFIX}new.json"] = timedelta(hours=23)

    assert [report.worker for report in read_all(objects)] == ["new"]
    assert list(objects.bodies) == [f"{PREFIX}new.json"]


def test_what_is_no_report_is_passed_over(objects: Any) -> None:
    objects.bodies = {f"{PREFIX}a.json": b"\xff", f"{PREFIX}b.json": b"[]"}

    assert list(read_all(objects)) == []
