"""The terminal for tests behaves like one."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from tests.support.terminal import Spawn, Terminal
from tests.support.terminal import terminal as terminal


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_keys_reach_the_program_and_its_answer_the_screen(terminal: Spawn) -> None:
    screen = terminal(python("print(input('name? ')[::-1])"))
    screen.wait_for("name?")
    screen.send("anna-b", "enter")
    screen.wait_for("b-anna")
    assert screen.finish() == 0


@pytest.mark.parametrize("code", [0, 3, 130])
def test_the_exit_code_is_told(terminal: Spawn, code: int) -> None:
    assert terminal(python(f"raise SystemExit({code})")).finish() == code


def test_a_signal_is_told_as_the_shell_does(terminal: Spawn) -> None:
    screen = terminal(python("print('up', flush=True); import time; time.sleep(60)"))
    screen.wait_for("up")
    screen.kill(signal.SIGTERM)
    assert screen.finish() == 143


def test_waiting_in_vain_shows_the_screen() -> None:
    with (
        Terminal(python("print('something else')")) as screen,
        pytest.raises(AssertionError, match="something else"),
    ):
        screen.wait_for("never")


def test_the_program_is_dead_after_the_block() -> None:
    with Terminal(python("print('up', flush=True); import time; time.sleep(60)")) as screen:
        screen.wait_for("up")
        pid = screen.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_cursors_position_is_answered(terminal: Spawn) -> None:
    code = (
        "import sys, tty, os; tty.setcbreak(0); sys.stdout.write('\\n\\n  \\x1b[6n');"
        "sys.stdout.flush(); print(repr(os.read(0, 20)))"
    )
    screen = terminal(python(code))
    screen.wait_for(r"b'\x1b[3;3R'")


def test_the_alternate_screen_hides_the_shells_and_gives_it_back(terminal: Spawn) -> None:
    code = (
        "import sys; print('shell', flush=True); input();"
        "sys.stdout.write('\\x1b[?1049h\\x1b[Hpage'); sys.stdout.flush(); input();"
        "sys.stdout.write('\\x1b[?1049l'); print('again')"
    )
    screen = terminal(python(code))
    screen.wait_for("shell")
    screen.send("enter")
    screen.wait_for("page")
    assert screen.alternate
    assert "shell" not in screen.text
    screen.send("enter")
    screen.wait_for("again")
    assert not screen.alternate
    assert "shell" in screen.text
    assert "page" not in screen.text


def test_a_resize_is_noticed_by_the_program(terminal: Spawn) -> None:
    code = (
        "import os, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\n"
        "print('up', flush=True)\n"
        "signal.sigwait([signal.SIGWINCH])\n"
        "print(os.get_terminal_size(0))"
    )
    screen = terminal(python(code))
    screen.wait_for("up")
    screen.resize(100, 30)
    screen.wait_for("columns=100, lines=30")


def test_the_environment_is_the_same_everywhere(
    terminal: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    code = "import os; print(os.environ.get('NO_COLOR'), os.environ['TERM'], os.environ.get('X'))"
    screen = terminal(python(code), env={"X": "y"})
    screen.wait_for("None xterm-256color y")


def test_the_picture_of_a_screen_is_the_same_each_time_and_shows_its_colours(
    terminal: Spawn,
) -> None:
    code = r"print('\x1b[1;32mgreen\x1b[0m \x1b[38;5;208morange\x1b[0m \x1b[7mback\x1b[0m <&>')"
    pictures = []
    for _ in range(2):
        screen = terminal(python(code), columns=40, rows=5)
        screen.finish()
        pictures.append(screen.svg("Colours"))
    assert pictures[0] == pictures[1]
    assert "orange" in pictures[0]
    assert "#ff8700" in pictures[0]
    assert "&lt;&amp;&gt;" in pictures[0]
    assert "@font-face" not in pictures[0]
    assert "Colours" in pictures[0]
