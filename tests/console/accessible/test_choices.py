"""Long lists in pages of twenty, tables, and several of some options."""

from __future__ import annotations

import pytest

from labapp.console import Back, browse, lists, tables
from labapp.console.key import Key
from tests.support.spoken import Spoken

PICTURES = [lists.Option(f"picture-{number:02}.jpg", number, "1 kB") for number in range(1, 47)]


def test_a_long_list_is_read_in_pages_and_narrowed_by_words(spoken: Spoken) -> None:
    spoken.type("more", "more", "more", "less", "/4", "1", "/nothing", "/", "99", "45")
    assert lists.search_list("Which?", PICTURES, frame=spoken.frame) == 45
    assert spoken.text.count("1. picture-01.jpg: 1 kB") == 2
    assert "1 to 20 of 46; more reads on." in spoken.lines
    assert "41 to 46 of 46." in spoken.lines
    assert "40. picture-40.jpg: 1 kB" in spoken.text
    assert "11 with '4'." in spoken.lines
    assert "Nothing has 'nothing'." in spoken.text
    assert "There is no '1' here. Type the number of a row that was read" in spoken.text
    assert "There is no '99' here. Type a number from 1 to 46." in spoken.text


def test_a_title_typed_whole_is_as_good_as_its_number(spoken: Spoken) -> None:
    spoken.type("Picture-07.jpg")
    assert lists.search_list("Which?", PICTURES, frame=spoken.frame, among="the newest 100") == 7
    assert "1 to 20 of 46 of the newest 100; more reads on." in spoken.lines


def test_a_list_is_left_by_back(spoken: Spoken) -> None:
    spoken.type("back")
    with pytest.raises(Back):
        lists.search_list("Which?", PICTURES[:2], frame=spoken.frame)


def test_options_are_checked_by_their_numbers(spoken: Spoken) -> None:
    looked: list[int] = []
    options = [*PICTURES[:5], lists.Option("other", 6, checked=True)]
    spoken.type("none", "", "9", "1 3-4", "3", "v 2", "/other", "all", "")
    found = lists.checklist("Which?", options, look=looked.append, frame=spoken.frame)
    assert found == [1, 4, 6]
    assert looked == [2]
    assert "6. checked: other" in spoken.text
    assert "Check at least one" in spoken.text


def test_a_row_of_a_table_is_opened_by_its_number(spoken: Spoken) -> None:
    rows = [
        (f"picture-{number}.jpg", number, tables.mark("warn", "disputed")) for number in range(30)
    ]
    table = tables.fitted(["name", "answers", "state"], rows)
    enter, sort = Key("Enter", "open"), Key("s", "sort")

    def pressed() -> tuple[Key, int] | None:
        return browse.browse("Pictures", table, frame=spoken.frame, keys=[enter, sort], start=22)

    spoken.type("less", "3", "s", "s 5", "x", "s 99", "<")
    assert pressed() == (enter, 2)
    assert "23. picture-22.jpg: answers 22, state note: disputed" in spoken.lines
    assert pressed() == (sort, 22)
    assert pressed() == (sort, 4)
    assert pressed() is None


def test_a_table_that_a_row_was_opened_of_is_not_read_again(spoken: Spoken) -> None:
    rows = [(f"{number}.jpg", number) for number in range(3)]
    table, enter = tables.fitted(["name", "answers"], rows), Key("Enter", "open")
    spoken.type("/2.", "3", "", "<", "<")
    for start in (0, 2, 0):
        browse.browse(
            "Pictures", table, frame=spoken.frame, keys=[enter], start=start, note="o searches all"
        )
    assert "o searches all." in spoken.lines
    assert [line[:2] for line in spoken.lines if "answers" in line] == [
        "1.", "2.", "3.",  # opened for the first time
        "Nu",  # the search, behind the prompt
        "3.",  # after a row was opened
        "Nu",  # Enter alone: the search is still on
        "1.", "2.", "3.",  # after it was left
    ]  # fmt: skip


def test_a_key_for_a_row_wants_its_number_where_there_are_several(spoken: Spoken) -> None:
    rows = [(f"{number}.jpg", number) for number in range(3)]
    remove = Key("x", "remove", help="removes the one at the pointer", on_row=True)

    def pressed(count: int) -> tuple[Key, int] | None:
        table = tables.fitted(["name", "answers"], rows[:count])
        keys = [Key("Enter", "open"), remove]
        return browse.browse("Pictures", table, frame=spoken.frame, keys=keys)

    spoken.type("x", "?", "x 2", "x")
    assert pressed(3) == (remove, 1)
    assert "x wants the number of a row, as in 'x 1'." in spoken.text
    assert "x and a number (remove)" in spoken.text
    assert "x removes the one of that row." in spoken.text
    assert pressed(1) == (remove, 0)
