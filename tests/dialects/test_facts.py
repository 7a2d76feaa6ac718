"""Attributes that fit a pattern come in the order people count."""

from __future__ import annotations

from labapp.dialects.facts import Facts, attributes_like, reader
from tests.support.dialect_blocks import message


def test_attributes_of_a_pattern_come_as_people_count() -> None:
    came = message(n10="10", n9="9", n1="1", N2="x", n="0", n02="2")
    assert attributes_like(came, "n*") == ["0", "1", "2", "9", "10"]
    assert attributes_like(came, "z*") is None


def test_attributes_by_number_leave_those_of_other_names() -> None:
    came = message(n10="10", name="x", n9="9")
    assert attributes_like(came, "n#") == ["9", "10"]
    assert reader("attr.n#")(Facts(came)) == ["9", "10"]
