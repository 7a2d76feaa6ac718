"""No way out of a page leaves a picture on the terminal, nor on what the shell has meanwhile."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator

import pytest

from labapp.console.graphics import placed
from tests.console.conftest import DEMO, Demo
from tests.support.terminal import Spawn, Terminal

TAKEN = re.compile(rb"a=(T|d)[^;\x1b]*?,i=(\d+)")


@pytest.fixture(autouse=True)
def _given_back() -> Iterator[None]:
    placed.ending()
    yield
    placed.ending()


def lying(screen: Terminal) -> set[bytes]:
    """Return the numbers of kitty's pictures that are on a terminal."""
    found: set[bytes] = set()
    for act, number in TAKEN.findall(screen.raw):
        found = found | {number} if act == b"T" else found - {number}
    return found


def is_shown(screen: Terminal, times: int) -> None:
    screen.wait_until(lambda: screen.raw.count(b"a=T") >= times and bool(lying(screen)), "pixels")


@pytest.mark.parametrize("way", ["s", "ctrl-c", "SIGTERM"])
def test_no_picture_outlives_the_program(demo: Demo, photo: str, way: str) -> None:
    screen = demo("pixels", photo)
    is_shown(screen, 1)
    if way == "SIGTERM":
        screen.kill(signal.SIGTERM)
    else:
        screen.send(way)
    screen.finish()
    assert not lying(screen)
    assert screen.raw.rindex(b"a=d") < screen.raw.index(b"\x1b[?1049l")


def test_no_picture_is_on_the_shells_screen_while_the_program_is_stopped(
    terminal: Spawn, photo: str
) -> None:
    env = {"PYTHON": sys.executable, "DEMO": str(DEMO), "PHOTO": photo}
    screen = terminal(["bash", "--norc", "--noprofile", "-i"], env=env)
    screen.send('"$PYTHON" "$DEMO" pixels "$PHOTO"\r')
    is_shown(screen, 1)
    screen.send("ctrl-z")
    screen.wait_until(lambda: b"Stopped" in screen.raw, "the shell")
    assert not lying(screen)
    screen.send("fg\r")
    is_shown(screen, 2)
    screen.send("s")
    screen.wait_until(lambda: b"result: " in screen.raw, "the end")
    assert not lying(screen)


def test_what_was_cut_off_is_ended_and_pictures_are_taken_away_once() -> None:
    assert placed.ending() == ""  # nothing was sent
    placed.note(1, "")
    assert placed.ending() == "\x1b\\\x1b[?2026l"
    placed.note(2, "<2 goes>")
    placed.note(3, "<3 goes>")
    assert placed.are_there()
    assert placed.take(2) == "<2 goes>"
    assert placed.ending() == "\x1b\\\x1b[?2026l<3 goes>"
    assert not placed.are_there()
    assert placed.ending() == ""
