"""Watching queues for requests of other programs, for a while; see `watched_queue` for how."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.errors import LabappError
from labapp.jobs import log_listing, logbook
from labapp.jobs.watched_queue import QueueWatch, Seen, Watched

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Seconds between two looks whether the watch is to end.
_STEP = 0.2

#: Seconds between two questions whether workers are there; to ask costs a few requests on AWS.
ASK_LOCALLY, ASK = 2, 10

#: Logs that are counted of what workers did meanwhile.
MOST_LOGS = 100

#: What is told where workers take from the queues.
TAKEN = (
    "what they take first is not seen, and what is seen is let go at once. Stop them to see every"
    " request."
)


class Watch:
    """Looks at queues until it is left; within a `with`, which shows all messages again.

    Args:
        cloud: where the queues are; one that is not there is looked for again and again.
        names: the queues.
        tell: is told in a sentence of what is in the way.
        workers: gives how many workers take from the queues now; None where that cannot be told.

    Attributes:
        queues: the queues, each with what was seen there so far.
        workers: the most workers that were there at a time.
    """

    def __init__(
        self,
        cloud: Cloud,
        names: Sequence[str],
        tell: Callable[[str], object],
        workers: Callable[[], int | None],
    ) -> None:
        self.queues = [Watched(name) for name in dict.fromkeys(names)]
        self.workers: int | None = None
        self._cloud = cloud
        self._tell = tell
        self._ask = workers
        self._found: SimpleQueue[Seen | str | LabappError] = SimpleQueue()
        self._end, self._busy = Event(), Event()
        self._threads = [
            Thread(target=self._run, args=(one,), name=f"watch {one.name}") for one in self.queues
        ]

    def __enter__(self) -> Watch:
        self._ask_for_workers()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def requests(
        self,
        seconds: int,
        stopped: Callable[[], bool],
        passed: Callable[[int], object] = lambda _: None,
    ) -> Iterator[Seen]:
        """Yield each foreign request as it is seen, once.

        Args:
            seconds: for how long.
            stopped: asked again and again whether that is enough.
            passed: told of each second that is over.

        Raises:
            CloudError: a queue cannot be watched.
        """
        began, told = time.monotonic(), 0
        pause = ASK_LOCALLY if self._cloud.is_local else ASK
        while told < seconds and not stopped():
            yield from self._next(_STEP)
            if more := int(time.monotonic() - began) - told:
                told += more
                passed(more)
                if told % pause < more:
                    self._ask_for_workers()
        while not self._found.empty():  # what came in the last moment
            yield from self._next(0)

    def _next(self, seconds: float) -> Iterator[Seen]:
        """Yield the next request that is seen within some time, or tell what is in the way."""
        with contextlib.suppress(Empty):
            found = self._found.get(timeout=seconds)
            if isinstance(found, LabappError):
                raise found
            if isinstance(found, str):
                self._tell(found)
            else:
                yield found

    def _ask_for_workers(self) -> None:
        """Note whether workers are there now."""
        count = self._ask()
        if not count:
            self._busy.clear()
        elif not self._busy.is_set():
            at_work = "1 worker" if count == 1 else f"{count:,} workers"
            self._tell(f"{at_work} at work here: {TAKEN}")
            self._busy.set()
        if count is not None:
            self.workers = max(count, self.workers or 0)

    def _run(self, one: Watched) -> None:
        """Watch one queue, in a thread of its own."""
        try:
            QueueWatch(self._cloud, one, self._found.put, self._end, self._busy).run()
        except LabappError as error:
            self._found.put(error)


def done_since(cloud: Cloud, began: float) -> int:
    """Return how many requests of other programs the logs tell of that were sent since then.

    Args:
        cloud: where the logs are.
        began: in seconds since 1970.
    """
    since = utc.stamp(began)
    newest = log_listing.newest(Bucket(cloud), MOST_LOGS)
    recent = itertools.takewhile(lambda log: log.time >= since, newest)
    return sum(log.client == logbook.PLAIN for log in recent)
