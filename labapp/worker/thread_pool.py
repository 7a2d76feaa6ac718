"""The threads that do the jobs.

Not a ThreadPoolExecutor: that one joins its threads when the interpreter ends, so a single job that
hangs would keep a stopping worker alive beyond its grace period. These are daemons.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class ThreadPool:
    """At most `most` threads, started when first needed, that take tasks in order."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)

    def submit(self, task: Callable[[], None]) -> None:
        """Have a task done by a free thread, or by the first that becomes free."""
        self._tasks.put(task)
        if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
            thread = threading.Thread(
                target=self._run, name=f"{self._name}-{len(self._threads) + 1}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Let the threads end once the tasks before this are done; does not wait for them."""
        for _ in self._threads:
            self._tasks.put(None)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except Exception:
                log.exception("a task failed", extra={"event": "fault"})
            self._idle.release()
