"""Logs are told of as they are stored, each once, however long their jobs waited."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp import utc
from labapp.cloud import bounds
from labapp.cloud.bucket import Entry, Stored
from labapp.errors import UnreachableError
from labapp.jobs import log_following, log_wanted, logbook
from labapp.jobs.log_following import SWEEPS, Follower, Sweep
from labapp.jobs.log_wanted import Wanted

BEGAN = datetime(2026, 11, 21, 12, 8, 24, tzinfo=UTC).timestamp()


class Lab:
    """A bucket of logs that are stored as its clock goes on."""

    def __init__(self, skew: float = 0.0) -> None:
        self.now = BEGAN
        self.skew = skew
        self.stored: dict[str, float] = {}
        self.to_come: list[tuple[float, str]] = []
        self.pages = 0
        self.fails = 0

    def later(self, at: float, waited: float, name: str = "") -> str:
        """Have a log stored at a moment, of a job that had waited; return its key."""
        asked = datetime.fromtimestamp(BEGAN + at - waited, UTC)
        key = f"logs/log_{asked:{logbook.STAMP}}_{name or f'job-{len(self.to_come):05}'}.txt"
        self.to_come.append((BEGAN + at, key))
        return key

    def arrive(self) -> None:
        for at, key in self.to_come:
            if at <= self.now:
                self.stored.setdefault(key, at)

    def list(self, _: str, after: str = "") -> Any:
        self.arrive()
        for place, key in enumerate(sorted(key for key in self.stored if key > after)):
            self.pages += place % 1_000 == 0
            # S3 tells whole seconds, by its own clock.
            at = datetime.fromtimestamp(int(self.stored[key] + self.skew), UTC)
            yield Entry(key, 10, "e", at)

    def get(self, key: str, most: int = 0) -> Stored:
        if self.fails:
            self.fails -= 1
            raise UnreachableError("away")
        status = "failed" if "bad" in key else "done"
        return Stored(f"status: {status}\n".encode(), "e", "", {})


@pytest.fixture(autouse=True)
def _present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utc, "now", lambda: datetime.fromtimestamp(BEGAN, UTC))


def follower(lab: Any, wanted: Wanted = log_wanted.ALL, **more: Any) -> Follower:
    return Follower(lab, wanted, clock=lambda: lab.now, **more)


def followed(lab: Lab, seconds: float, this: Follower) -> list[tuple[float, str]]:
    """Follow for so long; give when each was told of, from the beginning on, and its key."""
    told = []
    while lab.now < BEGAN + seconds:
        lab.now += max(this.pause, 0.01)
        told += [(lab.now - BEGAN, log.key) for log in this.next()]
    return told


WAITS = st.sampled_from([0.0, 3.0, 15.0, 25.0, 400.0, 3_000.0, 90_000.0, 17 * 86_400.0])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-3_000, 1_300), WAITS), max_size=25),
    st.floats(-800, 800),
)
def test_each_is_told_of_once_and_as_soon_as_its_wait_allows(
    events: list[tuple[float, float]], skew: float
) -> None:
    lab = Lab(skew)
    keys = [lab.later(at, waited) for at, waited in events]
    this = follower(lab)
    lab.arrive()
    there = set(lab.stored)
    shown = [log.key for log in this.begin(3)]
    told = followed(lab, 2_000, this)
    names = [*shown, *(key for _, key in told)]
    assert len(names) == len(set(names))
    assert {key for _, key in told} == set(keys) - there
    for when, key in told:
        stored = lab.stored[key] - BEGAN
        waited = next(w for (at, w), one in zip(events, keys, strict=True) if one == key)
        longest = next(s.every for s in SWEEPS if waited + s.every + 1 <= s.back)
        assert when - stored <= longest + 1.1


def test_an_idle_lab_is_asked_once_in_two_seconds() -> None:
    lab = Lab()
    this = follower(lab)
    this.begin(5)
    looks = lab.pages
    for number in range(20):
        lab.later(-5_000 - number, 0)  # there is something to be listed, if one looks so far back
    followed(lab, 600, this)
    assert lab.pages - looks <= 600 / 60 + 2


def test_a_lab_of_many_logs_is_asked_no_more_than_once_a_second_on_average() -> None:
    lab = Lab()
    for number in range(4_000):
        lab.later(-5, 0, f"{number:05}")
    this = follower(lab)
    this.begin(1)
    looks = lab.pages
    for number in range(3_000):
        lab.later(number / 50, 0, f"new-{number:05}")
    followed(lab, 60, this)
    assert lab.pages - looks <= 60 + 5


def test_what_was_not_read_in_an_outage_is_told_after_it() -> None:
    lab = Lab()
    this = follower(lab)
    this.begin(1)
    keys = [lab.later(1 + number / 10, 0) for number in range(5)]
    lab.now += 3
    lab.fails = 3
    told: list[str] = []
    with pytest.raises(UnreachableError):
        told += [log.key for log in this.next()]
    lab.now += 7_200
    told += [log.key for log in this.next()]
    assert sorted(told) == sorted(keys)


def test_filters_choose_by_key_and_by_text() -> None:
    lab = Lab()
    bad = lab.later(1, 0, "bad-1")
    lab.later(1, 0, "good-1")
    this = follower(lab, Wanted(statuses=("failed",)))
    assert this.begin(3) == []
    assert [key for _, key in followed(lab, 5, this)] == [bad]
    lab = Lab()
    lab.later(1, 0, "bad-1")
    good = lab.later(1, 0, "good-1")
    this = follower(lab, Wanted(job="good"))
    this.begin(3)
    assert [key for _, key in followed(lab, 5, this)] == [good]


def test_a_listing_beyond_its_bound_is_told_and_keeps_the_nearer_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounds, "LISTED", 50)
    lab, told = Lab(), list[str]()
    for number in range(60):
        lab.later(-3_000 + number, 0)
    recent = lab.later(-2, 0)
    this = Follower(lab, clock=lambda: lab.now, left_out=told.append)  # type: ignore[arg-type]
    assert [log.key for log in this.begin(1)] == [recent]
    fresh = lab.later(2, 0)
    assert [key for _, key in followed(lab, 10, this)] == [fresh]
    assert "looked through 50 logs and no more" in told[0]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_following, "MOST_SEEN", 100)
    lab = Lab()
    for number in range(500):
        lab.later(number / 10, 0)
    this = follower(lab, sweeps=(Sweep(20.0, 2.0),))
    this.begin(1)
    assert len(followed(lab, 60, this)) >= 499
    assert len(this._seen) <= 200
