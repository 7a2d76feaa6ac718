"""What an admin decides: verdicts, withdrawals, who is left out and who is who, retired codes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.labels import label_file
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass
from labapp.labels.effective import Counting, PictureLabels, as_first_typed
from labapp.labels.label_file import Entry, Label, format_line, parse_label_file
from labapp.labels.tally import Status, tally
from tests.labels.builders import HOT_DOG, OTHER, START, entries, picture

THREE = replace(DEFAULT_SCHEME, classes=(HOT_DOG, OTHER, LabelClass(2, "2", "bun", "a bun")))


def said(found: PictureLabels) -> str:
    return " ".join(f"{entry.annotator}{entry.label.value}" for entry in found.answers)


def test_a_verdict_settles_whatever_is_said_and_its_withdrawal_ends_that() -> None:
    found = tally(picture("ana1 bo0 eve=0"))
    assert (found.consensus, found.status(3), found.answers) == ("other", Status.SETTLED, 2)
    assert tally(picture("ana1 bo0 eve=0 eve=1")).consensus == "hot dog"
    assert tally(picture("ana1 bo0 eve=0 zoe!3")).consensus == "disputed"
    assert tally(picture("ana1 bo0 eve=0 eve-3")).consensus == "disputed"
    assert tally(picture("eve=1")).status(1) is Status.SETTLED


def test_one_annotator_says_that_a_picture_is_broken_until_that_is_taken_back() -> None:
    found = picture("ana1 bo~not_a_picture")
    assert [entry.says for entry in found.broken] == ["not_a_picture"]
    assert tally(found).status(1) is Status.BROKEN
    assert tally(picture("ana1 bo~dark bo-2")).status(1) is Status.DECIDED
    assert tally(picture("ana1 bo~dark eve!2")).status(1) is Status.DECIDED
    assert tally(picture("ana1 bo~dark eve=1")).status(1) is Status.SETTLED


def test_a_withdrawn_answer_counts_no_more_and_does_again_once_that_is_withdrawn() -> None:
    assert said(picture("ana1 bo0 eve!1")) == "bo0"
    assert said(picture("ana1 bo0 eve!1 zoe!3")) == "ana1 bo0"
    assert said(picture("ana1 bo0 eve!1 zoe!3 eve!4")) == "bo0"
    # What was said before it counts again, as after an undo.
    assert said(picture("ana1 ana0 eve!2")) == "ana1"


def test_who_is_left_out_is_not_counted_and_not_asked_again() -> None:
    found = picture("Ana1 bo0 bos 1", counting=Counting(left_out=frozenset({"ana"})))
    assert said(found) == "bo0 1"
    assert [entry.annotator for entry in found.left_out] == ["Ana"]
    assert found.answered_by("ana")
    assert not picture("ana1 1", counting=Counting(left_out=frozenset({"", "ana"}))).answers


def test_two_names_of_one_person_have_one_answer_under_the_name_that_they_go_by() -> None:
    counting = Counting(same={"anna_k": "anna"})
    found = picture("anna_k1 bo1 Anna0", counting=counting)
    assert said(found) == "bo1 Anna0"
    assert found.answered_by("ANNA_K")
    shown = as_first_typed([found, picture("anna_k1", "images/b.jpg", counting=counting)])
    assert [said(one) for one in shown] == ["bo1 Anna0", "Anna1"]


def test_a_retired_code_counts_as_another_or_as_no_answer() -> None:
    mapped = Counting(replace(DEFAULT_SCHEME, retired={2: 1}))
    found = picture("ana2 bo0 2", counting=mapped)
    assert said(found) == "ana1 bo0 1"
    assert found.file.entries[0].label is Label.TWO, "the file is as it is"
    dropped = Counting(replace(DEFAULT_SCHEME, retired={2: None}))
    assert said(picture("ana1 ana2 bo0", counting=dropped)) == "bo0"


def test_codes_of_no_class_are_lines_that_cannot_be_read() -> None:
    text = b"".join(map(format_line, entries("ana1 ana2 eve=2"))) + b"2\n"
    assert parse_label_file(text).unreadable == 3
    assert parse_label_file(text, THREE.codes).unreadable == 0


kinds = st.sampled_from([one for one in Label if one.value != "-" and one.value != "x"])


@given(kinds, st.sampled_from(["blurry", "not_a_picture"]), st.sampled_from("0123456789"))
def test_every_kind_of_line_is_read_as_it_was_written(kind: Label, word: str, code: str) -> None:
    says = {Label.BROKEN: word, Label.VERDICT: code}.get(kind, "")
    entry = Entry(kind, START, "ana", "id1", says=says)
    back = Entry(Label.WITHDRAWAL, START, "eve", "id2", "id1")
    text = format_line(entry) + format_line(back)
    assert parse_label_file(text, range(10)).entries == (entry, back)


@pytest.mark.parametrize(
    "entry",
    [
        Entry(Label.BROKEN, START, "ana", "id1"),
        Entry(Label.BROKEN, START, "ana", "id1", says="two words"),
        Entry(Label.VERDICT, START, "ana", "id1", says="hot"),
        Entry(Label.ONE, START, "ana", "id1", says="1"),
        Entry(Label.ONE, START, "ana", "id1", retracts="id0"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(entry: Entry) -> None:
    with pytest.raises(RefusedError):
        format_line(entry)


def test_lines_are_made_of_what_people_type() -> None:
    flag = label_file.broken(START, "Ana B", "id1", "not a picture!")
    assert (flag.annotator, flag.says) == ("Ana_B", "not_a_picture")
    assert label_file.verdict(OTHER, START, "eve", "id2").code == 0
    assert label_file.withdrawal(flag, START, "eve", "id3").retracts == "id1"
    with pytest.raises(RefusedError, match="no letter or digit"):
        label_file.broken(START, "ana", "id1", "!?")
    with pytest.raises(RefusedError, match="without an id"):
        label_file.withdrawal(Entry(Label.ONE), START, "eve", "id3")
