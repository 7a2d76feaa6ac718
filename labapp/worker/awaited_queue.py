"""A queue of requests that a lab's client makes itself: the worker waits until it is there.

The client makes it with attributes of its own, and could not if labapp had made it first. It may be
gone again at any time, and is waited for anew; the worker's other queues go on meanwhile.
"""

from __future__ import annotations

import logging

from labapp.cloud.queues import Queue
from labapp.waits import delay
from labapp.worker.outages import OutageGuard, StoppingError
from labapp.worker.refusals import Deed

log = logging.getLogger(__name__)

#: Seconds between looks at most: the lab's client waits for its answers by then.
LOOK = 3.0


class AwaitedQueue:
    """One queue of requests, which may have to be waited for.

    Args:
        queue: which.
        is_awaited: whether a lab's client makes it; else it is there, and is not looked for.
        outages: waits out what keeps a look from an answer.
    """

    def __init__(self, queue: Queue, outages: OutageGuard, *, is_awaited: bool) -> None:
        self._queue = queue
        self._outages = outages
        self.is_awaited = is_awaited

    def is_there(self) -> bool:
        """Return whether the queue is there.

        Raises:
            StoppingError: the worker is to stop.
        """
        name = self._queue.name
        look = Deed(name, f"find {name}", self._queue.exists)
        return not self.is_awaited or self._outages.call(look)

    def wait(self) -> None:
        """Wait until the queue is there; say so once.

        Raises:
            StoppingError: the worker is to stop.
        """
        name, attempt = self._queue.name, 0
        while not self.is_there():
            if not attempt:
                told = "waiting for the queue %s, which a lab's client makes"
                log.info(told, name, extra={"event": "waiting"})
            attempt += 1
            self._outages.stats.note_polled(name)  # that there is nothing to poll is health too
            if self._outages.stop.wait(delay(attempt, most=LOOK)):
                raise StoppingError("the worker is stopping")
        if attempt:
            log.info("the queue %s is there", name, extra={"event": "waiting"})
