"""Who may write to the bucket puts thousands of reports beside those of workers, and any content.

`admin.py workers` shows the newest that are reports, reads no more than it can show, and says what
it left out.
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
from labapp.errors import MissingResourceError
from labapp.worker import reports
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]

ODD: list[bytes] = [
    b"[" * 200_000,
    b"[" * 40_000,
    b'{"a":' * 10_000,
    b"\xff\xfe\x00",
    b"",
    b"7",
    b'{"pid": ' + b"9" * 5_000 + b"}",
    b'{"age": 1e999}',
    b'{"state": "\\ud800"}',
    b'{"state": "a"}' + b" " * 1_000_000,
]

VALUES: list[Any] = [None, True, -1, 1.5, 10**300, "x" * 5_000, "a\n\x1b[2J\x00", [], [[["a"]]], {}]

FIELDS = ("state", "host", "pid", "trouble", "counts", "in_hand", "started", "report_seconds")


def workers(capsys: Capture) -> tuple[list[Any], str]:
    assert admin("workers", "--json") == 0
    out, err = capsys.readouterr()
    assert admin("workers") == 0
    capsys.readouterr()
    return json.loads(out), err


def test_what_is_no_report_is_passed_over(cloud: Cloud, capsys: Capture) -> None:
    bucket = Bucket(cloud)
    for number, body in enumerate(ODD):
        bucket.put(f"workers/{number}.json", body, "application/json")
    bucket.put("workers/", b"", "application/json")
    bucket.put("workers/good.json", b'{"state": "running", "pid": 7}', "application/json")
    found, told = workers(capsys)
    assert [(one["worker"], one["pid"]) for one in found] == [("good", 7)]
    assert "left out, as more than 50,000 bytes are not read" in told
    assert "workers/0.json (200,000 bytes)" in told


def test_a_field_of_any_type_ends_no_listing(cloud: Cloud, capsys: Capture) -> None:
    bucket = Bucket(cloud)
    for number, value in enumerate(VALUES):
        for odd in (dict.fromkeys(FIELDS, value), {"counts": dict.fromkeys(["done"], value)}):
            key = f"workers/{number}{len(odd)}.json"
            bucket.put(key, json.dumps(odd).encode(), "application/json")
    bucket.put("workers/good.json", b'{"state": "running", "pid": 7}', "application/json")
    found, _ = workers(capsys)
    assert "good" in {one["worker"] for one in found}
    for one in found:
        assert all(type(one[name]) is int for name in ("pid", "done", "in_hand", "age"))
        texts = [one[name] for name in ("state", "host", "trouble", "started")]
        assert all(isinstance(text, str | None) for text in texts)
        assert max(map(len, map(str, one.values()))) <= 500


class Crowded:
    """A bucket of many reports, that counts what is asked of it."""

    def __init__(self, count: int, size: int = 20, age: timedelta = timedelta()) -> None:
        self.calls: Counter[str] = Counter()
        start = datetime.now(UTC) - age
        self.entries = [
            Entry(f"workers/{n:06}.json", size, "e", start - timedelta(milliseconds=n))
            for n in range(count)
        ]

    def list(self, _: str) -> Any:
        for place, entry in enumerate(self.entries):
            self.calls["pages"] += place % 1000 == 0
            yield entry

    def get(self, key: str, most: int = 0) -> Stored:
        self.calls["get"] += 1
        self.calls["bytes"] += most
        if key.endswith("3.json"):
            raise MissingResourceError("gone since")
        return Stored(b'{"state": "running"}', "e", "", {})

    def delete(self, _: str) -> None:
        self.calls["delete"] += 1


def read(bucket: Any) -> tuple[list[str], list[str]]:
    told: list[str] = []
    return [one.worker for one in reports.read_all(bucket, told.append)], told


def test_of_five_thousand_reports_the_newest_are_read_and_the_rest_told() -> None:
    bucket = Crowded(5_000)
    found, told = read(bucket)
    assert bucket.calls["get"] == bounds.REPORTS
    assert bucket.calls["bytes"] <= bounds.REPORTS * bounds.REPORT
    assert sorted(found) == [f"{n:06}" for n in range(bounds.REPORTS) if n % 10 != 3]
    assert told == ["left out: 4,800 reports, since only the newest 200 are read"]


def test_giant_reports_are_not_fetched() -> None:
    bucket = Crowded(10, size=bounds.REPORT + 1)
    found, (told,) = read(bucket)
    assert (found, bucket.calls["get"]) == ([], 0)
    assert "workers/000009.json (50,001 bytes)" in told
    assert told.endswith("and 7 more")


def test_old_reports_are_removed_a_few_at_each_look() -> None:
    bucket = Crowded(5_000, age=timedelta(days=2))
    assert read(bucket) == ([], [])
    assert bucket.calls["delete"] == reports.REMOVED


def test_a_million_keys_are_listed_up_to_a_bound() -> None:
    bucket = Crowded(bounds.LISTED + 5_000)
    read(bucket)
    assert bucket.calls["pages"] == bounds.LISTED // 1000
