"""Pages of results in a real terminal."""

from __future__ import annotations

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


def test_what_is_typed_between_two_pages_waits_unseen_for_the_next(demo: Demo) -> None:
    screen = demo("between")
    screen.wait_for("First")
    screen.send("down", "z", "down", "y")  # `z` ends the first; the rest comes before the second
    screen.wait_for("result: 'y'")
    assert b"^[" not in screen.raw
    assert screen.finish() == 0
