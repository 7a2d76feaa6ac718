"""What doctor says of the workers at work, by their reports."""

from __future__ import annotations

import pytest

from labapp.programs.doctor import workers
from labapp.worker.reports import WorkerRow


def row(log: str) -> WorkerRow:
    return WorkerRow("w", "host", 1, "running", "", 0, 0, 0, 0, "", 1, log=log)


@pytest.mark.parametrize(
    ("logs", "told"),
    [
        (["none"], "; log = none"),
        (["batch", "none", "batch"], "; log = batch (2), none (1)"),
        ([""], ""),
    ],
)
def test_what_workers_log_is_told_as_they_report_it(logs: list[str], told: str) -> None:
    assert workers._logs([row(log) for log in logs]) == told
