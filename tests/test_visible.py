"""Texts of others on screens and in messages; what hides in names is tried in tests/security."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labapp.visible import legible, printable


@given(st.text())
def test_nothing_printable_can_steer_the_screen(text: str) -> None:
    shown = legible(text)
    assert len(shown) == len(text)
    assert all(ord(character) >= 32 or character in "\t\n" for character in shown)
    assert "\x1b" not in shown
    assert "\x9b" not in shown


@given(st.text())
def test_a_message_is_one_line_that_can_be_written_and_stays_as_it_is(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert shown.encode().decode() == shown
    assert printable(shown) == shown


def test_what_is_unfit_for_a_message_is_escaped_and_the_rest_stays() -> None:
    assert printable("a\x1bb\x9bc\u2028d\uffff") == "a\\x1bb\\x9bc\\u2028d\\uffff"
    assert printable("ba\udcffd.png") == "ba\\xffd.png"
    assert printable("\u202eZoë 🌭") == "\u202eZoë 🌭"
