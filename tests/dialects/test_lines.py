"""Each key of a file has its line, however its values are written."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.dialects import lines

TEXT = '''\
about = "a # no comment" # [not] = "a table"
[[request]]
name = """three
"quoted" lines, \\"""
and a quote""""
when = { attr.X = "a", "body.k=d" = ['x', # c ]
  "y", { z = 1 },
] }
[request.attributes]
"caf\\u00e9" = { type = "Number", value = '{count}' }
[[request.reply]]
body = \'\'\'it's
two\'\'\'
[[request.reply]]
body='a'
[[ request ]]
a . b.c = 1979-05-27 07:32:00

[queue."my.queue"]
DelaySeconds = 5
'''


def test_each_key_has_its_line() -> None:
    found = lines.of(TEXT)
    reply = ("request", 0, "reply")
    expected = {
        ("about",): 1,
        ("request", 0): 2,
        ("request", 0, "name"): 3,
        ("request", 0, "when"): 6,
        ("request", 0, "when", "attr", "X"): 6,
        ("request", 0, "when", "body.k=d", 1): 7,
        ("request", 0, "when", "body.k=d", 2, "z"): 7,
        ("request", 0, "attributes"): 9,
        ("request", 0, "attributes", "café", "value"): 10,
        (*reply, 0): 11,
        (*reply, 0, "body"): 12,
        (*reply, 1, "body"): 15,
        ("request", 1): 16,
        ("request", 1, "a", "b", "c"): 17,
        ("queue", "my.queue", "DelaySeconds"): 20,
    }
    assert {where: found.get(where) for where in expected} == expected


def places(value: Any, where: lines.Where = ()) -> set[lines.Where]:
    """Return the places of all values in a document."""
    if not isinstance(value, dict | list):
        return {where}
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return {where, *(at for key, one in inner for at in places(one, (*where, key)))}


def test_every_value_has_one() -> None:
    assert set(lines.of(TEXT)) == places(tomllib.loads(TEXT)) - {()}


def test_what_has_none_is_told_by_what_is_around_it() -> None:
    found = lines.of(TEXT)
    assert lines.nearest(found, ("request", 1, "a", "x", 3)) == 17
    assert lines.nearest(found, ("nothing",)) == 0


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="ab=.[]{}\"'\\#,\n 1", max_size=60))
def test_no_text_is_too_much(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except ValueError:
        return
    assert set(lines.of(text)) == places(document) - {()}
