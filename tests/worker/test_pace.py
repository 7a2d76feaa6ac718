"""A flood has many jobs in hand where they wait for a network, few where they share a processor."""

from __future__ import annotations

import pytest

from labapp.worker.pace import CROWDED, LEAST, Pace

MOST = 10


def learnt(*times: float, most: int = MOST) -> Pace:
    pace = Pace(most)
    for seconds in times:
        pace.learn(seconds)
    return pace


def test_jobs_that_take_as_long_as_ever_may_be_as_many_as_ever() -> None:
    assert learnt(*[0.012] * 50).flood == MOST


def test_jobs_that_are_in_each_others_way_become_few_at_once() -> None:
    assert learnt(0.002, 0.020, 0.020, 0.020).flood == LEAST


@pytest.mark.parametrize("service", [0.001, 0.003])
def test_jobs_that_share_a_processor_settle_where_they_take_twice_their_least(
    service: float,
) -> None:
    pace = learnt(service)
    for _ in range(200):
        pace.learn(service * pace.flood)
    assert LEAST <= pace.flood <= max(LEAST, CROWDED)


def test_once_the_crowd_is_gone_more_are_in_hand_again() -> None:
    pace = learnt(0.010, *[0.100] * 20)
    assert pace.flood == LEAST
    for _ in range(30):
        pace.learn(0.012)
    assert pace.flood == MOST


def test_never_more_than_may_be_nor_none() -> None:
    assert learnt(1.0, 99.0, 99.0, most=2).flood == 2
    assert learnt(0.0, 0.0).flood >= LEAST


def test_the_mean_follows_the_newest() -> None:
    pace = learnt(*[0.010] * 50)
    assert pace.seconds == pytest.approx(0.010, rel=0.01)
    for _ in range(20):
        pace.learn(0.100)
    assert pace.seconds == pytest.approx(0.100, rel=0.01)
