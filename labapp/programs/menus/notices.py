"""Notices of what happens behind the open page: each is shown for a while."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping

from labapp.console.stage import Kind, Notice

#: Seconds for which a notice stays on the screen: what is done or failed is worth a longer look.
SECONDS: Mapping[Kind, float] = {"info": 15.0, "warning": 60.0, "done": 60.0, "failed": 60.0}

#: Notices that are kept; older ones are dropped.
MOST = 20


class Notices:
    """The notices of one menu.

    Args:
        lasting: what is true for as long as the menu is open; empty if nothing.
    """

    def __init__(self, lasting: str = "") -> None:
        self._lasting = [Notice(lasting, "warning")] if lasting else []
        self._fresh: deque[tuple[float, Notice, str]] = deque(maxlen=MOST)

    def add(self, notice: Notice, about: str = "") -> None:
        """Add a notice; it replaces the last one about the same, if it is about something."""
        if about:
            kept = [one for one in self._fresh if one[2] != about]
            self._fresh = deque(kept, maxlen=MOST)
        self._fresh.append((time.monotonic(), notice, about))

    def drop(self, about: str) -> None:
        """Show what was told about something no longer: it is over."""
        self._fresh = deque([one for one in self._fresh if one[2] != about], maxlen=MOST)

    def current(self) -> list[Notice]:
        """Return what lasts, and the notices that are still fresh."""
        now = time.monotonic()
        fresh = [one for at, one, _ in list(self._fresh) if now - at < SECONDS[one.kind]]
        return self._lasting + fresh

    def seconds_left(self) -> float | None:
        """Return the seconds until a notice that is shown now is no longer fresh; None: none is."""
        now = time.monotonic()
        left = [at + SECONDS[one.kind] - now for at, one, _ in list(self._fresh)]
        return min((seconds for seconds in left if seconds > 0), default=None)
