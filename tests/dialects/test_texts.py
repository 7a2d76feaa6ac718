"""A text tells what is known where it stands, and no more; a choice has something to choose."""

from __future__ import annotations

import pytest

from tests.support.dialect_files import told_of_block

NUMBERS, PICTURE = 'numbers = "{body}"', 'picture = "{attr.Key}"'
CHOICE = '{ by = "{field2}", "1" = "...", "2" = "...", else = "..." }'
BEFORE = "before the work is done."
OF_MESSAGES = "Known here are {body}, {field1}, {attr.X}, {body.X}, {message_id} and {group}"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            ["numbers = '{mean}'"],
            f"2: numbers of request 1: {{mean}} is not known {BEFORE} {OF_MESSAGES}.",
        ),
        (
            [PICTURE, "steps = '{result}'"],
            f"3: steps of request 1: {{result}} is not known {BEFORE} {OF_MESSAGES}.",
        ),
        (
            [PICTURE, "body = '{mean}'"],
            "3: body of request 1: {mean} is of numbers, and request 1 has a picture. Leave it"
            " out.",
        ),
        (
            [NUMBERS, "body = '{stem}'"],
            "3: body of request 1: {stem} is of an object's key, and request 1 asks for no object."
            " Leave it out.",
        ),
        (
            [NUMBERS, "body = '{result}'"],
            "3: body of request 1: {result} is not there, as request 1 stores none. Give its key:"
            ' result = "...".',
        ),
        (
            [NUMBERS, "body = '{pick}'"],
            f"3: body of request 1: {{pick}} is not there, as request 1 has none. Give pick ="
            f" {CHOICE}.",
        ),
        (
            [PICTURE, "result = '{result}'"],
            "3: result of request 1: {result} is not known yet. Leave it out.",
        ),
        (
            [NUMBERS, "pick = { by = '{field1}', a = '{pick}' }"],
            "3: a of pick of request 1: {pick} is not known yet. Leave it out.",
        ),
        (
            [NUMBERS, "body = '{error}'"],
            "3: body of request 1: {error} is known in refusals alone. Write it in error = ..., or"
            " leave it out.",
        ),
        (
            [NUMBERS, "error = '{sum}'"],
            "3: error of request 1: {sum} is not known of what is refused."
            f" {OF_MESSAGES}; {{error}} is, too.",
        ),
        (
            [NUMBERS, "body = '{average}'"],
            "3: body of request 1: there is no {average}. Did you mean {mean}?",
        ),
        (
            [NUMBERS, "body = '{medain}'"],
            "3: body of request 1: there is no {medain}. Did you mean {median}?",
        ),
        (
            [NUMBERS, "body = '{mean:.2g}'"],
            "3: body of request 1: {mean:.2g}: there is no form '.2g' of a number. Numbers have .2f"
            " or ,2f (or another count of decimals), comma, float, int and round.",
        ),
        (
            [NUMBERS, "body = ''"],
            "3: body of request 1 is empty. Write something, or leave it out.",
        ),
        ([NUMBERS, "body = true"], '3: body of request 1 is true. Write a text: body = "...".'),
        ([NUMBERS, "body = ['x']"], '3: body of request 1 is a list. Write a text: body = "...".'),
        (
            [NUMBERS, "body = 2026-11-27"],
            '3: body of request 1 is 2026-11-27. Write a text, in quotes: body = "...".',
        ),
        ([NUMBERS, "body = 'attr.X'"], '3: body of request 1 has no braces. Write "{attr.X}".'),
        (
            [NUMBERS, "body = {}"],
            f"3: body of request 1 has no by, which gives the value. Write {CHOICE}.",
        ),
        (
            [NUMBERS, "body = { by = 'field', a = 'x' }"],
            "3: by of body of request 1 has no placeholder, so that it is always the same."
            f" Write {CHOICE}.",
        ),
        (
            [NUMBERS, "body = { by = '{field1}', else = 'x' }"],
            f"3: body of request 1 has nothing to choose from. Write {CHOICE}.",
        ),
        (
            [NUMBERS, "body = { by = '{field1}', '*' = 'x' }"],
            '3: * of body of request 1 is a value as any other. Write else = "..." for what is none'
            " of them.",
        ),
        (
            [NUMBERS, "body = { by = '{field1}', 1.5 = 'x' }"],
            '3: 1 of body of request 1 is a table. Write a text: 1 = "...".',
        ),
    ],
)
def test_what_a_text_cannot_tell(rows: list[str], expected: str) -> None:
    assert expected in told_of_block(*rows)


@pytest.mark.parametrize(
    "rows",
    [
        [NUMBERS, """body = '{"mean": {mean}, "id": {attr.id:json}}'"""],
        [NUMBERS, "body = 5"],
        [NUMBERS, "body = { by = '{attr.Stat}', 1 = '{sum}', 2 = '', else = '{min} {status}' }"],
        [NUMBERS, "result = '{mean}/{message_id}'", "body = '{result}'"],
        ["numbers = { object = '{body}' }", "body = '{name} {ext}'"],
        [NUMBERS, "error = '{error} {status} {attr.X|?}'"],
    ],
)
def test_what_a_text_can(rows: list[str]) -> None:
    assert told_of_block(*rows) == []


def test_all_that_is_wrong_in_a_text_is_told_at_once() -> None:
    whats = told_of_block(NUMBERS, "body = '{avg} {mean:2f} {Min} {field} {stem} {max'")
    assert [what.partition("request 1: ")[2].partition(". ")[0] for what in whats] == [
        "there is no {avg}",
        "{mean:2f}: there is no form '2f' of a number",
        "there is no {Min}",
        "there is no {field}",
        "'{max' opens a placeholder that is not closed",
        "{stem} is of an object's key, and request 1 asks for no object",
    ]


@pytest.mark.parametrize("part", ["attributes", "pick"])
def test_a_key_of_the_block_below_the_header_of_a_part_is_told(part: str) -> None:
    rows = [NUMBERS, f"[request.{part}]", "by = '{field2}'", "answer = 'outbox'"]
    assert (
        f"5: answer stands below {part} of request 1, and is taken for one of these. Write it above"
        " their header; one that is meant as it stands goes with them on one line: { ... }."
    ) in told_of_block(*rows)


def test_attributes_may_be_called_as_keys_of_blocks() -> None:
    assert told_of_block(NUMBERS, "attributes = { body = 'x', answer = 'y' }") == []
    rows = [PICTURE, "[request.attributes]", "result = '{result}'", "name = '{name}'"]
    assert told_of_block(*rows) == []
