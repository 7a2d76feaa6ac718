"""Delays grow, are capped, and never are less than half of what they may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labapp.waits import FIRST, MOST, delay


@given(st.integers(1, 10_000))
def test_a_delay_lies_between_half_and_the_whole_of_its_doubled_first(attempt: int) -> None:
    whole = min(MOST, FIRST * 2 ** min(attempt - 1, 60))

    assert whole / 2 <= delay(attempt) <= whole


def test_the_first_delay_is_half_a_second_and_none_is_longer_than_ten() -> None:
    assert 0.25 <= delay(1) <= 0.5
    assert 0.5 <= delay(2) <= 1
    assert 5 <= delay(40) <= 10


@given(st.integers(1, 50), st.floats(0.01, 100), st.floats(0.01, 1000))
def test_a_delay_never_exceeds_its_cap(attempt: int, first: float, most: float) -> None:
    assert 0 < delay(attempt, first, most) <= most


def test_what_is_left_to_chance_is_said() -> None:
    assert [delay(attempt, 1.0, 10.0, steady=1.0) for attempt in (1, 2, 9)] == [1.0, 2.0, 10.0]
    assert min(delay(9, 1.0, 10.0, steady=0.0) for _ in range(200)) < 4


def test_two_workers_do_not_wait_alike() -> None:
    assert len({delay(5) for _ in range(20)}) > 1
