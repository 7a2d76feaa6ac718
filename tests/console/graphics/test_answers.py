"""No answer of a terminal is taken for a key, and no key is lost, however both arrive."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from labapp.console.graphics.answers import Answers

ANSWERS = ["\x1b[?62;4c", "\x1b[?1;2c", "\x1b[?6c", "\x1b[6;20;10t", "\x1b[?61;1;21;22;28c"]
KEYS = [
    *("a", "?", "[", "6", ";", "c", "\r", "é", "\t", "\x7f"),
    *("\x1b[A", "\x1b[D", "\x1bOP", "\x1b[15~", "\x1b[6~", "\x1b[6;5~", "\x1b[1;5C", "\x1b[20~"),
    *("\x1bx", "\x1b[Z", "\x1b[24;80R"),
]
PASTES = ["\x1b[200~a list: 1,2\x1b[201~", "\x1b[200~odd \x1b[?62;4c \x1b[6;\x1b[201~"]


class Judge:
    """prompt_toolkit's own reader, and what it made of what it was given."""

    def __init__(self) -> None:
        self.pressed: list[tuple[str, str]] = []
        self.parser = Vt100Parser(self._press)

    def _press(self, press: KeyPress) -> None:
        self.pressed.append((str(press.key), press.data))


def through(*chunks: str | None) -> tuple[list[tuple[str, str]], list[str]]:
    """Feed chunks, None for a pause, through the filter; return the keys and the answers."""
    judge, heard = Judge(), list[str]()
    answers = Answers(heard.append).before(judge.parser)
    for chunk in chunks:
        if chunk is None:
            answers.flush()
        else:
            answers.feed(chunk)
    answers.flush()
    return judge.pressed, heard


def names(*chunks: str | None) -> list[str]:
    return [name for name, _ in through(*chunks)[0]]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_heard_and_is_no_key(answer: str) -> None:
    assert through(answer) == ([], [answer])
    assert through(*answer) == ([], [answer])


def test_esc_stays_a_key_before_an_answer_behind_one_and_alone() -> None:
    assert names("\x1b") == [str(Keys.Escape)]
    assert names("\x1b", None, ANSWERS[0]) == [str(Keys.Escape)]
    assert names("\x1b" + ANSWERS[0] + "[") == [str(Keys.Escape), "["]
    assert names(ANSWERS[0] + "\x1b", None, "q") == [str(Keys.Escape), "q"]


def test_what_only_begins_like_an_answer_is_typed() -> None:
    assert names("\x1b[6", "~") == [str(Keys.PageDown)]
    assert names("\x1b[6;5", "~") == [str(Keys.ControlPageDown)]
    assert names("\x1b[", None) == [str(Keys.Escape), "["]
    assert names("\x1b[?62q") == [str(Keys.Escape), *"[?62q"]


def test_an_answer_that_stops_half_way_for_long_is_still_none_of_keys() -> None:
    assert through("\x1b[?62", None, None, ";4cq") == ([("q", "q")], ["\x1b[?62;4c"])
    assert through("\x1b[6;20;1", None, "0t") == ([], ["\x1b[6;20;10t"])


def test_a_page_goes_on_with_what_the_last_one_began() -> None:
    first, second, heard = Judge(), Judge(), list[str]()
    answers = Answers(heard.append).before(first.parser)
    answers.feed("a\x1b[?62;")
    assert answers.keeps
    answers.before(second.parser).feed("4cb")
    assert (heard, [*first.pressed, *second.pressed]) == (["\x1b[?62;4c"], [("a", "a"), ("b", "b")])
    assert not answers.keeps


def test_what_is_pasted_stays_as_it_is() -> None:
    for size in range(1, 9):
        pieces = [PASTES[1][start : start + size] for start in range(0, len(PASTES[1]), size)]
        assert through(*pieces, ANSWERS[1]) == (
            [(str(Keys.BracketedPaste), "odd \x1b[?62;4c \x1b[6;")],
            [ANSWERS[1]],
        )


@settings(max_examples=150, deadline=None)
@given(
    items=st.lists(st.sampled_from([*KEYS, *PASTES, *ANSWERS, "\x1b"]), max_size=8),
    cuts=st.lists(st.integers(0, 120), max_size=10),
)
def test_answers_among_keys_leave_the_keys_as_they_are(items: list[str], cuts: list[int]) -> None:
    """However it is cut into pieces; Esc alone is followed by a pause, as its user makes one."""
    judge, stream, pauses = Judge(), "", set[int]()
    for item in items:
        stream += item
        if item in ANSWERS or item == "\x1b":
            pauses.add(len(stream))
        if item not in ANSWERS:
            judge.parser.feed(item)
        if item in ANSWERS or item == "\x1b":
            judge.parser.flush()
    judge.parser.flush()
    places = sorted({0, len(stream), *pauses, *(cut for cut in cuts if cut < len(stream))})
    chunks: list[str | None] = []
    for start, end in pairwise(places):
        chunks += [stream[start:end], *([None] if end in pauses and stream[end - 1] != "c" else [])]
    heard = [item for item in items if item in ANSWERS]
    assert through(*chunks) == (judge.pressed, heard)
