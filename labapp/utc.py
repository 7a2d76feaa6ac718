"""Moments as JSON, pipes and reports have them."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(seconds: float) -> str:
    """Return seconds since 1970 as UTC, in whole seconds: `2026-11-21T10:00:00Z`."""
    at = datetime.fromtimestamp(seconds, UTC)
    return at.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
