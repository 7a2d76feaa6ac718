"""Moments as JSON, pipes and reports have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp import utc


@pytest.mark.parametrize(
    ("seconds", "stamp"),
    [(0, "1970-01-01T00:00:00Z"), (1_763_719_200.999, "2025-11-21T10:00:00Z")],
)
def test_a_moment_is_utc_in_whole_seconds(seconds: float, stamp: str) -> None:
    assert utc.stamp(seconds) == stamp


@given(st.integers(0, 4_000_000_000_000))
def test_a_moment_to_the_millisecond_reads_back(thousandths: int) -> None:
    stamp = utc.stamp_ms(thousandths / 1000)
    assert len(stamp) == len("2025-11-21T10:00:00.123Z")
    assert utc.seconds_of(stamp) == pytest.approx(thousandths / 1000, abs=0.0005)
    assert stamp.startswith(utc.stamp(thousandths // 1000)[:-1])


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2025-11-21", "2025-11-21T10:00:00", "9999-99-99T00:00:00Z", "\0"]
)
def test_what_is_no_moment_of_a_zone_is_none(text: str) -> None:
    assert utc.seconds_of(text) is None
