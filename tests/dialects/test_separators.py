"""A text is parted by what its lab chose: characters, whatever is no digit, or labapp's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.dialects.separators import NON_DIGIT, field, parted


@pytest.mark.parametrize(
    ("text", "separators", "expected"),
    [
        ("1/12/55", "/", ["1", "12", "55"]),
        (" a / b c /", "/", ["a", "b c", ""]),
        ("a//b", "/", ["a", "", "b"]),
        ("a b   c", " ", ["a", "b", "c"]),
        ("a - b c", "- ", ["a", "b", "c"]),
        ("1]2^3\\4", "]^\\", ["1", "2", "3", "4"]),
        ("  1, 2;;3\n", "", ["1", "2", "3"]),
        (",,1,", "", ["1"]),
        ("a1b22--3 -4+5 -", NON_DIGIT, ["1", "22", "-3", "-4", "5"]),
        ("1-2-3", NON_DIGIT, ["1", "2", "3"]),
        ("[1, \u22122]", NON_DIGIT, ["1", "\u22122"]),
        ("no digit", NON_DIGIT, []),
        ("", "", []),
    ],
)
def test_a_text_is_parted(text: str, separators: str, expected: list[str]) -> None:
    assert parted(text, separators) == expected


def test_fields_are_counted_from_one_and_empty_ones_are_missing() -> None:
    body = "cat.png/ /blur / 3"
    assert [field(body, "/", at, False) for at in (1, 2, 3, 4, 5)] == [
        *("cat.png", None, "blur", "3", None)
    ]
    assert field(body, "/", 3, True) == "blur / 3"
    assert field(body, "/", 1, True) == body
    assert field("", "", 1, True) is None


@given(st.text("1-+, \u2212x", max_size=30))
def test_what_is_no_digit_never_loses_one(text: str) -> None:
    found = parted(text, NON_DIGIT)
    assert "".join(found).count("1") == text.count("1")
    assert all(part.strip("+-\u2212").isdigit() for part in found)


@pytest.mark.parametrize("separators", ["/", "/ ", NON_DIGIT])
def test_long_runs_of_blanks_are_parted_at_once(separators: str) -> None:
    assert parted("1" + " " * 200_000 + "/2" + " " * 200_000, separators) == ["1", "2"]
