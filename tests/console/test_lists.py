"""Checklists and searchable lists in a real terminal."""

from __future__ import annotations

import pytest
from prompt_toolkit.formatted_text import StyleAndTextTuples

from labapp.console.listing import Listing
from labapp.console.lists import Option, _Found
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
    screen.send("\x1bOP", "\x1b[I", "zzz")  # F1 and a window's focus type nothing
    screen.wait_for("✗ nothing matches 'zzz'")
    screen.send("enter", *["backspace"] * 3)
    screen.wait_for("200 of 200")
    screen.send("esc")
    screen.wait_for("result: back")


def test_a_long_list_scrolls_in_40_by_12(demo: Demo) -> None:
    screen = demo("search", columns=40, rows=12)
    screen.wait_for(f"{POINTER} picture-000.jpg")
    screen.send("pagedown", "pagedown")
    screen.wait_for("↑")
    screen.send("end")
    screen.wait_for(f"{POINTER} picture-199.jpg")


def test_of_ten_thousand_rows_only_those_in_the_window_are_drawn() -> None:
    drawn: list[int] = []

    def row(number: int, pointed: bool) -> StyleAndTextTuples:
        drawn.append(number)
        return [("", f"row {number}")]

    listing = Listing(lambda: 10_000, row)
    content = listing.window().content.create_content(80, 20)
    assert content.line_count == 10_000
    assert drawn == []
    assert content.get_line(7)[-1] == ("", "row 7")
    assert drawn == [7]


def test_a_search_is_done_once_for_each_change_of_it() -> None:
    searched: list[str] = []

    class Title(str):
        def lower(self) -> str:
            searched.append(self)
            return super().lower()

    options = [Option(Title(f"picture-{number:05}.jpg"), number) for number in range(1000)]
    found = _Found(options)
    found.type("99")
    assert len(found.matches) == 19
    for place in range(19):
        found.row(place, False)
    assert len(searched) <= 2 * len(options)


def test_a_long_name_is_cut_in_its_middle_and_hides_no_note(demo: Demo) -> None:
    screen = demo("names", columns=60)
    screen.wait_for("short.jpg")
    lines = [line for line in screen.lines if "a_very" in line]
    one, another = lines
    assert one.endswith("one.jpg   1.2 MB")
    assert another.endswith("another.jpg   3 kB")


def test_a_checklist_can_be_searched(demo: Demo) -> None:
    screen = demo("checklist")
    screen.wait_for("/ search")
    screen.send("/", "a", "sc")
    screen.wait_for("nothing matches 'asc'")
    screen.send(*["backspace"] * 3, "gray")
    screen.wait_for("1 of 3  gray")
    screen.send("enter", "a")
    screen.wait_for("2 checked")
    screen.send("enter")
    screen.wait_for("result: ['gray', 'blur']")


def test_esc_clears_a_search_and_keeps_what_is_checked(demo: Demo) -> None:
    screen = demo("checklist")
    screen.wait_for("1 checked")
    screen.send("/", "gray", "enter", "space")
    screen.wait_for("1 of 3  gray")
    screen.wait_for("2 checked")
    screen.send("esc")
    screen.wait_for("Sharpen")
    screen.send("/", "zzz")
    screen.wait_for("nothing matches")
    screen.send("esc")
    screen.wait_for("Sharpen")
    screen.send("enter")
    screen.wait_for("result: ['gray', 'blur']")


def test_checkboxes_have_an_ascii_form(demo: Demo) -> None:
    screen = demo("checklist", env={"LANG": "C"})
    screen.wait_for("[x] Blur")
    assert screen.text.isascii()


@pytest.mark.parametrize(
    ("title", "note", "told"),
    [
        ("lunch.jpg", "12 kB", []),
        ("a" * 90, "12 kB", ["a" * 90 + ": 12 kB"]),
        ("lunch.jpg", "of a dog " * 12, ["lunch.jpg: " + "of a dog " * 12]),
        ("a" * 90, "", ["a" * 90]),
    ],
)
def test_the_line_at_the_pointer_is_told_in_full_where_it_is_cut(
    title: str, note: str, told: list[str]
) -> None:
    found = _Found([Option("other", 0), Option(title, 1, note)])
    assert found.cut() == []
    found.listing.index = 1
    assert found.cut() == told
    found.type("nothing like it")
    assert found.cut() == []


def test_words_that_are_not_shown_are_searched_too() -> None:
    found = _Found([Option("1,2", 0, words="01M7Y17T ada refused"), Option("3,4", 1)])
    for typed, matches in (("ADA 01m7", [0]), ("refused 1,2", [0]), ("bob", []), ("3", [1])):
        found.type(typed)
        assert found.matches == matches
    assert "ada" not in "".join(text for _, text, *_ in found.row(0, False))
