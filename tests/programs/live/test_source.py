"""What a look costs: reports that are written no more are soon read no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.programs.live.source import CloudSource
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
