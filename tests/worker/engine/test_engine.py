"""Stopping, pausing and idling, seen without a cloud; the rest is told end to end."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from labapp import utc
from labapp.cloud.queues import Counts
from labapp.worker import health
from labapp.worker.engine import IDLE_POLLS, Worker
from tests.support.waiting import PATIENCE
from tests.worker.worker_fakes import FakeCloud, FakeHandler, instead


@pytest.fixture
def worker() -> Worker:
    stand_in: Any = FakeCloud()
    return Worker(stand_in, [FakeHandler()], until_idle=True)


def test_a_stop_takes_no_lock_that_the_interrupted_frame_may_hold(worker: Worker) -> None:
    done = threading.Event()

    def from_a_signal_handler() -> None:
        worker.stop()
        worker.stop()
        done.set()

    with worker._stop._cond:  # type: ignore[attr-defined] # as in the middle of Event.wait
        threading.Thread(target=from_a_signal_handler, daemon=True).start()
        assert done.wait(PATIENCE)

    assert worker.stopping
    assert worker.stats.state == "stopping"


def test_a_clock_that_is_wrong_is_logged_once_and_is_no_complaint(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        with caplog.at_level("INFO", logger="labapp"):
            for lacking in (0.0, 7200.0, 7200.0, 0.0, 0.0):
                utc.correct(lacking)
                worker._tell_of_clock()
                trouble = worker.stats.snapshot().trouble
                assert trouble == utc.clock_notice()
                assert health.verdict([worker._pulse()])[0]
    finally:
        utc.correct(0.0)
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [
        ("WARNING", "this machine's clock is 2 h behind: set it. Until then requests are signed"
         " with the right time"),
        ("INFO", "this machine's clock is right again"),
    ]  # fmt: skip


def test_pausing_goes_to_and_fro_but_not_while_stopping(worker: Worker) -> None:
    assert worker.toggle_pause()
    assert worker.stats.state == "paused"
    assert not worker.toggle_pause()
    assert worker.stats.state == "running"

    worker.stop()
    worker.toggle_pause()
    assert worker.stats.state == "stopping"


def test_queues_are_counted_only_after_empty_polls_and_not_at_every_look(worker: Worker) -> None:
    counted = []
    counts = [Counts(0, 1, 0), Counts(0, 0, 0)]

    def count() -> Counts:
        counted.append(True)
        return counts.pop(0)

    (poller,), (processor,) = worker._pollers, worker._processors
    processor.queue = instead(counts=count)

    assert worker._is_idle() is False
    assert counted == []
    poller.empty_polls = IDLE_POLLS
    assert worker._is_idle() is False  # one is in flight, with another worker
    assert poller.empty_polls == 0
    assert not worker._is_idle()
    assert len(counted) == 1
    poller.empty_polls = IDLE_POLLS
    assert worker._is_idle() is True
