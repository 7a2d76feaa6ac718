"""Waits that Ctrl-C interrupts on every platform, for a program's main thread.

Windows tells Python of Ctrl-C between two waits for a lock, never within one (see
`threading.Lock.acquire`: signals interrupt it on POSIX). A wait without end is one of many short
waits there. Ctrl-C is KeyboardInterrupt, as everywhere.
"""

from __future__ import annotations

import sys
from threading import Event
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future
    from queue import SimpleQueue

T = TypeVar("T")

#: Seconds of one wait; None: as long as it takes.
STEP = 0.2 if sys.platform == "win32" else None


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
