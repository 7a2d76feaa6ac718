"""Bare codes: what is added or taken is read so by labs' programs, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.bare_lines import added, taken
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.label_file import Label, parse_label_file

YES, NO = Label.ONE, Label.ZERO


@pytest.mark.parametrize(
    ("existing", "grown"),
    [
        (b"", b"1\n"),
        (b"0\n", b"0\n1\n"),
        (b"0", b"0\n1\n"),
        (b"0110", b"0110\n1\n"),
        (b"0\r\n1", b"0\r\n1\r\n1\r\n"),
        (b"\xef\xbb\xbf", b"\xef\xbb\xbf1\n"),
        (b"notes", b"notes\n1\n"),
    ],
)
def test_an_answer_is_a_line_of_its_own_that_ends(existing: bytes, grown: bytes) -> None:
    assert added(existing, YES) == grown


@pytest.mark.parametrize(
    ("existing", "left"),
    [
        (b"1\n", b""),
        (b"0\n1\n1\n0\n", b"0\n1\n0\n"),
        (b"0110", b"010"),
        (b"1\r\n0\r\n", b"0\r\n"),
        (b"\xef\xbb\xbf1\n0\n", b"\xef\xbb\xbf0\n"),
        (b"1 2026-11-21T10:00:00Z ana x\n1\n", b"1 2026-11-21T10:00:00Z ana x\n"),
    ],
)
def test_of_answers_alike_the_last_one_is_taken_away(existing: bytes, left: bytes) -> None:
    assert taken(existing, YES, DEFAULT_SCHEME.codes) == left


@pytest.mark.parametrize("existing", [b"", b"0\n", b"1 2026-11-21T10:00:00Z ana x\n", b"notes 1"])
def test_nothing_is_taken_where_nothing_says_so(existing: bytes) -> None:
    assert taken(existing, YES, DEFAULT_SCHEME.codes) is None


@given(st.text("01 \r\nx").map(str.encode), st.sampled_from([YES, NO]))
def test_what_was_added_can_be_taken_and_leaves_the_same_answers(
    existing: bytes, label: Label
) -> None:
    grown = added(existing, label)
    assert grown.startswith(existing)
    assert len(parse_label_file(grown).entries) == len(parse_label_file(existing).entries) + 1
    left = taken(grown, label, DEFAULT_SCHEME.codes)
    assert left is not None
    assert parse_label_file(left).entries == parse_label_file(existing).entries


@pytest.mark.parametrize(
    "body", [b"0110", b"0\n1\n1\n0", b"01\r\n10\r\n", b"\xef\xbb\xbf 0 1\n1 0 "]
)
def test_answers_are_read_however_they_are_parted(body: bytes) -> None:
    assert [entry.label for entry in parse_label_file(body).entries] == [NO, YES, YES, NO]
