"""A poller receives no more than it has free hands, and never strands what it has received."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from labapp.cloud.abilities import BATCH
from labapp.cloud.queues import Message
from labapp.errors import UnreachableError
from labapp.jobs.wire import DONE, Reply, Request
from labapp.worker import outages as outages_module
from labapp.worker.poller import Poller
from tests.support.waiting import PATIENCE, until
from tests.worker.conftest import REPLIES, Bench
from tests.worker.worker_fakes import FakeQueue, message


class Polling:
    """A poller on a bench, its jobs held until let go."""

    def __init__(self, bench: Bench, *, quick: bool, concurrency: int) -> None:
        bench.handler.quick, bench.handler.concurrency = quick, concurrency
        self.bench = bench
        self.queue: FakeQueue = bench.cloud.queues["requestQueue"]
        self.queue.cloud.trouble = self._pace
        self.paused, self.go = threading.Event(), threading.Event()
        self.poller = Poller(bench.processor, self.paused, wait=20)
        bench.handler.act = self._held
        self.begun: list[str] = []
        self.threads: set[str] = set()

    def start(self, count: int) -> None:
        self.queue.waiting = [message(f"job-{n}") for n in range(count)]
        self._thread = threading.Thread(target=self.poller.run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self.go.set()
        self.bench.stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _held(self, request: Request) -> Reply:
        self.begun.append(request.job)
        self.threads.add(threading.current_thread().name)
        self.go.wait(PATIENCE)
        return Reply("fine", request.job, DONE)

    def _pace(self, call: str, _: str) -> None:
        if call == "receive" and not self.queue.waiting:
            self.bench.stop.wait(0.01)  # as an empty long poll does


def test_no_more_than_the_free_hands_is_received(bench: Bench) -> None:
    polling = Polling(bench, quick=False, concurrency=4)
    polling.start(9)

    until(lambda: len(polling.begun) == 4)
    assert polling.poller.in_flight == bench.stats.snapshot().in_flight == 4
    assert len(polling.queue.waiting) == 5
    assert polling.queue.polls == [(4, 20)]

    polling.go.set()
    until(lambda: len(polling.queue.deleted) == 9)
    until(lambda: polling.poller.in_flight == 0)
    assert bench.stats.snapshot().in_flight == 0
    assert all(limit <= 4 for limit, _ in polling.queue.polls)
    polling.end()


def test_quick_jobs_wait_until_a_whole_batch_of_hands_is_free(bench: Bench) -> None:
    polling = Polling(bench, quick=True, concurrency=15)
    polling.start(25)

    until(lambda: polling.begun)
    assert polling.queue.polls == [(BATCH, 20)]
    assert polling.poller.in_flight == 10

    polling.go.set()
    until(lambda: len(polling.queue.deleted) == 25)
    polling.end()


def test_quick_jobs_are_answered_and_deleted_together(bench: Bench) -> None:
    polling = Polling(bench, quick=True, concurrency=32)
    polling.go.set()
    polling.poller.limit.learn(0.000_001)
    polling.start(10)

    until(lambda: len(polling.queue.deleted) == 10)

    assert len(polling.threads) == 1
    calls = [call for call, _ in bench.cloud.calls]
    assert [calls.count(name) for name in ("send", "delete", "put")] == [1, 1, 10]
    polling.end()


def test_jobs_of_a_fifo_queue_are_done_and_answered_in_their_order(bench: Bench) -> None:
    polling = Polling(bench, quick=True, concurrency=32)
    polling.queue.name = "asks.fifo"
    for _ in range(50):
        polling.poller.limit.learn(1.0)
    polling.go.set()
    polling.start(10)
    until(lambda: len(polling.queue.deleted) == 10)
    assert polling.begun == polling.queue.deleted
    assert [one.attributes["job"] for one in bench.cloud.queues[REPLIES].sent] == polling.begun
    polling.end()


def test_jobs_known_to_be_slow_are_spread_over_the_hands(bench: Bench) -> None:
    polling = Polling(bench, quick=True, concurrency=32)
    for _ in range(50):
        polling.poller.limit.learn(1.0)
    polling.start(10)

    until(lambda: len(polling.begun) == 10)

    assert len(polling.threads) == 10
    polling.go.set()
    until(lambda: len(polling.queue.deleted) == 10)
    assert [call for call, _ in bench.cloud.calls].count("delete") == 1
    polling.end()


def test_a_slow_job_is_settled_while_another_of_its_batch_is_worked_on(bench: Bench) -> None:
    polling = Polling(bench, quick=False, concurrency=8)
    held = polling._held
    bench.handler.act = lambda request: (
        held(request) if request.job == "job-0" else Reply("fine", request.job, DONE)
    )
    polling.start(5)

    until(lambda: len(polling.queue.deleted) == 4)
    assert polling.begun == ["job-0"]
    polling.go.set()
    until(lambda: len(polling.queue.deleted) == 5)
    polling.end()


def test_what_a_poll_brings_after_the_stop_is_handed_back(bench: Bench) -> None:
    polling = Polling(bench, quick=False, concurrency=8)
    bench.cloud.trouble = lambda call, _: bench.stop.set() if call == "receive" else None
    polling.start(3)

    until(lambda: len(polling.queue.hidden) == 3)
    polling.end()

    assert {seconds for _, seconds in polling.queue.hidden} == {0}
    assert polling.begun == []
    assert bench.processor.lease.receipts() == []
    assert bench.stats.snapshot().in_flight == polling.poller.in_flight == 0


def test_what_was_put_aside_says_nothing_of_how_long_jobs_take(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    polling = Polling(bench, quick=True, concurrency=32)
    learnt: list[float] = []
    monkeypatch.setattr(polling.poller.limit, "learn", lambda worked, _: learnt.append(worked))
    polling.go.set()
    polling.start(0)
    polling.queue.waiting = [message("a", "Bad Client")]
    until(lambda: polling.queue.deleted == ["a"])
    assert learnt == []

    polling.queue.waiting = [message("b")]
    until(lambda: polling.queue.deleted == ["a", "b"])
    assert len(learnt) == 1
    polling.end()


def test_no_poll_begins_while_paused(bench: Bench) -> None:
    polling = Polling(bench, quick=False, concurrency=8)
    polling.paused.set()
    polling.start(3)
    assert not bench.stop.wait(0.1)
    assert polling.queue.polls == []

    polling.paused.clear()
    polling.go.set()

    until(lambda: len(polling.queue.deleted) == 3)
    polling.end()


def test_what_comes_with_a_poll_that_was_open_at_a_pause_is_handed_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    polling = Polling(bench, quick=False, concurrency=8)
    receive = polling.queue.receive

    def paused_meanwhile(*given: Any) -> list[Message]:
        messages: list[Message] = receive(*given)
        polling.paused.set()
        return messages

    monkeypatch.setattr(polling.queue, "receive", paused_meanwhile)
    polling.start(3)

    until(lambda: len(polling.queue.hidden) == 3)

    assert {seconds for _, seconds in polling.queue.hidden} == {0}
    assert polling.begun == []
    polling.end()


def test_polls_are_short_while_the_cloud_is_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages_module, "delay", lambda attempt: 0.01)
    polling = Polling(bench, quick=False, concurrency=8)
    left = [3]

    def away(call: str, thing: str) -> None:
        if call == "receive" and left[0]:
            left[0] -= 1
            raise UnreachableError("away")
        polling._pace(call, thing)

    bench.cloud.trouble = away
    polling.start(0)

    until(lambda: polling.poller.empty_polls >= 2)
    polling.end()

    waits = [wait for _, wait in polling.queue.polls]
    assert waits[:5] == [20, 0, 0, 0, 20]


def test_a_fault_while_settling_hands_the_batch_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(bench.processor, "settle", broken)
    polling = Polling(bench, quick=True, concurrency=32)
    polling.go.set()
    polling.start(4)

    until(lambda: len(polling.queue.hidden) == 4)
    until(lambda: polling.poller.in_flight == 0)
    polling.end()

    assert {seconds for _, seconds in polling.queue.hidden} == {0}
    assert bench.processor.lease.receipts() == []
    assert bench.stats.snapshot().in_flight == 0


def test_draining_tells_whether_all_jobs_in_hand_have_ended(bench: Bench) -> None:
    polling = Polling(bench, quick=False, concurrency=8)
    polling.start(1)
    until(lambda: polling.begun)

    assert not polling.poller.drain(0)
    polling.go.set()
    until(lambda: polling.poller.drain(0))

    polling.end()
