"""Wait out a short outage: do it again a few times, then say that the cloud does not answer."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import TypeVar

from labapp.errors import UnreachableError

#: Times that something is tried. botocore tries each call three times by itself; with the pauses
#: below this rides out an outage of about ten seconds, after which a person wants to know.
ATTEMPTS = 5

#: Seconds before the second attempt, and between any two, at most.
FIRST, MOST = 0.5, 5.0

T = TypeVar("T")


def patiently(work: Callable[[], T]) -> T:
    """Do something that may be done twice, again while the cloud cannot be reached.

    Raises:
        UnreachableError: the last of `ATTEMPTS` attempts failed too.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except UnreachableError:
            pause(attempt, FIRST, MOST)
    return work()


def pause(attempt: int, first: float, most: float) -> None:
    """Wait before another attempt: a random part of a span that doubles each time.

    Chance spreads those who collided (AWS Architecture Blog, "Exponential Backoff And Jitter").

    Args:
        attempt: number of the attempt that failed, from 1.
        first: seconds at most after the first attempt.
        most: seconds at most after any.
    """
    span = min(most, first * 2.0 ** min(attempt - 1, 30))
    # An event and not a sleep: a program that is ended does not wait for it on Windows either.
    threading.Event().wait(random.uniform(0, span))
