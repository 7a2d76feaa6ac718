"""Pages of results in a real terminal."""

from __future__ import annotations

import pytest

from tests.console.conftest import Demo


def test_a_result_stays_until_any_key(demo: Demo) -> None:
    screen = demo("results")
    screen.wait_for("01JD30002")
    screen.send("x")
    screen.wait_for("result: None")


def test_a_long_result_scrolls_to_its_end(demo: Demo) -> None:
    screen = demo("results")
    screen.wait_for("↑↓ scroll")
    assert "01JD30029" not in screen.text
    screen.send("end")
    screen.wait_for("01JD30029")
    screen.send("home")
    screen.wait_for("Status")
    screen.send(*["pagedown"] * 3)
    screen.wait_for("01JD30029")
    screen.send("up")
    screen.wait_gone("01JD30029")


def test_only_the_named_keys_end_a_page_that_has_some(demo: Demo) -> None:
    screen = demo("answer")
    screen.wait_for("n send another")
    screen.send("x", "enter", "p")
    screen.wait_for("result: 'p'")


def test_escape_leaves_a_page(demo: Demo) -> None:
    screen = demo("answer")
    screen.wait_for("n send another")
    screen.send("esc")
    screen.wait_for("result: None")


def test_a_live_page_refreshes_itself_in_place(demo: Demo) -> None:
    screen = demo("ticking")
    screen.wait_for("77 by ")
    screen.wait_for("up for 2 s")
    assert screen.text.count("up for") == 1
    screen.send("x")
    screen.wait_for("result: 'x'")


def test_a_live_page_is_told_its_new_size(demo: Demo) -> None:
    screen = demo("ticking")
    screen.wait_for("77 by ")
    screen.resize(40, 12)
    screen.wait_for("37 by ")


def test_foreign_escape_codes_are_shown_not_obeyed(demo: Demo) -> None:
    screen = demo("results")
    screen.wait_for("the worker?[31m was killed")
    assert screen.style_of("was killed").fg == "default"


def test_the_question_mark_explains_a_page(demo: Demo) -> None:
    screen = demo("results")
    screen.wait_for("01JD30002")
    screen.send("?")
    screen.wait_for("Numbers are summarised")
    screen.send("x")
    screen.wait_for("01JD30002")


#: F1, arrows and other keys that scroll where a page is long, Tab, text that is pasted.
@pytest.mark.parametrize(
    "pressed",
    [
        "\x1bOP",
        "\x1b[110;5u",
        "left",
        "up",
        "pagedown",
        "end",
        "space",
        "tab",
        "\x1b[200~nnn\nn\x1b[201~",
    ],
)
def test_any_key_leaves_a_page_that_says_so_and_leaks_into_no_other(
    demo: Demo, pressed: str
) -> None:
    screen = demo("two_pages")
    screen.wait_for("any key goes back")
    screen.send(pressed)
    screen.wait_for("The second")
    screen.send("x", "esc")
    screen.wait_for("result: [None, None]")


def test_a_long_page_scrolls_by_space_and_back_by_b_and_says_which_keys_leave_it(
    demo: Demo,
) -> None:
    screen = demo("long_page")
    screen.wait_for("any other key goes back  ↑↓ scroll  Space a page on")
    screen.send("space")
    screen.wait_gone("line 9")
    screen.send("b")
    screen.wait_for("line 9")
    screen.send(*["space"] * 9)
    screen.wait_for("line 50")
    screen.send("space", "left")
    screen.wait_for("result: None")


def test_a_page_keeps_its_own_b(demo: Demo) -> None:
    screen = demo("long_page", "b")
    screen.wait_for("Esc back  b by reason")
    screen.send("space")
    screen.wait_gone("line 9")
    screen.send("b")
    screen.wait_for("result: 'b'")


def test_what_is_typed_between_two_pages_waits_unseen_for_the_next(demo: Demo) -> None:
    screen = demo("between")
    screen.wait_for("First")
    screen.send("z", "down", "y")  # `z` ends the first; the rest comes before the second
    screen.wait_for("result: 'y'")
    assert b"^[" not in screen.raw
    assert screen.finish() == 0
