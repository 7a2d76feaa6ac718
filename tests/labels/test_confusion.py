"""Which classes annotators confuse, two by two, and against the rest and gold."""

from __future__ import annotations

import pytest

from labapp.labels import confusion
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.confusion import Against, between, pairs, with_gold, with_rest
from labapp.labels.effective import Counting, PictureLabels
from tests.labels.builders import picture

TEN = Scheme("What?", tuple(LabelClass(n, str(n), f"kind {n}", f"a {n}") for n in range(10)))


def pictures(*scripts: str, left_out: str = "") -> list[PictureLabels]:
    decided = Counting(TEN, left_out=frozenset(left_out.split()))
    return [
        picture(script, f"images/{n}.jpg", counting=decided) for n, script in enumerate(scripts)
    ]


def test_two_are_compared_on_the_pictures_that_both_have_answered() -> None:
    found = pairs(pictures("bo9 ana1", "ana1 bo1 cy1", "ana2 bo1 cys", "ana1 9", "ana1 bo9 ana3"))
    assert [(one.annotator, one.other, one.pictures) for one in found] == [
        ("ana", "bo", 4), ("ana", "cy", 1), ("bo", "cy", 1),
    ]  # fmt: skip
    assert found[0].counts == {(1, 9): 1, (1, 1): 1, (2, 1): 1, (3, 9): 1}
    assert (found[0].same, found[0].agreement) == (1, 0.25)


def test_what_is_confused_most_comes_first() -> None:
    (found,) = pairs(pictures("ana1 bo2", "ana2 bo1", "ana1 bo2", "ana3 bo3"))
    named = [(own.code, other.code, count) for own, other, count in found.confused]
    assert named == [(1, 2, 2), (2, 1, 1)]
    assert sum(count for _, _, count in found.cells) == found.pictures == 4


def test_either_of_two_may_be_the_one_whose_answers_are_compared() -> None:
    given = pictures("ana1 bo2", "ana1 bo1")
    assert between(given, "ana", "bo").counts == {(1, 2): 1, (1, 1): 1}
    assert between(given, "bo", "ana").counts == {(2, 1): 1, (1, 1): 1}


def test_the_rest_is_a_verdict_or_the_plurality_without_ones_own_answer() -> None:
    given = pictures(
        "ana1 bo2 cy2", "ana1 bo1 cy2", "ana1", "ana1 bo2 cy2 dee3", "ana4 zoe=5", "bo1"
    )
    found = with_rest(given, "ana")
    assert found.counts == {(1, 2): 2, (4, 5): 1}
    assert found.against is Against.REST


def test_gold_is_what_an_admin_knows() -> None:
    found = with_gold(
        pictures("ana1", "ana2", "bo1"), "ana", {"images/0.jpg": 3, "images/2.jpg": 1}
    )
    assert found.counts == {(1, 3): 1}
    assert found.against is Against.GOLD


def test_who_is_left_out_is_in_no_pair_and_compared_where_asked_for() -> None:
    given = pictures("eve1 ana2 bo2", "eve2 ana2", left_out="eve")
    assert [(one.annotator, one.other) for one in pairs(given)] == [("ana", "bo")]
    assert with_rest(given, "eve").counts == {(1, 2): 1, (2, 2): 1}
    assert between(given, "ana", "eve").counts == {(2, 1): 1, (2, 2): 1}


def test_of_very_many_annotators_those_with_the_most_answers_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(confusion, "MOST_IN_PAIRS", 2)
    found = pairs(pictures("ana1 bo1 cy1", "ana1 cy1", "bo2 cy3", "ana2 cy2"))
    assert [(one.annotator, one.other, one.pictures) for one in found] == [("ana", "cy", 3)]


def test_nobody_is_compared_where_nobody_shares_a_picture() -> None:
    assert pairs(pictures("ana1", "bo1", "1 0")) == []
    alone = with_rest(pictures("ana1"), "ana")
    assert (alone.pictures, alone.agreement, alone.confused) == (0, None, [])
