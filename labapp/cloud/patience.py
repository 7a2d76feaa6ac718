"""Wait until what was just made is known, and until a rule of a minute is over.

SQS and S3 say of a queue, a bucket or a policy that it is made before all of their servers know of
it: "You must wait at least one second after the queue is created", "changes made to queue
attributes can take up to 60 seconds" (Amazon SQS API reference, CreateQueue, SetQueueAttributes).
And some things they allow once a minute only: a purge, a name that was deleted. Both pass by
themselves, so both are waited for here; where all is there at once, nothing is waited and nothing
more is asked.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from labapp.cloud import boto
from labapp.cloud.aws_errors import (
    BUSY_CODES,
    MISSING_CODES,
    NO_BUCKET_CODES,
    TOO_SOON,
    TOO_SOON_CODES,
    code_of,
)
from labapp.errors import CloudError, MissingResourceError
from labapp.waits import delay

#: Seconds for which is waited: the minute that AWS's documentation gives, and a little for requests
#: on their way.
MINUTE = TOO_SOON + 5.0

#: Seconds between two attempts, the first and the most.
FIRST, LONGEST = 0.5, 10.0

#: Seconds between two tellings of how long it may still take.
TICK = 1.0

#: What to do where something that was set or made does not show.
AGAIN = "Run 'python admin.py cloud up' again in a minute: it makes what is missing."

#: What S3 says of a notification whose queue does not let it in yet, as far as it sees.
_UNSEEN_POLICY = "Unable to validate the following"

#: What SQS says of a redrive policy whose queue it does not know, in part.
_UNSEEN_TARGET = "dead letter target"

#: Says what an error waits for, as in `SQS knows q`; empty where no waiting mends it.
Early = Callable[[Exception], str]

T = TypeVar("T")


class NotShownError(CloudError):
    """A service took something well and does not show it, after all patience."""


def _tell_nobody(what: str, seconds: float) -> None:
    """Say nothing of a wait."""


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


@dataclass(frozen=True)
class Patience:
    """How long is waited, and who is told meanwhile.

    Attributes:
        told: called each second of a wait with what it is for, as in `SQS knows q`, and the seconds
            that it may still take; with an empty text once it is over.
        sleep: waits for some seconds; what it raises, as where somebody leaves, ends the wait.
        seconds: how long at most; 0: what is not there at once is an error.
    """

    told: Callable[[str, float], object] = _tell_nobody
    sleep: Callable[[float], object] = _sleep
    seconds: float = MINUTE

    def retry(self, action: Callable[[], T], early: Early) -> T:
        """Do something again while it comes too early.

        Raises:
            ClientError, CloudError: what it raised, where `early` names nothing to wait for, or the
                time is up.
        """
        with self._waiting() as rest:
            for attempt in itertools.count(1):
                try:
                    return action()
                except (boto.ClientError, CloudError) as error:
                    if not ((what := early(error)) and rest(attempt, what)):
                        raise
        raise AssertionError  # pragma: no cover - the loop has no end

    def until(self, holds: Callable[[], bool], what: str) -> bool:
        """Ask until something holds; return whether it does. `what` says so, for who is told."""
        with self._waiting() as rest:
            for attempt in itertools.count(1):
                if holds():
                    return True
                if not rest(attempt, what):
                    return False
        raise AssertionError  # pragma: no cover - the loop has no end

    def show(self, holds: Callable[[], bool], what: str, taken: str, means: str = "") -> None:
        """Ask until a service shows what it took.

        Args:
            holds: whether it does.
            what: what is waited for, for who is told.
            taken: who took what, as in `SQS took the policy of the queue q`.
            means: what it means where it does not show, as the end of a sentence.

        Raises:
            NotShownError: it does not, after all patience.
        """
        if not self.until(holds, what):
            late = f"{taken}, but does not show it after {self.seconds:.0f} seconds"
            raise NotShownError(f"{late}: {means}" if means else late, AGAIN)

    @contextmanager
    def _waiting(self) -> Iterator[Callable[[int, str], bool]]:
        """Give a function that rests before another attempt, or says that the time is up."""
        end = time.monotonic() + self.seconds
        rested = False

        def rest(attempt: int, what: str) -> bool:
            nonlocal rested
            now = time.monotonic()
            # The last attempt is at the very end, whatever was asked in between.
            until = min(now + delay(attempt, FIRST, LONGEST, steady=1.0), end)
            if until <= now:
                return False
            rested = True
            while (now := time.monotonic()) < until:
                self.told(what, end - now)
                self.sleep(min(TICK, until - now))
            return True

        try:
            yield rest
        finally:
            if rested:
                self.told("", 0.0)


#: Waits, and tells nobody.
PATIENT = Patience()

#: Waits for nothing: for who asks again anyway.
HASTY = replace(PATIENT, seconds=0.0)


def _code(error: Exception) -> str:
    return code_of(error) if isinstance(error, boto.ClientError) else ""


def never(_: Exception) -> str:
    """Say that no error is waited out."""
    return ""


def until_queue_is_known(name: str) -> Early:
    """Return what tells errors of a queue that was made a moment ago from all others."""

    def early(error: Exception) -> str:
        unknown = isinstance(error, MissingResourceError) or _code(error) in MISSING_CODES
        return f"SQS knows {name}" if unknown else ""

    return early


def until_queue_can_be_made(name: str, dead_letters: str) -> Early:
    """Return what tells that a queue's name is not free, or its dead letters' queue not known."""

    def early(error: Exception) -> str:
        if _code(error) in TOO_SOON_CODES:
            return f"SQS frees the name {name}, which was deleted a moment ago"
        unknown = _code(error) in MISSING_CODES or _UNSEEN_TARGET in str(error).lower()
        return f"SQS knows {dead_letters}" if unknown and dead_letters else ""

    return early


def until_purge_is_allowed(name: str) -> Early:
    """Return what tells that a queue was purged less than a minute ago."""
    return lambda error: f"{name} can be purged again" if _code(error) in TOO_SOON_CODES else ""


def until_bucket_is_free(name: str) -> Early:
    """Return what tells that S3 is still at work on a bucket: made, deleted or set up just now."""
    return lambda error: f"S3 is done with {name}" if _code(error) in BUSY_CODES else ""


def until_bucket_is_known(name: str) -> Early:
    """Return what tells errors of a bucket that was made, or set up, a moment ago from others."""

    def early(error: Exception) -> str:
        if _code(error) in MISSING_CODES | NO_BUCKET_CODES:
            return f"S3 knows the bucket {name}"
        if _UNSEEN_POLICY in str(error):
            return "S3 sees that the queue lets it in"
        return until_bucket_is_free(name)(error)

    return early
