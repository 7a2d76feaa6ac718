"""A lease extends in time what is in hand, and nothing else."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import Any, cast

import pytest

from labapp.errors import CloudError, CredentialsError, ForbiddenError, UnreachableError
from labapp.worker import lease as lease_module
from labapp.worker.lease import AGAIN_AT, EXTENDING, LONGEST_PAUSE, Lease
from labapp.worker.refusals import Refusals
from labapp.worker.stats import WorkerStats
from tests.support.clock import Clock
from tests.support.waiting import PATIENCE, until
from tests.worker.worker_fakes import FakeCloud, FakeQueue, message

VISIBILITY = 30


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lease_module, "time", clock)
    return clock


@pytest.fixture
def queue() -> FakeQueue:
    cloud = FakeCloud()
    cloud.make("requestQueue")
    return cloud.queues["requestQueue"]


@pytest.fixture
def lease(queue: FakeQueue) -> Lease:
    stand_in: Any = queue
    return Lease(stand_in, VISIBILITY)


def test_a_lease_extends_on_a_machine_that_has_only_just_started(
    clock: Clock, queue: FakeQueue
) -> None:
    refusals, stand_in = (
        Refusals(WorkerStats(), lambda seconds: None, lambda: None),
        cast(Any, queue),
    )
    lease = Lease(stand_in, VISIBILITY, refusals)
    clock.now = 0.5
    lease.add([message("a")], received=-VISIBILITY)
    lease.extend_due()
    assert queue.hidden == [("a", VISIBILITY)]
    refusals.note_refused("requestQueue", EXTENDING, ForbiddenError("not allowed"))
    lease.try_again()
    assert queue.hidden == [("a", VISIBILITY)] * 2


def test_a_message_is_extended_at_a_third_of_its_timeout(
    clock: Clock, queue: FakeQueue, lease: Lease
) -> None:
    lease.add([message("a")])
    clock.now += 9.9
    lease.extend_due()
    assert queue.hidden == []

    clock.now += 0.1
    lease.extend_due()
    lease.extend_due()
    assert queue.hidden == [("a", VISIBILITY)]

    clock.now += 10
    lease.extend_due()
    assert queue.hidden == [("a", VISIBILITY)] * 2


def test_the_timeout_counts_from_when_the_message_was_handed_out(
    clock: Clock, queue: FakeQueue, lease: Lease
) -> None:
    lease.add([message("a")], received=clock.now - 10)

    lease.extend_due()

    assert queue.hidden == [("a", VISIBILITY)]


def test_what_was_released_is_not_extended(clock: Clock, queue: FakeQueue, lease: Lease) -> None:
    lease.add([message("a"), message("b")])
    lease.release(["a"])
    clock.now += VISIBILITY

    lease.extend_due()

    assert queue.hidden == [("b", VISIBILITY)]
    assert lease.receipts() == ["b"]


def test_a_message_that_is_somebody_elses_now_is_dropped(
    clock: Clock, queue: FakeQueue, lease: Lease
) -> None:
    lease.add([message("a"), message("b")])
    queue.failures["hide"] = [[0]]
    clock.now += 10

    lease.extend_due()

    assert lease.receipts() == ["b"]


def test_an_extension_that_failed_is_tried_again(
    clock: Clock, queue: FakeQueue, lease: Lease
) -> None:
    def down(*_: str) -> None:
        raise UnreachableError("away")

    lease.add([message("a")])
    clock.now += 10
    queue.cloud.trouble = down
    lease.extend_due()
    assert lease.receipts() == ["a"]

    queue.cloud.trouble = lambda *_: None
    clock.now += VISIBILITY * AGAIN_AT
    lease.extend_due()
    assert queue.hidden == [("a", VISIBILITY)]


def test_in_an_outage_leases_ask_ever_more_seldom(
    clock: Clock, queue: FakeQueue, lease: Lease
) -> None:
    asked: list[float] = []

    def down(*_: str) -> None:
        asked.append(clock.now)
        raise UnreachableError("away")

    lease.add([message("a")])
    queue.cloud.trouble = down
    for _ in range(300):
        clock.now += 1
        lease.extend_due()

    pauses = [round(later - one) for one, later in pairwise(asked)]
    assert pauses[:3] == [VISIBILITY / 6, VISIBILITY / 3, LONGEST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_after_each_outage_a_lease_begins_with_short_pauses(
    clock: Clock, queue: FakeQueue, lease: Lease
) -> None:
    asked: list[float] = []
    down = [True]

    def answer(*_: str) -> None:
        asked.append(clock.now)
        if down[0]:
            raise UnreachableError("away")

    lease.add([message("a")])
    queue.cloud.trouble = answer
    for _ in range(3):  # outages
        down[0] = True
        asked.clear()
        while len(asked) < 3:
            clock.now += 1
            lease.extend_due()
        assert [later - one for one, later in pairwise(asked)] == [5, 10]
        down[0] = False
        while len(asked) < 4:
            clock.now += 1
            lease.extend_due()
    assert queue.hidden == [("a", VISIBILITY)] * 3


def test_where_extending_was_refused_the_next_message_shows_whether_it_still_is(
    clock: Clock, queue: FakeQueue
) -> None:
    def refuse(*_: str) -> None:
        raise ForbiddenError("not allowed")

    refusals, stand_in = (
        Refusals(WorkerStats(), lambda seconds: None, lambda: None),
        cast(Any, queue),
    )
    lease = Lease(stand_in, VISIBILITY, refusals)
    for number in range(2):
        queue.hidden.clear()
        lease.add([message("a")], clock.now - VISIBILITY)
        queue.cloud.trouble = refuse
        lease.extend_due()
        assert refusals.is_refused("requestQueue", EXTENDING)
        queue.cloud.trouble = lambda *_: None
        lease.add([message(f"new-{number}")])

        lease.try_again()  # though the pause is not over, and the new one is not due

        assert ("a", VISIBILITY) in queue.hidden
        assert (f"new-{number}", VISIBILITY) in queue.hidden
        assert not refusals.is_refused("requestQueue")
        queue.hidden.clear()
        lease.try_again()
        assert queue.hidden == [], "nothing is refused"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ForbiddenError("not allowed"), True),
        (CloudError("the clock is wrong"), True),
        (CredentialsError("expired"), False),
        (UnreachableError("away"), False),
    ],
)
def test_what_passes_by_itself_is_no_refusal_of_an_extension(
    clock: Clock, queue: FakeQueue, error: CloudError, told: bool
) -> None:
    def fail(*_: str) -> None:
        raise error

    refusals, stand_in = (
        Refusals(WorkerStats(), lambda seconds: None, lambda: None),
        cast(Any, queue),
    )
    lease = Lease(stand_in, VISIBILITY, refusals)
    lease.add([message("a")], clock.now - VISIBILITY)
    queue.cloud.trouble = fail
    lease.extend_due()
    assert refusals.is_refused("requestQueue", EXTENDING) is told


def test_what_is_somebody_elses_or_released_meanwhile_is_not_due_again(
    clock: Clock, queue: FakeQueue, lease: Lease
) -> None:
    lease.add([message("a"), message("b")])
    queue.cloud.trouble = lambda *_: lease._due.__delitem__("a")  # settled just now
    clock.now += 10

    lease.extend_due()

    assert lease.receipts() == ["b"]
    queue.cloud.trouble = lambda *_: None
    clock.now += 10
    lease.extend_due()
    assert queue.hidden == [("a", VISIBILITY), ("b", VISIBILITY), ("b", VISIBILITY)]


def test_a_release_waits_for_an_extension_under_way(queue: FakeQueue, lease: Lease) -> None:
    under_way, go_on, released = threading.Event(), threading.Event(), threading.Event()

    def slow(*_: str) -> None:
        under_way.set()
        go_on.wait(PATIENCE)

    def release() -> None:
        lease.release(["a"])
        released.set()

    queue.cloud.trouble = slow
    lease.add([message("a")], received=time.monotonic() - VISIBILITY)
    extending = threading.Thread(target=lease.extend_due)
    extending.start()
    under_way.wait(PATIENCE)
    releasing = threading.Thread(target=release)
    releasing.start()

    assert not released.wait(0.05)
    go_on.set()
    assert released.wait(PATIENCE)
    extending.join(60)
    releasing.join(60)
    assert lease.receipts() == []


def test_the_thread_extends_until_it_is_stopped(queue: FakeQueue) -> None:
    stand_in: Any = queue
    lease, stop = Lease(stand_in, 3), threading.Event()
    lease.add([message("a")], received=time.monotonic() - 3)
    thread = threading.Thread(target=lease.run, args=[stop])
    thread.start()

    until(lambda: queue.hidden)
    stop.set()

    thread.join(60)
    assert not thread.is_alive()
