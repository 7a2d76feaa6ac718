"""Whatever part is on the terminal, and however its program ends, all its modes are as before."""

from __future__ import annotations

import signal

import pytest

from tests.console.conftest import Demo

#: Parts of every engine -> what they show first, and their arguments.
PARTS = {
    "top": ("q  Quit",),
    "text": ("Which numbers?",),
    "sides": ("number 1",),
    "inline": ("Delete all",),
    "wait": ("waiting for the answer", "60"),
    "waiting_inline": ("waiting for the answer",),
    "slow_upload": ("uploading",),
    "dashboard": ("steady line",),
}

#: The ways out that an engine answers by itself; SIGTERM is tried on every part, and SIGHUP, which
#: calls the same function, on one.
WAYS = {
    "top": ("q", "ctrl-c", "ctrl-d", "SIGINT", "SIGHUP", "SIGQUIT"),
    "text": ("esc", "ctrl-c", "ctrl-d"),
    "inline": ("ctrl-c", "ctrl-d"),
    "slow_upload": ("esc", "ctrl-c", "SIGQUIT"),
    "dashboard": ("q", "ctrl-c", "SIGQUIT"),
}


@pytest.mark.parametrize(
    ("part", "way"),
    [(part, way) for part in PARTS for way in (*WAYS.get(part, ()), "SIGTERM")],
)
def test_every_mode_is_given_back(demo: Demo, part: str, way: str) -> None:
    shown, *arguments = PARTS[part]
    screen = demo(part, *arguments)
    screen.wait_for(shown)
    if way.startswith("SIG"):
        screen.kill(signal.Signals[way])
    else:
        screen.send(way)
    screen.finish()  # holds every program to giving all modes back
    assert screen.left_over() == []


def test_an_error_in_a_page_ends_it_as_that_error_and_gives_every_mode_back(demo: Demo) -> None:
    screen = demo("broken_page")
    screen.finish()
    assert screen.left_over() == []
    assert "ZeroDivisionError" in screen.text
    assert "Press ENTER" not in screen.text
