"""What is known of one job, from wherever it is told: the facts that its way is traced from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from labapp import utc
from labapp.jobs.kinds import kind_of
from labapp.jobs.logbook import PLAIN

if TYPE_CHECKING:
    from labapp.jobs.dead_letters import DeadLetter
    from labapp.jobs.entry import Entry
    from labapp.jobs.logbook import Log

#: What tells of a job.
Source = Literal["log", "queues", "replies", "workers", "result", "dead letters"]

#: Seconds of a day.
DAY = 86_400


@dataclass(frozen=True)
class Held:
    """A job that a worker has in flight, as its last report tells; or had, if it is gone.

    Attributes:
        worker: the worker's id.
        step: the last step that it told of.
        since: when it received the message, in seconds since 1970.
        receives: how often that was received.
        heard: when a worker that is gone was last heard of, likewise; None of one at work.
        age: seconds since one at work told of it; reports come half a minute apart.
    """

    worker: str
    step: str
    since: float
    receives: int
    heard: float | None = None
    age: float = 0.0


@dataclass(frozen=True)
class QueueState:
    """What a queue of requests holds; `dead` of its dead letters, None where it has no such."""

    name: str
    visible: int
    in_flight: int
    delayed: int
    dead: int | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a job.

    Attributes:
        job: its id.
        now: when that was gathered, in seconds since 1970, as all times here.
        made_at: when its id says that it was made; None where it is no ULID.
        entry: what this machine's ledger has; None where it was not sent from here.
        log: its log; None where there is none that is shown to be its own.
        stored_at: when S3 took that.
        forged: why a log under the job's name is not taken for its own; empty where none is.
        is_claimed: whether only the request's own word says whose the job is.
        queues: those that its request is, or was, in: of its kind; of all kinds where that is not
            known.
        workers: how many are at work; None where nobody looked.
        held: that a worker has it in flight, if one says so.
        lost: that one had it which is gone, if that said so.
        hidden: seconds for which a message stays in flight that nobody settles.
        reply_queue: where it is answered; empty where that is not known.
        replies: answers that wait there, whosever; None where nobody looked.
        result_key: the object that it made; empty where there is none.
        result_at: when S3 took that.
        letter: its dead letter; None where none was found.
        keep_days: days for which logs are kept; 0: for ever.
        unseen: what this role may not look at.
        keeps_no_logs: whether the workers that are at work keep no logs, as they report; where
            none tells, whether the settings here say so.
        may_keep_none: whether only some of them do, or nobody tells.
    """

    job: str
    now: float
    made_at: float | None = None
    entry: Entry | None = None
    log: Log | None = None
    stored_at: float | None = None
    forged: str = ""
    is_claimed: bool = False
    queues: tuple[QueueState, ...] = ()
    workers: int | None = None
    held: Held | None = None
    lost: Held | None = None
    hidden: int = 0
    reply_queue: str = ""
    replies: int | None = None
    result_key: str = ""
    result_at: float | None = None
    letter: DeadLetter | None = None
    keep_days: int = 0
    unseen: frozenset[Source] = frozenset()
    keeps_no_logs: bool = False
    may_keep_none: bool = False

    @property
    def is_answered(self) -> bool:
        """Whether its answer was read on this machine."""
        return self.entry is not None and self.entry.answered_at is not None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, as far as its log tells, which this role may see."""
        may_be = self.log is None and self.letter is None and "log" not in self.unseen
        return may_be and not (self.is_answered or self.has_expired)

    @property
    def is_dropped(self) -> bool:
        """Whether nobody asked: its picture was dropped in the bucket."""
        if self.log is None:
            return False
        drops = kind_of(self.log.kind).drops
        return bool(drops) and self.log.client == PLAIN and self.log.title.startswith(drops)

    @property
    def receives(self) -> int:
        """How often its message was received, as far as anybody tells."""
        told = (self.log and self.log.receives, self.held and self.held.receives)
        return next((often for often in told if often), 1)

    @property
    def was_done_again(self) -> bool:
        """Whether it was done once more, after its answer had been read here."""
        if not (self.log and self.entry and self.entry.answered_at) or self.receives < 2:
            return False
        done = utc.seconds_of(self.log.done)
        return done is not None and done > self.entry.answered_at

    @property
    def is_in_lost_hands(self) -> bool:
        """Whether it is still in flight for a worker that is gone."""
        lost = self.lost
        if lost is None or lost.heard is None or self.log or self.held:
            return False
        is_hidden = not self.queues or self.in_flight > 0
        return is_hidden and self.now - lost.heard <= self.hidden

    @property
    def asked_at(self) -> float | None:
        """When it was asked for, by the first source that tells."""
        if self.entry:
            return self.entry.sent_at
        return self.letter.first if self.letter else self.made_at

    @property
    def age(self) -> float:
        """Seconds since then; 0 where that is not known."""
        return 0.0 if self.asked_at is None else max(0.0, self.now - self.asked_at)

    @property
    def has_expired(self) -> bool:
        """Whether its log, had it one, would have expired."""
        return bool(self.keep_days) and self.age > self.keep_days * DAY

    @property
    def waiting(self) -> int:
        """How many messages wait in its queues."""
        return sum(one.visible + one.delayed for one in self.queues)

    @property
    def in_flight(self) -> int:
        """How many are in flight."""
        return sum(one.in_flight for one in self.queues)

    @property
    def dead(self) -> int:
        """How many dead letters its queues have."""
        return sum(one.dead or 0 for one in self.queues)

    @property
    def is_quiet(self) -> bool:
        """Whether its queues are there and hold nothing."""
        return bool(self.queues) and not (self.waiting or self.in_flight)

    @property
    def may_come_again(self) -> bool:
        """Whether its message may be among what its queues hold."""
        return bool(self.waiting or self.in_flight)

    @property
    def queue_names(self) -> str:
        """The names of its queues."""
        return " and ".join(one.name for one in self.queues) or "its queue"
