"""The working folder, which somebody may have deleted since the program was started in it."""

from __future__ import annotations

from pathlib import Path


def find() -> Path | None:
    """Return the working folder; None where it is gone."""
    try:
        return Path.cwd()
    except OSError:
        return None
