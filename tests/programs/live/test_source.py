"""What a look costs and finds: reports that are written no more are soon read no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.jobs import logbook
from labapp.jobs.wire import DONE, Reply, Request
from labapp.programs.live.source import CloudSource, answer_to
from labapp.worker.reports import Reporter
from labapp.worker.stats import WorkerStats


def test_the_reports_of_workers_long_gone_cost_no_request(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        Reporter(Bucket(cloud), WorkerStats(), 30.0).write()
    rows, cost = CloudSource(cloud).reports()
    assert (len(rows), cost) == (3, 4)

    later = utc.now() + timedelta(minutes=20)
    monkeypatch.setattr(utc, "now", lambda: later)
    assert CloudSource(cloud).reports() == ([], 1)


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-01-02T03:04:05.000Z", 1_767_323_045.0),
        ("0001-01-01T00:00:00Z", 0.0),
        ("9999-12-31T23:59:59Z", 1_795_000_000.0),
        ("yesterday", 1_795_000_000.0),
    ],
)
def test_a_log_that_is_found_late_was_stored_when_it_says_and_not_when_it_was_found(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, told: str, at: float
) -> None:
    request = Request("1,2", "01JD3P8QX0ABCDEFGHJKMN0001", "ada")
    text = logbook.text_of("numbers", request, Reply("sum is 3", request.job, DONE))
    Bucket(cloud).put_text(logbook.key_of(request), f"{text}done: {told}\n")
    monkeypatch.setattr(utc, "seconds", lambda: 1_795_000_000.0)
    found = answer_to(Bucket(cloud), request.job)
    assert found
    assert found.at == at
