"""Ctrl-Z under a shell with job control: the terminal is its own until fg, and then whole again."""

from __future__ import annotations

import os
import signal
import sys

import pyte
import pytest

from tests.console.conftest import DEMO
from tests.support.modes import left_by
from tests.support.terminal import Spawn, Terminal

PROMPT = "ready$"

#: Part, what it shows first and last, a key and what comes of it.
PARTS = {
    "top": ("labapp client", "q quit", "q", "result: None"),
    "text": ("labapp client", "Enter accept", "12\r", "result: '12'"),
    "wait 60": ("labapp client", "Esc leave", "\x1b", "result: None"),
    "inline": ("Delete all", "(y/N)", "y", "Name:"),
    "dashboard": ("ticks", "jobs a second", "x", "log line: x"),
    "stopping": ("labapp client", "q quit", "q", "result: None"),
    "slow_upload": ("uploading", "0%", "\x1b", "result: 0"),
}


def in_a_shell(terminal: Spawn, part: str, shell: str = "bash") -> Terminal:
    """Start a part from the prompt of a shell that has job control, and wait until it is there."""
    words = {"bash": ["bash", "--norc", "--noprofile", "-i"], "sh": ["sh", "-i"]}
    # By variables, since the shell tells its jobs as they were typed: no path breaks the lines.
    names = {"PYTHON": sys.executable, "DEMO": str(DEMO)}
    screen = terminal(words[shell], env={"PS1": f"{PROMPT} ", "ENV": "", **names})
    screen.wait_for(PROMPT)
    screen.send(f'clear; "$PYTHON" "$DEMO" {part}\r')
    is_whole(screen, part)
    return screen


def is_whole(screen: Terminal, part: str) -> None:
    first, last, _, _ = PARTS[part]
    screen.wait_for(first)
    screen.wait_for(last)


def is_stopped(screen: Terminal) -> None:
    def asks() -> bool:
        return "Stopped" in screen.text and screen.text.splitlines()[-1] == PROMPT

    screen.wait_until(asks, "the shell's prompt")


@pytest.mark.parametrize("part", [part for part in PARTS if part != "stopping"])
def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again(
    terminal: Spawn, part: str
) -> None:
    screen = in_a_shell(terminal, part)
    screen.send("ctrl-z")
    is_stopped(screen)
    # The shell's own editing marks pasted text; all else is as after power-on.
    assert set(left_by(screen.raw)) <= {"?2004h"}
    screen.send("clear; fg\r")
    screen.wait_gone("Stopped")  # until then it may be what stood there before
    is_whole(screen, part)
    *_, key, after = PARTS[part]
    screen.send(key)
    screen.wait_for(after)


@pytest.mark.parametrize("part", ["top", "dashboard"])
def test_a_shell_that_sets_no_modes_finds_those_that_it_left(terminal: Spawn, part: str) -> None:
    screen = in_a_shell(terminal, part, "sh")
    screen.send("ctrl-z")
    is_stopped(screen)
    assert screen.left_over() == []
    screen.resize(60, 12)
    screen.send("fg\r")
    is_whole(screen, part)
    screen.send("ctrl-c")
    screen.wait_for("result: ")


@pytest.mark.parametrize("part", ["top", "dashboard", "stopping"])
def test_a_stop_that_cannot_be_heard_is_made_good_when_the_program_goes_on(
    terminal: Spawn, part: str
) -> None:
    screen = in_a_shell(terminal, part)
    if part != "stopping":
        os.killpg(screen.front, signal.SIGSTOP)
    screen.wait_for("Stopped")
    screen.send("clear; fg\r")
    screen.wait_gone("Stopped")  # until then it may be what stood there before
    is_whole(screen, part)
    *_, key, after = PARTS[part]
    screen.send(key)
    screen.wait_for(after)


def test_a_program_that_is_continued_in_the_background_stays_stopped(terminal: Spawn) -> None:
    screen = in_a_shell(terminal, "top")
    screen.send("ctrl-z")
    is_stopped(screen)
    screen.send("set -b; clear; bg\r")  # the shell tells at once what becomes of it
    screen.wait_for('"$DEMO" top &')
    screen.wait_for("Stopped")
    assert not screen.alternate
    screen.send("fg\r")
    is_whole(screen, "top")
    screen.send("q")
    screen.wait_for("result: None")


@pytest.mark.parametrize("key", ["ctrl-z", "q", "ctrl-c"])
def test_where_there_is_but_one_screen_no_page_stays_on_it(terminal: Spawn, key: str) -> None:
    screen = in_a_shell(terminal, "top")
    screen.send(key)
    screen.wait_until(lambda: screen.text.splitlines()[-1:] == [PROMPT], "the shell's prompt")
    only = pyte.Screen(80, 24)  # as GNU screen's: pyte has no other
    pyte.ByteStream(only).feed(screen.raw)
    assert "q quit" not in "".join(only.display)
    assert PROMPT in "".join(only.display)
