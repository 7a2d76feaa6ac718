"""What counts on a picture: each annotator's latest answer, less what was undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.effective import as_first_typed, as_of, labels_of, previous_answer
from labapp.labels.label_file import Label, LabelFile
from tests.labels.builders import START, entries, picture

words = st.sampled_from(
    ["0", "1", *(f"{who}{what}" for who in ("ana", "bo") for what in ("0", "1", "s", "-1", "-2"))]
)
scripts = st.lists(words, max_size=10).map(" ".join)


@pytest.mark.parametrize(
    ("script", "answers", "skips"),
    [
        ("", "", ""),
        ("ana1", "ana1", ""),
        ("ana1 bo0", "ana1 bo0", ""),
        ("ana1 bo0 ana0", "bo0 ana0", ""),  # the latest counts
        ("ana1 ana-1", "", ""),  # the first answer undone
        ("ana1 ana0 ana-2", "ana1", ""),  # the second undone: the first counts again
        ("ana1 ana-1 ana0", "ana0", ""),  # answered again after undo
        ("ana-2 ana1", "", ""),  # the undo reached the file first
        ("ana1 bo-1", "ana1", ""),  # nobody undoes another's answer
        ("ana1 ana-9", "ana1", ""),  # an undo of what is not there
        ("anas", "", "anas"),
        ("anas ana1", "ana1", ""),  # skipped, then answered
        ("ana1 anas", "ana1", ""),  # a skip takes no answer's place
        ("ana1 anas ana-1", "", "anas"),
        ("anas ana-1", "", ""),  # a skip undone: unseen again
        ("1 1 0", "1 1 0", ""),  # each bare line counts
        ("1 ana0 1", "1 ana0 1", ""),
    ],
)
def test_the_latest_answer_of_each_annotator_that_was_not_undone_counts(
    script: str, answers: str, skips: str
) -> None:
    made = picture(script)
    assert " ".join(f"{e.annotator}{e.label}" for e in made.answers) == answers
    assert " ".join(f"{e.annotator}{e.label}" for e in made.skips) == skips


def test_a_name_in_any_case_is_one_person_with_one_answer_and_one_way_to_undo_it() -> None:
    made = picture("Anna1 bo0 ANNA0 annas")
    assert [(e.annotator, e.label) for e in made.answers] == [("bo", "0"), ("ANNA", "0")]
    assert made.skips == ()
    assert made.answered_by("aNNa")
    assert not made.answered_by("annb")
    assert picture("Anna1 ANNA-1").answers == ()
    assert picture("Annas").skipped_by("ANNA")
    assert picture("José1 josé0 JOSE1").answered_by("JOSÉ")
    assert len(picture("José1 josé0 JOSE1").answers) == 2


def test_each_person_is_shown_as_they_typed_their_name_first_by_the_times() -> None:
    later, first = picture("anna1 Bo0", start=START + timedelta(days=1)), picture("ANNA1 anna0")
    named = as_first_typed([later, first])
    assert [e.annotator for p in named for e in p.answers] == ["ANNA", "Bo", "ANNA"]
    assert [e.annotator for p in named for e in p.file.entries] == ["ANNA", "Bo", "ANNA", "ANNA"]
    assert [p.key for p in named] == [later.key, first.key]
    assert as_first_typed([first, picture("1 0")])[1] == picture("1 0")


@given(scripts)
def test_nobody_has_two_answers_nor_a_skip_beside_an_answer(script: str) -> None:
    made = picture(script)
    people = [e.annotator for e in (*made.answers, *made.skips) if not e.is_bare]
    assert len(people) == len(set(people))
    bare = sum(word in ("0", "1") for word in script.split())
    assert sum(e.is_bare for e in made.answers) == bare


@given(scripts)
def test_it_does_not_matter_where_an_undo_stands(script: str) -> None:
    made = entries(script)
    undoes = [e for e in made if e.label is Label.RETRACTION]
    others = [e for e in made if e.label is not Label.RETRACTION]
    first, last = LabelFile((*undoes, *others)), LabelFile((*others, *undoes))
    assert labels_of("k", first).answers == labels_of("k", last).answers
    assert labels_of("k", first).skips == labels_of("k", last).skips


@given(scripts)
def test_undoing_an_answer_gives_back_what_counted_before_it(script: str) -> None:
    before = entries(script)
    answer = entries(script + " ana1")[-1]
    undone = entries(script + f" ana1 ana-{len(before) + 1}")
    assert undone[-2] == answer
    with_undo = labels_of("k", LabelFile(undone))
    without = labels_of("k", LabelFile(before))
    assert (with_undo.answers, with_undo.skips) == (without.answers, without.skips)


def test_it_says_who_has_answered_and_who_has_skipped() -> None:
    made = picture("ana1 bos 1")
    assert (made.answered_by("ana"), made.skipped_by("ana")) == (True, False)
    assert (made.answered_by("bo"), made.skipped_by("bo")) == (False, True)
    assert (made.answered_by(""), made.answered_by("cy")) == (False, False)


def test_a_file_is_shown_as_it_was_with_bare_lines_as_old() -> None:
    file = LabelFile(entries("ana1 bo0 1 cy1"), unreadable=2, unreadable_lines=(7, 8))
    earlier = as_of(file, START + timedelta(seconds=60))
    assert [e.annotator for e in earlier.entries] == ["ana", "bo", ""]
    assert (earlier.unreadable, earlier.unreadable_lines) == (2, (7, 8))


def test_an_answer_replaces_the_same_persons_earlier_one_and_nobody_elses() -> None:
    first, other, second = entries("ana1 bo0 ana0")
    file = LabelFile((first, other, second))
    assert previous_answer(file, second) == first
    assert previous_answer(file, other) is None
    assert previous_answer(file, first) is None
