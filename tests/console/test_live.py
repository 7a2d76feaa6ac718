"""The dashboard in a real terminal."""

from __future__ import annotations

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.console import theme
from labapp.console.live import sparkline
from tests.console.conftest import Demo


def test_it_refreshes_itself_in_place(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   4")
    assert screen.text.count("ticks") == 1
    screen.send("q")
    screen.wait_for("result: 'quit'")
    assert screen.finish() == 0
    assert not screen.cursor_hidden


def test_only_changed_lines_are_sent_again(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   6")
    # The first frame is drawn twice, when rich takes the screen and at the first tick.
    assert screen.raw.count(b"steady line") <= 2
    assert screen.raw.count(b"\x1b[2K") <= 2


def test_log_lines_stay_above_and_keys_are_told(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("keys    none")
    screen.send("a", "up")
    screen.wait_for("keys    a up")
    lines = screen.text.splitlines()
    assert lines[:2] == ["log line: a", "log line: up"]
    assert lines[2].startswith("ticks")
    assert len(lines) == 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_the_terminal_is_given_back(
    demo: Demo, number: signal.Signals
) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   2")
    screen.kill(number)
    screen.wait_for("result: 'stopped'")
    assert screen.finish() == 0
    assert not screen.cursor_hidden


def test_ctrl_c_reaches_the_signal_handler(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   2")
    screen.send("ctrl-c")
    screen.wait_for("result: 'stopped'")


def test_a_resized_window_shows_one_dashboard(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   2")
    screen.resize(40, 12)
    screen.settle(quiet=0.1, timeout=1)
    screen.wait_until(lambda: screen.text.count("steady line") == 1, "one dashboard")


def test_a_dashboard_of_which_nothing_changes_is_not_drawn_anew(demo: Demo) -> None:
    screen = demo("still")
    screen.wait_for("nothing new")
    screen.settle(quiet=0.5)
    screen.send("x")
    screen.wait_for("result: 'drawn once'")


def test_a_sparkline_has_its_highest_bar_for_the_highest_value() -> None:
    theme.configure("never")
    bars = theme.current().glyphs.spark
    drawn = sparkline([0, 1, 4, 8], 10)
    assert drawn[0] == bars[0]
    assert drawn[-1] == bars[-1]
    assert sparkline([0, 0], 5) == bars[0] * 2
    assert sparkline([], 5) == ""


@given(st.lists(st.floats(0, 1e9), max_size=40), st.integers(0, 30))
def test_a_sparkline_is_no_wider_than_asked_and_tells_little_from_nothing(
    values: list[float], width: int
) -> None:
    drawn = sparkline(values, width)
    assert len(drawn) == min(len(values), width)
    lowest = theme.current().glyphs.spark[0]
    for bar, value in zip(drawn, values[-width:] if width else [], strict=True):
        assert (bar == lowest) == (value <= 0)
