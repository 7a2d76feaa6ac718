"""An annotator's accuracy on gold pictures, and its interval against published numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.effective import Counting
from labapp.labels.gold_accuracy import GoldAccuracy, gold_accuracies, wilson
from tests.labels.builders import picture


@pytest.mark.parametrize(
    ("right", "answers", "low", "high"),
    [
        # R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in
        # Medicine 17, 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(
    right: int, answers: int, low: float, high: float
) -> None:
    assert wilson(right, answers) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_round_the_share_and_within_0_and_1(told: tuple[int, int]) -> None:
    right, answers = told
    low, high = wilson(right, answers)
    assert 0 <= low <= right / answers <= high <= 1
    assert (1 - high, 1 - low) == pytest.approx(wilson(answers - right, answers))


def test_answers_to_gold_pictures_are_measured_and_no_others() -> None:
    decided = Counting(left_out=frozenset({"eve"}))
    pictures = [
        picture("ana1 bo0 eve0 cys 1", "images/a.jpg", counting=decided),
        picture("ana0 bo0 ana-1", "images/b.jpg", counting=decided),
        picture("ana1 bo1", "images/c.jpg", counting=decided),
    ]
    assert gold_accuracies(pictures, {"images/a.jpg": 1, "images/b.jpg": 0, "images/z.jpg": 1}) == {
        "ana": GoldAccuracy(1, 1),
        "bo": GoldAccuracy(2, 1),
        "eve": GoldAccuracy(1, 0),
    }
    assert gold_accuracies(pictures, {}) == {}
