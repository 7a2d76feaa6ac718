"""Wait out a short outage: do it again a few times, then say that the cloud does not answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from labapp.backoff import delay
from labapp.errors import UnreachableError

#: Times that something is tried. botocore tries each call three times by itself; with the pauses
#: below this rides out an outage of about ten seconds, after which a person wants to know.
ATTEMPTS = 5

#: Seconds before the second attempt, and between any two, at most.
FIRST, MOST = 0.5, 5.0

T = TypeVar("T")


def with_retries(work: Callable[[], T]) -> T:
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
    """Wait before another attempt, for a time left all to chance; arguments as of `delay`."""
    # An event and not a sleep: a program that is ended does not wait for it on Windows either.
    threading.Event().wait(delay(attempt, first, most, steady=0.0))
