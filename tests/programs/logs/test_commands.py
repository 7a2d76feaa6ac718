"""The command for the log of jobs."""

from __future__ import annotations

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.jobs import logbook
from labapp.jobs.proof import new_job_id
from labapp.jobs.wire import DONE, Reply, Request
from tests.support.commands import admin, documents

Capture = pytest.CaptureFixture[str]


def test_logs_are_shown_newest_first(cloud: Cloud, capsys: Capture) -> None:
    jobs = []
    for number in range(3):
        request = Request(f"{number}\x1b", new_job_id(), "ada", sent_at=1.7e9)
        reply = Reply(f"sum is {number}", request.job, DONE)
        Bucket(cloud).put_text(
            f"logs/log_2026-11-21-12082{number}_{request.job}.txt",
            logbook.text_of("numbers", request, reply),
        )
        jobs.append(request.job)
    assert [log["job"] for log in documents(capsys, "logs")] == jobs[::-1]
    assert [log["job"] for log in documents(capsys, "logs", "-n", "1")] == jobs[2:]
    capsys.readouterr()
    assert admin("logs", "--limit", "3") == 0
    assert capsys.readouterr().err == ""
    assert admin("logs", "-n", "1") == 0
    out, err = capsys.readouterr()
    assert "the newest 1 log; there are more: -n N shows N" in err
    cells = out.rstrip("\n").split("\t")
    assert cells[1:] == ["numbers", "ada", "done", r"'2\x1b'", "sum is 2", jobs[2]]


@pytest.mark.usefixtures("cloud")
def test_nothing_to_show_says_how_to_have_something(capsys: Capture) -> None:
    assert admin("logs") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "client.py numbers 1,12,55,4" in err
    assert documents(capsys, "logs") == []
