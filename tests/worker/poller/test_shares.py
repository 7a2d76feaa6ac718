"""One client's flood does not keep another's single job waiting in the worker's own hands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from labapp.cloud.abilities import BATCH
from labapp.cloud.queues import Message
from labapp.jobs.wire import DONE, Reply, Request
from labapp.worker import poller as poller_module
from labapp.worker.poller import FLOODED, Poller
from tests.support.waiting import PATIENCE, until
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import message

HANDS = 60


class Flooded:
    """A poller of quick jobs; those of the client `slow` are held until let go."""

    def __init__(self, bench: Bench) -> None:
        bench.handler.quick, bench.handler.concurrency = True, HANDS
        bench.cloud.make("responseQueue-slow", "responseQueue-b", "responseQueue-c")
        bench.handler.act = self._act
        bench.cloud.trouble = self._pace
        self.bench = bench
        self.go = threading.Event()
        self.queue = bench.cloud.queues["requestQueue"]
        self.poller = Poller(bench.processor, threading.Event(), 20)
        self.poller.limit.learn(1.0)
        self._thread = threading.Thread(target=self.poller.run, daemon=True)

    def start(self, messages: Sequence[Message]) -> None:
        self.queue.waiting = list(messages)
        self._thread.start()

    def end(self) -> None:
        self.go.set()
        self.bench.stop.set()
        if self._thread.ident:
            self._thread.join(60)

    def _act(self, request: Request) -> Reply:
        if request.client == "slow":
            self.go.wait(PATIENCE)
        return Reply("fine", request.job, DONE)

    def _pace(self, call: str, _: str) -> None:
        if call == "receive" and not self.queue.waiting:
            self.bench.stop.wait(0.01)


@pytest.fixture
def flooded(bench: Bench) -> Iterator[Flooded]:
    found = Flooded(bench)
    yield found
    found.end()


def flood(count: int) -> list[Message]:
    return [message(f"flood-{number}", "slow") for number in range(count)]


class AtOnce:
    """Hands that do each task when they are given it: what is handed out first is done first."""

    def submit(self, task: Callable[[], None]) -> None:
        task()


def test_a_single_job_is_answered_before_the_flood_it_was_received_with(flooded: Flooded) -> None:
    flooded.go.set()
    flooded.poller._threads = AtOnce()  # type: ignore[assignment]
    flooded.queue.waiting = [*flood(8), message("single", "b")]

    assert flooded.poller._poll(20) == 9

    assert flooded.queue.deleted == ["single", *(f"flood-{n}" for n in range(8))]
    assert [m.body for m in flooded.bench.cloud.queues["responseQueue-b"].sent] == ["fine"]


def test_a_single_job_does_not_wait_for_the_flood_it_was_received_with(flooded: Flooded) -> None:
    flooded.start([*flood(9), message("single", "b")])

    until(lambda: flooded.queue.deleted)

    assert flooded.queue.deleted == ["single"]
    assert flooded.poller.in_flight == 9


def test_while_others_ask_a_flood_keeps_but_a_part_of_the_hands(flooded: Flooded) -> None:
    flooded.start([*flood(9), message("single", "b"), *flood(100)])

    until(lambda: flooded.poller.in_flight >= HANDS * FLOODED - 1)
    until(lambda: flooded.queue.deleted)

    assert flooded.poller.in_flight <= HANDS * FLOODED
    assert len(flooded.queue.waiting) >= 100 - HANDS * FLOODED


def test_a_client_that_is_alone_has_all_hands(flooded: Flooded) -> None:
    flooded.start(flood(100))

    until(lambda: flooded.poller.in_flight == HANDS)
    assert [limit for limit, _ in flooded.queue.polls] == [BATCH] * (HANDS // BATCH)
    assert len(flooded.queue.waiting) == 100 - HANDS

    flooded.go.set()
    until(lambda: len(flooded.queue.deleted) == 100)


def test_a_client_that_is_alone_again_has_all_hands_again(
    flooded: Flooded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "ASKING", 0.0)  # others are forgotten at once
    flooded.start([*flood(9), message("single", "b"), *flood(100)])

    until(lambda: flooded.poller.in_flight == HANDS - 1)  # one less than a batch is not received

    assert flooded.queue.deleted == ["single"]


def test_equal_clients_are_settled_together(flooded: Flooded) -> None:
    flooded.start([message(f"{n}-{client}", client) for n in range(5) for client in ("b", "c")])

    until(lambda: len(flooded.queue.deleted) == BATCH)

    calls = [call for call, _ in flooded.bench.cloud.calls]
    assert calls.count("delete") == 1
