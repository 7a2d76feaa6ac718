"""An admin's acts: each withdraws its own kind of lines, and its reverse brings back what was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.labels import acts
from labapp.labels.acts import Rule, Span
from labapp.labels.annotator_file import Annotators
from labapp.labels.effective import Counting, PictureLabels, labels_of
from labapp.labels.effects import effect
from labapp.labels.label_file import Entry, LabelFile, withdrawal
from tests.labels.builders import START, picture

WORDS = st.sampled_from(
    ["ana1", "ana0", "bo0", "bo1", "anas", "cys", "cy~dark", "bo~cut", "eve=1", "eve=0", "1",
     "ana-1", "bo-2", "eve!1", "eve!2", "eve!3", "eve!4", "eve!5"]
)  # fmt: skip
SCRIPTS = st.lists(WORDS, max_size=9).map(" ".join)

ACTS: dict[str, tuple[Rule, Rule]] = {
    "withdraw": (acts.answers_of("ana"), acts.withdrawn_answers_of("ana")),
    "dismiss": (acts.flags(), acts.dismissed_flags),
}


def done(before: PictureLabels, rule: Rule) -> PictureLabels:
    """Do what an act does to a picture."""
    return further(before, [withdrawal(one, START + timedelta(days=1), "admin",
                                       f"x{len(before.file.entries)}.{place}")
                            for place, one in enumerate(rule(before.file))])  # fmt: skip


def further(before: PictureLabels, lines: list[Entry]) -> PictureLabels:
    file = LabelFile((*before.file.entries, *lines))
    return labels_of(before.key, file, counting=before.counting)


def counted(one: PictureLabels) -> tuple[object, ...]:
    return one.answers, one.skips, one.broken, one.verdict


@pytest.mark.parametrize("name", ACTS)
@given(script=SCRIPTS)
@settings(max_examples=40)
def test_an_act_and_its_reverse_give_back_the_same_counting(name: str, script: str) -> None:
    act, reverse = ACTS[name]
    before = done(picture(script), reverse)  # of what was withdrawn before, all comes back
    after = done(before, act)
    assert act(after.file) == []  # so a second run adds nothing
    assert counted(done(after, reverse)) == counted(before)
    assert counted(done(done(done(after, reverse), act), reverse)) == counted(before)


@given(script=SCRIPTS, code=st.sampled_from("01"))
@settings(max_examples=40)
def test_a_verdict_taken_back_leaves_the_one_before(script: str, code: str) -> None:
    before = picture(script)
    (line,) = picture(f"eve={code}").file.entries
    settled = further(before, [replace(line, answer_id="v")])
    assert settled.verdict is not None
    assert settled.verdict.says == code
    assert counted(done(settled, acts.verdict())) == counted(before)


@given(script=SCRIPTS)
@settings(max_examples=40)
def test_acts_leave_what_other_acts_are_for(script: str) -> None:
    before = picture(script)
    for name, (act, reverse) in ACTS.items():
        for rule in (act, reverse):
            after = done(before, rule)
            assert after.verdict == before.verdict
            if name == "withdraw":
                assert after.broken == before.broken
            else:
                assert (after.answers, after.skips) == (before.answers, before.skips)
            assert [one for one in after.answers if one.annotator == "bo"] == [
                one for one in before.answers if one.annotator == "bo"
            ]


def test_whoever_labels_again_after_it_counts_again() -> None:
    after = done(picture("ana1 bo0"), acts.answers_of("ana"))
    assert not after.answered_by("ana")
    again = further(after, [replace(picture("ana0").file.entries[0], answer_id="new")])
    assert [one.answer_id for one in again.answers] == ["id2", "new"]
    back = done(again, acts.withdrawn_answers_of("ana"))
    assert [one.answer_id for one in back.answers] == ["id2", "new"]  # the latest, as ever


def test_answers_of_one_afternoon_are_withdrawn_and_the_ones_before_count_again() -> None:
    before = picture("ana1 bo0 ana0", gap=3600)
    afternoon = Span(START + timedelta(hours=1), START + timedelta(hours=3))
    after = done(before, acts.answers_of("ana", afternoon))
    assert [one.answer_id for one in after.answers] == ["id1", "id2"]
    assert done(after, acts.withdrawn_answers_of("ana", afternoon)).answers == before.answers
    assert [one.answer_id for one in done(before, acts.answers_of("ana")).answers] == ["id2"]


def test_all_names_of_a_person_are_meant() -> None:
    counting = Counting(same={"ana_k": "ana"})
    before = picture("ana_k1 bo0", counting=counting)
    rule = acts.answers_of("ana", counting=counting)
    assert [one.annotator for one in done(before, rule).answers] == ["bo"]


def test_what_changes_is_counted() -> None:
    before = [picture("ana1 bo0 cy0"), picture("ana1"), picture("ana1 bo1 cy1"), picture("bo1")]
    after = [done(one, acts.answers_of("ana")) for one in before]
    assert after[3].answers == before[3].answers
    changed = effect(before, after)
    assert (changed.pictures, changed.answers_less, changed.answers_more) == (3, 3, 0)
    assert (changed.consensus, changed.disputed, changed.undecided) == (1, 0, 1)
    assert (changed.before.raw, changed.after.raw) == (4 / 6, 1.0)
    back = effect(after, before)
    assert (back.answers_more, back.consensus) == (3, 1)
    assert not effect(before, before).pictures
    tie = effect([before[0]], [done(before[0], acts.answers_of("bo"))])
    assert (tie.consensus, tie.disputed) == (1, 1)


def test_annotators_are_left_out_and_taken_back() -> None:
    none = Annotators()
    out = none.leave_out("Bo")
    assert out.people_left_out == {"bo"}
    assert out.leave_out("bo") is out
    assert out.take_back("BO") == none
    assert none.leave_out("").people_left_out == {""}
    merged = none.merge("ana_k", "Ana").leave_out("Ana_K")
    assert merged.left_out == ("Ana",)
    assert merged.take_back("ana_k").left_out == ()


def test_names_are_merged_and_split() -> None:
    none = Annotators()
    merged = none.merge("ana_k", "Ana")
    assert merged.people == {"ana_k": "ana"}
    assert merged.merge("ANA_K", "ana") is merged
    assert merged.split("Ana_K") == none
    assert none.split("bo") is none
    assert merged.merge("a.k", "ana_k").people == {"ana_k": "ana", "a.k": "ana"}
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: none.merge("ana", "Ana"), "are one annotator already"),
        (lambda: merged.merge("Ana", "ana_k"), "are one annotator already"),
        (lambda: merged.merge("Ana", "bo"), "ana_k count as Ana"),
        (lambda: merged.merge("ana_k", "bo"), "counts as Ana already"),
        (lambda: none.leave_out("bo").merge("bo", "Ana"), "bo is left out and Ana is not"),
        (lambda: none.merge("", "bo"), "no name to be merged"),
        (lambda: none.merge("bo", ""), "no name to be merged"),
        (lambda: merged.split("Ana"), "no other name"),
    ]
    for wrong, told in refused:
        with pytest.raises(RefusedError, match=told):
            wrong()
