"""What is said of each class: how many, and how far people agree on it."""

from __future__ import annotations

import krippendorff
import pytest

from labapp.labels.class_reports import class_reports
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.effective import Counting
from labapp.labels.tally import tally
from tests.labels.builders import picture

FOODS = Scheme(
    "What is it?",
    tuple(LabelClass(n, str(n), name, name) for n, name in enumerate(("ramen", "pie", "cake"))),
)

ANSWERS = ("ana0 bo0 cy0", "ana0 bo1", "ana1 bo1 cy2", "ana2 bo1", "ana1", "ana0 bo1 zoe=2", "")


def test_pictures_answers_and_agreement_of_each_class() -> None:
    tallies = [tally(picture(script, counting=Counting(FOODS))) for script in ANSWERS]
    ramen, pie, cake = class_reports(tallies, FOODS)
    assert [one.pictures for one in (ramen, pie, cake)] == [1, 2, 1]
    assert [one.answers for one in (ramen, pie, cake)] == [5, 6, 2]
    assert ramen.share == 0.25
    assert pie.said == pytest.approx(6 / 13)
    # Pairs with ramen: three of the same on the first picture, and two where somebody says pie.
    assert ramen.pairs == 5
    assert ramen.agreement == pytest.approx(6 / 8)
    assert cake.agreement == 0
    assert ramen.too_few


def test_a_classs_alpha_is_that_of_it_against_all_others() -> None:
    said = [[0, 0, 1, 2, 0, 1], [0, 1, 1, 1, 0, 1], [0, 1, 2, 1, 0, 2]]
    scripts = [f"ana{a} bo{b} cy{c}" for a, b, c in zip(*said, strict=True)]
    tallies = [tally(picture(script, counting=Counting(FOODS))) for script in scripts]
    for report in class_reports(tallies, FOODS):
        code = report.label_class.code
        two = [[int(one == code) for one in row] for row in said]
        wanted = krippendorff.alpha(two, level_of_measurement="nominal", value_domain=[0, 1])
        assert report.alpha == pytest.approx(wanted)


def test_without_answers_nothing_can_be_said() -> None:
    (first, *_) = class_reports([tally(picture("", counting=Counting(FOODS)))], FOODS)
    assert (first.pictures, first.share, first.said, first.agreement, first.alpha) == (
        0, None, None, None, None,
    )  # fmt: skip
