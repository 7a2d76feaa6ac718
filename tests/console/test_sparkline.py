"""Bars in a row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labapp.console import theme
from labapp.console.sparkline import sparkline


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
