"""The page of two sides: panels left, the view right; one column where there is no room."""

from __future__ import annotations

import gc
import weakref

import pytest
from prompt_toolkit.key_binding import KeyBindings

from labapp.console.split import Split
from labapp.console.stage import Frame
from tests.console.conftest import Demo

POINTER = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"


def test_the_view_follows_the_pointer_and_the_page_comes_back_as_it_was(demo: Demo) -> None:
    screen = demo("sides", columns=120, rows=30)
    screen.wait_for("number 0                              0:78x")
    screen.send("down")
    screen.wait_for("1:78x")
    screen.wait_for("caption of 1")
    screen.send("p")  # a page of its own
    screen.wait_for(" Another")
    screen.send("esc")
    screen.wait_for(f"{POINTER} number 1                              1:78x")
    screen.send("e")
    screen.wait_for("it went wrong. Do it again.")
    screen.send("esc", "m")
    screen.wait_for(f"{POINTER} number 1  ")
    screen.wait_for(" marked")
    screen.send("esc")  # takes back the mark alone
    screen.wait_gone(" marked")
    screen.send("up", "end")
    screen.wait_for(f"{POINTER} number 999")
    screen.send("enter")
    screen.wait_for("A low one")
    screen.wait_for("999:78x")  # the view of the panel below it
    screen.send("v")
    screen.wait_for("999:118x")
    screen.send("?")
    screen.wait_for("In full:")
    screen.wait_for("the number 0 in full")
    screen.send("esc", "esc", "esc")  # the help, the view alone, the panel
    screen.wait_for(f"{POINTER} number 999")
    screen.send("esc")
    screen.wait_for("result: 'left'")
    assert screen.finish() == 0


def test_a_slow_picture_leaves_the_last_one_for_a_moment_and_keys_go_on(demo: Demo) -> None:
    screen = demo("sides", columns=120, rows=30)
    screen.wait_for("0:78x")
    screen.send("down", "down", "down")
    screen.wait_for("✗ it has no picture")
    screen.send(*["down"] * 10)
    screen.wait_for("caption of 13")
    screen.wait_gone("12:78x")
    screen.wait_for(" …")
    screen.send("down")
    screen.wait_for(f"{POINTER} number 14")
    screen.wait_for("14:78x")


@pytest.mark.parametrize(("columns", "rows", "picture"), [(80, 24, "1:78x"), (40, 12, "1:38x")])
def test_one_column_has_the_list_or_the_view(
    demo: Demo, columns: int, rows: int, picture: str
) -> None:
    screen = demo("sides", columns=columns, rows=rows)
    screen.wait_for("maximum is 55")
    screen.send("down")
    screen.wait_for("caption of 1")
    assert "1:" not in screen.text
    screen.send("v")
    screen.wait_for(picture)
    assert POINTER not in screen.text
    screen.send("p")  # a page of its own, which comes back to the picture alone
    screen.wait_for(" Another")
    screen.send("esc")
    screen.wait_for(picture)
    assert POINTER not in screen.text
    screen.send("enter")
    screen.wait_for(picture)
    screen.wait_for(f"{POINTER} number 0")
    screen.send("esc")
    screen.wait_for(f"{POINTER} number 1")


def test_a_short_list_in_one_column_has_a_small_picture_below_it(demo: Demo) -> None:
    screen = demo("few_sides", columns=80, rows=24)
    screen.wait_for("0:78x")
    screen.wait_for(f"{POINTER} number 0")
    screen.send("down", "m")  # what is told below the list takes rows of the picture
    screen.wait_for("marked")
    screen.wait_for("1:78x")
    screen.wait_for("caption of 1")
    screen.wait_for("? help")
    screen.resize(40, 12)
    screen.wait_gone("1:")
    screen.wait_for("caption of 1")


def test_a_panel_that_was_taken_away_is_not_kept() -> None:
    class Panel:
        view = None

        def bindings(self) -> KeyBindings:
            bindings = KeyBindings()
            bindings.add("x")(lambda _: self)
            return bindings

    split = Split(Frame(pytest.fail), lambda _title, _action: None)
    split.push(Panel())  # type: ignore[arg-type]
    above = Panel()
    split.push(above)  # type: ignore[arg-type]
    split.pop()
    seen = weakref.ref(above)
    del above
    gc.collect()
    assert seen() is None
