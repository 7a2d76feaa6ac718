"""Look at the lab again and again, at most one request a queue and two seconds.

The queues of jobs are counted at every look. Dead letters, labs' answers and the clients' own
queues take turns, a few at a look, those first of whom something is under way. Reports and logs lie
in the bucket, where a listing costs more: they are listed at a slower pace of their own, and each
log is read once. `tests/programs/live/test_looking.py` holds the requests a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from labapp import utc
from labapp.cloud.queue_names import dead_letters_of
from labapp.cloud.queues import Counts
from labapp.errors import CloudError, ForbiddenError
from labapp.programs.live.answers import READ, Answers
from labapp.programs.live.model import ANSWERS, REQUESTS, LabSnapshot, QueueNow
from labapp.programs.live.roster import Roster

if TYPE_CHECKING:
    from labapp.programs.live.model import WorkerNow
    from labapp.programs.live.source import Source
    from labapp.worker.reports import WorkerRow

#: Seconds between two looks, at least.
EVERY = 2.0

#: Queues besides those of jobs that one look counts.
TURNS = 4

#: Seconds after which a queue's turn comes: dead letters and labs' answers, a client's queue of
#: whom something is under way, and any other's.
DEAD_EVERY, BUSY_EVERY, IDLE_EVERY = 10.0, 2.0, 30.0

#: Seconds between two listings: of the clients' queues, of the workers' reports, of logs; on the
#: local cloud, where a request costs nothing, and on AWS.
NAMES_EVERY = 6.0, 60.0
REPORTS_EVERY = 10.0, 10.0
LOGS_EVERY = 2.0, 6.0

#: Seconds after which what nobody lets us see is asked for again.
REFUSED_EVERY = 60.0

#: Requests made side by side.
AT_ONCE = 8

T = TypeVar("T")


@dataclass
class _Seen:
    """What was last found out of one queue."""

    counts: Counts | None = None
    at: float = float("-inf")


@dataclass
class Lookout:
    """Looks at one lab; not for several threads.

    Args:
        source: what is asked.
        clock: gives monotonic seconds.
    """

    source: Source
    clock: Callable[[], float] = time.monotonic
    _requests: int = 0
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _clients: dict[str, str] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    _roster: Roster = field(default_factory=Roster)

    def __post_init__(self) -> None:
        self._answers = Answers(self.source)

    @property
    def requests(self) -> int:
        """How many requests all looks so far have cost."""
        return self._requests + self._answers.requests

    def spend(self, requests: int) -> None:
        """Count requests that were made besides, for a job that is followed."""
        self._requests += requests

    def look(self) -> LabSnapshot:
        """Look once.

        Raises:
            CloudError: the cloud cannot be asked.
        """
        source, local = self.source, self.source.is_local
        lab = source.lab_queues()
        inbound = [queue.name for queue in lab if queue.takes_requests]
        outbound = [queue.name for queue in lab if not queue.takes_requests]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            pulses = source.pulses()
            if self._roster.take_pulses(pulses):
                self._due.pop("reports", None)  # they tell whether it died or was stopped
            if self._is_due("names"):
                self._clients = self._allowed("clients' queues", source.reply_clients, {}, 1)
                self._put_off("names", NAMES_EVERY[not local])
            if self._is_due("reports"):
                none: tuple[Sequence[WorkerRow], int] = (), 0
                rows, cost = self._allowed("workers' reports", source.reports, none, 0)
                self._requests += cost
                self._roster.take_reports(rows, local=local)
                self._put_off("reports", REPORTS_EVERY[not local])
            stored = 0
            if self._is_due("logs"):
                stored = self._allowed("logs", partial(self._answers.list, pool), 0, 0)
                self._put_off("logs", LOGS_EVERY[not local])
            self._answers.look_at_left(self._held(), pool)
            self._count(inbound, self.source.count, pool)
            self._count(self._turns(inbound, outbound), self._count_or_none, pool)
        workers = self._workers()
        waiting = {name: c.visible for name in inbound if (c := self._counts(name))}
        ages = source.ages(waiting)
        queues = [self._queue(name, REQUESTS, ages) for name in inbound]
        queues += [self._queue(name, ANSWERS, ages) for name in outbound]
        replies = [self._queue(name, ANSWERS, {}, who) for name, who in self._clients.items()]
        return LabSnapshot(
            utc.seconds(),
            tuple(queue for queue in queues if self._counts(queue.name)),
            tuple(queue for queue in replies if self._counts(queue.name)),
            workers,
            self._answers.newest,
            stored,
            self.requests,
            source.bucket_name(),
            source.hidden,
            tuple(self._refused.values()),
            logged=self._answers.logged,
            logged_since=self._answers.since,
        )

    def _is_due(self, what: str) -> bool:
        """Tell whether something is to be asked now."""
        return self.clock() >= self._due.get(what, float("-inf"))

    def _put_off(self, what: str, every: float) -> None:
        """Note that something was asked, and when it is again."""
        self._due[what] = self.clock() + every

    def _allowed(self, what: str, ask: Callable[[], T], otherwise: T, cost: int) -> T:
        """Ask for something that not everybody may see; what is refused is told of, and waits."""
        if what in self._refused and not self._is_due(f"refused {what}"):
            return otherwise
        self._requests += cost
        try:
            found = ask()
        except ForbiddenError as error:
            self._put_off(f"refused {what}", REFUSED_EVERY)
            self._refused[what] = f"{what} are not shown: {error.message}"
            return otherwise
        self._refused.pop(what, None)
        return found

    def _counts(self, name: str) -> Counts | None:
        seen = self._seen.get(name)
        return seen.counts if seen else None

    def _count(
        self,
        names: Sequence[str],
        ask: Callable[[str], Counts | None],
        pool: ThreadPoolExecutor,
    ) -> None:
        """Count queues side by side."""
        now = self.clock()
        self._requests += len(names)
        for name, counts in zip(names, pool.map(ask, names), strict=True):
            self._seen[name] = _Seen(counts, now)

    def _count_or_none(self, name: str) -> Counts | None:
        try:
            return self.source.count(name)
        except ForbiddenError:
            return None

    def _turns(self, inbound: Iterable[str], outbound: Iterable[str]) -> list[str]:
        """Return which of the other queues are counted now: those that are overdue most."""
        now, busy = self.clock(), self._busy()
        paces = {dead_letters_of(name): DEAD_EVERY for name in inbound}
        paces |= dict.fromkeys(outbound, DEAD_EVERY)
        for name, client in self._clients.items():
            held = (counts := self._counts(name)) and counts.all
            paces[name] = BUSY_EVERY if held or client in busy else IDLE_EVERY
        never = _Seen()
        overdue = {
            name: (now - self._seen.get(name, never).at) / pace for name, pace in paces.items()
        }
        due = [name for name in paces if overdue[name] >= 1]
        return sorted(due, key=lambda name: -overdue[name])[:TURNS]

    def _busy(self) -> set[str]:
        """Return the clients of whom something is under way."""
        held = {job.client for worker in self._workers() for job in worker.hands}
        return held | {one.client for one in self._answers.newest[:READ]}

    def _held(self) -> set[str]:
        """Return the jobs that are in hand."""
        return {job.job for worker in self._workers() for job in worker.hands}

    def _workers(self) -> tuple[WorkerNow, ...]:
        return self._roster.workers(self._answers.logged, self.source.hidden)

    def _queue(self, name: str, role: str, ages: Mapping[str, int], client: str = "") -> QueueNow:
        counts = self._counts(name) or Counts(0, 0, 0)
        dead = self._counts(dead_letters_of(name)) if role == REQUESTS else None
        return QueueNow(name, role, client, counts.visible, counts.in_flight, counts.delayed,
                        dead.all if dead else None, ages.get(name))  # fmt: skip


def kept_looking(lookout: Lookout) -> Callable[[], LabSnapshot]:
    """Return a look that never fails once there was one: what is in the way is told in the last."""
    last: list[LabSnapshot] = []

    def look() -> LabSnapshot:
        try:
            found = lookout.look()
        except CloudError as error:
            if not last:
                raise
            found = replace(last[0], trouble=str(error))
        last[:] = [found]
        return found

    return look
