"""Tables to move in, in a real terminal."""

from __future__ import annotations

from labapp.console.browse import _Browser
from labapp.console.tables import fitted
from labapp.console.theme import UNICODE
from tests.console.conftest import Demo

POINTER = UNICODE.pointer


def test_headings_stay_while_ten_thousand_rows_scroll(demo: Demo) -> None:
    screen = demo("browsed")
    screen.wait_for(f"{POINTER} picture-00000.jpg         0   ! disputed")
    screen.send("end")
    screen.wait_for(f"{POINTER} picture-09999.jpg     9,999   ! disputed")
    screen.wait_for("name                answers   state")
    screen.wait_for("10,000 of 10,000")


def test_enter_gives_the_row_and_a_key_too(demo: Demo) -> None:
    screen = demo("browsed")
    screen.wait_for("Enter open")
    screen.send("down", "down", "enter")
    screen.wait_for("result: ('Enter', 2)")
    screen = demo("browsed")
    screen.wait_for("s sort")
    screen.send("x", "down", "s")
    screen.wait_for("result: ('s', 1)")


def test_escape_leaves_it(demo: Demo) -> None:
    screen = demo("browsed")
    screen.wait_for("Enter open")
    screen.send("esc")
    screen.wait_for("result: None")


def test_at_40_by_12_the_columns_that_can_go_are_gone(demo: Demo) -> None:
    screen = demo("browsed", columns=32, rows=12)
    screen.wait_for("picture-00002.jpg")
    assert "disputed" not in screen.text
    assert "answers" in screen.text


def test_the_pointer_stays_on_its_row_where_others_come_before_it() -> None:
    tables = [fitted(["job"], [["a"], ["b"]])]
    browser = _Browser(lambda: tables[-1], 1, "")
    tables.append(fitted(["job"], [["new"], ["a"], ["b"]]))
    assert browser.table.rows[browser.listing.index][0].plain == "b"
    tables.append(fitted(["job"], [["new"]]))
    assert len(browser.table.rows) == 1
    assert browser.listing.index == 0
