"""Steps, formats and qualities of a file are held against those that there are."""

from __future__ import annotations

import pytest

from tests.support.dialect_files import told_of_block

PICTURE = 'picture = "{attr.Key}"'


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("steps = 'flop'", "steps of request 1: there is no operation 'flop'. Did you mean flip?"),
        (
            "steps = { by = '{field2}', a = 'grayscale', b = 'blur:sgima={field3}' }",
            "steps of request 1: blur has no parameter sgima. Did you mean sigma?",
        ),
        ("steps = 'blur(sigma=3)'", "'blur(sigma=3)' is no step. Write steps as"),
        ("steps = 'flip, {field2}'", "'flip,' is no step. Write steps as"),
        ("steps = 'grayscale:x={field2}'", "grayscale has no parameter x. grayscale takes none."),
        ("steps = 'blur:sigma=99'", "steps of request 1: blur cannot take sigma 99.0. sigma is a"),
        ("steps = 'rotate:angle={attr.A|x}'", "steps of request 1: rotate cannot take angle 'x'."),
        ("steps = 'blur:'", "steps of request 1: cannot read '' in the step 'blur:'. Write it as"),
        ("steps = ' '", 'steps of request 1 has no step in " ". Name at least one operation'),
        (f"steps = '{'flip ' * 17}'", "steps of request 1 has 17 steps. At most 16 are taken."),
        ("format = 'jpgg'", "format of request 1: the format 'jpgg' is not written. Take one of"),
        ("format = '{attr.F|x}'", "format of request 1: the format 'x' is not written. Take one"),
        ("quality = 101", "quality of request 1: the quality '101' is not taken. Take a whole"),
        ("quality = '{field2|no}'", "quality of request 1: the quality 'no' is not taken. Take"),
    ],
)
def test_what_cannot_be_done_is_told(row: str, expected: str) -> None:
    (fault,) = told_of_block(PICTURE, row)
    assert expected in fault


@pytest.mark.parametrize(
    "row",
    [
        "steps = '{attr.Op} blur:sigma={attr.Sigma|2} {field2}:{field3}={field4}'",
        "steps = 'rotate:angle={field2},expand=yes grayscale'",
        "format = '.JPG'",
        "quality = '{attr.Q}'",
    ],
)
def test_what_a_message_gives_is_left_to_it(row: str) -> None:
    assert told_of_block(PICTURE, row) == []
