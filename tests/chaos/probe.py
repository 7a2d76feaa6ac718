"""One client's jobs, timed from outside: sent past the proxy, and their answers taken from there.

What a person would measure with a stopwatch, less the client program's own time.
"""

from __future__ import annotations

import statistics
import threading
import time

from labapp.jobs.wire import decode_reply
from tests.chaos.world import World, until


class Probe:
    """A client with a reply queue of its own, and a thread that reads it; a context manager."""

    def __init__(self, world: World, client: str) -> None:
        self.client = client
        self._world = world
        self._queue = world.make_queue(f"responseQueue-{client}")
        self._sent: dict[str, float] = {}
        #: For each job, its seconds from sending to reading the answer, and the answer's status.
        self.seconds: dict[str, float] = {}
        self.statuses: dict[str, str] = {}
        self.bodies: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Probe:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def send(self, job: str, body: str = "1,2", pipeline: str = "") -> None:
        """Send one job."""
        self._sent[job] = time.monotonic()
        self._world.ask(job, self.client, body, pipeline)

    def wait(self, count: int, seconds: float = 120.0) -> None:
        """Wait until `count` jobs are answered."""
        until(lambda: len(self.seconds) >= count, f"{count} answers to {self.client}", seconds)

    def time_of(self, job: str, body: str = "1,2", pipeline: str = "") -> float:
        """Send one job and wait for its answer; return the seconds."""
        self.send(job, body, pipeline)
        until(lambda: job in self.seconds, f"the answer to {job}", 180)
        return self.seconds[job]

    def _read(self) -> None:
        while not self._stop.is_set():
            messages = self._queue.receive(wait=1)
            for message in messages:
                reply = decode_reply(message)
                if reply and reply.job not in self.seconds:
                    self.statuses[reply.job] = reply.status
                    self.bodies[reply.job] = reply.body
                    self.seconds[reply.job] = time.monotonic() - self._sent.get(reply.job, 0.0)
            self._queue.delete([message.receipt for message in messages])


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
