"""What must hold of a message is read in each of its forms."""

from __future__ import annotations

import pytest

from labapp.dialects.rules import Condition
from tests.support.dialect_files import block, told_of_block

NUMBERS = 'numbers = "{body}"'


def test_each_form_is_read() -> None:
    found = block(
        NUMBERS,
        "[request.when]",
        '"attr.Kind" = ["a*", 1]',
        "attr.More = true",
        "body.data.id = false",
        "field1 = 5",
    )
    assert found.when == (
        Condition("attr.Kind", ("a*", "1")),
        Condition("attr.More", ("*",)),
        Condition("body.data.id", ()),
        Condition("field1", ("5",)),
    )


VALUES = "Write a text, with * for anything, a list of such, or true or false: is it there?"


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("'x'", '3: when of request 1 is no table. Write when = { "attr.Kind" = "Average" }.'),
        (
            "{ RequestType = 'a' }",
            '3: when of request 1 asks for "RequestType", which is no fact of a message.'
            ' Write "attr.RequestType" for an attribute.',
        ),
        (
            "{ feild1 = 'a' }",
            '3: when of request 1 asks for "feild1", which is no fact of a message.'
            " Did you mean field1?",
        ),
        (
            "{ '{attr.X}' = 'a' }",
            '3: when of request 1 asks for "{attr.X}", which is no fact of a message.'
            ' Write it without braces: "attr.X" = ...',
        ),
        (
            "{ 'attr.a b' = 'a' }",
            '3: when of request 1 asks for "attr.a b", which is no fact of a message.'
            " Behind attr. stand letters, digits, dots, dashes and underscores.",
        ),
        (
            "{ mean = 3 }",
            '3: when of request 1 asks for "mean", which is no fact of a message.'
            " Ask for body, field1, attr.X, body.X, message_id or group.",
        ),
        ("{ body = [] }", "3: body of when of request 1 is an empty list, which nothing fits. "),
        ("{ body = [true] }", f"3: body of when of request 1 is true. {VALUES}"),
        ("{ body = {} }", "3: body of when of request 1 is empty. Write when = "),
        ("{ body = '{attr.X}' }", "3: body of when of request 1 has a placeholder. Write the text"),
        ("{ body = 'a ' }", '3: body of when of request 1 is "a ". Leave out the blanks around it'),
    ],
)
def test_what_no_message_can_fit_is_told(when: str, expected: str) -> None:
    (fault,) = told_of_block(NUMBERS, f"when = {when}")
    assert fault.startswith(expected)


def test_braces_that_are_no_placeholder_may_be_asked_for() -> None:
    assert told_of_block(NUMBERS, """when = { body = '{"kind": "sum"*' }""") == []
