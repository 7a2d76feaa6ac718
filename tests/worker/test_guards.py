"""What threads share is entered by one of them at a time: each guard by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from labapp.errors import ForbiddenError
from labapp.worker.concurrency import FairTurns, Recently
from labapp.worker.lease import EXTENDING, Lease
from labapp.worker.poller import Poller, _Batch
from labapp.worker.refusals import Refusals
from labapp.worker.replies import Outcome, Replies
from labapp.worker.stats import Finished, WorkerStats
from tests.support.watched import check_guarded, check_waits, watch
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import instead, message


@pytest.mark.parametrize(
    "act",
    [
        lambda stats: stats.holds("process 1", 1),
        lambda stats: stats.note_polled("requestQueue"),
        lambda stats: stats.count("retried"),
        lambda stats: stats.refuse("requestQueue", "send", "no"),
        lambda stats: stats.allow("requestQueue"),
        lambda stats: stats.note_finished(Finished(1.0, "numbers", "a", "c", "done", 0.1, "")),
        lambda stats: stats.snapshot(),
    ],
)
def test_the_boards_counters_are_written_and_read_by_one_at_a_time(
    act: Callable[[WorkerStats], object],
) -> None:
    stats = WorkerStats()
    check_guarded(stats, "_lock", lambda: act(stats))


@pytest.fixture
def lease(bench: Bench) -> Lease:
    lease = bench.processor.lease
    lease.add([message("a")], received=time.monotonic() - lease.visibility)
    return lease


@pytest.mark.parametrize(
    "act",
    [
        lambda lease: lease.add([message("b")]),
        lambda lease: lease.release(["a"]),
        lambda lease: lease.receipts(),
        lambda lease: lease.extend_due(),
    ],
)
def test_what_is_in_hand_is_looked_at_by_one_at_a_time(
    lease: Lease, act: Callable[[Lease], object]
) -> None:
    check_guarded(lease, "_lock", lambda: act(lease))


def test_what_was_extended_is_noted_by_one_at_a_time(bench: Bench, lease: Lease) -> None:
    lock = watch(lease, "_lock")
    bench.cloud.trouble = lambda *_: lock.__enter__()  # somebody, while SQS is asked

    check_waits(lock, lease.extend_due)


def test_a_look_whether_a_refusal_lasts_makes_all_due_as_one(
    bench: Bench, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.processor.refusals.note_refused("requestQueue", EXTENDING, ForbiddenError("no"))
    monkeypatch.setattr(lease, "extend_due", lambda: None)

    check_guarded(lease, "_lock", lease.try_again)


def test_two_extensions_are_never_under_way_at_once(lease: Lease) -> None:
    check_guarded(lease, "_extending", lease.extend_due)


@pytest.mark.parametrize(
    "act",
    [
        lambda replies: replies._note_missing("responseQueue-tester", missing=True, firm=True),
        lambda replies: replies._note_missing("responseQueue-tester", missing=False, firm=True),
    ],
)
def test_what_mail_knows_of_reply_queues_is_shared_by_one_at_a_time(
    bench: Bench, act: Callable[[Replies], object]
) -> None:
    replies = bench.processor._replies
    check_guarded(replies, "_lock", lambda: act(replies))


@pytest.fixture
def poller(bench: Bench) -> Poller:
    return Poller(bench.processor, threading.Event(), wait=20)


@pytest.mark.parametrize(
    "act",
    [
        lambda poller: poller._claim(1),
        lambda poller: poller.release(0),
        lambda poller: poller.drain(0),
        lambda poller: poller._count_in_flight([message("b")], 1),
        lambda poller: poller._shares([message("a")]),
    ],
)
def test_hands_and_what_is_in_them_are_counted_by_one_at_a_time(
    poller: Poller, act: Callable[[Poller], object]
) -> None:
    poller._count_in_flight([message("a")], 1)
    check_guarded(poller, "_freed", lambda: act(poller))


def test_the_end_of_the_help_at_polling_is_told_to_who_waits_for_it(
    bench: Bench, poller: Poller
) -> None:
    poller._helping = 1
    bench.stop.set()
    check_guarded(poller, "_freed", poller._help)
    assert not poller._helping


def test_hands_that_share_a_batch_put_their_outcomes_to_it_one_by_one() -> None:
    settled: list[Any] = []

    def settle(outcomes: Any, _worked: float, *, others: bool) -> None:
        settled.append((outcomes, others))

    stand_in: Any = instead(
        processor=instead(outcome=Outcome),
        release=lambda hands: None,
        settle=settle,
    )
    batch = _Batch(stand_in, 1, others=True)

    check_guarded(batch, "_lock", lambda: batch.work([message("a")]))

    assert settled == [([Outcome(message("a"))], True)]


@pytest.mark.parametrize(
    "act",
    [
        lambda known: known.add(["b"]),
        lambda known: known.drop(["a"]),
        lambda known: known.is_new("b"),
    ],
)
def test_what_was_seen_of_late_is_changed_by_one_at_a_time(act: Callable[[Any], object]) -> None:
    known = Recently(2)
    known.add(["a"])
    check_guarded(known, "_lock", lambda: act(known))


@pytest.mark.parametrize(
    "act",
    [
        lambda refusals: refusals.note_refused("q", "send", ForbiddenError("no")),
        lambda refusals: refusals.note_passed("q", "delete"),
        lambda refusals: refusals.may_receive("q", 10),
        lambda refusals: refusals.give_way("q"),
    ],
)
def test_what_is_refused_is_noted_by_one_at_a_time(act: Callable[[Refusals], object]) -> None:
    refusals = Refusals(WorkerStats(), lambda seconds: None, lambda: None)
    refusals.note_refused("q", "delete", ForbiddenError("no"))
    check_guarded(refusals, "_lock", lambda: act(refusals))


def test_who_waits_for_a_refusal_comes_and_goes_one_at_a_time() -> None:
    refusals = Refusals(WorkerStats(), lambda seconds: None, lambda: None)
    refusal = refusals.note_refused("q", "delete", ForbiddenError("no"))
    refusal.over = True
    call: Any = instead(let_go=False)
    check_guarded(refusals, "_lock", lambda: refusals._wait(refusal, call))
    assert refusal.waiting == []

    lock = watch(refusals, "_lock")
    refusals._pause = lambda seconds: lock.__enter__()
    check_waits(lock, lambda: refusals._wait(refusal, call))


def test_turns_are_taken_and_given_back_by_one_at_a_time() -> None:
    turns = FairTurns(1)

    def take_and_give() -> None:
        with turns.of("a"):
            assert turns._free == 0

    check_guarded(turns, "_changed", take_and_give)
    assert turns._free == 1

    lock = watch(turns, "_changed")

    def hold_meanwhile() -> None:
        with turns.of("a"):
            lock.acquire()

    check_waits(lock, hold_meanwhile)
    assert turns._free == 1


def test_one_thread_at_a_time_asks_a_cloud_that_is_away(bench: Bench) -> None:
    bench.outages.is_down = True
    asked: list[str] = []
    lock = watch(bench.outages, "_asking")
    lock.acquire()

    check_waits(lock, lambda: bench.outages.call(lambda: asked.append("asked")))

    assert asked == ["asked"]
    assert not bench.outages.is_down
