"""The terminal is asked once, whoever answers how; pages get pixels from the next drawing on."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.output.vt100 import Vt100_Output

from labapp.console import terminal
from labapp.console.accessible import mode
from labapp.console.graphics import choice, question, tmux
from labapp.console.graphics.detection import Seen
from labapp.console.graphics.question import Question
from labapp.console.graphics.tmux import Tmux
from tests.support.platforms import posix_only

pytestmark = posix_only("nothing is asked on Windows")

if sys.platform != "win32":
    import termios

XTERM = {"TERM": "xterm-256color"}
ASKED = "\x1b[16t\x1b[c"
CELLS, SIXEL = "\x1b[6;18;9t", "\x1b[?62;4;22c"


@pytest.fixture(autouse=True)
def undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_current", None)
    monkeypatch.setattr(choice, "_decide", choice.Choice)
    monkeypatch.setattr(question, "_question", None)
    monkeypatch.setattr(terminal, "_last_acts", [])


class Sheet:
    """Stands for a terminal's screen: keeps what is written."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, data: str) -> int:
        self.text += data
        return len(data)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


class Page:
    """One page of an application, on a keyboard that tests type on.

    Args:
        asked: the process's question.
        keyboard: what is typed.
    """

    def __init__(self, asked: Question, keyboard: PipeInput) -> None:
        self.sheet = Sheet()
        self.pressed: list[str] = []
        bindings = KeyBindings()

        @bindings.add(Keys.Any)
        @bindings.add(Keys.Escape)
        @bindings.add("up")
        def _(event: Any) -> None:
            self.pressed.append(str(event.key_sequence[0].key).removeprefix("Keys."))

        output = Vt100_Output(self.sheet, lambda: Size(24, 80), term="xterm")  # type: ignore[arg-type]
        output.enable_cpr = False
        self.app: Application[Any] = Application(
            key_bindings=bindings, input=keyboard, output=output
        )
        self.app.ttimeoutlen = self.app.timeoutlen = 0.05
        asked.attach(self.app, lambda: None)

    def play(self, act: Callable[[], object], until: Callable[[], bool]) -> str:
        """Open the page, do something once it is drawn, leave it once so; return the keys."""

        async def wait() -> None:
            while not self.app.render_counter:
                await asyncio.sleep(0.01)
            act()
            while not until():
                await asyncio.sleep(0.01)
            self.app.exit()

        def begin() -> None:
            self.app.create_background_task(wait())

        self.app.run(pre_run=begin)
        return " ".join(self.pressed)

    def type(self, keyboard: PipeInput, text: str, last: str) -> str:
        """Type something on the page until a last key is there; return the keys."""
        return self.play(lambda: keyboard.send_text(text), lambda: self.pressed[-1:] == [last])


def test_an_answer_gives_pixels_and_no_keys_and_is_asked_for_once() -> None:
    asked = Question(Seen(XTERM))
    assert asked.decide().is_open
    with create_pipe_input() as keyboard:
        page = Page(asked, keyboard)
        assert page.type(keyboard, f"a{CELLS}\x1b[A{SIXEL}{SIXEL}b", "b") == "a Up b"
        assert page.sheet.text.count(ASKED) == 1
        assert not asked.is_outstanding
        found = choice.current()
        assert (found.protocol, found.cell, found.is_open) == ("sixel", (9, 18), False)
        page = Page(asked, keyboard)
        assert page.type(keyboard, f"c{SIXEL}{CELLS}\x1b", "Escape") == "c Escape"
        assert ASKED not in page.sheet.text
        assert choice.current() == found


def test_an_answer_in_pieces_from_one_page_to_the_next_is_heard() -> None:
    asked = Question(Seen(XTERM))
    asked.decide()
    with create_pipe_input() as keyboard:
        assert Page(asked, keyboard).type(keyboard, "a\x1b[?1", "a") == "a"
        assert choice.current().is_open
        assert Page(asked, keyboard).type(keyboard, ";2cb", "b") == "b"
    assert choice.current().reason == "the terminal answers 1;2, without sixel"


def test_esc_at_the_end_of_a_page_is_a_key_of_the_next() -> None:
    asked = Question(Seen(XTERM))
    asked.decide()
    with create_pipe_input() as keyboard:
        assert Page(asked, keyboard).type(keyboard, "q\x1b", "q") == "q"
        page = Page(asked, keyboard)
        assert page.play(lambda: None, lambda: bool(page.pressed)) == "Escape"


def test_a_terminal_that_never_answers_keeps_blocks_and_keys() -> None:
    asked = Question(Seen(XTERM))
    asked.decide()
    with create_pipe_input() as keyboard:
        page = Page(asked, keyboard)
        assert page.type(keyboard, "\x1b[Aq", "q") == "Up q"
    assert (ASKED in page.sheet.text, asked.is_outstanding) == (True, True)
    assert choice.current().protocol == "blocks"


@pytest.fixture
def keyboard_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Have standard input be a terminal; gives its user's side."""
    user, program = os.openpty()
    with os.fdopen(program, encoding="utf-8") as keyboard:
        monkeypatch.setattr(sys, "stdin", keyboard)
        yield user
    os.close(user)


def waiting() -> Question:
    asked = Question(Seen(XTERM))
    asked.decide()
    with create_pipe_input() as keyboard:
        Page(asked, keyboard).type(keyboard, "q", "q")
    assert asked.is_outstanding
    return asked


def test_what_is_long_overdue_is_not_waited_for(
    keyboard_of: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = waiting()
    os.write(keyboard_of, b"ls\n")
    monkeypatch.setattr(question, "_LATEST", -1.0)
    asked.settle()
    assert os.read(sys.stdin.fileno(), 100) == b"ls\n"


def test_an_answer_that_comes_as_the_program_ends_does_not_reach_the_shell(
    keyboard_of: int,
) -> None:
    asked, found = waiting(), termios.tcgetattr(sys.stdin)
    os.write(keyboard_of, f"{CELLS}{SIXEL}ls\n".encode())
    asked.settle()
    assert termios.tcgetattr(sys.stdin) == found
    assert choice.current().protocol == "sixel"
    assert os.read(sys.stdin.fileno(), 100) == b"ls\n"


def test_who_never_answers_is_not_waited_for_again(keyboard_of: int) -> None:
    asked = waiting()
    asked.settle()
    assert not asked.is_outstanding
    os.write(keyboard_of, b"ls\n")
    asked.settle()
    assert os.read(sys.stdin.fileno(), 100) == b"ls\n"
    assert choice.current().protocol == "blocks"


def test_a_page_that_was_stopped_before_the_answer_has_its_keys_again(keyboard_of: int) -> None:
    asked = Question(Seen(XTERM))
    asked.decide()
    with create_pipe_input() as keyboard:
        page = Page(asked, keyboard)

        def stop_and_go_on() -> None:
            assert asked.is_outstanding
            asked.settle()
            keyboard.send_text("q")

        late = time.monotonic() + 5
        assert (
            page.play(stop_and_go_on, lambda: bool(page.pressed) or time.monotonic() > late) == "q"
        )


@pytest.mark.parametrize("seen", [Seen({"TERM": "xterm-kitty"}), Seen(XTERM, unwelcome="dumb")])
def test_where_nothing_is_open_nothing_is_asked(seen: Seen) -> None:
    asked = Question(seen)
    asked.decide()
    with create_pipe_input() as keyboard:
        page = Page(asked, keyboard)
        assert page.type(keyboard, "q", "q") == "q"
    assert ASKED not in page.sheet.text


def test_tmux_is_asked_by_its_command_and_not_by_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Tmux((3, 5), "", 1, "kitty(0.41.1)", frozenset(), (9, 18), True)
    monkeypatch.setattr(tmux, "ask", lambda: told)
    asked = Question(Seen({"TERM": "tmux-256color", "TMUX": "x"}))
    asked.decide()
    with create_pipe_input() as keyboard:
        page = Page(asked, keyboard)
        page.play(lambda: None, lambda: not choice.current().is_open)
    assert ASKED not in page.sheet.text
    assert (choice.current().protocol, choice.current().in_tmux) == ("placeholders", True)


def test_most_commands_never_come_to_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-kitty")
    choice.decide_by(lambda: question.first_choice("auto"))
    assert question._question is None
    found = choice.current()  # tests have no terminal
    assert (found.protocol, found.reason) == ("blocks", "this is no terminal that has pages")


def test_the_settings_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-kitty")
    monkeypatch.setattr("labapp.console.theme.is_interactive", lambda: True)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def reason(images: str = "auto", color: str = "auto") -> str:
        return question.first_choice(images, "flag --images", color).reason

    assert reason() == "TERM is xterm-kitty"
    assert reason(color="never") == "colours are off"
    assert reason(images="iterm") == "images = iterm in flag --images"
    monkeypatch.setattr(mode, "_reason", "the setting accessible")
    assert reason() == "menus are numbered lists: the setting accessible"
