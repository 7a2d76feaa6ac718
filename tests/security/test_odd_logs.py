"""Who may write to the bucket puts logs of the year 9999 there, giant ones, and any bytes.

`admin.py logs` shows the newest that are logs, and says what it left out.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry, Stored
from labapp.cloud.session import Cloud
from labapp.jobs import log_listing, logbook
from labapp.jobs.wire import DONE, Reply, Request
from tests.support.commands import admin

NOW = datetime.now(UTC)
STAMP = f"{NOW:%Y-%m-%d-%H%M%S}"

ODD = [
    "logs/log_9999-12-31-235959_x.txt",
    "logs/log_9999-99-99-999999_x.txt",
    f"logs/log_{NOW + timedelta(days=1):%Y-%m-%d-%H%M%S}_x.txt",
    "logs/log_zzzz.txt",
    "logs/log_",
    "logs/log_!",
    "logs/log_2026",
    "logs/\udbff.txt".encode("utf-8", "replace").decode(),
    "logs/log_2026-01-01-000000_a\nb.txt",
    "logs/log_9999-12-31-235959_x.jsonl",
    f"logs/log_{STAMP}_a..b.jsonl",
    f"logs/log_{STAMP}_{'.'.join('abcdefghijk')}.jsonl",
    "logs/zzz",
    "logs/",
]

TEXTS = [
    b"",
    b"\xff\x00\x1b[2J",
    b"[" * 90_000,
    b"time: " + b"9" * 90_000,
    b"time: 9999-12-31T23:59:59Z\nstatus: \x00\nrequest: \xff\n",
    b"kind: pictures\nstatus: done\nrequest: '" + b'{"key": "' * 9_000,
    b"\n" * 90_000,
    b"status: a\rb\x85c",
]


def logs(capsys: pytest.CaptureFixture[str]) -> tuple[list[Any], str]:
    assert admin("logs") == 0
    capsys.readouterr()
    assert admin("logs", "--json", "-n", "50") == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_the_real_ones_are_shown_and_odd_names_left_out(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    request = Request("1,2", "a-job", "ada", sent_at=NOW.timestamp())
    logbook.store(Bucket(cloud), "numbers", request, Reply("sum is 3", "a-job", DONE))
    for key in ODD:
        Bucket(cloud).put(key, b"job: forged\n", "text/plain")
    Bucket(cloud).put(f"logs/log_{STAMP}_giant.txt", b"x" * 1_000_000, "text/plain")
    found, told = logs(capsys)
    assert [one["job"] for one in found] == ["a-job"]
    assert "objects below logs/ whose names no log of its time could have" in told
    assert f"logs/log_{STAMP}_giant.txt (1,000,000 bytes)" in told


def test_lines_of_anything_end_no_listing(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    for number, text in enumerate(TEXTS):
        Bucket(cloud).put(f"logs/log_{STAMP}_{number}.txt", text, "text/plain")
        Bucket(cloud).put(f"logs/log_{STAMP}_b{number}.jsonl", text, "text/plain")
    Bucket(cloud).put(f"logs/log_{STAMP}_giant.jsonl", b"x" * 2_000_000, "text/plain")
    found, told = logs(capsys)
    assert "left out: lines that are no logs of the jobs in their key" in told
    assert f"logs/log_{STAMP}_giant.jsonl (2,000,000 bytes)" in told
    assert [one["job"] for one in found] == [str(n) for n in reversed(range(len(TEXTS)))]
    for value in (value for one in found for value in one.values() if value):
        assert "\n" not in value
        assert "\x00" not in value


class Crowded:
    """A bucket of very many logs, that counts what is asked of it."""

    def __init__(self, *stamps: str, each: int) -> None:
        self.calls: Counter[str] = Counter()
        self.keys = sorted(f"logs/log_{stamp}_{n:07}.txt" for stamp in stamps for n in range(each))

    def list(self, _: str, after: str = "") -> Any:
        for place, key in enumerate(key for key in self.keys if key > after):
            self.calls["pages"] += place % 1000 == 0
            yield Entry(key, 10, "e", NOW)

    def get(self, key: str, most: int = 0) -> Stored:
        self.calls["get"] += 1
        return Stored(f"job: {key}".encode(), "e", "", {})


def test_logs_of_the_future_are_not_listed() -> None:
    bucket: Any = Crowded(STAMP, "9999-01-01-000000", each=20_000)
    told: list[str] = []
    found = list(log_listing.newest(bucket, 5, told.append))
    assert [one.job for one in found] == sorted(bucket.keys)[19_999:19_994:-1]
    assert bucket.calls["get"] == 5
    # Twenty pages, and one of each span that is looked through before: STAMP may be minutes old.
    assert bucket.calls["pages"] <= 25
    assert told == ["left out: objects below logs/ whose names no log of its time could have"]


def test_a_million_logs_are_listed_up_to_a_bound() -> None:
    bucket: Any = Crowded(STAMP, each=bounds.LISTED + 3_000)
    told: list[str] = []
    assert len(list(log_listing.newest(bucket, 5, told.append))) == 5
    assert bucket.calls["pages"] == bounds.LISTED // 1000
    assert told == ["looked through 100,000 logs and no more; others may be missing"]
