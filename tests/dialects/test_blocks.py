"""What one `[[request]]` says is read; what it cannot mean is told with its line and a remedy."""

from __future__ import annotations

import pytest

from labapp.dialects.rules import Choice, Numbers, Picture
from labapp.dialects.templates import parse
from tests.support.dialect_files import block, told_of_block

NUMBERS, PICTURE = 'numbers = "{body}"', 'picture = "{attr.Key}"'


def test_numbers_are_read() -> None:
    found = block(
        'name = "sums"',
        'numbers = { object = "{attr.Key}" }',
        'separators = "non-digit"',
        'pick = { by = "{field2}", sum = "{sum}", 1 = 5, else = "{sentence}" }',
        'number = ".2f"',
        'result = "answers/{stem}"',
        'content = "{pick}"',
        'result_bucket = "a.lab"',
        'body = "{result} {status}"',
    )
    assert found.name == "sums"
    assert found.work == Numbers(parse("{attr.Key}"), True, "non-digit")
    assert found.pick == Choice(
        parse("{field2}"), {"sum": parse("{sum}"), "1": parse("5")}, parse("{sentence}")
    )
    assert (found.number, found.content, found.result_bucket) == (".2f", parse("{pick}"), "a.lab")


def test_a_picture_is_read() -> None:
    found = block(PICTURE, 'format = "{attr.Type|png}"', "quality = 80", 'separators = "/"')
    assert found.work == Picture(
        parse("{attr.Key}"), None, parse("{attr.Type|png}"), parse("80"), "/"
    )
    assert (found.queue, found.answer, found.bucket, found.when) == ("", "", "", ())


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [],
            '1: request 1 has neither numbers nor picture. Write numbers = "{body}" for integers,'
            ' or picture = "{body}" for a picture\'s key.',
        ),
        ([NUMBERS, PICTURE], "1: request 1 has both numbers and picture. Make two blocks of it."),
        (
            [PICTURE, "name = 'x'", "nubmer = 1"],
            '4: x has the unknown key "nubmer". Did you mean number?',
        ),
        (
            [PICTURE, "operation = 'blur'"],
            '3: request 1 has the unknown key "operation". Write steps = "blur:sigma=3".',
        ),
        (
            [PICTURE, "name = ' '"],
            "3: name of request 1 is empty. Write something, or leave it out.",
        ),
        ([PICTURE, "name = 7"], '3: name of request 1 is 7. Write a text: name = "...".'),
        (
            [PICTURE, f"name = '{'x' * 61}'"],
            f'3: the name "{"x" * 60}..." is too long, or of more than one line.'
            " Take one of at most 60 characters.",
        ),
        (
            [NUMBERS, "steps = 'flip'"],
            "3: steps is of pictures, and request 1 has numbers. Leave it out.",
        ),
        (
            [PICTURE, "number = 'int'"],
            "3: number is of numbers, and request 1 has a picture. Leave it out.",
        ),
        (
            [NUMBERS, "content = '{json}'"],
            "3: content of request 1 goes nowhere, as it stores no result. Give the key of the"
            ' object: result = "...".',
        ),
        (
            [NUMBERS, "result_bucket = 'lab'"],
            "3: result_bucket of request 1 is for nothing, as it stores no result. Give the key of"
            ' the object: result = "...".',
        ),
        (
            ["numbers = 'body'"],
            "2: numbers of request 1 has no placeholder, so that no message says it. Write"
            ' numbers = "{body}".',
        ),
        (
            ["numbers = { key = '{body}' }"],
            '2: numbers of request 1 has the unknown key "key". Write numbers ='
            ' { object = "{attr.Key}" }.',
        ),
        (
            ["numbers = {}"],
            '2: numbers of request 1 is an empty table. Write numbers = { object = "{attr.Key}" }.',
        ),
        (
            [NUMBERS, "separators = 'a-z'"],
            '3: separators of request 1 has letters or digits: "a-z". Write the characters that'
            ' part, as "/", or "non-digit".',
        ),
        (
            [NUMBERS, "separators = ''"],
            '3: separators of request 1 is "". Write them in quotes, as "/", or "non-digit".',
        ),
        (
            [NUMBERS, "number = '.99f'"],
            "3: number of request 1: the form '.99f' has more than 15 decimals. Take fewer.",
        ),
        (
            [NUMBERS, "pick = '{sum}'"],
            '3: pick of request 1 is no table. Write pick = { by = "{attr.Stat}", sum = "{sum}",'
            ' mean = "{mean}", else = "{sentence}" }.',
        ),
        (
            [PICTURE, "result = 'labels/{name}'"],
            "3: result of request 1 lies in labels/, where labapp keeps its own objects. Begin it"
            " with another folder.",
        ),
        (
            [PICTURE, "result = '/inbox/{name}'"],
            "3: result of request 1 lies in inbox/, where labapp keeps its own objects. Begin it"
            " with another folder.",
        ),
        (
            [NUMBERS, "result = { by = '{field1}', a = 'x', else = '{message_id}' }"],
            "3: result of request 1 has no placeholder: all would be one object. Tell them apart,"
            " as by {stem} or {message_id}.",
        ),
        (
            [PICTURE, f"result = '{{stem}}{'x' * 1024}'"],
            "3: result of request 1 has more than 1,024 bytes. Take a shorter key.",
        ),
        *(
            (
                [PICTURE, f"result = '{result}'"],
                "3: result of request 1 is the key that was asked for, in the same bucket. Write"
                ' result = "{folder}{stem}_done{ext}", or name a result_bucket.',
            )
            for result in ("{folder}{name}", "{folder}/{name}", "{attr.Key}", "{folder}{stem}{ext}")
        ),
        (
            [NUMBERS, "pick = { by = '{field2}', a = '{sum}' }"],
            '3: pick of request 1 is told nowhere. Write body = "{pick}".',
        ),
        (
            [PICTURE, "result = '{pick}'", "pick = { by = '{field1}', a = '{result}' }"],
            "4: pick and result of request 1 are made of each other. Leave {result} out of the one,"
            " or {pick} out of the other.",
        ),
    ],
)
def test_what_a_block_cannot_mean_is_told(rows: list[str], expected: str) -> None:
    assert told_of_block(*rows) == [expected]


@pytest.mark.parametrize(
    "rows",
    [
        ["result = '{folder}{name}'", "result_bucket = 'results'"],
        ["result = '{folder}{stem}{ext}'", "format = 'png'"],
        ["result = 'done/{name}'"],
    ],
)
def test_a_result_may_be_called_as_its_source_elsewhere(rows: list[str]) -> None:
    assert told_of_block(PICTURE, *rows) == []
