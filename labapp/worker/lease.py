"""Leases: extend the visibility timeout of messages while their jobs run.

SQS hides a received message for the visibility timeout only; a job that outlives it would be done
twice. A lease extends it at a third of the timeout, from a thread of its own, until released. The
release waits for an extension under way, so that none can come after the message was deleted or
handed back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

from labapp.cloud.queues import Message, Queue
from labapp.errors import (
    ClockError,
    CloudError,
    CredentialsError,
    ForbiddenError,
    UnreachableError,
)
from labapp.waits import delay
from labapp.worker.refusals import Refusals

log = logging.getLogger(__name__)

#: The part of the visibility timeout after which it is extended: one lost extension does no harm,
#: there is time for another.
EXTEND_AT = 1 / 3

#: Seconds between looks at what is due.
LONGEST_STEP = 1.0

#: After an extension that failed, the next waits for this part of the visibility timeout, then for
#: twice as long each time up to so many seconds: in an outage, leases too must ask seldom.
AGAIN_AT, LONGEST_PAUSE = 1 / 6, 20.0

#: What it is called where it is refused.
EXTENDING = "change the visibility of messages"


class Lease:
    """Extends the visibility timeout of one queue's messages in flight.

    Each time `visibility` seconds are asked for; `refusals` is told where that is refused.
    """

    def __init__(self, queue: Queue, visibility: int, refusals: Refusals | None = None) -> None:
        self._queue = queue
        self._refusals = refusals
        self.visibility = visibility
        self._due: dict[str, float] = {}
        #: When the visibility timeout of each began, and of those that were released last.
        self._since: dict[str, float] = {}
        self._released: dict[str, float] = {}
        self._failures = 0
        self._not_before = 0.0
        self._lock = threading.Lock()
        self._extending = threading.Lock()

    def add(self, messages: Iterable[Message], received: float | None = None) -> None:
        """Keep messages from now on; `received` is the monotonic time before they were asked for.

        The visibility timeout begins when SQS hands a message out, not when it arrives here.
        """
        since = time.monotonic() if received is None else received
        with self._lock:
            for message in messages:
                self._due[message.receipt] = since + self.visibility * EXTEND_AT
                self._since[message.receipt] = since

    def release(self, receipts: Iterable[str]) -> None:
        """Keep messages no longer; returns when no extension of theirs is under way."""
        receipts = list(receipts)
        with self._lock:
            for receipt in receipts:
                self._due.pop(receipt, None)
            self._released = {r: self._since.pop(r) for r in receipts if r in self._since}
        with self._extending:
            pass

    def try_again(self) -> None:
        """Extend all messages now, where extending was refused: so it is seen whether it lasts."""
        if self._refusals and self._refusals.is_refused(self._queue.name, EXTENDING):
            with self._lock:
                self._due = dict.fromkeys(self._due, 0.0)
            self._not_before = 0.0
            self.extend_due()

    def receipts(self) -> list[str]:
        """Return the receipts of the messages in flight."""
        with self._lock:
            return list(self._due)

    def seconds_left(self, receipt: str) -> float | None:
        """Return for how long others do not see a message, by what is known here, at least.

        It is less than 0 where they may by now, and None where it is not known: others have it.
        """
        since = self._since.get(receipt, self._released.get(receipt))
        return None if since is None else since + self.visibility - time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Extend what is due until `stop` is set: the body of the lease's thread."""
        step = min(LONGEST_STEP, self.visibility * EXTEND_AT / 4)
        while not stop.wait(step):
            self.extend_due()

    def extend_due(self) -> None:
        """Extend every message whose time has come; what cannot be extended now is due again."""
        with self._extending:
            present = time.monotonic()
            if present < self._not_before:
                return
            with self._lock:
                due = [receipt for receipt, at in self._due.items() if at <= present]
            if not due:
                return
            try:
                failed = set(self._queue.hide(due, self.visibility))
            except CloudError as error:
                log.warning("the lease is not extended: %s", error, extra={"event": "lease"})
                self._failures += 1
                pause = delay(self._failures, self.visibility * AGAIN_AT, LONGEST_PAUSE, steady=1.0)
                self._not_before = time.monotonic() + pause
                self._tell(error)
                return
            self._failures = 0
            self._tell(None)
            with self._lock:
                for position, receipt in enumerate(due):
                    if position in failed:
                        # It ran out and is somebody else's now; the job's results are the same
                        # whoever stores them, so going on does no harm.
                        self._due.pop(receipt, None)
                        self._since.pop(receipt, None)
                    elif receipt in self._due:
                        self._due[receipt] = present + self.visibility * EXTEND_AT
                        self._since[receipt] = present

    def _tell(self, error: CloudError | None) -> None:
        """Tell of a refusal, or of its end; what passes by itself is told by those who wait."""
        passing = isinstance(error, UnreachableError | CredentialsError | ClockError)
        if self._refusals is None or (passing and not isinstance(error, ForbiddenError)):
            return
        if error:
            self._refusals.note_refused(self._queue.name, EXTENDING, error)
        else:
            self._refusals.note_passed(self._queue.name, EXTENDING)
