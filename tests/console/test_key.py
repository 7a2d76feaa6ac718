"""A key's hint, its sentence and what it answers to come from one declaration."""

from __future__ import annotations

import pytest

from labapp.console.key import REFRESH, Key
from labapp.console.stage import Stage
from tests.console.conftest import Demo


@pytest.mark.parametrize(
    ("key", "pressed"),
    [(Key("p", "pause"), "p"), (Key("Enter", "open"), "\r"), (Key("Space", "check"), " ")],
)
def test_a_key_answers_to_what_the_keyboard_sends_for_it(key: Key, pressed: str) -> None:
    assert key.answers_to(pressed)
    assert not key.answers_to("x")


def test_enter_stands_for_a_key_that_says_so() -> None:
    key = Key("p", "pictures", help="shows every picture", enter=True)
    assert key.answers_to("\r")
    assert key.answers_to("p")
    assert key.sentence == "Enter or p shows every picture."


def test_the_help_has_a_line_for_each_key_that_has_a_sentence() -> None:
    keys = [Key("o", "open", help="opens one"), Key("s", "sort"), REFRESH]
    stage = Stage(body=None, keys=lambda: keys, help=lambda: "What is there.")  # type: ignore[arg-type]
    assert stage.whole_help == "What is there.\n\no opens one."
    stage.help = str
    assert stage.whole_help == "o opens one."
    keys.clear()
    assert stage.whole_help == ""


def test_a_pages_line_of_keys_and_its_help_come_from_its_keys() -> None:
    acted: list[str] = []
    keys = [Key("p", "pause", lambda: acted.append("p"), "pauses", stays=True)]
    stage = Stage(body=None, keys=lambda: keys)  # type: ignore[arg-type]
    assert stage.hints == [("Esc", "back"), ("p", "pause"), ("?", "help")]
    assert stage.whole_help == "p pauses."
    found = stage.key_of("p")
    assert found
    found.act()
    assert acted == ["p"]
    keys.clear()
    assert stage.hints == [("Esc", "back")]
    assert stage.key_of("p") is None


def test_a_key_of_all_pages_is_declared_once(demo: Demo) -> None:
    screen = demo("everywhere")
    screen.wait_for("? help  z ring")
    screen.send("z")
    screen.wait_for("Rung")
    screen.send("?")
    screen.wait_for("z rings.")
    screen.send("esc", "1")  # the menu's
    screen.wait_for("The answer")
    screen.wait_for("z ring")
    screen.send("z")
    screen.wait_for("Rung")
    screen.send("n")  # the page's
    screen.wait_for("200 of 200")
    assert "z ring" not in screen.text
    screen.send("z")  # which is typed
    screen.wait_for("✗ nothing matches 'z'")
    screen.send("backspace", "enter")
    screen.wait_for("result: ['type', ")
