"""Menus as numbered lines."""

from __future__ import annotations

import pytest

from labapp.console.accessible import voice
from labapp.console.menu import MenuItem, choose
from labapp.console.stage import Notice
from tests.support.spoken import Spoken

ITEMS = [
    MenuItem("1", "Numbers", "numbers", note="a list"),
    MenuItem("2", "Purge", "purge", disabled="nothing is there"),
    MenuItem("w", "Start a worker", "worker"),
]


def chosen(spoken: Spoken, *, top: bool = False) -> str | None:
    item = choose(
        "What now?", ITEMS, frame=spoken.frame, help="All of it.", intro="Hello.", top=top
    )
    return item.value if item else None


def test_lines_are_told_with_their_keys_and_one_is_typed(spoken: Spoken) -> None:
    spoken.type("w")
    assert chosen(spoken) == "worker"
    start = spoken.lines.index("What now?")
    assert spoken.lines[start:] == [
        "What now?",
        "Hello.",
        "1. Numbers (a list)",
        "2. Purge (not now: nothing is there)",
        "w. Start a worker",
        "0. Back",
        "Choice: ",
    ]


@pytest.mark.parametrize("answer", ["0", "<", "back", "\x1b"])
def test_back_is_typed_in_more_ways_than_one(spoken: Spoken, answer: str) -> None:
    spoken.type(answer)
    assert chosen(spoken) is None


def test_an_answer_of_another_case_counts_and_one_that_is_none_is_told(spoken: Spoken) -> None:
    spoken.type("7", "\x1b[A", "a" * 4000, "W")
    assert chosen(spoken) == "worker"
    assert "Choice: There is no '7' in this menu. Type one of 1, 2, w, 0." in spoken.lines
    assert "Choice: There is no '?[A' in this menu. Type one of 1, 2, w, 0." in spoken.lines
    assert "a" * 41 not in spoken.text


def test_what_cannot_be_done_now_says_why(spoken: Spoken) -> None:
    spoken.type("2", "1")
    assert chosen(spoken) == "numbers"
    assert "Choice: Not now: nothing is there." in spoken.lines


def test_the_first_menu_is_left_by_its_last_line_alone(spoken: Spoken) -> None:
    spoken.type("<", "?", "q")
    assert chosen(spoken, top=True) is None
    assert "Choice: This is the first menu; q quits." in spoken.lines
    assert "Choice: All of it." in spoken.lines


def test_the_end_of_input_leaves_every_menu(spoken: Spoken) -> None:
    assert chosen(spoken) is None
    assert chosen(spoken, top=True) is None


def test_nobody_is_there_once_input_ends_again_and_again(spoken: Spoken) -> None:
    for _ in range(voice.MOST_ENDS - 1):
        assert chosen(spoken) is None
    with pytest.raises(KeyboardInterrupt):
        chosen(spoken)


def test_how_to_answer_and_what_is_acted_on_are_said_once_and_then_what_is_new(
    spoken: Spoken,
) -> None:
    def happens() -> None:
        spoken.workers = 1
        spoken.notices = [Notice("job 7 is done", "done")]

    spoken.type(happens, "", "1")
    chosen(spoken)
    text = " ".join(spoken.lines)
    assert text.count("Accessible mode (a test asks for it).") == 1
    assert (
        text.count("labapp: client, cloud local, region us-east-1, bucket labapp, user anna.") == 1
    )
    assert spoken.lines.count("Choice: Now: 1 worker.") == 1
    assert spoken.lines.count("Done: job 7 is done") == 1
    assert spoken.lines[spoken.lines.index("Done: job 7 is done") + 1] == "1. Numbers (a list)"


def test_the_manual_is_opened_from_any_question(spoken: Spoken) -> None:
    opened: list[object] = []
    spoken.frame.manual = lambda: opened.append(spoken.frame.manual)
    spoken.type("manual", "1")
    assert chosen(spoken) == "numbers"
    assert opened == [None], "its own pages lead to no other"
