"""Questions whose answers are lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.console import Back, prompts
from labapp.errors import UsageError
from tests.support.spoken import Spoken


def test_a_text_is_asked_for_until_nothing_is_wrong_with_it(spoken: Spoken) -> None:
    def check(text: str) -> str:
        return "" if text == "1,2" else "that is no list"

    spoken.type("x", " 1,2", "1,2")
    answer = prompts.text("Integers:", default="7", check=check, hint="(few)", frame=spoken.frame)
    assert answer == "1,2"
    assert spoken.text.count("Integers (few) [7]: ") == 3
    assert spoken.text.count("That is no list.") == 2


def test_enter_alone_takes_what_stands_in_brackets(spoken: Spoken) -> None:
    spoken.type("", "")
    assert prompts.text("Name:", default="anna", frame=spoken.frame) == "anna"
    assert prompts.integer("How many?", minimum=1, maximum=9, default=4, frame=spoken.frame) == 4


class Kept:
    """A history in memory."""

    def __init__(self, *answers: str) -> None:
        self.kept = [*answers]

    def answers(self) -> list[str]:
        return self.kept

    def add(self, answer: str) -> None:
        self.kept.append(answer)


def test_earlier_answers_are_read_out_and_chosen_by_number(spoken: Spoken) -> None:
    history = Kept("1,2", "3,4")
    spoken.type("?", "earlier", "<", "earlier", "7", "2")
    assert prompts.text("Integers:", frame=spoken.frame, history=history) == "1,2"
    assert "1. 3,4" in spoken.text
    assert "earlier reads what was typed before" in " ".join(spoken.lines)
    assert history.kept[-1] == "1,2"


def test_a_command_asks_without_a_page(spoken: Spoken) -> None:
    spoken.type("maybe", "YES", "other", "labapp")
    assert prompts.confirm("Delete it?")
    prompts.confirm_by_name("Which bucket?", "labapp")
    assert spoken.lines[0] == "Delete it? y or n [n]: Type y for yes or n for no."
    assert "Accessible" not in spoken.text


def test_enter_alone_says_no_and_back_goes_back(spoken: Spoken) -> None:
    spoken.type("", "?", "<")
    assert not prompts.confirm("Sure?", frame=spoken.frame)
    with pytest.raises(Back):
        prompts.confirm("Sure?", frame=spoken.frame)
    assert "Type y for yes" in spoken.text


def test_a_path_is_typed_whole(spoken: Spoken, tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(b"")
    spoken.type("", str(tmp_path / "no"), f'"{tmp_path / "a b.png"}"')
    assert prompts.path("File:", kind="file", frame=spoken.frame) == tmp_path / "a b.png"
    assert "Type a path." in spoken.text
    assert "Tab" not in spoken.text
    assert "There is no file" in spoken.text


def test_without_a_terminal_nobody_is_asked(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken.keyboard, "isatty", lambda: False)
    with pytest.raises(UsageError):
        prompts.confirm("Sure?")
