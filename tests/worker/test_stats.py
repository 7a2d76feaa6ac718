"""The board counts jobs by how they ended, and knows the rate of the last seconds."""

from __future__ import annotations

import pytest

from labapp.worker.stats import HISTORY, RECENT, Board, Finished

NOW = 1_800_000_000


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Board:
    monkeypatch.setattr("labapp.worker.stats.time.time", lambda: NOW + 0.5)
    return Board()


def _finished(at: float, status: str = "done", job: str = "a") -> Finished:
    return Finished(at, "numbers", job, "tester", status, 0.01, "")


def test_jobs_are_counted_by_how_they_ended(board: Board) -> None:
    for status in ("done", "refused", "done", "failed"):
        board.finished(_finished(NOW, status))
    board.count("retried")

    assert board.snapshot().counts == {"done": 2, "refused": 1, "failed": 1, "retried": 1}


def test_messages_in_hand_come_and_go(board: Board) -> None:
    board.received(10)
    board.received(-4)

    assert board.snapshot().in_hand == 6


def test_the_rate_is_that_of_the_last_ten_whole_seconds(board: Board) -> None:
    for second in range(1, 21):
        for _ in range(second):
            board.finished(_finished(NOW - second))
    for _ in range(99):
        board.finished(_finished(NOW))  # this second is not over

    snapshot = board.snapshot()

    assert snapshot.rate == sum(range(1, 11)) / 10
    assert len(snapshot.per_second) == HISTORY
    assert snapshot.per_second[-3:] == [2, 1, 99]


def test_the_last_jobs_are_remembered_newest_first(board: Board) -> None:
    for number in range(RECENT + 5):
        board.finished(_finished(NOW, job=str(number)))

    recent = board.snapshot().recent

    assert [job.job for job in recent[:2]] == [str(RECENT + 4), str(RECENT + 3)]
    assert len(recent) == RECENT


def test_old_seconds_are_forgotten_but_their_jobs_stay_counted(board: Board) -> None:
    for second in range(5 * HISTORY):
        board.finished(_finished(NOW - 5 * HISTORY + second))

    assert len(board._seconds) <= 2 * HISTORY
    assert sum(board.snapshot().per_second) == HISTORY - 1
    assert board.snapshot().counts == {"done": 5 * HISTORY}


def test_a_poll_is_noted_for_its_queue(board: Board) -> None:
    board.polled("requestQueue")

    assert board.snapshot().polls == {"requestQueue": NOW + 0.5}
