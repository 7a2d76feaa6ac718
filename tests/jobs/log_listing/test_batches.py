"""Logs in batches are listed, found and followed like the others, each job once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labapp.jobs import log_listing, log_spans
from labapp.jobs.log_following import Follower
from labapp.jobs.log_wanted import ALL, Wanted
from labapp.jobs.logbook import UNTOLD, Log
from labapp.jobs.wire import REFUSED
from tests.jobs.log_kit import MemoryBucket, record, store, store_alone


@pytest.fixture
def bucket() -> Any:
    """Give a bucket in memory, in place of one that is."""
    return MemoryBucket()


def newest(bucket: Any, count: int = 50, wanted: Wanted = ALL) -> list[Log]:
    return list(log_listing.newest(bucket, count, wanted=wanted))


def jobs(logs: list[Log]) -> list[str]:
    return [log.job for log in logs]


def test_all_forms_come_in_the_order_in_which_they_were_asked_for(bucket: Any) -> None:
    mixed = [record(ago) for ago in (700, 320, 310, 90, 40, 30, 21, 10, 5, 1)]
    old, a, b, c, d, e, f, g, h, i = mixed
    store(bucket, a, d, i)
    store(bucket, c, f, h)
    store(bucket, e)
    for one in (old, b, g):
        store_alone(bucket, one)
    expected = [one.name for one in (i, h, g, f, e, d, c, b, a, old)]
    for count in range(1, 11):
        assert jobs(newest(bucket, count)) == expected[:count]


def test_the_newest_200_are_read_of_20_objects_and_a_few(bucket: Any) -> None:
    for start in range(0, 1_000, 10):
        store(bucket, *(record(start + number) for number in range(10)))
    assert len(newest(bucket, 200)) == 200
    assert bucket.asked["get"] <= 22
    assert bucket.asked["list"] <= 3


def test_in_a_flood_no_more_objects_are_read_than_hold_what_is_shown(bucket: Any) -> None:
    for _ in range(200):
        store(bucket, *(record(30) for _ in range(10)))
    assert len(newest(bucket, 20)) == 20
    assert bucket.asked["get"] <= 6


def test_no_older_span_is_listed_for_what_the_first_one_holds(bucket: Any) -> None:
    store(bucket, record(5), record(4), record(3))
    assert len(newest(bucket, 3)) == 3
    assert bucket.asked == {"list": 1, "get": 1}


def test_a_job_done_twice_is_shown_once_as_it_was_done_last(bucket: Any) -> None:
    again, first, other = record(60), record(61), record(2)
    store(bucket, again, first)
    store(bucket, again, other)
    store_alone(bucket, again, "its queue is gone")
    found = newest(bucket)
    assert jobs(found) == [other.name, again.name, first.name]
    assert found[1].status in ("done", UNTOLD)


def test_an_answer_that_reached_nobody_is_what_is_shown(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = record(60)
    text = own.line().replace('"mark"', '"done": "2026-01-01T00:00:00.000Z", "mark"')
    monkeypatch.setattr(type(own), "line", lambda _: text)
    (key,) = store(bucket, own)
    monkeypatch.undo()
    text_key = store_alone(bucket, own, "its queue is gone")
    body = bucket.objects[text_key][0].decode() + "done: 2026-01-01T00:00:01.000Z\n"
    bucket.put_text(text_key, body)
    assert key != text_key
    assert [log.status for log in newest(bucket)] == [UNTOLD]


def test_of_a_claim_and_its_owners_log_the_owners_is_shown(bucket: Any) -> None:
    own = record(30)
    store_alone(bucket, own, mark="0f" * 16)
    (key,) = store(bucket, own, record(29))
    proved = bucket.objects[key][0].decode().replace('"mark": "', '"mark": "proved-')
    bucket.put_text(key, proved)
    assert [log.key for log in newest(bucket) if log.job == own.name] == [key]


@pytest.mark.parametrize("later", [1, 400])
def test_a_job_is_found_by_its_id_its_beginning_and_its_ending(bucket: Any, later: float) -> None:
    own = record(1_000)
    store(bucket, own, record(1_000 - later))
    store(bucket, record(990), record(991))
    for name in (own.name, own.name[:12], own.name[-8:]):
        assert [one.job for one in log_listing.find(bucket, name)] == [own.name]
        assert jobs(newest(bucket, wanted=Wanted(name))) == [own.name]


def test_to_find_a_job_costs_two_listings_and_one_look(bucket: Any) -> None:
    own = record(1_000)
    store(bucket, own, record(999))
    for number in range(50):
        store(bucket, record(999 - number), record(998 - number))
    assert jobs(newest(bucket, 1, Wanted(own.name))) == [own.name]
    assert bucket.asked == {"list": 2, "get": 1}


def test_one_that_is_alone_in_its_object_costs_no_more_than_a_text(bucket: Any) -> None:
    own = record(1_000)
    store(bucket, own)
    assert jobs(newest(bucket, 1, Wanted(own.name))) == [own.name]
    assert bucket.asked == {"list": 1, "get": 1}


def test_a_plain_clients_job_is_found_by_its_messages_id(bucket: Any) -> None:
    name = "b2a4f6d8-0000-4000-8000-0123456789ab"
    own = record(client="", job=name, sent_at=datetime.now(UTC).timestamp() - 100)
    store(bucket, own, record(99))
    for part in (name, name[:8], name[-8:]):
        assert [one.job for one in log_listing.find(bucket, part)] == [name]


def test_a_job_whose_clock_was_wrong_is_found_by_when_it_was_sent(bucket: Any) -> None:
    sent = datetime.now(UTC).timestamp() - 500
    own = record(-86_400, sent_at=sent)
    store(bucket, own, record(490))
    assert [one.job for one in log_listing.find(bucket, own.name)] == [own.name]
    assert jobs(newest(bucket, wanted=Wanted(own.name, sent_at=sent))) == [own.name]


def test_for_one_that_is_nowhere_not_all_is_looked_through(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        store(bucket, record(number + 10), record(number + 10))
    monkeypatch.setattr(log_spans, "MOST_SOUGHT", 3)
    told: list[str] = []
    assert log_listing.find(bucket, record(60).name, left_out=told.append) == []
    assert told == ["looked through 3 logs and no more; others may be missing"]


def test_what_is_asked_for_by_client_status_and_time_is_looked_for_in_each_line(
    bucket: Any,
) -> None:
    a, b, c = record(300, "ben"), record(200, "ada"), record(100, "ada", REFUSED)
    store(bucket, a, b, c)
    assert jobs(newest(bucket, wanted=Wanted(client="ada"))) == [c.name, b.name]
    assert jobs(newest(bucket, wanted=Wanted(statuses=["done"]))) == [b.name, a.name]
    since = datetime.now(UTC) - timedelta(seconds=250)
    assert jobs(newest(bucket, wanted=Wanted(since=since))) == [c.name, b.name]


def test_lines_that_are_no_logs_are_told_of(bucket: Any) -> None:
    (key,) = store(bucket, record(3), record(2))
    bucket.put_text(key, bucket.objects[key][0].decode() + "no JSON\n")
    told: list[str] = []
    assert len(list(log_listing.newest(bucket, 5, told.append))) == 2
    assert told == [f"left out: lines that are no logs of the jobs in their key: {key}"]


class Following:
    """Follows the logs of a bucket, three seconds from one look to the next."""

    def __init__(self, bucket: Any, wanted: Wanted = ALL) -> None:
        self._now = datetime.now(UTC).timestamp()
        self._follower = Follower(bucket, wanted, clock=lambda: self._now)
        self.begun = jobs(self._follower.begin(1))

    def next(self) -> list[str]:
        self._now += 3
        return jobs(list(self._follower.next()))


def test_new_ones_are_told_of_line_by_line_and_each_job_once(bucket: Any) -> None:
    old, last = record(10), record(9)
    store(bucket, old, last)
    following = Following(bucket)
    assert following.begun == [last.name]

    first, second = record(3), record(2)
    store(bucket, first, second)
    assert following.next() == [first.name, second.name]
    store(bucket, second, record(1, job=(third := record(1).name)))
    store_alone(bucket, first, "its queue is gone")
    assert following.next() == [third]


@pytest.mark.parametrize("part", [slice(None), slice(12), slice(-8, None)])
def test_one_job_is_followed_by_its_id_or_a_part_of_it(bucket: Any, part: slice) -> None:
    own = record(2)
    following = Following(bucket, Wanted(own.name[part]))
    assert following.begun == []
    store(bucket, record(3), own, record(1))
    assert following.next() == [own.name]
