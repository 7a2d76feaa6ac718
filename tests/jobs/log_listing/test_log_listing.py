from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from ulid import ULID

from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.session import Cloud
from labapp.jobs import log_listing, log_spans, logbook
from labapp.jobs.log_wanted import Wanted
from labapp.jobs.wire import DONE, Reply, Request


def put(cloud: Cloud, ago: timedelta) -> str:
    job = str(ULID.from_datetime(datetime.now(UTC) - ago))
    request = Request("1", job, "ada")
    text = logbook.text_of("numbers", request, Reply("sum is 1", job, DONE))
    Bucket(cloud).put_text(logbook.key_of(request), text)
    return job


def test_the_newest_come_first_however_far_apart_they_are(cloud: Cloud) -> None:
    ages = [
        timedelta(days=400),
        timedelta(days=20),
        timedelta(hours=20),
        timedelta(minutes=90),
        timedelta(minutes=5),
        timedelta(0),
    ]
    jobs = [put(cloud, age) for age in ages]
    jobs.reverse()
    for count in range(1, len(jobs) + 2):
        assert [log.job for log in log_listing.newest(Bucket(cloud), count)] == jobs[:count]


@pytest.mark.parametrize(
    ("ago", "looks"),
    [
        (timedelta(seconds=5), [2]),
        (timedelta(minutes=5), [0, 2]),
        (timedelta(minutes=90), [0, 0, 2]),
        (timedelta(hours=20), [0, 0, 0, 2]),
        (timedelta(days=20), [0, 0, 0, 0, 2]),
        (timedelta(days=300), [0, 0, 0, 0, 0, 3]),
    ],
)
def test_no_more_is_listed_than_holds_what_is_asked_for(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, ago: timedelta, looks: list[int]
) -> None:
    put(cloud, timedelta(days=400))
    jobs = [put(cloud, ago), put(cloud, ago)]
    listed: list[int] = []
    true_list = Bucket.list

    def counting(bucket: Bucket, prefix: str, after: str = "") -> list[Entry]:
        found = list(true_list(bucket, prefix, after))
        listed.append(len(found))
        return found

    monkeypatch.setattr(Bucket, "list", counting)
    assert {log.job for log in log_listing.newest(Bucket(cloud), 2)} == set(jobs)
    assert listed == looks


def test_an_id_of_the_future_is_not_the_newest_for_ever(cloud: Cloud) -> None:
    forged = str(ULID.from_datetime(datetime(8659, 1, 1, tzinfo=UTC)))
    earlier = (datetime.now(UTC) - timedelta(minutes=5)).timestamp()
    request = Request("1", forged, "ada", sent_at=earlier)
    text = logbook.text_of("numbers", request, Reply("sum is 1", forged, DONE))
    Bucket(cloud).put_text(logbook.key_of(request), text)
    job = put(cloud, timedelta(0))
    assert [log.job for log in log_listing.newest(Bucket(cloud), 2)] == [job, forged]
    assert text.startswith("time: 20")


def test_an_empty_log_book_has_no_newest(cloud: Cloud) -> None:
    assert list(log_listing.newest(Bucket(cloud), 5)) == []


def put_late(cloud: Cloud, sent_ago: timedelta) -> tuple[str, float]:
    """Log a job whose maker's clock was a day ahead; return its id, and when it was sent."""
    job = str(ULID.from_datetime(datetime.now(UTC) + timedelta(days=1)))
    sent_at = (datetime.now(UTC) - sent_ago).timestamp()
    request = Request("1", job, "ada", sent_at=sent_at)
    text = logbook.text_of("numbers", request, Reply("sum is 1", job, DONE))
    Bucket(cloud).put_text(logbook.key_of(request), text)
    return job, sent_at


def test_the_log_of_a_job_whose_clock_was_wrong_is_found_by_its_id_all_the_same(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, sent_at = put_late(cloud, timedelta(hours=3))
    put(cloud, timedelta(hours=2))
    bucket = Bucket(cloud)

    assert [log.job for log in log_listing.newest(bucket, 9, wanted=Wanted(job))] == [job]
    assert [one.job for one in log_listing.find(bucket, job)] == [job]

    asked: list[str] = []
    true_list = Bucket.list

    def counting(own: Bucket, *words: str) -> Iterator[Entry]:
        asked.append(words[0])
        return true_list(own, *words)

    monkeypatch.setattr(Bucket, "list", counting)
    known = Wanted(job, sent_at=sent_at)
    assert [log.job for log in log_listing.newest(bucket, 9, wanted=known)] == [job]
    assert len(asked) == 1, "where it is known when it was sent, one request is enough"


def test_for_a_job_that_is_not_logged_not_all_logs_are_looked_through(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minutes in range(5):
        put(cloud, timedelta(minutes=minutes))
    monkeypatch.setattr(log_spans, "MOST_SOUGHT", 3)
    told: list[str] = []
    assert log_listing.find(Bucket(cloud), str(ULID()), left_out=told.append) == []
    assert told == ["looked through 3 logs and no more; others may be missing"]
