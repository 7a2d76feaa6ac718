"""Checklists and searchable lists in a real terminal."""

from __future__ import annotations

from labapp.console.theme import UNICODE
from tests.console.conftest import Demo

POINTER = UNICODE.pointer


def test_space_checks_and_the_values_come_in_the_given_order(demo: Demo) -> None:
    screen = demo("checklist")
    screen.wait_for("◉ Blur")
    screen.send("space", "enter")
    screen.wait_for("result: ['gray', 'blur']")


def test_a_checks_all_and_then_none(demo: Demo) -> None:
    screen = demo("checklist")
    screen.wait_for("◉ Blur")
    screen.send("a")
    screen.wait_for("◉ Sharpen")
    screen.send("a")
    screen.wait_for("○ Sharpen")
    screen.send("enter")
    screen.wait_for("✗ check at least 1")
    screen.send("end", "space", "enter")
    screen.wait_for("result: ['sharp")


def test_typing_filters_a_long_list_by_words(demo: Demo) -> None:
    screen = demo("search")
    screen.wait_for("200 of 200")
    screen.send("19 jpg")
    screen.wait_for("12 of 200  19 jpg")
    screen.send("down", "enter")
    screen.wait_for("result: 119")


def test_a_search_without_a_match_says_so_and_chooses_nothing(demo: Demo) -> None:
    screen = demo("search")
    screen.wait_for("200 of 200")
    screen.send("zzz")
    screen.wait_for("✗ nothing matches 'zzz'")
    screen.send("enter", *["backspace"] * 3)
    screen.wait_for("200 of 200")
    screen.send("esc")
    screen.wait_for("result: back")


def test_a_long_list_scrolls_in_40_by_12(demo: Demo) -> None:
    screen = demo("search", columns=40, rows=12)
    screen.wait_for(f"{POINTER} picture-000.jpg")
    screen.send("pagedown", "pagedown")
    screen.wait_for(f"{POINTER} picture-016.jpg")
    screen.wait_for("↑")
    screen.send("end")
    screen.wait_for(f"{POINTER} picture-199.jpg")


def test_checkboxes_have_an_ascii_form(demo: Demo) -> None:
    screen = demo("checklist", env={"LANG": "C"})
    screen.wait_for("[x] Blur")
    assert screen.text.isascii()
