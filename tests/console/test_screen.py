"""The screen that pages share is given back as it was found, however a program ends."""

from __future__ import annotations

import signal
import sys

import pytest

from labapp.console import layout
from labapp.console.stage import Notice
from tests.console.conftest import DEMO, Demo
from tests.support.terminal import ROOT, Spawn


@pytest.mark.parametrize(
    ("key", "expected"), [("1", "rc=0"), ("esc", "rc=0"), ("ctrl-c", "rc=130")]
)
def test_the_shell_comes_back_untouched(terminal: Spawn, key: str, expected: str) -> None:
    script = f"echo earlier; {sys.executable} {DEMO} menu; echo rc=$?; stty -a"
    screen = terminal(["bash", "-c", script])
    screen.wait_for("Type a list")
    assert screen.alternate
    assert "earlier" not in screen.text
    screen.send(key)
    screen.wait_for(expected)
    screen.wait_for("icanon")
    screen.finish()
    assert not screen.alternate
    assert not screen.cursor_hidden
    assert "earlier" in screen.text
    assert {"icanon", "echo", "isig", "opost"} <= set(screen.text.split())


@pytest.mark.parametrize("key", ["q", "ctrl-c", "ctrl-d"])
def test_lines_wrap_again_when_a_menu_is_left(demo: Demo, key: str) -> None:
    screen = demo("top")
    screen.wait_for("q  Quit")
    screen.send(key)
    screen.finish()
    assert screen.raw.rfind(b"\x1b[?7h") > screen.raw.rfind(b"\x1b[?7l") > 0


@pytest.mark.parametrize(
    ("part", "shown"), [("menu", "Type a list"), ("text", "Which numbers?"), ("sides", "number 1")]
)
def test_sigterm_leaves_with_143_and_the_cursor_back(demo: Demo, part: str, shown: str) -> None:
    screen = demo(part)
    screen.wait_for(shown)
    screen.kill(signal.SIGTERM)
    assert screen.finish() == 143
    assert not screen.alternate
    assert not screen.cursor_hidden


def test_a_lost_terminal_ends_even_a_program_that_ignores_the_hang_up(terminal: Spawn) -> None:
    screen = terminal(["bash", "-c", f"trap '' HUP; exec {sys.executable} {DEMO} top"])
    screen.wait_for("q  Quit")
    assert screen.hang_up() != 0


def test_the_terminal_is_asked_nothing(demo: Demo) -> None:
    screen = demo("inline")
    screen.wait_for("Delete")
    screen.send("y")
    screen.wait_for("Name:")
    screen.send("anna", "enter")
    assert screen.finish() == 0
    assert b"\x1b[6n" not in screen.raw
    assert b"\x1b[c" not in screen.raw


def test_a_menu_without_a_terminal_is_a_usage_error(terminal: Spawn) -> None:
    screen = terminal(["bash", "-c", f"{sys.executable} {DEMO} menu </dev/null; echo rc=$?"])
    screen.wait_for("UsageError: a menu needs a terminal")
    screen.finish()


def test_a_dumb_terminal_gets_no_menu(demo: Demo) -> None:
    screen = demo("menu", env={"TERM": "dumb"})
    screen.wait_for("a menu needs a terminal")
    assert screen.finish() == 1
    assert b"\x1b" not in screen.raw


def test_the_parts_import_nothing_heavy(terminal: Spawn) -> None:
    modules = {path.stem for path in (ROOT / "labapp/console").glob("[a-z]*.py")} - {"markdown"}
    heavy = ("rich", "prompt_toolkit", "questionary", "numpy", "PIL", "boto3", "asyncio")
    code = (
        f"import sys, importlib\n"
        f"[importlib.import_module('labapp.console.' + name) for name in {modules}]\n"
        f"print('heavy:', [name for name in {heavy} if name in sys.modules])"
    )
    screen = terminal([sys.executable, "-c", code])
    screen.wait_for("heavy: []")


def test_notices_that_are_cut_or_hidden_are_told_in_full() -> None:
    long = "cannot read the picture " * 20
    notices = [Notice("oldest"), Notice(long), Notice("done"), Notice("shown")]
    assert layout._cut_notices(notices) == [long, "oldest"]
    assert layout._cut_notices(notices[2:]) == []
