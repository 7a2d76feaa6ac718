"""Esc is heard while a bar is drawn, and what else is typed stays for the shell behind it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

import pytest

from labapp.console import escape_key
from tests.console.conftest import DEMO
from tests.support.terminal import Spawn

if sys.platform == "win32":
    pytest.skip("a queue of keys that can be counted is POSIX's", allow_module_level=True)

#: Gives what was typed, and what looks at the keyboard.
Typed = tuple[Callable[[bytes], object], Callable[[], bool], Callable[[], bytes]]


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    """Open a terminal; what types on it, what looks for Esc, and what reads the rest as a shell."""
    import termios
    import tty

    typist, ours = os.openpty()
    monkeypatch.setattr(escape_key, "WATCH_SECONDS", 0.01)
    monkeypatch.setattr(escape_key, "ESCAPE_SECONDS", 0.01)
    os.write(typist, b"before")
    made = escape_key._Keyboard(ours)
    made.gather()

    def rest() -> bytes:
        tty.setraw(ours, termios.TCSADRAIN)
        return os.read(ours, 1000)

    yield lambda keys: os.write(typist, keys), made.is_escape, rest
    os.close(typist)
    os.close(ours)


def test_what_is_typed_ahead_stays_and_is_no_escape(keyboard: Typed) -> None:
    type_, is_escape, rest = keyboard
    for keys in (b"ls", b"\r", b"\n", b"\x04", b"\x1b[A", b"\x1bOP", b"x"):
        type_(keys)
        assert not is_escape()
    assert rest() == b"beforels\r\r\x04\x1b[A\x1bOPx"


def test_an_escape_is_heard_after_arrows_and_what_follows_it_stays(keyboard: Typed) -> None:
    type_, is_escape, rest = keyboard
    type_(b"\x1b[A")
    assert not is_escape()
    type_(b"\x1b")
    assert is_escape()
    assert not is_escape()
    type_(b"ls\r")
    assert not is_escape()
    assert rest() == b"ls\r"


def test_keys_typed_ahead_of_a_bar_reach_the_shell(terminal: Spawn) -> None:
    script = f"{sys.executable} {DEMO} upload"
    screen = terminal(["bash", "--norc", "--noprofile", "-i"], env={"PS1": "$ "})
    screen.send(f"{script}\r")
    screen.wait_for("uploading")
    screen.send("echo typed-$((20 + 3))\r")
    screen.wait_for("typed-23")
