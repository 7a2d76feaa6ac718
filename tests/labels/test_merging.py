"""Answers from elsewhere come into a label file once, and never over a later one."""

from __future__ import annotations

from codecs import BOM_UTF8
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.effective import Counting, labels_of
from labapp.labels.label_file import (
    Entry,
    Label,
    append,
    format_line,
    parse_label_file,
    withdrawal,
)
from labapp.labels.merging import Given, MergeState, merge, put_before
from labapp.labels.tokens import person

START = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)


def said(name: str, label: str, minute: int, answer_id: str = "") -> Entry:
    identity = answer_id or f"{name}-{minute}"
    return Entry(Label(label), START + timedelta(minutes=minute), name, identity)


def file(*entries: Entry) -> bytes:
    return b"".join(b"%s\n" % e.label.encode() if e.is_bare else format_line(e) for e in entries)


def of(*entries: Entry, derived: bool = False) -> list[Given]:
    return [Given(entry, "f", derived) for entry in entries]


def standing(text: bytes) -> dict[str, str]:
    return {
        e.annotator: e.label.value for e in labels_of("images/a", parse_label_file(text)).answers
    }


entries = st.builds(
    said,
    st.sampled_from(["ana", "bo", "Cy"]),
    st.sampled_from(["0", "1", "s"]),
    st.integers(0, 50),
)
bare = st.sampled_from([Entry(Label.ZERO), Entry(Label.ONE)])
files = st.lists(entries | bare, max_size=8, unique_by=lambda e: e.answer_id or object())


@given(files)
def test_an_empty_file_takes_all_in_their_order_and_a_second_time_none(said: list[Entry]) -> None:
    text, fates = merge(b"", of(*said))
    assert text == file(*said)
    assert fates == [MergeState.ADDED] * len(said)
    again, fates = merge(text, of(*said))
    assert (again, set(fates)) == (text, {MergeState.THERE} if said else set())


@given(files, files)
def test_nothing_that_was_there_goes_and_each_annotators_latest_counts(
    before: list[Entry], new: list[Entry]
) -> None:
    before.sort(key=lambda e: e.at or START)
    text, _ = merge(file(*before), of(*new))
    lines = text.splitlines()
    at = [lines.index(line) for line in file(*(e for e in before if not e.is_bare)).splitlines()]
    assert at == sorted(at), "the order of what was there stays"
    for name in ("ana", "bo", "Cy"):
        own = [e for e in parse_label_file(text).entries if e.annotator == name and e.is_answer]
        old = [e for e in before if e.annotator == name and e.is_answer]
        if own and old and own[-1] not in old:
            assert (own[-1].at or START) >= max(e.at or START for e in old)


def test_lines_are_found_without_looking_at_all_of_them_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def counted(_: Counting, name: str) -> str:
        asked.append(name)
        return person(name)

    monkeypatch.setattr(Counting, "person", counted)
    before = [said("ana", "1", minute, f"a-{minute}") for minute in range(0, 600, 2)]
    new = [said("ana", "0", minute, f"b-{minute}") for minute in range(1, 600, 2)]
    text, _ = merge(file(*before), of(*new))
    times = [e.at or START for e in parse_label_file(text).entries]
    assert len(times) == 600
    assert times == sorted(times)
    assert len(asked) < 10 * 600


def test_what_comes_first_goes_behind_the_mark_of_a_file() -> None:
    old, new = said("ana", "0", 9), said("ana", "1", 3)
    text, _ = merge(BOM_UTF8 + file(old), of(new))
    assert text == BOM_UTF8 + file(new, old)


def test_an_older_answer_does_not_count_instead_of_a_later_one() -> None:
    text, fates = merge(file(said("ana", "0", 9)), of(said("ana", "1", 3)))
    assert fates == [MergeState.ADDED]
    assert standing(text) == {"ana": "0"}
    text, _ = merge(text, of(said("ANA", "1", 12)))
    assert standing(text) == {"ANA": "1"}


def test_what_was_undone_stays_undone() -> None:
    first = said("ana", "1", 0)
    undo = Entry(Label.RETRACTION, START, "ana", "undo", first.answer_id)
    text = file(first, undo)
    assert merge(text, of(first)) == (text, [MergeState.THERE])
    # also where only the undo was there: taking back holds wherever the lines stand
    text, _ = merge(file(undo), of(first))
    assert standing(text) == {}


def test_an_id_that_says_something_else_is_a_clash_and_adds_nothing() -> None:
    text = file(said("ana", "1", 0, "x"))
    for other in (said("ana", "0", 0, "x"), said("bo", "1", 0, "x"), said("ana", "1", 1, "x")):
        assert merge(text, of(other)) == (text, [MergeState.CLASH])


def test_an_answer_without_an_id_is_known_by_who_said_what_when() -> None:
    text = file(said("ana", "1", 0, "own"))
    assert merge(text, of(said("ana", "1", 0, "made"), derived=True)) == (text, [MergeState.THERE])
    _, fates = merge(text, of(said("ana", "1", 1, "made"), derived=True))
    assert fates == [MergeState.ADDED]


def test_of_anonymous_answers_there_are_as_many_as_the_fuller_side_has() -> None:
    one, zero = Entry(Label.ONE), Entry(Label.ZERO)
    text, fates = merge(b"1\n", of(one, one, zero))
    assert text == b"1\n1\n0\n"
    assert fates == [MergeState.THERE, MergeState.ADDED, MergeState.ADDED]
    two_sources = [Given(one, "a.csv"), Given(one, "b.jsonl")]
    assert merge(b"", two_sources) == (b"1\n", [MergeState.ADDED, MergeState.THERE])


def test_lines_that_cannot_be_read_and_odd_line_ends_stay() -> None:
    text, _ = merge(b"\xef\xbb\xbfnonsense\r\n1", of(said("ana", "1", 0)))
    assert text == b"\xef\xbb\xbfnonsense\r\n1\n" + format_line(said("ana", "1", 0))


def test_kept_lines_come_back_before_the_others_and_once() -> None:
    kept, later = file(said("ana", "1", 0), Entry(Label.ZERO)), said("bo", "0", 5)
    back = put_before(kept, b"\xef\xbb\xbf" + file(said("ana", "1", 0), later))
    assert back == kept + format_line(later)
    more = append(back, said("cy", "1", 6))
    assert more is not None
    assert put_before(kept, more) is None, "what was added since hinders nothing"
    assert put_before(b"1", b"") == b"1\n"


def untimed(entry: Entry) -> Given:
    return Given(entry, "f", is_derived=True, is_untimed=True)


def test_an_answer_without_a_time_of_its_own_is_added_only_where_it_says_something_new() -> None:
    first = file(said("ana", "1", 5, "x-1"))
    again = untimed(said("ana", "1", 9, "x-2"))  # of the same file, copied later
    assert merge(first, [again]) == (first, [MergeState.THERE])
    changed, _ = merge(first, [untimed(said("ana", "0", 9, "x-3"))])
    assert standing(changed) == {"ana": "0"}
    back, _ = merge(changed, [untimed(said("ana", "1", 12, "x-4"))])
    assert standing(back) == {"ana": "1"}
    earlier, fates = merge(back, [untimed(said("ana", "0", 7, "x-5"))])
    assert (standing(earlier), fates) == ({"ana": "1"}, [MergeState.ADDED])


def test_what_an_admin_withdrew_is_told_and_not_taken_for_being_there() -> None:
    one = said("ana", "1", 5, "x-1")
    text = file(one, withdrawal(one, START, "eve", "w-1"))
    assert merge(text, of(one)) == (text, [MergeState.WITHDRAWN])
    corrected, fates = merge(text, [untimed(said("ana", "1", 9, "x-2"))])
    assert (standing(corrected), fates) == ({"ana": "1"}, [MergeState.ADDED])
    restored = text + format_line(Entry(Label.WITHDRAWAL, START, "eve", "w-2", retracts="w-1"))
    assert merge(restored, of(one))[1] == [MergeState.THERE]


def test_codes_of_any_class_are_kept_and_counted() -> None:
    text = b"2\n203\n"
    assert merge(text, of(Entry(Label.TWO), Entry(Label.THREE)))[1] == [MergeState.THERE] * 2
    many = of(*[Entry(Label.TWO)] * 3)
    assert merge(text, many)[0] == b"2\n203\n2\n"
    kept = file(said("ana", "7", 1, "a"))
    assert put_before(kept, kept + file(said("bo", "2", 2, "b"))) is None
    assert put_before(kept, file(said("bo", "2", 2, "b")) + kept) == kept + file(
        said("bo", "2", 2, "b")
    )


def test_what_an_export_says_of_merged_people_and_retired_codes_is_there_already() -> None:
    scheme = Scheme(
        "?", tuple(LabelClass(c, str(c), f"of {c}", "") for c in (0, 1)), retired={2: 1}
    )
    counting = Counting(scheme, {"ana_k": "ana"})
    text = b"2\n" + file(said("ana_k", "2", 5, "a"), said("bo", "1", 6, "b"))
    exported = of(Entry(Label.ONE), said("ana", "1", 5, "a"), said("bo", "1", 6, "b"))
    assert merge(text, exported, counting) == (text, [MergeState.THERE] * 3)
    assert merge(text, of(said("ana", "0", 5, "a")), counting)[1] == [MergeState.CLASH]
    assert merge(text, of(said("ana", "1", 5, "x"), derived=True), counting)[1] == [
        MergeState.THERE
    ]
    older = said("ana", "0", 1, "c")  # counts not instead of what ana said as ana_k
    merged, states = merge(text, of(older), counting)
    assert states == [MergeState.ADDED]
    answers = labels_of("images/a", parse_label_file(merged, scheme.codes), "", counting).answers
    assert [(one.annotator, one.label.value) for one in answers if not one.is_bare] == [
        ("ana_k", "1"),
        ("bo", "1"),
    ]
