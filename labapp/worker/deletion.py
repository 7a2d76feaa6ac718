"""Delete messages whose jobs are settled: first the lease stops, then the queue is asked.

What is settled and not deleted comes again, and is then only to be deleted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from labapp.cloud.queues import Message, Queue
from labapp.errors import CloudError
from labapp.jobs.steps import DELETED, LEASE_STOPPED
from labapp.worker.concurrency import Recently
from labapp.worker.lease import Lease
from labapp.worker.outages import OutageGuard
from labapp.worker.refusals import Deed
from labapp.worker.replies import BATCH_ATTEMPTS

log = logging.getLogger(__name__)

#: Messages remembered as settled, should they come again: SQS delivers at least once.
MOST_SETTLED = 10_000


class Deletion:
    """Deletes the settled messages of one queue; shared by its threads."""

    def __init__(self, queue: Queue, lease: Lease, outages: OutageGuard) -> None:
        self._queue = queue
        self._lease = lease
        self._outages = outages
        self._steps = outages.steps
        # What is settled and not yet deleted is only to be deleted, should it come again. What SQS
        # said it deleted and brings again all the same is answered again, and not counted.
        self._undeleted = Recently(MOST_SETTLED)

    def is_due(self, message: Message) -> bool:
        """Return whether a message was settled before, and only its deletion lacks."""
        return message.id in self._undeleted

    def settled(self, messages: Sequence[Message]) -> None:
        """Remember messages as settled, until they are deleted."""
        self._undeleted.add(message.id for message in messages)

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages whose jobs are settled; while that is refused they are kept ours."""
        left = list(messages)

        def delete() -> list[int]:
            receipts = [message.receipt for message in left]
            self._lease.release(receipts)
            for message in left:
                self._steps.reached(LEASE_STOPPED, message)
            try:
                return self._queue.delete(receipts)
            except CloudError:  # due at once: it may take long until they can be deleted
                self._lease.add(left, time.monotonic() - self._lease.visibility)
                raise

        deed = Deed(self._queue.name, f"delete from {self._queue.name}", delete)
        try:
            for _ in range(BATCH_ATTEMPTS):
                if not left:
                    break
                kept = [left[position] for position in self._outages.call(deed)]
                self._undeleted.drop({one.id for one in left} - {one.id for one in kept})
                left = kept
        except CloudError as error:
            self._lease.release([message.receipt for message in messages])
            log.warning("not deleted: %s", error, extra={"event": "unsettled"})
        if left:
            log.warning(
                "%d messages not deleted; they come again", len(left), extra={"event": "late"}
            )
        late = {message.receipt for message in left}
        for message in messages:
            if message.receipt not in late:
                self._steps.reached(DELETED, message)
