"""One job on its way through the lab, as far as anybody can see it from outside.

Sent and read are what this machine's ledger knows of its own clients; in hand is what workers tell;
stored and answered is what the job's log in the bucket says. Where in its queue a job stands nobody
can tell: SQS does not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from labapp.cloud.bucket import Bucket
from labapp.jobs import logbook
from labapp.jobs.entry import PENDING
from labapp.jobs.session import entry_here, has_ledger, open_ledger
from labapp.programs.live.model import AnswerNow, LabSnapshot
from labapp.programs.live.parts import ordinal
from labapp.programs.live.source import answer_among, answer_to

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.jobs.entry import Entry
    from labapp.worker.in_hand import JobInHand

Station = Literal["sent", "queue", "worker", "stored", "answered", "read"]

#: Where a job comes by, in this order.
STATIONS: tuple[Station, ...] = ("sent", "queue", "worker", "stored", "answered", "read")

#: What is told of a job's way, at most.
MOST_TOLD = 50


@dataclass(frozen=True)
class Fact:
    """Something that was seen of a job; `at` is when, in seconds since 1970."""

    at: float
    text: str
    kind: Literal["good", "warn", "bad", "accent"] = "accent"


@dataclass(frozen=True)
class Found:
    """What is known of a job besides what workers tell.

    Attributes:
        sent: when it was sent, in seconds since 1970; None where nobody here sent it.
        read: when its client read the answer; None where that is not known.
        log: what became of it; None as long as it is not logged.
    """

    sent: float | None = None
    read: float | None = None
    log: AnswerNow | None = None


@dataclass(frozen=True)
class Followed:
    """A job that is followed.

    Attributes:
        job: its id.
        client: who sent it; empty where that is not known.
        station: where it is.
        told: what was seen of it, the oldest first.
        where: where it is, in words.
        worker: who had it when it was last in hand; empty where it never was.
        held: the job as that worker last told of it.
    """

    job: str
    client: str = ""
    station: Station = "sent"
    told: tuple[Fact, ...] = ()
    where: str = ""
    worker: str = ""
    held: JobInHand | None = field(default=None, repr=False)


def follow(before: Followed, lab: LabSnapshot, found: Found) -> Followed:
    """Return where a job is now, by what was known of it before."""
    now = before
    if found.sent and not _was_told(now, "sent"):
        now = _tell(now, Fact(found.sent, "sent"))
    now = _in_hand(now, lab)
    if found.log is None:  # of a plain client's job the id does not tell where its log lies
        found = replace(found, log=next((a for a in lab.answers if a.job == now.job), None))
    if found.log and not _was_told(now, found.log.status):
        log = found.log
        kind: Literal["good", "warn"] = "good" if log.status == "done" else "warn"
        now = _tell(now, Fact(log.at, f"{log.status}, its log is stored: {log.answer}", kind))
        now = replace(now, client=now.client or log.client)
    if found.read and not _was_told(now, "read"):
        now = _tell(now, Fact(found.read, "read by its client", "good"))
    station, where = _where(now, lab, found)
    return replace(now, station=station, where=where)


def _in_hand(now: Followed, lab: LabSnapshot) -> Followed:
    """Tell which worker has the job, and of each time that another one received it."""
    for worker, job in lab.hands():
        if job.job != now.job:
            continue
        name, times = worker.worker, _times(job)
        again = now.held is not None and job.receives > now.held.receives
        if worker.is_at_work and (now.held is None or again or now.worker != name):
            waited = f" after {job.waited:.1f} s" if job.waited else ""
            text = f"received{times} by worker {name}{waited}"
            now = _tell(now, Fact(job.since, text, "warn" if job.receives > 1 else "accent"))
        elif not worker.is_at_work and not _was_told(now, f"worker {name} is"):
            hidden = f"within {lab.hidden} s" if lab.hidden else "soon"
            text = f"worker {name} is {worker.state}: the job comes back {hidden}"
            now = _tell(now, Fact(lab.at, text, "bad"))
        now = replace(now, client=job.client, worker=name, held=job)
    return now


def _where(now: Followed, lab: LabSnapshot, found: Found) -> tuple[Station, str]:
    """Return where a job is, and that in words."""
    holder = next((w for w, job in lab.hands() if job.job == now.job), None)
    if found.read:
        return "read", "its client has read the answer"
    if holder and holder.is_at_work and now.held:
        return "worker", f"worker {now.worker} has it{_times(now.held)}: {now.held.step}"
    if found.log:
        if found.log.status == logbook.UNTOLD:
            return "stored", "nobody could be answered: its message is a dead letter"
        unread = next((q.held for q in lab.replies if q.client == now.client), 0)
        waits = f"; {unread} unread in its client's queue" if unread else ""
        return "answered", f"answered{waits}"
    if holder:
        hidden = f" within {lab.hidden} s" if lab.hidden else ""
        return "queue", f"worker {now.worker} is {holder.state}; the job comes back{hidden}"
    if now.held:
        had = f"worker {now.worker} had it{_times(now.held)}"
        return "queue", f"back in its queue, or nearly done; {had}"
    if now.told or lab.waiting:
        return "queue", f"in its queue, one of {lab.waiting} that wait; its place nobody can tell"
    return "sent", "nothing is known of it: is it the whole id?"


def _times(job: JobInHand) -> str:
    """Return for which time a job was received, where that is not the first."""
    return f" for the {ordinal(job.receives)} time" if job.receives > 1 else ""


def _was_told(now: Followed, begins: str) -> bool:
    return any(fact.text.startswith(begins) for fact in now.told)


def _tell(now: Followed, fact: Fact) -> Followed:
    told = tuple(sorted((*now.told, fact), key=lambda one: one.at))[-MOST_TOLD:]
    return replace(now, told=told)


def finder(cloud: Cloud) -> Callable[[Followed, Collection[str]], tuple[Found, int]]:
    """Return what finds out about a job, given those that are logged, and tells what that cost.

    That is one request at most as long as it is not logged, and two more where it is with others.
    """
    bucket = Bucket(cloud)
    logs: dict[str, AnswerNow] = {}

    def find(followed: Followed, logged: Collection[str]) -> tuple[Found, int]:
        entry = entry_here(cloud, followed.job)
        sent = entry.sent_at if entry else None
        cost = 0
        if followed.job not in logs:
            cost = 1
            log = answer_to(bucket, followed.job, sent or 0.0)
            if log is None and followed.job in logged:
                cost += 2
                log = answer_among(bucket, followed.job, sent or 0.0)
            if log:
                logs[followed.job] = log
        read = entry.answered_at if entry else None
        return Found(sent, read, logs.get(followed.job)), cost

    return find


def sent_here(cloud: Cloud, most: int) -> list[Entry]:
    """Return the jobs that were sent from this machine last, the newest first."""
    if not has_ledger(cloud):
        return []
    with contextlib.closing(open_ledger(cloud)) as ledger:
        return ledger.newest(most)


def choices(lab: LabSnapshot, sent: Iterable[Entry]) -> dict[str, str]:
    """Return the jobs to choose from, and what is known of each.

    Those in hand come first, then of those `sent` from here and not read the ones that wait, then
    the ones that are answered; at last what was answered to anybody.
    """
    found = {
        job.job: f"worker {worker.worker}{_times(job)}, {job.client}" for worker, job in lab.hands()
    }
    open_ones = [one for one in sent if one.answered_at is None]
    answered = [one for one in open_ones if one.job in lab.logged]
    for one in (*(one for one in open_ones if one not in answered), *answered):
        found.setdefault(one.job, f"{_unread(lab, one)}, {one.client}")
    for log in lab.answers:
        found.setdefault(log.job, f"{log.status}, {log.client}")
    return found


def _unread(lab: LabSnapshot, sent: Entry) -> str:
    """Return what is known of a job whose answer was not read."""
    if sent.job in lab.logged:
        return "answered, not read"
    if sent.status != PENDING:
        return sent.status
    if lab.logged_since is None or sent.sent_at < lab.logged_since:
        return "no answer read"
    return "waits" if lab.waiting else "not answered"
