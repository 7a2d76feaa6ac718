"""The lab as it is at one moment: its queues, workers, clients and newest answers; pure data.

What is drawn, streamed and compared is a `LabSnapshot`; how it is come by is the business of
`looking`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from labapp.console.figures import cell_width
from labapp.jobs.log_batches import TAIL
from labapp.worker.in_hand import JobInHand

#: What a lab's queue is for.
REQUESTS, ANSWERS = "requests", "answers"


@dataclass(frozen=True)
class QueueNow:
    """One queue as it was last counted.

    Attributes:
        name: its name.
        role: `requests`, or `answers` where clients fetch them.
        client: whose answers it holds, where it is one client's own; else empty.
        waiting: messages that nobody has.
        in_flight: those that somebody has received.
        delayed: those that are not yet to be received.
        dead: its dead letters; None where it has none, or nobody may count them.
        oldest: seconds that the oldest message has waited; None where that is not known.
    """

    name: str
    role: str = REQUESTS
    client: str = ""
    waiting: int = 0
    in_flight: int = 0
    delayed: int = 0
    dead: int | None = None
    oldest: int | None = None

    @property
    def held(self) -> int:
        """Whatever it holds."""
        return self.waiting + self.in_flight + self.delayed


@dataclass(frozen=True)
class WorkerNow:
    """One worker by its last word.

    Attributes:
        worker: its id, as its report has it.
        host: the machine that it is on.
        pid: its process there.
        state: `running`, `paused`, `stopping`, `stopped`, `unwell` or `gone`.
        trouble: what keeps it from working; empty where nothing does.
        in_hand: how many jobs it has in flight.
        hands: those that are so for longest; of one that is gone, those that come back.
        rate: jobs per second, of late.
        done: jobs that it did; likewise `refused` and `failed`.
        age: seconds since its last word.
    """

    worker: str
    host: str
    pid: int
    state: str = "running"
    trouble: str = ""
    in_hand: int = 0
    hands: tuple[JobInHand, ...] = ()
    rate: float = 0.0
    done: int = 0
    refused: int = 0
    failed: int = 0
    age: int = 0

    @property
    def is_at_work(self) -> bool:
        """Whether it is there: neither gone nor stopped."""
        return self.state not in ("gone", "stopped")

    @property
    def ended(self) -> int:
        """How many jobs it has brought to an end."""
        return self.done + self.refused + self.failed


class LoggedJobs(frozenset[str]):
    """Jobs that are logged: by their whole ids, or by the ends of these, as keys of batches say."""

    def __contains__(self, job: object) -> bool:
        found = super().__contains__
        return found(job) or (isinstance(job, str) and found(job[-TAIL:]))


@dataclass(frozen=True)
class AnswerNow:
    """One job that was logged of late; `at` is when its log was stored, in seconds since 1970."""

    job: str
    client: str
    kind: str
    status: str
    answer: str
    at: float


@dataclass(frozen=True)
class ClientNow:
    """One client that was seen: jobs of its in hand, and answers that it has not read."""

    client: str
    in_hand: int = 0
    unread: int = 0


@dataclass(frozen=True)
class LabSnapshot:
    """The lab at one moment.

    Attributes:
        at: when, in seconds since 1970.
        queues: those of jobs, then those of labs' own clients' answers, as settings name them.
        replies: the clients' own queues, as far as they were counted of late.
        workers: those at work first.
        answers: the newest first.
        stored: jobs that were logged since the look before, as far as was seen.
        requests: how many requests all looks so far have cost.
        bucket: its name.
        hidden: seconds for which a message stays hidden that a worker took along.
        unseen: what nobody lets us see, a sentence each.
        trouble: why this is not newer; empty where nothing is in the way.
        logged: the jobs that are known to be logged, of those that were asked for of late.
        logged_since: from when on those are all, in seconds since 1970; None where that is unknown.
    """

    at: float
    queues: tuple[QueueNow, ...] = ()
    replies: tuple[QueueNow, ...] = ()
    workers: tuple[WorkerNow, ...] = ()
    answers: tuple[AnswerNow, ...] = ()
    stored: int = 0
    requests: int = 0
    bucket: str = ""
    hidden: int = 0
    unseen: tuple[str, ...] = ()
    trouble: str = ""
    logged: frozenset[str] = frozenset()
    logged_since: float | None = None

    def of(self, role: str) -> list[QueueNow]:
        """Return the lab's queues of one role."""
        return [queue for queue in self.queues if queue.role == role]

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return sum(queue.waiting + queue.delayed for queue in self.of(REQUESTS))

    @property
    def in_flight(self) -> int:
        """How many requests somebody has."""
        return sum(queue.in_flight for queue in self.of(REQUESTS))

    @property
    def dead(self) -> int:
        """How many dead letters there are, as far as is known."""
        return sum(queue.dead or 0 for queue in self.queues)

    @property
    def oldest(self) -> int | None:
        """Seconds that the oldest request has waited, where that is known."""
        return max((q.oldest for q in self.of(REQUESTS) if q.oldest is not None), default=None)

    @property
    def at_work(self) -> list[WorkerNow]:
        """The workers that are there."""
        return [worker for worker in self.workers if worker.is_at_work]

    @property
    def rate(self) -> float:
        """Jobs per second of all workers, of late."""
        return sum(worker.rate for worker in self.at_work)

    def hands(self) -> Iterator[tuple[WorkerNow, JobInHand]]:
        """Yield the jobs in hand that are known, each with its worker."""
        return ((worker, job) for worker in self.workers for job in worker.hands)

    def clients(self) -> list[ClientNow]:
        """Return the clients that were seen, the busiest first."""
        names = [queue.client for queue in self.replies]
        names += [job.client for _, job in self.hands()]
        names += [one.client for one in self.answers if one.client]
        held = [job.client for worker, job in self.hands() if worker.is_at_work]
        unread = {queue.client: queue.held for queue in self.replies}
        found = [
            ClientNow(name, held.count(name), unread.get(name, 0)) for name in dict.fromkeys(names)
        ]
        return sorted(found, key=lambda one: (-one.in_hand, -one.unread))


@dataclass(frozen=True)
class Movement:
    """What has moved between two looks, as far as counts tell.

    Attributes:
        came: requests that were sent.
        taken: those that a worker took.
        ended: jobs that were done, refused or failed.
        read: answers that clients fetched.
        by_queue: by how many messages each queue of requests grew, or with a minus, shrank.
        back: jobs that came back: a worker has one again, or a worker is gone that had it.
    """

    came: int = 0
    taken: int = 0
    ended: int = 0
    read: int = 0
    by_queue: dict[str, int] = field(default_factory=dict)
    back: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything has moved."""
        return bool(self.came or self.taken or self.ended or self.read or self.back)


def movement(before: LabSnapshot | None, now: LabSnapshot) -> Movement:
    """Return what has moved between two looks; nothing, as long as there is but one."""
    if before is None or before.at == now.at:
        return Movement()
    last = {queue.name: queue for queue in before.of(REQUESTS)}
    grown = {
        queue.name: queue.held - last[queue.name].held
        for queue in now.of(REQUESTS)
        if queue.name in last
    }
    ended = max(_ended_between(before, now), now.stored)
    came = max(0, sum(grown.values()) + ended)
    waited = sum(queue.waiting + queue.delayed for queue in last.values())
    taken = max(0, waited + came - now.waiting)
    unread = {queue.name: queue.held for queue in before.replies}
    left = sum(max(0, unread[q.name] - q.held) for q in now.replies if q.name in unread)
    read = left + ended if now.replies and not any(q.held for q in now.replies) else left
    return Movement(came, taken, ended, read, grown, tuple(_back_between(before, now)))


def _ended_between(before: LabSnapshot, now: LabSnapshot) -> int:
    ended = {worker.worker: worker.ended for worker in before.workers}
    return sum(
        max(0, worker.ended - ended[worker.worker])
        for worker in now.workers
        if worker.worker in ended
    )


def _back_between(before: LabSnapshot, now: LabSnapshot) -> Iterator[str]:
    """Yield the jobs that were received once more since: a worker gave them up, or died."""
    times = {job.job: job.receives for _, job in before.hands()}
    for worker, job in now.hands():
        if worker.is_at_work and job.receives > times.get(job.job, job.receives):
            yield job.job


def labels(workers: Sequence[WorkerNow], room: int) -> dict[str, str]:
    """Return what each worker is called where names have so many columns.

    It is its whole id, where all of them fit; else no more of it than tells them apart.
    """
    if all(cell_width(one.worker) <= room for one in workers):
        return {one.worker: one.worker for one in workers}
    hosts = [worker.host for worker in workers]
    if len(set(hosts)) <= 1:
        return {worker.worker: str(worker.pid) for worker in workers}
    alone = {host for host in hosts if hosts.count(host) == 1}
    return {
        one.worker: one.host if one.host in alone else f"{one.host}-{one.pid}" for one in workers
    }
