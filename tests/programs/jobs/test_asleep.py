"""Where no answer comes on AWS, the client says what may be the reason: a fleet that is asleep."""

from __future__ import annotations

import json

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import ForbiddenError
from labapp.programs.jobs import waiting
from labapp.worker import reports
from tests.support.commands import client

Capture = pytest.CaptureFixture[str]


def test_where_no_worker_reports_the_fleet_may_be_asleep(cloud: Cloud, capsys: Capture) -> None:
    assert cloud.bucket_name
    assert client("numbers", "1,2", "--timeout", "0") == 5
    told = capsys.readouterr().err
    assert "No worker has reported of late: a fleet on AWS may be asleep" in told
    assert "'admin.py deploy wake' starts it" in told


def test_where_one_reports_it_is_asked_whether_it_runs(cloud: Cloud) -> None:
    report = {"state": "running", "pid": 7, "counts": {}}
    Bucket(cloud).put("workers/one.json", json.dumps(report).encode(), "application/json")
    told = waiting.doubt(cloud)
    assert told.startswith("Is a worker running? 'admin.py workers' shows them; a fleet on AWS may")


def test_who_may_not_look_at_reports_is_told_what_may_be(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Cloud) -> int:
        raise ForbiddenError("cannot list", "Ask.")

    monkeypatch.setattr(reports, "count_workers", refused)
    assert "may be asleep or parked: 'admin.py deploy' tells" in waiting.doubt(cloud)


def test_a_menu_that_knows_of_no_worker_says_it_once(cloud: Cloud) -> None:
    told: list[str] = []
    attendance = waiting.Attendance(told.append, cloud, lambda: 0)
    for _ in range(waiting.UNATTENDED + 2):
        attendance.look()
    assert told == [waiting.NONE_REPORTS]


@pytest.mark.parametrize("reported", [None, 1])
def test_a_menu_that_knows_of_one_or_not_of_none_says_nothing(
    reported: int | None, cloud: Cloud
) -> None:
    told: list[str] = []
    attendance = waiting.Attendance(told.append, cloud, lambda: reported)
    for _ in range(waiting.UNATTENDED):
        attendance.look()
    assert told == []
