"""A block that an earlier one keeps from every message is found."""

from __future__ import annotations

import pytest

from tests.support.dialect_files import told

NUMBERS = '[[request]]\nnumbers = "{body}"\n'
PICTURE = '[[request]]\npicture = "{body}"\n'


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("", ""),
        ("", 'when = { "attr.X" = "a" }'),
        ('when = { "attr.X" = "a" }', 'when = { attr.X = "a", body = "b" }'),
        ('when = { "attr.X" = ["a", "b"] }', 'when = { "attr.X" = "b" }'),
        ('when = { "attr.X" = "a*" }', 'when = { "attr.X" = ["ab", "a*c"] }'),
        ('when = { "attr.X" = true }', 'when = { "attr.X" = "a" }'),
        ('when = { "attr.X" = false }', 'when = { "attr.X" = false, body = "b" }'),
        ('when = { field1 = "a" }', 'when = { field1 = "a" }'),
    ],
)
def test_what_is_never_reached_is_told(earlier: str, later: str) -> None:
    (fault,) = told(f"{NUMBERS}{earlier}\n{NUMBERS}name = 'second'\n{later}\n")
    assert fault == (
        "4: second is never reached, as request 1 takes all of its messages."
        " Tell them apart by when = { ... }, or put the narrower one first."
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ('when = { "attr.X" = "a" }', ""),
        ('when = { "attr.X" = "a" }', 'when = { "attr.Y" = "a" }'),
        ('when = { "attr.X" = "a" }', 'when = { "attr.X" = ["a", "b"] }'),
        ('when = { "attr.X" = "ab*" }', 'when = { "attr.X" = "a*" }'),
        ('when = { "attr.X" = "a" }', 'when = { "attr.X" = "*" }'),
        ('when = { "attr.X" = true }', 'when = { "attr.X" = false }'),
        ('when = { "attr.X" = false }', 'when = { "attr.X" = true }'),
        ('when = { field1 = "a" }', 'when = { field1 = "a" }\nseparators = "/"'),
        ('queue = "one"', 'queue = "other"'),
    ],
)
def test_what_may_be_reached_is_not(earlier: str, later: str) -> None:
    assert told(f"{NUMBERS}{earlier}\n{NUMBERS}{later}\n") == []


def test_two_blocks_of_one_name_are_told() -> None:
    named = 'name = "a"\n'
    assert told(f"{NUMBERS}{named}{PICTURE}{named}") == [
        '6: two blocks are called "a". Refusals and logs name them: change one.'
    ]


def test_numbers_and_pictures_have_queues_of_their_own_unless_named() -> None:
    assert told(NUMBERS + PICTURE) == []
    assert len(told(f"{NUMBERS}queue = 'a'\n{PICTURE}queue = 'a'\n")) == 1
