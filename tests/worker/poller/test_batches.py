"""After any mix of messages the worker comes back to full batches: requests are counted."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from labapp.cloud.queues import Message
from labapp.errors import RefusedError
from labapp.jobs.wire import DONE, Reply, Request
from labapp.worker.poller import Poller
from tests.support.waiting import PATIENCE, until
from tests.worker.conftest import LAST_RECEIVE, Bench
from tests.worker.worker_fakes import FakeQueue, message

#: Messages of a run, and the requests of SQS that each may cost, in tenths: one receive, one send
#: and one delete for ten of them.
MESSAGES, LEAST = 1000, 300

#: Times the requests of a run of good messages that a mixed one may cost.
WITHIN = 1.3


class Counted:
    """A poller whose queue's requests are counted, but for polls that bring nothing."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench, self.requests = bench, Counter[str]()
        self._lock = threading.Lock()  # polls and settling go on side by side
        self.queue = bench.cloud.queues["requestQueue"]
        call, receive = FakeQueue._call, FakeQueue.receive

        def counted(queue: FakeQueue, what: str) -> list[int]:
            if what != "receive":
                self._count(what)
            elif not self.queue.waiting:
                bench.stop.wait(0.005)  # as an empty long poll does
            return call(queue, what)

        def received(queue: FakeQueue, *how: int) -> list[Message]:
            messages: list[Message] = receive(queue, *how)
            if messages:
                self._count("receive")
            return messages

        monkeypatch.setattr(FakeQueue, "_call", counted)
        monkeypatch.setattr(FakeQueue, "receive", received)
        bench.handler.act = self._act
        self.poller = Poller(bench.processor, threading.Event(), wait=20)
        # As where worker and cloud share the processors: jobs are in each other's way, and few of
        # a flood are had in hand while others ask.
        for seconds in [0.000_2] * 20 + [0.002] * 40:
            self.poller.limit.learn(seconds)
        monkeypatch.setattr(self.poller.limit, "learn", lambda *_: None)
        self._thread = threading.Thread(target=self.poller.run, daemon=True)

    def start(self, messages: list[Message]) -> None:
        self.queue.waiting = messages
        self._thread.start()

    def end(self) -> None:
        self.bench.stop.set()
        self._thread.join(60)

    def _count(self, what: str) -> None:
        with self._lock:
            self.requests[what] += 1

    @property
    def total(self) -> int:
        return self.requests.total()

    def _act(self, request: Request) -> Reply:
        if request.job.startswith("refused"):
            raise RefusedError("no", "Say yes.")
        return Reply("fine", request.job, DONE)


@pytest.fixture
def counted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    found = Counted(bench, monkeypatch)
    yield found
    found.end()


def _mixed(odd: Callable[[int], Message], every: int) -> list[Message]:
    return [odd(n) if n % every == every // 2 else message(f"good-{n}") for n in range(MESSAGES)]


def _malformed(number: int) -> Message:
    attributes = {"labapp": "1", "client": f"../{number}", "job": f"bad-{number}"}
    return message(f"bad-{number}", attributes=attributes)


#: When a message was sent and received whose reply queue has had all its time to be known.
OLD: dict[str, Any] = {"sent_at": 1_700_000_000.0, "first_received_at": 1_700_000_100.0}


def _undeliverable(number: int) -> Message:
    return message(f"lost-{number}", "gone", **OLD)


def _undeliverable_each(number: int) -> Message:
    return message(f"lost-{number}", f"gone-{number}", **OLD)


def _young(number: int) -> Message:
    now = time.time()
    return message(f"lost-{number}", f"gone-{number}", sent_at=now, first_received_at=now)


def _refused(number: int) -> Message:
    return message(f"refused-{number}")


@pytest.mark.parametrize(
    ("odd", "every"),
    [
        (_malformed, MESSAGES),
        (_malformed, 100),
        (_undeliverable, 40),
        (_undeliverable_each, 40),
        (_young, 40),
        (_refused, 10),
    ],
)
def test_a_mix_costs_hardly_more_requests_than_good_messages(
    counted: Counted, odd: Callable[[int], Message], every: int
) -> None:
    counted.start(_mixed(odd, every))

    until(lambda: len(counted.queue.deleted) + len(counted.queue.hidden) == MESSAGES)
    again = [receipt for receipt, _ in counted.queue.hidden]  # their queues may only be new
    counted.queue.waiting = [
        replace(odd(int(r.partition("-")[2])), receives=LAST_RECEIVE) for r in again
    ]
    until(lambda: len(counted.queue.deleted) == MESSAGES)

    assert counted.total <= WITHIN * LEAST, counted.requests


def test_after_a_mix_batches_are_full_again(counted: Counted) -> None:
    odd = [_malformed(n) for n in range(7)] + [_undeliverable(n) for n in range(7)]
    counted.start([*odd, *(_refused(n) for n in range(7)), *(message(f"a-{n}") for n in range(9))])
    until(lambda: len(counted.queue.deleted) == 30)
    poller = counted.poller
    # Only once they are settled is it known until when those who were answered may ask again; and
    # a poll that began before that is over has claimed fewer hands.
    assert poller.drain(time.monotonic() + PATIENCE)
    until(lambda: time.monotonic() > max(poller._asking_until, poller._seen_until))
    polls = len(counted.queue.polls)
    until(lambda: len(counted.queue.polls) >= polls + 2)
    counted.requests.clear()

    counted.queue.waiting = [message(f"good-{n}") for n in range(MESSAGES)]
    until(lambda: len(counted.queue.deleted) == MESSAGES + 30)

    assert counted.requests == {"receive": 100, "send": 100, "delete": 100}
