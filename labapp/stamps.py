"""A moment as data has it: UTC, to the second."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(seconds: float) -> str:
    """Return seconds since 1970 as JSON, pipes and reports have them: `2026-11-21T10:00:00Z`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
