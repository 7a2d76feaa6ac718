"""Bytes from a keyboard become keys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labapp.console.keys import split


def test_sequences_have_names_and_the_rest_are_characters() -> None:
    sent = "q\x1b[A\x1bOB\x1b[5~é\r\x7f\t\x1b"
    assert split(sent) == ["q", "up", "down", "pageup", "é", "enter", "backspace", "tab", "esc"]


def test_unknown_sequences_are_left_out_whole() -> None:
    assert split("a\x1b[200~b\x1b[1;5Cc") == ["a", "b", "c"]


def test_escape_before_a_letter_is_two_keys() -> None:
    assert split("\x1bq") == ["esc", "q"]


@given(st.text(st.characters(exclude_characters="\x1b\r\n\t\x7f\x08"), max_size=50))
def test_text_comes_through_as_it_is(text: str) -> None:
    assert "".join(split(text)) == text


@given(st.text(alphabet="\x1b[OA~;5q", max_size=30))
def test_no_input_breaks_it(text: str) -> None:
    assert all(split(text))
