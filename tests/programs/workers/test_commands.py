"""The command for workers."""

from __future__ import annotations

import json

import pytest

from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.session import Cloud
from tests.support.commands import admin, documents

Capture = pytest.CaptureFixture[str]


def test_workers_are_shown_and_what_is_no_report_of_ours_is_left_out(
    cloud: Cloud, capsys: Capture
) -> None:
    report = {"worker": "host-1-ab", "pid": 1, "state": "working", "counts": {"done": 1234567}}
    put = Bucket(cloud).put
    put("workers/host-1-ab.json", json.dumps(report).encode(), "application/json")
    for number, body in enumerate(
        [b"", b"\xff", b"[]", b'{"pid": "x"}', b'{"counts": 3}', b'{"in_hand": Infinity}']
    ):
        put(f"workers/odd-{number}.json", body, TEXT)
    (row,) = documents(capsys, "workers")
    assert (row["worker"], row["state"], row["done"]) == ("host-1-ab", "working", 1234567)
    assert admin("workers") == 0
    assert "\tworking\t1\t1234567\t" in capsys.readouterr().out, "no digit is lost in a pipe"


@pytest.mark.usefixtures("cloud")
def test_nothing_to_show_says_how_to_have_something(capsys: Capture) -> None:
    assert admin("workers") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "python server.py" in err
    assert documents(capsys, "workers") == []


def test_more_workers_than_asked_for_are_told_as_that(cloud: Cloud, capsys: Capture) -> None:
    for number in range(3):
        report = {"pid": number, "state": "running"}
        Bucket(cloud).put(f"workers/w-{number}.json", json.dumps(report).encode(), TEXT)
    assert len(documents(capsys, "workers", "-n", "2")) == 2
    assert admin("workers", "-n", "2") == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert "left out: 1 reports, since only the newest 2 are read" in err
    assert len(documents(capsys, "workers")) == 3
    assert admin("workers", "-n", "0") == 2
