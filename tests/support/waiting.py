"""Wait for conditions, never for time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

#: Seconds that a condition may take on a slow machine that others keep busy, before the test fails.
PATIENCE = 60.0

T = TypeVar("T")


def until(condition: Callable[[], T], what: str = "the condition", seconds: float = PATIENCE) -> T:
    """Wait until a condition holds, and return what it returned."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)
    return found
