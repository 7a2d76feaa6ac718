"""Krippendorff's alpha and raw agreement, against published numbers and another implementation."""

from __future__ import annotations

import math
from collections import Counter

import krippendorff
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.agreement import MIN_PAIRS, agreement, alpha

CODES = (0, 1, 2, 3)

tables = st.lists(st.dictionaries(st.sampled_from(CODES), st.integers(0, 8)), max_size=30)


def counts_of(*annotators: str) -> list[Counter[int]]:
    """Turn one string of answers per annotator into counts per picture; `.` is no answer."""
    return [
        Counter(int(code) for code in column if code != ".")
        for column in zip(*annotators, strict=True)
    ]


def two(*counts: tuple[int, int]) -> list[dict[int, int]]:
    """Return counts of two classes, 0 and 1."""
    return [{0: zeros, 1: ones} for zeros, ones in counts]


def test_the_published_example_of_two_annotators_and_ten_pictures() -> None:
    found = agreement(counts_of("0100000010", "1110010000"))
    assert found.alpha == pytest.approx(0.0952, abs=5e-5)
    assert found.raw == pytest.approx(0.60)
    assert (found.pairs, found.pictures) == (10, 10)
    assert found.too_few


def test_perfect_agreement_is_one_and_perfect_opposition_is_below_zero() -> None:
    assert alpha(counts_of("0011", "0011")) == 1
    # Pictures 4, n = 8, n0 = n1 = 4: 1 - 7 * 4 / 16.
    assert alpha(counts_of("0011", "1100")) == pytest.approx(-0.75)


def test_missing_answers_leave_a_picture_with_one_answer_out() -> None:
    assert alpha(counts_of("0011.1", "001.10")) == alpha(counts_of("0011", "0010"))


@pytest.mark.parametrize("counts", [two(), two((1, 0), (0, 1)), two((3, 0), (2, 0)), two((0, 2))])
def test_alpha_is_undefined_without_pairs_or_with_one_value_only(
    counts: list[dict[int, int]],
) -> None:
    assert alpha(counts) is None
    assert agreement(counts).alpha is None


def test_raw_agreement_counts_pairs_and_is_undefined_without_one() -> None:
    found = agreement(two((2, 1), (0, 2), (1, 0)))
    assert (found.pairs, found.pictures) == (4, 2)
    assert found.raw == pytest.approx(2 / 4)
    assert agreement(two((1, 0))).raw is None


def test_raw_agreement_stays_high_where_imbalance_depresses_alpha() -> None:
    found = agreement(two((0, 2)) * 19 + two((1, 1)))
    assert found.raw == pytest.approx(0.95)
    assert found.alpha is not None
    assert found.alpha <= 0


def test_too_few_ends_at_the_threshold() -> None:
    assert agreement(two((1, 1)) * (MIN_PAIRS - 1)).too_few
    assert not agreement(two((1, 1)) * MIN_PAIRS).too_few


@given(tables)
def test_alpha_is_that_of_the_package_krippendorff(table: list[dict[int, int]]) -> None:
    ours = alpha(table)
    usable = [row for row in table if sum(row.values()) >= 2]
    if ours is None:
        assert len({code for row in usable for code, count in row.items() if count}) < 2
        return
    theirs = krippendorff.alpha(
        value_counts=[[row.get(code, 0) for code in CODES] for row in table],
        value_domain=[*CODES],
        level_of_measurement="nominal",
    )
    assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


@given(st.lists(st.text(alphabet="012.", min_size=12, max_size=12), min_size=2, max_size=6))
def test_alpha_is_that_of_the_package_for_tables_with_gaps(annotators: list[str]) -> None:
    ours = alpha(counts_of(*annotators))
    if ours is None:
        return
    data = [[math.nan if c == "." else float(c) for c in each] for each in annotators]
    theirs = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


@given(tables)
def test_naming_the_answers_the_other_way_changes_nothing(table: list[dict[int, int]]) -> None:
    turned = agreement({3 - code: count for code, count in row.items()} for row in table)
    found = agreement(table)
    assert (found.raw, found.pairs, found.pictures) == (turned.raw, turned.pairs, turned.pictures)
    assert found.alpha == pytest.approx(turned.alpha)


@given(tables)
def test_raw_agreement_is_the_share_of_equal_pairs(table: list[dict[int, int]]) -> None:
    pairs = equal = 0
    for row in table:
        answers = [*Counter(row).elements()]
        for i, one in enumerate(answers):
            for other in answers[:i]:
                pairs += 1
                equal += one == other
    found = agreement(table)
    assert found.pairs == pairs
    assert found.raw == (pytest.approx(equal / pairs) if pairs else None)
