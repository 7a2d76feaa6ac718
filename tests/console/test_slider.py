"""The slider with its live preview, in a real terminal."""

from __future__ import annotations

import pytest

from tests.console.conftest import Demo


def test_arrows_move_by_one_step_without_rounding_errors(demo: Demo) -> None:
    screen = demo("slider")
    screen.wait_for("preview of 3 in ")
    screen.send("right", "right", "right")
    screen.wait_for("preview of 3.3 in ")
    screen.send("left", "enter")
    screen.wait_for("result: 3.2")


@pytest.mark.parametrize(
    ("key", "value"),
    [("home", "0.0"), ("end", "10.0"), ("pageup", "4.0"), ("pagedown", "2.0"), ("up", "3.1")],
)
def test_other_keys_move_further(demo: Demo, key: str, value: str) -> None:
    screen = demo("slider")
    screen.wait_for("preview of 3 in ")
    screen.send(key, "enter")
    screen.wait_for(f"result: {value}")


def test_a_number_can_be_typed(demo: Demo) -> None:
    screen = demo("slider")
    screen.wait_for("preview of 3 in ")
    screen.send("7", ",", "2", "5")
    screen.wait_for("preview of 7.25")
    screen.send("enter")
    screen.wait_for("result: 7.25")


def test_a_typed_number_outside_the_limits_is_refused(demo: Demo) -> None:
    screen = demo("slider")
    screen.wait_for("preview of 3 in ")
    screen.send("9", "9", "enter")
    screen.wait_for("✗ from 0 to 10")
    screen.send("backspace", "enter")
    screen.wait_for("result: 9.0")


def test_the_preview_follows_the_value_and_the_window(demo: Demo) -> None:
    screen = demo("slider")
    screen.wait_for("preview of 3 in ")
    screen.send("end")
    screen.wait_for("preview of 10 in ")
    screen.resize(40, 12)
    screen.wait_for("preview of 10 in 36")


def test_escape_goes_back_without_a_value(demo: Demo) -> None:
    screen = demo("slider")
    screen.wait_for("preview of 3 in ")
    screen.send("esc")
    screen.wait_for("result: back")


def test_a_real_preview_fits_into_40_by_12(demo: Demo, photo: str) -> None:
    screen = demo("slider", photo, columns=40, rows=12)
    screen.wait_for("▀▀▀")
    screen.wait_for("Enter accept")
