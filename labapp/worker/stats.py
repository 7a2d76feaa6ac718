"""A worker's statistics: counters that its threads write and its screens and reports read.

Everybody writes here and nobody waits here: one short lock, no network.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from labapp import utc
from labapp.jobs.delivery import WorkerName
from labapp.worker.in_hand import MOST, JobInHand, JobsInHand

#: Seconds over which the rate of jobs is taken, one bar of the sparkline for each.
HISTORY = 60

#: Jobs remembered for the screen.
RECENT = 50

#: Waits remembered, of which the median is taken: enough for it, however many jobs a minute has.
WAITS = 1_000


@dataclass(frozen=True)
class Finished:
    """One finished job; `at` is in seconds since 1970, the last three as of `Delivery`."""

    at: float
    kind: str
    job: str
    client: str
    status: str
    seconds: float
    text: str
    queue: str = ""
    receives: int = 1
    wait: float = 0.0


@dataclass(frozen=True)
class Snapshot:
    """The worker at one moment.

    Attributes:
        state: `running`, `paused`, `stopping` or `stopped`.
        trouble: what keeps it from working, or is wrong on this machine, with what to do; or empty.
        refused: whether that is something which the cloud refuses, and no waiting mends.
        counts: jobs by how they ended: done, refused, failed, put aside, retried.
        in_flight: jobs received and not yet deleted.
        polls: for each queue, when the last poll ended, in seconds since 1970.
        per_second: jobs finished in each of the last `HISTORY` seconds, oldest first.
        recent: the last jobs, newest first.
        wait: seconds that the jobs of the last minute waited in their queues, the median; None
            where there were none.
        hands: the jobs in flight that are so for longest.
        standing: the step that a job stands at, for a person who looks; or empty.
    """

    state: str
    trouble: str
    counts: dict[str, int]
    in_flight: int
    polls: dict[str, float]
    per_second: list[int]
    recent: list[Finished]
    refused: bool = False
    wait: float | None = None
    hands: tuple[JobInHand, ...] = ()
    standing: str = ""

    @property
    def rate(self) -> float:
        """Jobs per second over the last ten whole seconds."""
        last = self.per_second[-11:-1]
        return sum(last) / max(1, len(last))


@dataclass
class WorkerStats:
    """The counters of one worker."""

    state: str = "running"
    trouble: str = ""
    standing: str = ""
    started: float = field(default_factory=time.time)
    name: WorkerName = field(default_factory=WorkerName)
    in_hand: JobsInHand = field(default_factory=JobsInHand)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counts: Counter[str] = field(default_factory=Counter)
    _seconds: Counter[int] = field(default_factory=Counter)
    _recent: deque[Finished] = field(default_factory=lambda: deque(maxlen=RECENT))
    _waits: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=WAITS))
    _listeners: list[Callable[[Finished], None]] = field(default_factory=list)
    _polls: dict[str, float] = field(default_factory=dict)
    _others_hold: dict[str, tuple[int, Sequence[JobInHand]]] = field(default_factory=dict)
    _refused: dict[tuple[str, str], str] = field(default_factory=dict)

    def holds(self, who: str, count: int, hands: Sequence[JobInHand] = ()) -> None:
        """Note how many messages one of several processes has in flight, and some of their jobs."""
        with self._lock:
            self._others_hold[who] = count, hands

    def note_polled(self, queue: str) -> None:
        """Note that a poll of a queue ended well, or that there is no thread free for one."""
        with self._lock:
            self._polls[queue] = time.time()

    def count(self, what: str) -> None:
        """Note an event that is not the end of a job, such as `retried`."""
        with self._lock:
            self._counts[what] += 1

    def refuse(self, where: str, what: str, why: str) -> None:
        """Note what the cloud refuses: of which queue, what kind of call, and its error."""
        with self._lock:
            self._refused[where, what] = why

    def allow(self, where: str, what: str = "") -> None:
        """Note that something is no longer refused; without words, all of that queue's."""
        with self._lock:
            for key in [key for key in self._refused if key[0] == where and what in ("", key[1])]:
                del self._refused[key]

    def listen(self, heard: Callable[[Finished], None]) -> None:
        """Have somebody hear of each job that ends from now on, in the thread that ended it."""
        self._listeners.append(heard)

    def note_finished(self, job: Finished) -> None:
        """Note the end of a job."""
        with self._lock:
            self._counts[job.status] += 1
            self._seconds[int(job.at)] += 1
            self._recent.appendleft(job)
            self._waits.append((job.at, job.wait))
            if len(self._seconds) > 2 * HISTORY:
                oldest = int(job.at) - HISTORY
                self._seconds = Counter({s: n for s, n in self._seconds.items() if s >= oldest})
        for heard in self._listeners:
            heard(job)

    def snapshot(self) -> Snapshot:
        """Return everything as it is now."""
        present = int(time.time())
        hands, in_flight = self.in_hand.oldest(), len(self.in_hand)
        with self._lock:
            for count, theirs in self._others_hold.values():
                in_flight += count
                hands += theirs
            return Snapshot(
                self.state,
                self.trouble
                or " ".join(dict.fromkeys(self._refused.values()))
                or utc.clock_notice(),
                dict(self._counts),
                in_flight,
                dict(self._polls),
                [self._seconds[s] for s in range(present - HISTORY + 1, present + 1)],
                list(self._recent),
                bool(self._refused),
                self._median_wait(present),
                tuple(sorted(hands, key=lambda job: job.since)[:MOST]),
                self.standing,
            )

    def _median_wait(self, present: int) -> float | None:
        waits = [wait for at, wait in self._waits if at > present - HISTORY]
        return statistics.median(waits) if waits else None
