"""How many hands a poll gets: all for one client alone, few for a flood while others wait."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from labapp.cloud.abilities import BATCH
from labapp.cloud.queues import Message
from labapp.jobs.wire import DONE, Reply
from labapp.worker import poller as poller_module
from labapp.worker.concurrency import ASKING
from labapp.worker.poller import HELPERS, LANES, Poller
from labapp.worker.replies import Outcome
from tests.support.clock import Clock
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import instead, message


class Claiming:
    """A poller of quick jobs with 120 hands, whose clock stands still."""

    def __init__(self, bench: Bench, clock: Clock) -> None:
        bench.handler.quick, bench.handler.concurrency = True, 120
        self.clock = clock
        self.poller = Poller(bench.processor, threading.Event(), wait=20)
        self.settled: list[Outcome] = []
        stand_in: Any = bench.processor
        stand_in.settle = lambda outcomes: self.settled

    def claims(self, held: int = 0) -> int:
        """Tell how many hands a poll gets while so many are at work."""
        self.poller._claimed = held
        found = self.poller._claim(BATCH)
        self.poller._claimed = 0
        return found

    def settle(self, *outcomes: Outcome, others: bool) -> None:
        self.settled = list(outcomes)
        self.poller._claimed = 1
        self.poller.settle(outcomes, others=others)


@pytest.fixture
def claiming(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Claiming:
    clock = Clock(0.25)  # a machine that has only just started
    monkeypatch.setattr(poller_module, "time", clock)
    return Claiming(bench, clock)


def _done(one: Message, **more: Any) -> Outcome:
    return Outcome(one, None, Reply("fine", "a", DONE), **more)


def test_one_client_alone_may_have_all_hands_and_a_whole_batch_at_once(claiming: Claiming) -> None:
    assert claiming.claims(held=110) == BATCH
    assert claiming.claims(held=111) == 0, "fewer than a batch are not worth a poll"


def test_no_more_batches_are_in_hand_than_are_worth_it(claiming: Claiming) -> None:
    claiming.poller._batches = LANES - 1
    assert claiming.claims() == BATCH
    claiming.poller._batches = LANES
    assert claiming.claims() == 0
    assert claiming.poller._claim(1) == 1, "by which it is seen whether a refusal lasts"


def test_a_batch_is_in_hand_until_it_is_settled(claiming: Claiming) -> None:
    one = message("single", "b")
    stand_in: Any = claiming.poller
    stand_in._threads = instead(submit=lambda _: None)
    claiming.poller._hand_out([one])
    assert claiming.poller._batches == 1
    claiming.settle(_done(one), others=False)
    assert claiming.poller._batches == 0


@pytest.mark.parametrize(("seconds", "most"), [(0.002, 1), (0.05, HELPERS)])
def test_where_polls_take_their_time_more_of_them_are_under_way(
    claiming: Claiming, seconds: float, most: int
) -> None:
    asked: list[object] = []
    stand_in: Any = claiming.poller
    stand_in._threads = instead(submit=asked.append)
    for _ in range(5):
        claiming.poller._ask_for_help(seconds)
    assert len(asked) == most

    claiming.poller._stop.set()
    claiming.poller._help()
    claiming.poller._ask_for_help(seconds)
    assert len(asked) == most + 1, "one has ended"


def test_while_others_are_seen_a_sixth_of_the_hands_is_in_use_at_most(claiming: Claiming) -> None:
    flood = [message(f"flood-{n}", "slow") for n in range(9)]
    claiming.poller._count_in_flight([*flood, message("single", "b")], 1)
    assert len(claiming.poller._shares([*flood, message("single", "b")])) == 2

    assert claiming.claims(held=10) == BATCH
    assert claiming.claims(held=11) == 0
    claiming.clock.now += ASKING
    assert claiming.claims(held=110) == BATCH, "nobody asks any more"


def test_once_others_are_answered_polls_take_less_than_a_batch_of_a_flood(
    claiming: Claiming,
) -> None:
    claiming.settle(_done(message("single", "b")), others=True)

    assert claiming.claims(held=10) == BATCH
    assert claiming.claims(held=11) == 0
    claiming.clock.now += ASKING
    assert claiming.claims(held=110) == BATCH, "nobody asks any more"


def test_in_a_crowd_the_flood_has_three_in_hand_and_each_freed_hand_polls(
    claiming: Claiming,
) -> None:
    for seconds in [0.000_2] * 20 + [0.02] * 40:
        claiming.poller.limit.learn(seconds)
    claiming.settle(_done(message("single", "b")), others=True)

    assert claiming.claims() == 3
    assert claiming.claims(held=2) == 1
    assert claiming.claims(held=3) == 0


def test_others_whom_nobody_can_answer_hold_down_no_flood(claiming: Claiming) -> None:
    flood = [message(f"flood-{n}", "slow") for n in range(9)]
    claiming.poller._count_in_flight([*flood, message("single", "b")], 1)
    claiming.poller._shares([*flood, message("single", "b")])
    assert claiming.claims(held=110) == 0

    claiming.settle(_done(message("single", "b"), untold="gone"), others=True)

    assert claiming.claims(held=110) == BATCH
    again = [*flood, message("again", "b")]
    assert claiming.poller._shares(again) == [(again, False)], "nor does it wait for an answer"


@pytest.mark.parametrize(
    ("who", "parted"), [("slow", True), ("", True), ("../no id", False), ("a" * 500, False)]
)
def test_a_flood_is_parted_where_its_sender_is_one_who_can_be_answered(
    claiming: Claiming, who: str, parted: bool
) -> None:
    flood = [message(f"flood-{n}", who) for n in range(8)]
    other, absent = message("single", "b"), message("bad", "../another")
    claiming.poller._count_in_flight([*flood, other, absent], 1)

    found = claiming.poller._shares([*flood, other, absent])

    whole = [*flood, other, absent]
    assert found == ([([other], True), ([*flood, absent], False)] if parted else [(whole, False)])


def test_half_of_what_is_in_hand_is_no_flood(claiming: Claiming) -> None:
    both = [message(f"{who}-{n}", who) for n in range(5) for who in ("b", "c")]
    claiming.poller._count_in_flight(both, 1)
    assert claiming.poller._shares(both) == [(both, False)]
    more = [*both, message("b-5", "b")]
    claiming.poller._count_in_flight(more[-1:], 1)
    assert len(claiming.poller._shares(more)) == 2


def test_what_a_flood_itself_is_answered_says_nothing_of_others(claiming: Claiming) -> None:
    flood = [message(f"flood-{n}", "slow") for n in range(9)]
    claiming.poller._count_in_flight([*flood, message("single", "b")], 1)
    claiming.poller._shares([*flood, message("single", "b")])

    claiming.settle(_done(message("flood-0", "slow")), others=False)

    assert claiming.claims(held=11) == 0, "others are seen still"
    claiming.clock.now += ASKING
    assert claiming.claims(held=110) == BATCH, "and were answered nothing"


@pytest.mark.parametrize("halt", ["stop", "pause"])
def test_a_poller_that_is_halted_while_it_waits_for_a_free_thread_begins_no_poll(
    bench: Bench, halt: str
) -> None:
    paused = threading.Event()
    poller = Poller(bench.processor, paused, wait=20)

    def take_all(wanted: int) -> int:
        (bench.stop if halt == "stop" else paused).set()
        poller._claimed += wanted
        return wanted

    poller._claim = take_all  # type: ignore[method-assign]
    assert poller._poll(20) == 0
    assert bench.cloud.queues["requestQueue"].polls == []
    assert poller._claimed == 0, "others may have the threads"
