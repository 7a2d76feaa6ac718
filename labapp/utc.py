"""Moments as JSON, pipes, label files and reports have them."""

from __future__ import annotations

from datetime import UTC, datetime


def format_time(at: datetime) -> str:
    """Return a moment, with a time zone, as UTC in whole seconds: `2026-11-21T10:00:00Z`."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def stamp(seconds: float) -> str:
    """Return the same of seconds since 1970."""
    return format_time(datetime.fromtimestamp(seconds, UTC))
