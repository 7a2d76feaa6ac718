"""Moments as JSON, pipes and reports have them."""

from __future__ import annotations

import pytest

from labapp import utc


@pytest.mark.parametrize(
    ("seconds", "stamp"),
    [(0, "1970-01-01T00:00:00Z"), (1_763_719_200.999, "2025-11-21T10:00:00Z")],
)
def test_a_moment_is_utc_in_whole_seconds(seconds: float, stamp: str) -> None:
    assert utc.stamp(seconds) == stamp
