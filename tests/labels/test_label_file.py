"""Label files: every line of ours is read back, nothing is lost or doubled, no bytes raise."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.labels.label_file import (
    MAX_LINE,
    MAX_NAMED_LINES,
    Entry,
    Label,
    LabelFile,
    answer,
    append,
    bare_codes,
    format_line,
    parse_label_file,
    retraction,
)
from labapp.labels.tokens import MAX_TOKEN, annotator_name, annotator_token, person

AT = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)

ids = st.from_regex(r"[A-Za-z0-9._:-]{1,64}", fullmatch=True)
names = st.text(max_size=60).filter(lambda name: any(c.isalnum() for c in name))
tokens = st.sampled_from(["ana", "Bo_2", "María", "x" * MAX_TOKEN, "王小明", "a.m@lab"])
times = st.datetimes(
    min_value=datetime(1000, 1, 1),
    max_value=datetime(9999, 12, 30),
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))
given_entries = st.builds(
    Entry, st.sampled_from([Label.ONE, Label.ZERO, Label.SKIP]), times, tokens, ids
)
taken_back = st.builds(Entry, st.just(Label.RETRACTION), times, tokens, ids, ids)
any_entry = st.one_of(given_entries, taken_back)
# Bytes that look like label files more often than chance makes them.
scraps = st.sampled_from(
    b"1|0|s|-| |\n|\r\n|\t|\xff|\x00|ana|id7|\xef\xbb\xbf|2026-11-21T10:00:00Z|2026-02-30T10:00:00Z"
    b"|999999999999999999999999999999999999999999999999999999999999999999999".split(b"|")
)
any_bytes = st.one_of(st.binary(), st.lists(scraps, max_size=30).map(b"".join))


def one(line: bytes) -> Entry:
    read = parse_label_file(line)
    assert read.unreadable == 0
    (entry,) = read.entries
    return entry


def test_a_line_is_written_as_the_design_says() -> None:
    line = format_line(answer(Label.ONE, AT, "ana", "01JD4T0000000000000000ABCD"))
    assert line == b"1 2026-11-21T10:00:00Z ana 01JD4T0000000000000000ABCD\n"


def test_the_time_is_written_in_utc_and_whole_seconds() -> None:
    bangkok = timezone(timedelta(hours=7))
    at = datetime(2026, 11, 21, 17, 0, 0, 999_999, tzinfo=bangkok)
    assert format_line(answer(Label.ZERO, at, "bo", "x")) == b"0 2026-11-21T10:00:00Z bo x\n"


def test_an_undo_names_the_entry_it_takes_back() -> None:
    given_answer = answer(Label.ZERO, AT, "bo", "first")
    line = format_line(retraction(given_answer, AT, "second"))
    assert line == b"- 2026-11-21T10:00:00Z bo second first\n"
    assert one(line) == Entry(Label.RETRACTION, AT, "bo", "second", "first")


@pytest.mark.parametrize("line", [b"1", b"1\n", b" 1 \n", b"1\r\n", b"\t1\t", b"\xef\xbb\xbf1\r\n"])
def test_a_bare_line_is_an_anonymous_answer(line: bytes) -> None:
    entry = one(line)
    assert (entry.label, entry.annotator, entry.at) == (Label.ONE, "", None)
    assert entry.is_bare
    assert entry.is_answer


def test_bare_lines_are_not_taken_for_duplicates_of_each_other() -> None:
    assert [e.label for e in parse_label_file(b"1\n1\n0\n").entries] == ["1", "1", "0"]


def test_blanks_crlf_and_fractions_of_a_second_are_read() -> None:
    entry = one(b"  1  2026-11-21T10:00:00.25Z\tana  x \r\n")
    assert entry == Entry(Label.ONE, AT + timedelta(seconds=0.25), "ana", "x")


def test_a_name_written_by_another_program_in_decomposed_form_is_the_same_person() -> None:
    assert one("1 2026-11-21T10:00:00Z Mari\u0301a x\n".encode()).annotator == "Mar\u00eda"


@pytest.mark.parametrize(
    "line",
    [
        b"2",
        b"s",
        b"12",
        b"hot dog",
        b"1 2026-11-21T10:00:00Z ana",
        b"1 2026-11-21T10:00:00Z ana x y",
        b"- 2026-11-21T10:00:00Z ana x",
        b"2 2026-11-21T10:00:00Z ana x",
        b"1 2026-11-21T10:00:00 ana x",
        b"1 2026-11-31T10:00:00Z ana x",
        b"1 2026-11-21T10:00:00Z ana a/b",
        b"1 2026-11-21T10:00:00Z ana " + b"x" * 65,
        b"1 2026-11-21T10:00:00Z --- x",
        b"1 2026-11-21T10:00:00Z \xff\xfe x",
        b"1 2026-11-21T10:00:00Z " + b"a" * (MAX_TOKEN + 1) + b" x",
        b"1 2026-11-21T10:00:00Z ana x" + b" " * MAX_LINE,
        b"\xff\xfe1\x00",
    ],
)
def test_any_other_line_is_unreadable_and_counted(line: bytes) -> None:
    read = parse_label_file(b"1\n\n" + line + b"\n0\n")
    assert (read.unreadable, read.unreadable_lines) == (1, (3,))
    assert [entry.label for entry in read.entries] == [Label.ONE, Label.ZERO]


def test_all_unreadable_lines_are_counted_but_only_the_first_are_named() -> None:
    read = parse_label_file(b"?\n" * 1000)
    assert read.unreadable == 1000
    assert read.unreadable_lines == tuple(range(1, MAX_NAMED_LINES + 1))


def test_a_repeated_answer_id_counts_once_with_its_first_line() -> None:
    line = b" 2026-11-21T10:00:00Z ana x\n"
    read = parse_label_file(b"1" + line + b"0" + line + b"1" + line)
    assert [entry.label for entry in read.entries] == [Label.ONE]
    assert read.duplicates == 2


@given(any_bytes)
def test_no_bytes_raise_and_every_line_is_accounted_for(data: bytes) -> None:
    read = parse_label_file(data)
    lines = [line for line in data.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    told = sum(len(bare_codes(line)) or 1 for line in lines)  # of bare codes one has any number
    assert len(read.entries) + read.unreadable + read.duplicates == told


@given(any_entry)
def test_what_is_written_is_read_back(entry: Entry) -> None:
    line = format_line(entry)
    assert len(line) <= MAX_LINE
    assert one(line) == entry


@given(any_bytes, any_entry)
def test_appending_keeps_every_byte_and_adds_one_readable_line(data: bytes, entry: Entry) -> None:
    before = parse_label_file(data)
    grown = append(data, entry)
    if grown is None:
        assert entry.answer_id in before
        return
    assert grown.startswith(data)
    after = parse_label_file(grown)
    assert after.entries == (*before.entries, entry)
    assert (after.unreadable, after.duplicates) == (before.unreadable, before.duplicates)


@given(any_bytes, any_entry)
def test_appending_twice_is_appending_once(data: bytes, entry: Entry) -> None:
    once = append(data, entry)
    assert append(data if once is None else once, entry) is None


@given(st.lists(any_entry, unique_by=lambda entry: entry.answer_id, max_size=8))
def test_a_file_grown_line_by_line_holds_all_in_order(entries: list[Entry]) -> None:
    data = b""
    for entry in entries:
        data = append(data, entry) or data
    assert parse_label_file(data) == LabelFile(tuple(entries))


def test_a_file_that_ends_in_a_newline_grows_by_the_line_alone() -> None:
    assert append(b"1\n", answer(Label.ZERO, AT, "bo", "x")) == (
        b"1\n0 2026-11-21T10:00:00Z bo x\n"
    )
    assert append(b"", answer(Label.ZERO, AT, "bo", "x")) == b"0 2026-11-21T10:00:00Z bo x\n"


def test_a_missing_final_newline_is_mended() -> None:
    assert append(b"1", answer(Label.ZERO, AT, "bo", "x")) == (b"1\n0 2026-11-21T10:00:00Z bo x\n")


@pytest.mark.parametrize(
    "entry",
    [
        Entry(Label.ONE),
        Entry(Label.ONE, AT, "ana"),
        Entry(Label.ONE, AT, "", "x"),
        Entry(Label.ONE, AT, "two words", "x"),
        Entry(Label.ONE, AT, "ana", "x y"),
        Entry(Label.ONE, AT, "ana", "x\n"),
        Entry(Label.ONE, AT, "ana", "x" * 65),
        Entry(Label.ONE, AT, "ana", "x", "y"),
        Entry(Label.RETRACTION, AT, "ana", "x"),
        Entry(Label.ONE, AT.replace(tzinfo=None), "ana", "x"),
    ],
)
def test_an_entry_that_would_not_be_read_back_is_refused(entry: Entry) -> None:
    with pytest.raises(RefusedError) as refusal:
        append(b"", entry)
    assert refusal.value.remedy


@pytest.mark.parametrize("undone", [Entry(Label.ONE), Entry(Label.RETRACTION, AT, "ana", "x", "y")])
def test_bare_lines_and_undoes_cannot_be_undone(undone: Entry) -> None:
    with pytest.raises(RefusedError):
        retraction(undone, AT, "z")


@pytest.mark.parametrize(
    ("typed", "token"),
    [
        ("ana", "ana"),
        ("  Ana  María \n", "Ana_María"),
        ("Zoë\u200b", "Zoë"),
        ("Ana (lab 2)", "Ana_lab_2"),
        ("o'neil@lab-1.org", "o'neil@lab-1.org"),
        ("=cmd|x", "cmd_x"),
        ("-ana", "ana"),
        ("\u0301" * 50 + "ana", "ana"),
        ("[red]bo", "red_bo"),
        ("王 小明", "王_小明"),
        ("O\u2019Brien", "O'Brien"),
        ("Anne\u2011Marie", "Anne-Marie"),
        ("x" * MAX_TOKEN, "x" * MAX_TOKEN),
        ("x" * (MAX_TOKEN + 1), "x" * (MAX_TOKEN - 11) + "-3164596df4"),
        ("x" * 28 + " " + "y" * 12, "x" * 28 + "-350a547c0d"),
        ("\x1b[31mcy", "31mcy"),
    ],
)
def test_a_typed_name_becomes_a_safe_token(typed: str, token: str) -> None:
    assert annotator_token(typed) == token


@pytest.mark.parametrize("typed", ["", "   ", "\n", "---", "\u200b", "🌭", "\udcff"])
def test_a_name_without_letter_or_digit_is_refused_with_a_remedy(typed: str) -> None:
    with pytest.raises(RefusedError, match="no letter or digit") as refusal:
        annotator_token(typed)
    assert refusal.value.remedy


@given(names)
def test_a_token_is_safe_stable_and_comes_back_from_the_name_shown(name: str) -> None:
    token = annotator_token(name)
    assert 1 <= len(token) <= MAX_TOKEN
    assert not any(c.isspace() for c in token)
    assert token[0].isalnum()
    assert annotator_token(token) == token
    assert annotator_token(annotator_name(token)) == token
    assert one(format_line(answer(Label.SKIP, AT, name, "x"))).annotator == token


LAB = "department-of-informatics-lab-group-2026-student"


@pytest.mark.parametrize(
    "typed",
    [
        [f"{LAB}-{number:02}" for number in range(1, 41)],
        [
            "maria.del.carmen.gonzalez@students.uni.example.org",
            "maria.del.carmen.gonzalez@students.uni.example.com",
        ],
        ["anna.b", "anna-b", "anna b", "anna@b", "anna+b", "anna'b"],
        ["Jos\u00e9", "Jose", "Jos\u00e8"],
        [
            "\u0410\u043d\u043d\u0430",
            "Anna",
            "\u0418\u0432\u0430\u043d",
            "\u738b\u5c0f\u660e",
            "\u738b\u5c0f\u534e",
        ],
        ["\u738b" * 40 + "\u5c0f", "\u738b" * 40 + "\u660e"],
        ["Ana \U0001f431", "Ana \U0001f436", "Ana"],
        ["1\u00b72", "1\u20442", "12"],
    ],
)
def test_different_people_never_become_one(typed: list[str]) -> None:
    assert len({person(annotator_token(name)) for name in typed}) == len(typed)


@given(
    st.lists(
        st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=90),
        min_size=2,
        max_size=2,
    )
)
def test_two_names_of_letters_are_one_person_only_if_they_differ_in_case_alone(
    pair: list[str],
) -> None:
    alike = len({person(unicodedata.normalize("NFC", name)) for name in pair}) == 1
    assert (len({person(annotator_token(name)) for name in pair}) == 1) == alike


@given(
    st.text("abcxyz -._", min_size=1, max_size=90).filter(
        lambda name: any(c.isalpha() for c in name)
    )
)
def test_a_name_in_other_case_is_the_same_person(name: str) -> None:
    assert person(annotator_token(name)) == person(annotator_token(name.upper()))
    assert person(annotator_token(annotator_token(name).upper())) == person(annotator_token(name))


def test_a_composed_and_a_decomposed_name_are_the_same_person() -> None:
    assert person(annotator_token("Jose\u0301")) == person(annotator_token("JOS\u00c9"))


def test_a_line_by_another_program_names_the_person_that_would_be_typed() -> None:
    for name in ("Ana_\U0001f431", "O\u2019Brien", "[red]bo"):
        line = f"1 2026-11-21T10:00:00Z {name} x\n".encode()
        assert one(line).annotator == annotator_token(name)


def test_nobody_is_shown_as_anonymous() -> None:
    assert annotator_name("") == "anonymous"
    assert annotator_name("Ana_María") == "Ana María"


@pytest.mark.parametrize("sign", ["\u200b", "\u200d", "\ufeff", "\u202e", "\x07"])
def test_what_cannot_be_seen_in_a_name_tells_nobody_apart(sign: str) -> None:
    assert annotator_token(f"An{sign}na") == annotator_token("Anna") == "Anna"


@pytest.mark.parametrize(
    "sign", ["\N{HOT DOG}", "\N{EURO SIGN}", "\N{SECTION SIGN}", "\u3000\u300c"]
)
def test_signs_beyond_ascii_tell_people_apart_though_no_token_holds_them(sign: str) -> None:
    token = annotator_token(f"anna {sign}")
    assert token.startswith("anna-")
    assert token not in (annotator_token("anna"), annotator_token("anna !"))
