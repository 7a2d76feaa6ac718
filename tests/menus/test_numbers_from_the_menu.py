"""A user sends lists from the menu, and sees the answers of a worker that was started for them."""

from __future__ import annotations

from pathlib import Path

from labapp.cloud.session import local_home
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.worker import local_workers
from tests.menus.conftest import Open, programs_cloud


def test_the_ready_made_list_is_answered_as_a_table(opened: Open) -> None:
    with opened("client.py") as screen:
        screen.wait_for("What would you like to do?")
        screen.send("1")
        screen.wait_for("The ready-made list")
        screen.send("3")
        screen.wait_for("answered in")
        assert "cloud local · region us-east-1 · bucket labapp · user anna" in screen.text
        for line in ("minimum   1", "maximum   55", "mean      18", "median    8", "sum       72"):
            assert line in screen.text
        screen.wait_for("● 1 worker")
        screen.send("left")  # any key
        screen.wait_for("Purge my replies")
        screen.send("esc")
        screen.wait_for("q  Quit")
        screen.send("j")
        screen.wait_for("1 of 1")
        screen.send("enter")
        screen.wait_for("took")
        screen.send("esc", "esc")
        screen.wait_for("q  Quit")
        screen.send("q")
        assert screen.finish() == 0
    assert [worker.background for worker in local_workers.alive(local_home())] == [True]


def test_a_wrong_list_is_told_while_it_is_typed(opened: Open) -> None:
    with opened("client.py") as screen:
        screen.wait_for("Numbers")
        screen.send("1")
        screen.wait_for("Type a list")
        screen.send("1")
        screen.wait_for("such as 1,12,55,4")
        screen.send("3,-7,x", "enter")
        screen.wait_for("'x' is not an integer")
        screen.send("backspace", "backspace", "enter")
        screen.wait_for("all integers must be positive or zero, and -7 is not")
        screen.send("backspace", "backspace", "backspace", ",8", "enter")
        screen.wait_for("mean      5.5")


def test_a_file_and_random_numbers_are_sent(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "input.txt").write_text("10 20\n30;40\n")
    with opened("client.py") as screen:
        screen.wait_for("Numbers")
        screen.send("1")
        screen.wait_for("From a file")
        screen.send("2")
        screen.wait_for("input.txt")
        screen.send("enter")
        screen.wait_for("sum       100")
        screen.send("x")
        screen.wait_for("Random numbers")
        screen.send("4")
        screen.wait_for("How many?")
        screen.send("backspace", "7", "enter")
        screen.wait_for("count     7")


def test_an_answer_that_came_while_the_menu_was_closed_is_announced(opened: Open) -> None:
    with opened("client.py") as screen:
        screen.wait_for("Numbers")
        screen.send("q")
        assert screen.finish() == 0
    cloud = programs_cloud()
    with ClientSession(cloud) as session:
        session.submit(NUMBERS, ["4,6"])
    local_workers.start_background(local_home(), cloud.settings)
    with opened("client.py") as screen:
        screen.wait_for("4,6: minimum is 4 maximum is 6 average is 5")
        screen.send("j")
        screen.wait_gone("Change my name")
        screen.wait_for("minimum is 4 maximum is 6")


def test_a_worker_is_started_from_the_menu(opened: Open) -> None:
    with opened("client.py") as screen:
        screen.wait_for("○ no worker")
        screen.send("w")
        screen.wait_for("● 1 worker")
        screen.wait_for("(one is running)")


def test_ctrl_c_leaves_the_terminal_as_it_was(opened: Open) -> None:
    with opened("client.py") as screen:
        screen.wait_for("q  Quit")
        screen.send("ctrl-c")
        assert screen.finish() == 130
        assert not screen.alternate
        assert not screen.cursor_hidden


def test_a_small_window_serves_too(opened: Open) -> None:
    with opened("client.py", columns=40, rows=12) as screen:
        screen.wait_for("Numbers")
        screen.send("1")
        screen.wait_for("ready-made")
        screen.send("3")
        screen.wait_for("minimum   1")
