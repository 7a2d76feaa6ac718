"""Reports tell who is at work; one that stopped reporting is gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labapp.cloud.bucket import Entry, Stored
from labapp.worker.board import Board, Finished
from labapp.worker.reports import KEPT, MISSED, PREFIX, Report, Reporter, read_all


class Objects:
    """A bucket in memory, with the age of each object."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.ages: dict[str, timedelta] = {}

    def put(self, key: str, body: bytes, content_type: str) -> None:
        assert content_type == "application/json"
        self.bodies[key] = body

    def get(self, key: str) -> Stored:
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
    board = Board()
    board.finished(Finished(1.0, "numbers", "a", "tester", "done", 0.1, ""))
    board.received(3)
    board.polled("requestQueue")
    reporter = Reporter(objects, board, 30)

    reporter.write()
    (report,) = read_all(objects)

    assert report.worker == reporter.worker
    assert report.state == "running"
    assert report.fields["counts"] == {"done": 1}
    assert report.fields["in_hand"] == 3
    assert list(report.fields["last_polls"]) == ["requestQueue"]


def test_a_worker_writes_over_its_last_report(objects: Any) -> None:
    board = Board()
    reporter = Reporter(objects, board, 30)
    reporter.write()
    board.state = "stopped"
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


def test_reports_of_workers_long_gone_are_removed(objects: Any) -> None:
    for name in ("old", "new"):
        objects.bodies[f"{PREFIX}{name}.json"] = json.dumps({"state": "running"}).encode()
    objects.ages[f"{PREFIX}old.json"] = KEPT + timedelta(minutes=1)

    assert [report.worker for report in read_all(objects)] == ["new"]
    assert list(objects.bodies) == [f"{PREFIX}new.json"]


def test_what_is_no_report_is_passed_over(objects: Any) -> None:
    objects.bodies = {f"{PREFIX}a.json": b"\xff", f"{PREFIX}b.json": b"[]"}

    assert list(read_all(objects)) == []
