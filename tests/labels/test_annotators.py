"""What is said of each annotator: amount, pace, agreement with the rest, flags."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labapp.labels.annotators import (
    MIN_ANSWERS_TO_FLAG,
    AnnotatorReport,
    Flag,
    annotator_reports,
    median_gap,
)
from labapp.labels.effective import Counting, PictureLabels, labels_of
from labapp.labels.label_file import Label, answer, parse_label_file
from labapp.labels.merging import UNTIMED, Given, merge
from tests.labels.builders import HOT_DOG, START, picture


def one_by_one(words: list[str], gap: float) -> list[PictureLabels]:
    """One picture for each word, answered `gap` seconds after the one before."""
    return [
        picture(word, f"images/{n}.jpg", START + timedelta(seconds=gap * n))
        for n, word in enumerate(words)
    ]


def report_of(name: str, pictures: list[PictureLabels]) -> AnnotatorReport:
    (found,) = (each for each in annotator_reports(pictures) if each.annotator == name)
    return found


def test_answers_that_stand_are_counted_with_their_share_of_hot_dogs() -> None:
    pictures = [picture("ana1 ana0"), picture("ana1 bo1"), picture("ana1 ana-1"), picture("anas")]
    ana = report_of("ana", pictures)
    assert (ana.answers, ana.counts[1], ana.share(HOT_DOG)) == (2, 1, 0.5)


def test_agreement_with_the_rest_compares_with_everybody_else_anonymous_included() -> None:
    pictures = [picture("ana1 bo1 0"), picture("ana0 bo1"), picture("ana1")]
    ana = report_of("ana", pictures)
    assert (ana.compared, ana.agreeing) == (3, 1)
    assert ana.agreement_with_rest == pytest.approx(1 / 3)


def test_who_answers_alone_agrees_with_nobody_in_particular() -> None:
    assert report_of("ana", [picture("ana1")]).agreement_with_rest is None


def test_answers_that_a_second_program_of_the_same_name_replaced_are_counted_and_flagged() -> None:
    pictures = [picture("ana1 bo1 Ana0 ana1"), picture("ana1 ana0 ana-1"), picture("ana1 anas 1 1")]
    ana = report_of("ana", pictures)
    assert (ana.replaced, ana.flags) == (2, (Flag.AGAIN,))
    assert (report_of("bo", pictures).replaced, report_of("bo", pictures).flags) == (0, ())


def test_last_seen_is_the_last_thing_done_of_any_kind() -> None:
    ana = report_of("ana", [picture("ana1 ana-1"), picture("anas")])
    assert ana.last_at == START + timedelta(seconds=60)
    assert (ana.answers, ana.share(HOT_DOG)) == (0, None)


def test_a_name_in_any_case_is_one_annotator_shown_as_first_typed() -> None:
    pictures = [picture("anna1 bo1", start=START + timedelta(days=1)), picture("Anna0 ANNA1")]
    assert [(each.annotator, each.answers) for each in annotator_reports(pictures)] == [
        ("Anna", 2),
        ("bo", 1),
    ]


def test_anonymous_answers_belong_to_nobody() -> None:
    assert annotator_reports([picture("1 0 1")]) == ()


def test_the_most_answers_come_first_then_the_name() -> None:
    pictures = [picture("cy1 bo1 ana1"), picture("cy1")]
    assert [each.annotator for each in annotator_reports(pictures)] == ["cy", "ana", "bo"]


def test_the_median_gap_is_between_consecutive_answers_over_all_pictures() -> None:
    times = [START + timedelta(seconds=s) for s in (100, 0, 2, 5)]
    assert median_gap(times) == 3
    assert median_gap(times[:1]) is None
    assert report_of("ana", one_by_one(["ana1", "ana0", "ana1"], gap=4)).median_seconds == 4


def test_one_key_is_flagged_only_from_enough_answers() -> None:
    few = ["ana1"] * (MIN_ANSWERS_TO_FLAG - 1)
    assert report_of("ana", one_by_one(few, gap=3)).flags == ()
    assert report_of("ana", one_by_one([*few, "ana0"], gap=3)).flags == (Flag.ONE_KEY,)
    assert report_of("ana", one_by_one([*few[1:], "ana0", "ana0"], gap=3)).flags == ()
    assert report_of("ana", one_by_one(["ana0"] * 20, gap=3)).flags == (Flag.ONE_KEY,)


def test_too_fast_is_flagged_below_half_a_second_only_from_enough_answers() -> None:
    words = ["ana1", "ana0"] * (MIN_ANSWERS_TO_FLAG // 2)
    assert report_of("ana", one_by_one(words, gap=0.4)).flags == (Flag.TOO_FAST,)
    assert report_of("ana", one_by_one(words[1:], gap=0.4)).flags == ()
    assert report_of("ana", one_by_one(words, gap=0.5)).flags == ()


def test_answers_that_have_the_time_of_their_file_are_not_too_fast() -> None:
    said = [
        Given(answer(Label(str(n % 2)), START, "ana", f"{UNTIMED}{n}"), is_derived=True)
        for n in range(MIN_ANSWERS_TO_FLAG)
    ]
    pictures = [
        labels_of(f"images/{n}.jpg", parse_label_file(merge(b"", [one])[0]))
        for n, one in enumerate(said)
    ]
    ana = report_of("ana", pictures)
    assert (ana.answers, ana.median_seconds, ana.flags) == (len(said), None, ())


def test_both_flags_can_stand() -> None:
    assert report_of("ana", one_by_one(["ana1"] * 30, gap=0)).flags == (Flag.ONE_KEY, Flag.TOO_FAST)


def test_who_is_left_out_is_told_with_answers_that_are_not_counted() -> None:
    decided = Counting(left_out=frozenset({"eve"}))
    pictures = [picture("ana1 bo1 Eve0 eves", counting=decided), picture("eve1", counting=decided)]
    eve = report_of("eve", pictures)
    assert eve.is_left_out
    assert (eve.answers, eve.compared, eve.agreeing) == (2, 2, 0)
    assert eve.reasons == ("left out",)
    ana = report_of("ana", pictures)
    assert not ana.is_left_out
    assert (ana.answers, ana.compared, ana.agreeing) == (1, 1, 1), "compared with bo alone"


def test_names_that_were_merged_are_one_persons_and_told() -> None:
    decided = Counting(same={"anna_k": "anna"})
    (anna,) = annotator_reports([picture("anna1 anna_k0 Anna_K1", counting=decided)])
    assert (anna.annotator, anna.answers, anna.also) == ("anna", 1, ("anna_k",))
    assert anna.reasons == ("answered again", "also anna k")


def test_an_admins_verdicts_and_withdrawals_make_nobody_an_annotator() -> None:
    assert [one.annotator for one in annotator_reports([picture("ana1 zoe=0 zoe!1")])] == ["ana"]
