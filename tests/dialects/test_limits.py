"""What is sent is what SQS takes; labapp's own folders are those that its rooms name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.dialects import limits
from labapp.jobs import lab, logbook, picture_kind
from labapp.labels.layout import IMAGES, LABELS, REMOVED
from labapp.message_attribute import Attribute


def test_labapps_own_folders_are_all_that_its_rooms_name() -> None:
    named = {picture_kind.INBOX, picture_kind.OUTBOX, picture_kind.DROP, lab.REPORTS, REMOVED}
    named |= {logbook.PREFIX, IMAGES, LABELS}
    assert set(limits.OWN_PREFIXES) == named


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", True),
        ("-12.50", True),
        ("+.5e3", True),
        ("0" * 60, True),
        ("1" * 38, True),
        ("1" + "0" * 60, True),
        ("1" * 39, False),
        ("1e126", False),
        ("9.9e125", True),
        ("1e-128", True),
        ("1e-129", False),
        ("0e9999", True),
        ("", False),
        (".", False),
        ("1,5", False),
        ("nan", False),
        (" 1", False),
        ("\u0661", False),
        ("1e99999", False),
    ],
)
def test_numbers_are_those_that_sqs_takes(text: str, expected: bool) -> None:
    assert limits.is_number(text) is expected


@pytest.mark.parametrize(
    ("name", "kind", "value", "expected"),
    [
        ("Key", "String", "x", True),
        ("Key", "String.json", "x", True),
        ("Key", "String", "", False),
        ("Key", "String", "a\x00", False),
        ("Key", "String", b"x", False),
        ("Key", "Binary", b"\x00", True),
        ("Key", "Binary", "x", False),
        ("Key", "Number.int", "3", True),
        ("Key", "Number", "three", False),
        ("Key", "Text", "x", False),
        ("aws.Key", "String", "x", False),
        (".Key", "String", "x", False),
        ("Ke..y", "String", "x", False),
        ("Clé", "String", "x", False),
        ("K" * 257, "String", "x", False),
    ],
)
def test_attributes_are_those_that_sqs_takes(
    name: str, kind: str, value: str | bytes, expected: bool
) -> None:
    assert limits.takes(name, Attribute(kind, value)) is expected


@given(st.text(max_size=40))
def test_a_text_is_sent_as_it_is_but_for_what_sqs_takes_in_none(text: str) -> None:
    sent = limits.sendable(text)
    sent.encode()
    assert limits.sendable(sent) == sent
    if all(sign in "\t\n\r" or " " <= sign < "\ud800" for sign in text):
        assert sent == text


@given(st.text(max_size=200), st.text(max_size=200))
def test_ids_are_such_as_sqs_takes_and_two_stay_two(one: str, other: str) -> None:
    ids = [limits.deduplication(one), limits.deduplication(other)]
    assert (ids[0] == ids[1]) == (one == other)
    for text in (*ids, limits.group(one)):
        assert len(text) <= limits.MOST_ID
        assert all("!" <= sign <= "~" for sign in text)


def test_a_message_is_as_large_as_sqs_counts_it() -> None:
    attributes = {"Key": Attribute("String", "é"), "Raw": Attribute("Binary", b"123")}
    assert limits.size("né", attributes) == 3 + (3 + 6 + 2) + (3 + 6 + 3)
