"""Waits: such that Ctrl-C interrupts them on every platform, and those before another attempt.

Windows tells Python of Ctrl-C between two waits for a lock, never within one (see
`threading.Lock.acquire`: signals interrupt it on POSIX). A wait without end is one of many short
waits there, in a program's main thread. Ctrl-C is KeyboardInterrupt, as everywhere.
"""

from __future__ import annotations

import random
import sys
from threading import Event
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future
    from queue import SimpleQueue

T = TypeVar("T")

#: Seconds of one wait; None: as long as it takes.
STEP = 0.2 if sys.platform == "win32" else None

#: Seconds before the second attempt, at most.
FIRST = 0.5

#: Seconds between attempts at most: an outage's end is noticed well within half a minute.
MOST = 10.0


def result(future: Future[T]) -> T:
    """Return what a future comes to, or raise what it raised."""
    while True:
        try:
            return future.result(STEP)
        except TimeoutError:  # ours, or what its work raised
            if future.done():
                return future.result()


def get(queue: SimpleQueue[T]) -> T:
    """Take the next thing from a queue, waiting for it."""
    from queue import Empty  # who has a queue has this loaded

    while True:
        try:
            return queue.get(timeout=STEP)
        except Empty:
            pass


def wait(event: Event) -> None:
    """Wait for an event."""
    while not event.wait(STEP):
        pass


def delay(attempt: int, first: float = FIRST, most: float = MOST, *, steady: float = 0.5) -> float:
    """Return the seconds to wait after an attempt that failed: exponential, capped, with jitter.

    Chance spreads those who failed together over time. Source: AWS Architecture Blog, "Exponential
    Backoff And Jitter".

    Args:
        attempt: its number, from 1.
        first: seconds at most after the first one; they double with each.
        most: seconds at most after any.
        steady: the part that is not left to chance. Half of it keeps a broken network from being
            asked twice at once; none parts best those who write the same object.
    """
    whole = min(most, first * 2.0 ** min(attempt - 1, 30))
    return whole * random.uniform(steady, 1.0)
