"""Patterns fit as they say, however many stars they have."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.dialects.patterns import fits, fits_name


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
