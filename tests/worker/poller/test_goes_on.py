"""After an odd path the next job is done as ever: no hand is lost, and nothing stays switched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labapp.cloud.abilities import BATCH
from labapp.cloud.queues import Message
from labapp.errors import ForbiddenError, UnreachableError
from labapp.jobs.wire import DONE, Reply, Request
from labapp.worker import outages as outages_module
from labapp.worker import poller as poller_module
from labapp.worker.poller import Poller
from tests.support.waiting import PATIENCE, until
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import FakeQueue, instead, message


class Going:
    """A poller of a bench, of whose two hands each that is lost is missed."""

    def __init__(self, bench: Bench) -> None:
        bench.handler.quick, bench.handler.concurrency = False, 2
        self.bench = bench
        self.queue: FakeQueue = bench.cloud.queues["requestQueue"]
        self.paused = threading.Event()
        self.poller = self.another()
        #: Called with each poll, before it answers.
        self.polled: Callable[[], object] = lambda: None
        #: Called once a poll has taken messages, before it hands them out.
        self.brought: Callable[[], object] = lambda: None
        self._receive: Callable[..., list[Message]] = self.queue.receive
        queue: Any = self.queue
        queue.receive = self._bring
        bench.cloud.trouble = self._trouble
        self.thread = threading.Thread(target=self.poller.run, daemon=True)

    def another(self) -> Poller:
        """Return a poller with as many hands as the handler has now."""
        bench = self.bench
        return Poller(bench.processor, self.paused, wait=20)

    def start(self) -> None:
        self.thread.start()

    def put(self, *jobs: str) -> None:
        self.queue.waiting = [message(job) for job in jobs]

    def _bring(self, *given: Any) -> list[Message]:
        messages = self._receive(*given)
        if messages:
            self.brought()
        return messages

    def _trouble(self, call: str, _: str) -> None:
        if call == "receive":
            self.polled()
            if not self.queue.waiting:
                self.bench.stop.wait(0.01)  # as an empty long poll does

    def end(self) -> None:
        self.bench.stop.set()
        if self.thread.ident:
            self.thread.join(60)
            assert not self.thread.is_alive()


@pytest.fixture
def going(bench: Bench) -> Iterator[Going]:
    found = Going(bench)
    yield found
    found.end()


def test_after_each_resume_jobs_are_done_though_a_pause_met_an_open_poll(going: Going) -> None:
    going.start()
    for number in range(3):
        going.brought = going.paused.set  # while the poll is open
        going.put(f"back-{number}")
        until(lambda: going.paused.is_set())
        until(lambda: len(going.queue.hidden) == number + 1)  # noqa: B023
        going.brought = lambda: None
        going.put(f"next-{number}")
        going.paused.clear()
        until(lambda: going.queue.deleted[-1:] == [f"next-{number}"])  # noqa: B023

    assert {seconds for _, seconds in going.queue.hidden} == {0}
    assert going.queue.deleted == ["next-0", "next-1", "next-2"]
    until(lambda: going.poller.in_flight == 0)


def test_a_hand_back_that_fails_costs_no_hands(
    going: Going, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(going.bench.processor, "hand_back", broken)
    going.put("a", "b")
    going.brought = going.paused.set

    with pytest.raises(ValueError, match="broken"):
        going.poller._poll(20)

    assert going.poller._claimed == 0


def test_a_poll_that_fails_costs_no_hands(going: Going) -> None:
    def broken() -> None:
        raise ValueError("broken")

    going.polled = broken
    with pytest.raises(ValueError, match="broken"):
        going.poller._poll(20)
    assert going.poller._claimed == 0


def test_a_stop_in_an_outage_ends_the_poll_and_the_poller(going: Going) -> None:
    def away() -> None:
        going.bench.stop.set()
        raise UnreachableError("away")

    going.polled = away

    assert going.poller._poll(20) == 0
    assert going.poller._claimed == 0
    going.poller.run()  # ends, and raises nothing
    assert going.poller.empty_polls == 0, "a poll that was not answered says nothing of the queue"


def test_a_poll_that_is_refused_brings_nothing_and_costs_no_hands(going: Going) -> None:
    def refuse() -> None:
        raise ForbiddenError("not allowed")

    going.polled = refuse
    assert going.poller._poll(20) == 0
    assert going.poller._claimed == 0
    assert going.bench.processor.refusals.is_refused("requestQueue")

    going.polled = lambda: None
    going.put("a")
    assert going.poller._poll(0, 1) == 1
    assert not going.bench.processor.refusals.is_refused("requestQueue")


def test_after_each_outage_jobs_are_done(
    going: Going, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outages_module, "delay", lambda attempt: 0.01)
    going.start()
    for number in range(3):
        left = [2]

        def away() -> None:
            if left[0]:  # noqa: B023
                left[0] -= 1  # noqa: B023
                raise UnreachableError("away")

        with caplog.at_level("INFO", logger="labapp"):
            caplog.clear()
            going.polled = away
            until(lambda: not left[0] and not going.bench.outages.is_down)  # noqa: B023
        going.put(f"next-{number}")
        until(lambda: going.queue.deleted[-1:] == [f"next-{number}"])  # noqa: B023
        told = [getattr(record, "event", "") for record in caplog.records]
        assert [event for event in told if event in ("trouble", "recovered")] == [
            "trouble",
            "recovered",
        ]
        assert going.bench.stats.snapshot().trouble == ""


def test_empty_polls_are_counted_from_the_last_message_on(going: Going) -> None:
    for expected in (1, 2):
        going.poller._poll(20)
        assert going.poller.empty_polls == expected
    going.poller._poll(0)
    assert going.poller.empty_polls == 2, "a poll that does not wait says nothing"

    going.put("a")
    going.poller._poll(20)
    assert going.poller.empty_polls == 0


def test_the_help_at_polling_comes_with_every_backlog_and_ends_with_it(going: Going) -> None:
    going.bench.handler.quick, going.bench.handler.concurrency = True, 40
    going.poller = going.another()
    for helps in (1, 2, 3):
        deleted = len(going.queue.deleted)
        going.put(*(f"{helps}-{n}" for n in range(BATCH + 3)))
        assert going.poller._poll(20) == BATCH
        until(lambda: len(going.queue.deleted) == deleted + BATCH + 3)  # noqa: B023
        until(lambda: going.poller.drain(0))  # what a stop waits for
        assert [wait for _, wait in going.queue.polls].count(0) == helps
        assert going.poller._claimed == 0


def test_one_hand_at_a_time_helps_at_polling(going: Going, monkeypatch: pytest.MonkeyPatch) -> None:
    going.bench.handler.concurrency = 40
    going.poller = going.another()
    tasks: list[Any] = []
    monkeypatch.setattr(going.poller._threads, "submit", tasks.append)
    # However slow the machine that tests run on: this is about polls that are soon over.
    monkeypatch.setattr(poller_module, "WORTH_A_THREAD", PATIENCE)
    going.put(*map(str, range(4 * BATCH)))

    def helps() -> int:
        return tasks.count(going.poller._help)

    for _ in range(2):
        assert going.poller._poll(20) == BATCH
        assert helps() == 1, "one polls beside the poller already"
    assert not going.poller.drain(0), "a stop waits for it"
    going.poller._help()
    assert going.queue.waiting == []
    going.put(*map(str, range(BATCH)))
    going.poller._claimed = 0
    assert going.poller._poll(20) == BATCH
    assert helps() == 2


def test_a_help_that_fails_is_over_too(going: Going) -> None:
    def broken() -> None:
        raise ValueError("broken")

    going.poller._helping = 1
    going.polled = broken

    with pytest.raises(ValueError, match="broken"):
        going.poller._help()

    assert going.poller.drain(0)


@pytest.mark.parametrize("end", ["of a job", "of the help", "of a hand's work"])
def test_who_waits_for_an_end_is_told_of_it(
    going: Going, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    poller = going.poller
    wait_for = poller._freed.wait_for
    # Nobody looks again by himself: who waits goes on since he was told.
    monkeypatch.setattr(poller._freed, "wait_for", lambda found, _: wait_for(found, PATIENCE))
    found: list[object] = []
    act: Callable[[], object] = lambda: poller.drain(0)  # noqa: E731
    if end == "of a job":
        poller._count_in_flight([message("a")], 1)
    elif end == "of the help":
        poller._helping = 1
        going.bench.stop.set()
    else:
        poller._claimed = going.bench.handler.concurrency
        act = lambda: poller._claim(1)  # noqa: E731
    thread = threading.Thread(target=lambda: found.append(act()), daemon=True)
    thread.start()
    until(lambda: poller._freed._waiters)  # type: ignore[attr-defined]
    if end == "of a job":
        poller._count_in_flight([message("a")], -1)
    elif end == "of the help":
        poller._help()
    else:
        poller.release(1)
    thread.join(60)
    assert found == [1]


def test_no_client_is_remembered_that_has_nothing_in_hand(going: Going) -> None:
    going.put("a")
    going.poller._poll(20)
    until(lambda: going.poller.drain(0))

    assert not going.poller._clients


def test_what_is_learnt_is_how_long_one_job_of_a_batch_took(
    going: Going, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[float] = []
    seconds = [0.0]

    def act(request: Request) -> Reply:
        seconds[0] += 0.5
        return Reply("fine", request.job, DONE)

    clock = instead(perf_counter=lambda: seconds[0], monotonic=time.monotonic)
    monkeypatch.setattr(poller_module, "time", clock)
    monkeypatch.setattr(going.poller.limit, "learn", lambda worked, _: learnt.append(worked))
    going.bench.handler.act = act
    messages = [message("a"), message("b"), message("c"), message("d")]

    poller_module._Batch(going.poller, 4).work(messages)

    assert learnt == [0.5]
    assert going.queue.deleted == ["a", "b", "c", "d"]
