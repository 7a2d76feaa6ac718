"""Progress in a terminal, in a pipe, and counted wrongly."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.console.progress import Transfer, transfer
from tests.console.conftest import DEMO, Demo
from tests.support.terminal import Spawn


def test_finished_things_stand_above_the_bar(demo: Demo) -> None:
    screen = demo("upload", rows=40)
    screen.wait_for("uploading")
    screen.wait_for("result: 4000000")
    lines = screen.text.splitlines()
    assert lines[0] == "uploaded picture-000.jpg"
    assert lines[19] == "uploaded picture-019.jpg"
    assert "100%" in lines[20]
    assert "4.0/4.0 MB" in lines[20]
    assert "…" not in lines[20]


def test_things_are_counted_as_what_they_are(demo: Demo) -> None:
    screen = demo("processing")
    screen.wait_for("3 of 3 pictures")
    assert "byte" not in screen.text
    screen.wait_for("result: 3")


def test_things_that_did_not_come_are_not_counted(demo: Demo) -> None:
    screen = demo("given_up")
    screen.wait_for("Esc leaves")
    screen.send("esc")
    screen.wait_for("result: 1")
    assert "33% 1 of 3 pictures" in screen.text


def test_the_bar_fits_into_40_columns(demo: Demo) -> None:
    screen = demo("upload", columns=40, rows=12)
    screen.wait_for("result:")
    assert any("100%" in line for line in screen.lines)


def test_escape_asks_to_stop_and_the_bar_stays_where_it_is(demo: Demo) -> None:
    screen = demo("upload", "--slow")
    screen.wait_for("uploaded picture-000.jpg")
    screen.send("esc")
    screen.wait_for("result: ")
    assert screen.finish() == 0
    assert "100%" not in screen.text
    assert not screen.cursor_hidden


def test_escape_is_heard_as_soon_as_the_bar_is_seen(demo: Demo) -> None:
    screen = demo("slow_keyboard")
    screen.wait_for("0 of 3 pictures")
    screen.send("esc")
    screen.wait_for("result: True")


def test_escape_between_two_bars_is_heard_too(demo: Demo) -> None:
    screen = demo("two_bars")
    screen.wait_for("between")
    screen.send("esc")
    screen.wait_for("result: True")


def test_a_pipe_gets_the_lines_and_the_terminal_the_bar(terminal: Spawn) -> None:
    screen = terminal(["bash", "-c", f"{sys.executable} {DEMO} upload | tail -3 | cat -v"])
    screen.wait_for("100%")
    screen.wait_for("result: 4000000")
    assert "uploaded picture-000.jpg" not in screen.text
    assert "uploaded picture-019.jpg" in screen.lines
    assert "^[" not in screen.text


def test_without_a_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with transfer("uploading", 10) as moving:
        moving.moved(4)
        moving.done("one\x1b[2J")
    assert capsys.readouterr() == ("one?[2J\n", "")


@given(st.lists(st.integers(0, 100), max_size=20), st.integers(0, 500))
def test_the_count_never_exceeds_the_total_and_ends_at_it(parts: list[int], total: int) -> None:
    moving = Transfer(total, None, None)
    for octets in parts:
        moving.moved(octets)
        assert 0 <= moving.sent <= total
    moving.finish()
    assert moving.sent == total
