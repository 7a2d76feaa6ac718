"""A number between two ends: moved by steps, typed, drawn."""

from __future__ import annotations

import pytest

from labapp.console.scale import FAR, Scale


def sigma(value: float = 3) -> Scale:
    return Scale(0, 10, 0.1, value)


def test_steps_add_up_without_rounding_errors() -> None:
    scale = sigma()
    for _ in range(3):
        scale.move(1)
    assert scale.value == 3.3
    scale.move(-1)
    assert scale.value == 3.2


@pytest.mark.parametrize(("steps", "value"), [(-FAR, 0), (FAR, 10), (10, 4), (-10, 2)])
def test_it_moves_no_further_than_its_ends(steps: int, value: float) -> None:
    scale = sigma()
    scale.move(steps)
    assert scale.value == value


def test_it_begins_within_its_ends() -> None:
    assert (sigma(99).value, sigma(-1).value) == (10, 0)


def test_a_number_is_typed_and_what_is_outside_is_told() -> None:
    scale = sigma()
    for character in "7,25":
        scale.type(character)
    assert (scale.value, scale.message) == (7.25, "")
    scale.move(0)
    for character in "99":
        scale.type(character)
    assert (scale.value, scale.message, scale.text) == (9, "from 0 to 10", "99")
    scale.erase()
    assert (scale.value, scale.message) == (9, "")
    scale.type("-")
    assert scale.message == "'9-' is not a number"


@pytest.mark.parametrize("room", [12, 20, 40, 200])
def test_its_line_keeps_its_place_whatever_the_value(room: int) -> None:
    lines = []
    for value in (0, 3.4, 10):
        parts = [text for _, text, *_ in sigma(value).line(room, ends=room > 20)]
        lines.append(sum(map(len, parts[:-1])))
        assert parts[-1].strip() == f"{value:g}"
    assert len(set(lines)) == 1
    assert lines[0] <= max(room, 12)
