"""The doctor looks at a dialect, and at the queues and buckets that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.session import Cloud
from labapp.jobs import lab
from labapp.settings import Settings
from tests.programs.doctor.test_commands import doctor
from tests.support.dialect_files import choose

Capture = pytest.CaptureFixture[str]

THEIRS = """
[[request]]
queue = "asks"
answer = "tells.fifo"
bucket = "theirs"
picture = "{attr.Key}"
[queue.asks]
wait = true
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of the dialect that is chosen."""
    return choose(THEIRS, tmp_path, monkeypatch)


def test_its_queues_and_buckets_are_looked_at_as_the_labs_own(
    well: Cloud, file: Path, capsys: Capture
) -> None:
    found = doctor(capsys, "admin.py", code=1)
    assert found["dialect"]["state"] == "holds"
    assert "request 1" in found["dialect"]["found"]
    for check, what in (("queue tells.fifo", "tells.fifo"), ("bucket theirs", "theirs")):
        assert found[check]["state"] == "broken"
        assert f"{what} is not there" in found[check]["found"]
        assert "cloud up" in found[check]["remedy"]
    assert found["queue asks"]["state"] == "note"
    assert "the lab's client makes it" in found["queue asks"]["found"]

    there = Cloud(Settings(cloud="aws", region="us-east-1", dialect=str(file)))
    for _ in lab.up(there):
        pass
    well.sqs.create_queue(QueueName="asks")
    found = doctor(capsys, "admin.py")
    for check in ("queue tells.fifo", "bucket theirs", "queue asks"):
        assert found[check]["state"] != "broken"
    assert found["redrive asks"]["state"] == "note", "its client made it, and knows no dead letters"
    worker: dict[str, Any] = doctor(capsys, "server.py")
    assert any("s3://theirs/" in one["found"] for one in worker.values())


def test_one_that_does_not_hold_is_told_and_all_else_is_looked_at(
    well: Cloud, file: Path, capsys: Capture
) -> None:
    del well
    file.write_text("[[request]]\nnumber = 1\n", "utf-8")
    found = doctor(capsys, code=1)
    assert found["dialect"]["state"] == "broken"
    assert f"{file}, line 1" in found["dialect"]["found"]
    assert found["dialect"]["remedy"]
    assert found["queue requestQueue"]["state"] == "holds"
    assert sum(one["state"] == "broken" for one in found.values()) == 1


def test_without_one_nothing_is_said_of_it(well: Cloud, capsys: Capture) -> None:
    del well
    assert "dialect" not in doctor(capsys)
