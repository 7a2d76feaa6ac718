"""Numbers in words for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.console import figures, theme
from labapp.console.figures import sparkline


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (12345, "12,345"), (-1000, "-1,000"), (2.5, "2.5"), (18.0, "18"), (1 / 3, "0.333"),
     (2**63, "9,223,372,036,854,775,808")],
)  # fmt: skip
def test_counts_have_thousands_separators(value: float, shown: str) -> None:
    assert figures.count(value) == shown


@given(st.integers())
def test_whole_numbers_of_any_size_are_exact(value: int) -> None:
    assert int(figures.count(value).replace(",", "")) == value


def test_a_noun_agrees_with_its_number() -> None:
    assert figures.plural(1, "worker") == "1 worker"
    assert figures.plural(1200, "worker") == "1,200 workers"


@pytest.mark.parametrize(
    ("octets", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_500_000, "1.5 MB"), (250e6, "250 MB"),
     (999_999, "1.0 MB"), (3e12, "3.0 TB")],
)  # fmt: skip
def test_sizes_are_decimal(octets: float, shown: str) -> None:
    assert figures.size(octets) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(3, "3 s"), (0, "0 s"), (0.24, "0.24 s"),
     (3.44, "3.4 s"), (9.97, "10 s"), (59.7, "1 min 00 s"), (302, "5 min 02 s"),
     (11_220, "3 h 07 min"), (187_200, "2 d 4 h")],
)  # fmt: skip
def test_durations_have_two_units_at_most(seconds: float, shown: str) -> None:
    assert figures.duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-5, "just now"), (0.5, "just now"), (3, "3 s ago"), (59.9, "59 s ago"), (60, "1 min ago"),
     (7200, "2 h ago"), (345_600, "4 d ago")],
)  # fmt: skip
def test_ages_have_one_unit(seconds: float, shown: str) -> None:
    assert figures.age(seconds) == shown


def test_today_needs_no_date() -> None:
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert figures.clock(now, now) == f"{now.astimezone():%H:%M:%S}"
    earlier = now - timedelta(days=3)
    assert figures.clock(earlier, now) == f"{earlier.astimezone():%Y-%m-%d %H:%M}"


def test_a_time_of_utc_is_shown_on_this_machines_clock() -> None:
    moment = datetime(2020, 5, 4, 3, 2, 1, tzinfo=UTC)
    assert figures.local("2020-05-04T03:02:01Z") == figures.clock(moment)
    assert figures.local("not a time") == "not a time"


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
