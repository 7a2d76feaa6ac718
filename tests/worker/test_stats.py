"""The stats count jobs by how they ended, and know the rate of the last seconds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labapp.worker.stats import HISTORY, RECENT, Finished, WorkerStats
from tests.worker.worker_fakes import message

NOW = 1_800_000_000


@pytest.fixture
def stats(monkeypatch: pytest.MonkeyPatch) -> WorkerStats:
    monkeypatch.setattr("labapp.worker.stats.time.time", lambda: NOW + 0.5)
    return WorkerStats()


def _finished(at: float, status: str = "done", job: str = "a") -> Finished:
    return Finished(at, "numbers", job, "tester", status, 0.01, "")


def test_jobs_are_counted_by_how_they_ended(stats: WorkerStats) -> None:
    for status in ("done", "refused", "done", "failed"):
        stats.note_finished(_finished(NOW, status))
    stats.count("retried")

    assert stats.snapshot().counts == {"done": 2, "refused": 1, "failed": 1, "retried": 1}


def test_messages_in_hand_come_and_go(stats: WorkerStats) -> None:
    messages = [message(str(number)) for number in range(10)]
    stats.in_hand.take(messages, "requestQueue", "numbers")
    stats.in_hand.drop(messages[:4])
    stats.holds("process 1", 2)

    assert stats.snapshot().in_flight == 8


def test_the_rate_is_that_of_the_last_ten_whole_seconds(stats: WorkerStats) -> None:
    for second in range(1, 21):
        for _ in range(second):
            stats.note_finished(_finished(NOW - second))
    for _ in range(99):
        stats.note_finished(_finished(NOW))  # this second is not over

    snapshot = stats.snapshot()

    assert snapshot.rate == sum(range(1, 11)) / 10
    assert len(snapshot.per_second) == HISTORY
    assert snapshot.per_second[-3:] == [2, 1, 99]


def test_the_last_jobs_are_remembered_newest_first(stats: WorkerStats) -> None:
    for number in range(RECENT + 5):
        stats.note_finished(_finished(NOW, job=str(number)))

    recent = stats.snapshot().recent

    assert [job.job for job in recent[:2]] == [str(RECENT + 4), str(RECENT + 3)]
    assert len(recent) == RECENT


def test_old_seconds_are_forgotten_but_their_jobs_stay_counted(stats: WorkerStats) -> None:
    for second in range(5 * HISTORY):
        stats.note_finished(_finished(NOW - 5 * HISTORY + second))

    assert len(stats._seconds) <= 2 * HISTORY
    assert sum(stats.snapshot().per_second) == HISTORY - 1
    assert stats.snapshot().counts == {"done": 5 * HISTORY}


def test_a_poll_is_noted_for_its_queue(stats: WorkerStats) -> None:
    stats.note_polled("requestQueue")

    assert stats.snapshot().polls == {"requestQueue": NOW + 0.5}


def test_the_wait_is_the_median_of_the_jobs_of_the_last_minute(stats: WorkerStats) -> None:
    assert stats.snapshot().wait is None
    for at, wait in ((NOW - HISTORY, 900.0), (NOW - 59, 1.0), (NOW, 2.0), (NOW, 300.0)):
        stats.note_finished(replace(_finished(at), wait=wait))

    assert stats.snapshot().wait == 2.0


def test_who_listens_hears_of_each_job_that_ends(stats: WorkerStats) -> None:
    heard: list[Finished] = []
    stats.listen(heard.append)
    stats.note_finished(_finished(NOW, job="b"))

    assert [job.job for job in heard] == ["b"]
