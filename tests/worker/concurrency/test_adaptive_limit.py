"""A flood has many jobs in hand where they wait for a network, few where they share a processor."""

from __future__ import annotations

import random

import pytest

from labapp.worker.concurrency import CROWDED, LEAST, RECENT, AdaptiveLimit

MOST = 10


def learnt(*times: float, most: int = MOST) -> AdaptiveLimit:
    pace = AdaptiveLimit(most)
    for seconds in times:
        pace.learn(seconds)
    return pace


def test_jobs_that_take_as_long_as_ever_may_be_as_many_as_ever() -> None:
    assert learnt(*[0.012] * 50).flood == MOST


def test_jobs_that_are_in_each_others_way_become_few_at_once() -> None:
    assert learnt(*[0.002] * 5, *[0.020] * 20).flood == LEAST


@pytest.mark.parametrize("service", [0.001, 0.003])
def test_jobs_that_share_a_processor_stay_few(service: float) -> None:
    pace = learnt(*[service] * 3)
    most = 0
    for number in range(1000):
        pace.learn(service * pace.flood)
        most = max(most, pace.flood if number > 100 else 0)
    assert LEAST <= most <= max(LEAST, CROWDED) + 1


def test_once_the_crowd_is_gone_more_are_in_hand_again() -> None:
    pace = learnt(*[0.010] * 5, *[0.100] * 20)
    assert pace.flood == LEAST
    for _ in range(RECENT + 80):
        pace.learn(0.012)
    assert pace.flood == MOST


def test_one_job_that_was_quick_by_chance_says_nothing() -> None:
    pace = learnt(*[0.005] * 20, 0.000_030)
    fewest = MOST
    for _ in range(500):
        pace.learn(0.005)
        fewest = min(fewest, pace.flood)
    assert fewest == MOST


def test_a_network_with_late_answers_is_not_taken_for_a_crowd() -> None:
    chance = random.Random(1)
    pace = learnt()
    for _ in range(3000):
        pace.learn(0.008 + chance.lognormvariate(-4.6, 0.5))  # 8 ms and about 10 ms, some 30
    assert pace.flood >= MOST - 2


def test_never_more_than_may_be_nor_none() -> None:
    assert learnt(1.0, *[99.0] * 50, most=2).flood == 2
    assert learnt(0.0, 0.0).flood >= LEAST


def test_fewer_are_had_in_hand_step_by_step_once_half_of_the_times_say_so() -> None:
    assert learnt(*[0.01] * 5, *[1.0] * 4).flood == MOST
    assert learnt(*[0.01] * 5, *[1.0] * 5).flood == 8
    assert learnt(*[0.01] * 5, *[1.0] * 6).flood == 6


def test_the_second_quick_job_tells_how_quick_they_can_be_and_the_first_does_not() -> None:
    assert learnt(0.005, 0.000_03, *[0.005] * 50).flood == MOST
    assert learnt(*[0.010] * 5, 0.001, *[0.010] * 5).flood == MOST
    assert learnt(*[0.010] * 5, *[0.001] * 2, *[0.010] * 20).flood == LEAST


def test_nothing_is_known_before_the_first_job() -> None:
    assert learnt().seconds == 0.0


def test_the_mean_follows_the_newest() -> None:
    pace = learnt(*[0.010] * 50)
    assert pace.seconds == pytest.approx(0.010, rel=0.01)
    for _ in range(20):
        pace.learn(0.100)
    assert pace.seconds == pytest.approx(0.100, rel=0.01)


def test_the_storing_of_a_log_counts_for_the_crowd_and_not_for_the_work() -> None:
    limit = AdaptiveLimit(32)
    for stored in [0.001] * 20 + [0.01] * 40:
        limit.learn(0.000_1, stored)
    assert limit.flood == LEAST
    assert limit.seconds == pytest.approx(0.000_1)
