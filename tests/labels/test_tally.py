"""A picture's answers counted: percentages, agreement, consensus and status."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.effective import labels_of
from labapp.labels.label_file import LabelFile
from labapp.labels.tally import Status, Tally, tally
from tests.labels.builders import HOT_DOG, OTHER, START, entries, picture

KEY = "images/0123456789abcdef-bun.jpg"


def test_a_picture_without_answers_has_no_figures() -> None:
    each = tally(picture("anas"))
    assert (each.answers, each.skips) == (0, 1)
    assert each.percent(HOT_DOG) is None
    assert each.percent(OTHER) is None
    assert each.agreement is None
    assert each.consensus == ""
    assert each.last_at is None
    assert each.status(3) is Status.UNTOUCHED


def test_answers_are_counted_with_percentages_and_the_majority() -> None:
    each = tally(picture("ana1 bo0 cy1 1"))
    assert (
        each.answers,
        each.count(HOT_DOG),
        each.count(OTHER),
    ) == (
        4,
        3,
        1,
    )
    assert (each.percent(HOT_DOG), each.percent(OTHER)) == (
        75.0,
        25.0,
    )
    assert each.agreement == 0.75
    assert each.consensus == "hot dog"
    assert each.majority is HOT_DOG
    assert each.last_at == entries("ana1 bo0 cy1")[-1].at


def test_the_time_of_bare_lines_is_not_known() -> None:
    assert tally(picture("1 1")).last_at is None
    assert tally(picture("1 ana1")).last_at != START


def test_unreadable_lines_are_carried_along() -> None:
    assert tally(labels_of(KEY, LabelFile(entries("ana1"), unreadable=4))).unreadable == 4


@pytest.mark.parametrize(
    ("hot_dog", "other", "consensus", "status"),
    [
        (0, 0, "", Status.UNTOUCHED),
        (1, 0, "hot dog", Status.IN_PROGRESS),
        (0, 2, "other", Status.IN_PROGRESS),
        (1, 1, "disputed", Status.DISPUTED),
        (2, 1, "hot dog", Status.DECIDED),
        (1, 2, "other", Status.DECIDED),
        (2, 2, "disputed", Status.DISPUTED),
        (3, 2, "hot dog", Status.DECIDED),
    ],
)
def test_consensus_is_the_majority_and_the_status_depends_on_the_target(
    hot_dog: int, other: int, consensus: str, status: Status
) -> None:
    each = Tally(KEY, {1: hot_dog, 0: other})
    assert each.consensus == consensus
    assert each.status(3) is status


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 9))
def test_the_figures_fit_together(hot_dog: int, other: int, target: int) -> None:
    each = Tally(KEY, {1: hot_dog, 0: other})
    if not each.answers:
        assert each.status(target) is Status.UNTOUCHED
        return
    shares = [share for share in map(each.percent, DEFAULT_SCHEME.classes) if share is not None]
    assert len(shares) == 2
    if each.answers == 1:
        assert each.agreement is None, "one answer agrees with nobody"
        return
    assert each.agreement is not None
    assert sum(shares) == pytest.approx(100)
    assert each.agreement == pytest.approx(max(shares) / 100)
    assert 0.5 <= each.agreement <= 1
    assert (each.consensus == "disputed") == (each.status(target) is Status.DISPUTED)
    assert (each.majority is None) == (each.consensus == "disputed") == each.is_disputed
