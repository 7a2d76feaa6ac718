"""A picture's answers counted: percentages, agreement, consensus and status."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.effective import labels_of
from labapp.labels.label_file import LabelFile
from labapp.labels.tally import Consensus, Status, Tally, tally, tally_row
from tests.labels.builders import START, entries, picture

KEY = "images/0123456789abcdef-bun.jpg"


def test_a_picture_without_answers_has_no_figures() -> None:
    each = tally(picture("anas"))
    assert (each.answers, each.skips) == (0, 1)
    assert each.hot_dog_percent is None
    assert each.other_percent is None
    assert each.agreement is None
    assert each.consensus is None
    assert each.last_at is None
    assert each.status(3) is Status.UNTOUCHED


def test_answers_are_counted_with_percentages_and_the_majority() -> None:
    each = tally(picture("ana1 bo0 cy1 1"))
    assert (each.answers, each.hot_dog, each.other) == (4, 3, 1)
    assert (each.hot_dog_percent, each.other_percent) == (75.0, 25.0)
    assert each.agreement == 0.75
    assert each.consensus is Consensus.HOT_DOG
    assert each.majority == 1
    assert each.last_at == entries("ana1 bo0 cy1")[-1].at


def test_the_time_of_bare_lines_is_not_known() -> None:
    assert tally(picture("1 1")).last_at is None
    assert tally(picture("1 ana1")).last_at != START


def test_unreadable_lines_are_carried_along() -> None:
    assert tally(labels_of(KEY, LabelFile(entries("ana1"), unreadable=4))).unreadable == 4


@pytest.mark.parametrize(
    ("hot_dog", "other", "consensus", "status"),
    [
        (0, 0, None, Status.UNTOUCHED),
        (1, 0, Consensus.HOT_DOG, Status.IN_PROGRESS),
        (0, 2, Consensus.OTHER, Status.IN_PROGRESS),
        (1, 1, Consensus.DISPUTED, Status.DISPUTED),
        (2, 1, Consensus.HOT_DOG, Status.DECIDED),
        (1, 2, Consensus.OTHER, Status.DECIDED),
        (2, 2, Consensus.DISPUTED, Status.DISPUTED),
        (3, 2, Consensus.HOT_DOG, Status.DECIDED),
    ],
)
def test_consensus_is_the_majority_and_the_status_depends_on_the_target(
    hot_dog: int, other: int, consensus: Consensus | None, status: Status
) -> None:
    each = Tally(KEY, hot_dog, other)
    assert each.consensus is consensus
    assert each.status(3) is status


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 9))
def test_the_figures_fit_together(hot_dog: int, other: int, target: int) -> None:
    each = Tally(KEY, hot_dog, other)
    if not each.answers:
        assert each.status(target) is Status.UNTOUCHED
        return
    assert each.hot_dog_percent is not None
    assert each.other_percent is not None
    if each.answers == 1:
        assert each.agreement is None, "one answer agrees with nobody"
        return
    assert each.agreement is not None
    assert each.hot_dog_percent + each.other_percent == pytest.approx(100)
    assert each.agreement == pytest.approx(max(each.hot_dog_percent, each.other_percent) / 100)
    assert 0.5 <= each.agreement <= 1
    assert (each.consensus is Consensus.DISPUTED) == (each.status(target) is Status.DISPUTED)
    assert (each.majority is None) == (each.consensus is Consensus.DISPUTED)


def test_the_row_carries_the_promised_fields() -> None:
    assert tally_row(Tally(KEY, 2, 1)) == {
        "key": KEY,
        "name": "bun.jpg",
        "answers": 3,
        "hot_dog_percent": 66.67,
        "other_percent": 33.33,
        "agreement": 0.6667,
        "consensus": "hot dog",
    }
    assert tally_row(Tally(KEY))["consensus"] is None
    assert tally_row(Tally(KEY))["agreement"] is None
    assert tally_row(Tally(KEY, 1, 0))["agreement"] is None
    assert tally_row(Tally(KEY, 2, 0))["agreement"] == 1.0
