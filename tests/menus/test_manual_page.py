"""From the help of a menu the manual is one key away; afterwards the menu is there again."""

from __future__ import annotations

import pytest

from tests.menus.conftest import Open
from tests.menus.conftest import greeted as greeted
from tests.menus.conftest import opened as opened
from tests.support.terminal import terminal as terminal


@pytest.mark.parametrize("program", ["client.py", "admin.py"])
def test_a_page_is_found_read_and_left(program: str, opened: Open) -> None:
    with opened(program) as screen:
        screen.wait_for("Settings")
        screen.send("?")
        screen.wait_for("m manual")
        screen.send("m")
        screen.wait_for("Exit codes: how a program ended")
        screen.send("exit")
        screen.wait_gone("benchmarks")
        screen.send("enter")
        screen.wait_for("130")
        screen.send("esc")
        screen.wait_for("Esc clear search")  # the list is as it was left
        screen.send("esc")
        screen.wait_for("On AWS")
        screen.send("esc")
        screen.wait_for("key closes")  # the help that it was opened from
        screen.send("x")
        screen.wait_for("q quit")
        screen.send("q")
        assert screen.finish() == 0


def test_a_page_scrolls_in_a_small_window(opened: Open) -> None:
    with opened("client.py", columns=40, rows=12) as screen:
        screen.wait_for("q quit")
        screen.send("?")
        screen.wait_for("key closes")
        screen.send("m")
        screen.wait_for("Manual")
        screen.send("exit")
        screen.wait_for("exit-codes")
        screen.send("enter")
        screen.wait_for("failed: the cloud")
        assert "terminated" not in screen.text
        screen.send("end")
        screen.wait_for("terminated")


def test_the_manual_leads_to_no_other(opened: Open) -> None:
    with opened("client.py") as screen:
        screen.wait_for("q quit")
        screen.send("?")
        screen.wait_for("m manual")
        screen.send("m")
        screen.wait_for("On AWS")
        screen.send("?")
        screen.wait_for("key closes")
        assert "m manual" not in screen.text
