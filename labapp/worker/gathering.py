"""Settle together what is done at the same time, where jobs take too long to wait for each other.

As databases commit in groups: who is done first is settled at once. While that is under way, who is
done waits for its end, and then takes along all that are done by then. So a single job is never
late, and of many each costs a part of a request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from labapp.worker.replies import Outcome

#: Seconds for which a settling is waited for: one that is refused may take minutes, by one client's
#: queue, and that is no other's business.
PATIENCE = 0.25


class Gathering:
    """The outcomes of one queue that wait to be settled; shared by its threads.

    Args:
        settle: settles some, and never raises.
    """

    def __init__(self, settle: Callable[[Sequence[Outcome]], None]) -> None:
        self._settle = settle
        self._done: list[Outcome] = []
        self._under_way = 0
        self._is_awaited = False
        self._ended = threading.Condition()

    def add(self, outcome: Outcome) -> None:
        """Have an outcome settled: here, or by another thread that waits already."""
        with self._ended:
            self._done.append(outcome)
            if self._is_awaited:
                return
            if self._under_way:
                self._is_awaited = True
                self._ended.wait_for(lambda: not self._under_way, PATIENCE)
                self._is_awaited = False
            some, self._done = self._done, []
            self._under_way += 1
        try:
            self._settle(some)
        finally:
            with self._ended:
                self._under_way -= 1
                self._ended.notify_all()
