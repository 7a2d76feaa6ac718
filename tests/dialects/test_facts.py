"""Patterns fit as they say, attributes come in the order people count, JSON is bounded."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.dialects.facts import Facts, as_json, attributes_like, fits, fits_name, reader
from tests.support.dialect_blocks import message


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("Average", "Average", True),
        ("Average", "average", False),
        ("Av*", "Average", True),
        ("*age", "Average", True),
        ("A*r*e", "Average", True),
        ("A*e*e", "Ae", False),
        ("*a*\n*", "a\n", True),
        ("[ab]", "a", False),
        ("a?", "ab", False),
    ],
)
def test_a_star_stands_for_anything_and_nothing_else_does(
    pattern: str, text: str, expected: bool
) -> None:
    assert fits(pattern, text) is expected


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_patterns_fit_as_those_of_shells(pattern: str, text: str) -> None:
    assert fits(pattern, text) == fnmatch.fnmatchcase(text, pattern)


def test_many_stars_on_a_long_body_are_quick() -> None:
    assert not fits("*a" * 50 + "*b", "a" * 200_000)  # by going back it would take for ever


def test_attributes_of_a_pattern_come_as_people_count() -> None:
    came = message(n10="10", n9="9", n1="1", N2="x", n="0", n02="2")
    assert attributes_like(came, "n*") == ["0", "1", "2", "9", "10"]
    assert attributes_like(came, "z*") is None


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("n#", "n1", True),
        ("n#", "n10", True),
        ("n#", "n", False),
        ("n#", "name", False),
        ("n#", "n1a", False),
        ("#", "12", True),
        ("##", "1", False),
        ("##", "12", True),
        ("*#", "ab12", True),
        ("v#.#", "v1.20", True),
        ("v#*", "v12x", True),
        ("n1#", "n12", True),
        ("*#2", "n122", True),
        ("n#", "n\u0662", False),
        ("n*", "name", True),
    ],
)
def test_a_hash_in_the_name_of_an_attribute_stands_for_digits(
    pattern: str, name: str, expected: bool
) -> None:
    assert fits_name(pattern, name) is expected


def test_attributes_by_number_leave_those_of_other_names() -> None:
    came = message(n10="10", name="x", n9="9")
    assert attributes_like(came, "n#") == ["9", "10"]
    assert reader("attr.n#")(Facts(came)) == ["9", "10"]


@pytest.mark.parametrize("body", ["", "[1, 2]", "{", '{"a": ' * 40 + "1" + "}" * 40, '{"a": NaN}'])
def test_a_body_that_is_no_json_object_within_bounds_has_no_such_facts(body: str) -> None:
    assert reader("body.a")(Facts(message(body))) is None


def test_json_is_written_as_it_was_read() -> None:
    body = '{"a": {"b": [1.50, "1.50", true, null, {"c": 1e3}]}}'
    document = message(body).document
    assert document is not None
    assert as_json(document) == body
    assert reader("body.a.b.4.c")(Facts(message(body))) == "1e3"
    assert reader("body.a.b.5")(Facts(message(body))) is None
    assert reader("body.a.b.99999999999")(Facts(message(body))) is None
