"""What does not work is not tried twice for each call, and is tried again after a while."""

from __future__ import annotations

import pytest

from labapp.cloud.direct.rest import PATIENCE, Rest
from tests.support.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr("labapp.cloud.direct.rest.time", one)
    return one


def rested(rest: Rest, clock: Clock) -> int:
    """Wait until a rest is over; return its seconds."""
    began = clock.now
    while rest.is_on:
        clock.sleep(1.0)
    return round(clock.now - began)


def test_one_fault_says_nothing_and_what_is_well_makes_it_forgotten(clock: Clock) -> None:
    rest = Rest()
    for _ in range(5):
        rest.note_fault()
        assert not rest.is_on
        rest.note_well()


def test_faults_of_many_at_once_count_as_one_and_each_rest_is_longer(clock: Clock) -> None:
    rest, rests = Rest(), list[int]()
    for _ in range(7):
        for _ in range(32):
            rest.note_fault()
        rests.append(rested(rest, clock))
    assert rests == [2, 4, 8, 16, 30, 30, 30]
    rest.note_well()
    rest.note_fault(is_away=True)
    assert rested(rest, clock) == 2


def test_refusals_have_it_rest_until_there_are_other_keys_and_an_outage_goes_on(
    clock: Clock,
) -> None:
    rest = Rest()
    for _ in range(PATIENCE):
        rest.note_refused()
        assert not rest.is_on
    rest.note_refused()
    assert rest.is_on
    rest.note_renewed()
    assert not rest.is_on
    rest.note_fault(is_away=True)
    rest.note_renewed()
    assert rested(rest, clock) == 2
    rest.note_fault()
    assert rested(rest, clock) == 4
