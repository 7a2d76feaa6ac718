"""A page below printed lines, in a real terminal."""

from __future__ import annotations

import re
import signal
import sys

import pytest

from tests.console.conftest import DEMO, Demo
from tests.console.demo.lines import MANY, THREADS
from tests.support.terminal import Spawn


def test_it_refreshes_itself_in_place(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   4")
    assert screen.text.count("ticks") == 1
    assert screen.text.count("labapp client") == 1
    screen.send("q")
    screen.wait_for("result: 'quit'")
    assert screen.finish() == 0
    assert not screen.cursor_hidden


def test_only_changed_lines_are_sent_again(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   6")
    assert screen.raw.count(b"steady line") == 1
    assert screen.raw.count(b"\x1b[J") <= 2  # once for the line before, once for the page


def test_it_stands_where_the_cursor_stood_and_its_last_drawing_stays(terminal: Spawn) -> None:
    screen = terminal(
        ["bash", "-c", f"echo earlier; {sys.executable} {DEMO} dashboard; echo rc=$?"]
    )
    screen.wait_for("steady line")
    assert screen.text.splitlines()[0] == "earlier"
    assert not screen.alternate
    screen.send("q")
    screen.wait_for("rc=0")
    lines = screen.text.splitlines()
    assert lines[0] == "earlier"
    assert sum("steady line" in line for line in lines) == 1


def test_log_lines_stay_above_and_keys_are_told(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("keys    none")
    screen.send("a", "up", "b")
    screen.wait_for("keys    a b")
    lines = screen.text.splitlines()
    assert lines[:3] == ["log line: before", "log line: a", "log line: b"]
    assert "labapp client" in lines[3]
    assert lines[6].startswith(" ticks")
    assert len(lines) == 12
    assert screen.style_of("log line: a").fg == "green"


def test_lines_that_come_when_it_has_ended_stand_below_it(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   2")
    screen.send("q")
    screen.wait_for("result: 'quit'")
    lines = screen.text.splitlines()
    assert lines[-2:] == ["log line: after", "result: 'quit'"]


def test_a_line_and_the_page_below_it_come_in_one_write(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("keys    none")
    screen.send("a")
    screen.wait_for("keys    a")
    before, _, after = screen.raw.partition(b"log line: a")
    erased = before.rpartition(b"\x1b[J")[2]
    # Nothing is shown between the erasing and the line, nor without the page behind it.
    assert b"ticks" not in erased
    assert after.index(b"steady line") < 2000


def test_no_line_is_lost_and_many_share_a_drawing(demo: Demo) -> None:
    screen = demo("many_lines")
    screen.wait_for("result: 'drawn")
    assert screen.finish() == 0
    found = re.findall(rb"thread (\d+) line (\d+)\r", screen.raw)
    for number in range(THREADS):
        own = [int(line) for thread, line in found if int(thread) == number]
        assert own == list(range(MANY))
    drawings = re.search(r"drawn (\d+) times", screen.text)
    assert drawings
    assert int(drawings[1]) < MANY * THREADS / 10
    assert screen.text.count("steady line") == 1


def test_the_help_gives_its_rows_back(demo: Demo) -> None:
    screen = demo("dashboard", rows=40)
    screen.wait_for("keys    none")
    rows = len(screen.text.splitlines())
    screen.send("?")
    screen.wait_for("Numbers are summarised")
    screen.wait_gone("steady line")
    screen.send("?")
    screen.wait_for("steady line")
    screen.send("a")
    screen.wait_for("keys    a")
    assert len(screen.text.splitlines()) == rows + 1


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


@pytest.mark.parametrize("keys", [("ctrl-c",), ("?", "ctrl-c")])
def test_ctrl_c_reaches_the_signal_handler(demo: Demo, keys: tuple[str, ...]) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   2")
    screen.send(*keys)
    screen.wait_for("result: 'stopped'")


def test_a_resized_window_shows_one_dashboard(demo: Demo) -> None:
    screen = demo("dashboard")
    screen.wait_for("ticks   2")
    screen.resize(40, 12)
    screen.settle(quiet=0.1, timeout=1)
    screen.wait_until(lambda: screen.text.count("steady line") == 1, "one dashboard")
    assert screen.text.count("labapp client") == 1


def test_a_page_of_which_nothing_changes_is_not_drawn_anew(demo: Demo) -> None:
    screen = demo("still")
    screen.wait_for("nothing new")
    screen.settle(quiet=0.5)
    screen.send("x")
    screen.wait_for("result: 'drawn once'")
