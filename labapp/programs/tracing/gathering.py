"""The facts of one job, gathered from whatever may be looked at; nothing is changed by it.

A job's id tells when it was made, so its log is one listing of a narrow prefix and one read. What
else is asked for is asked side by side, and only where the log leaves it open. Dead letters are
hidden from others while they are looked at, so that comes last, and only where there are any.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from labapp import foreign, utc
from labapp.cloud import bucket as objects
from labapp.cloud import provision
from labapp.cloud.bucket import Bucket
from labapp.cloud.queue_names import dead_letters_of
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.cloud.small_objects import Tell, tell_nobody
from labapp.errors import ForbiddenError, MissingResourceError, TooLargeError, UsageError
from labapp.jobs import (
    dead_letters,
    kinds,
    lab_queues,
    log_batches,
    log_listing,
    log_reading,
    log_wanted,
    marks,
    proof,
    session,
)
from labapp.jobs.dead_letters import DeadLetter
from labapp.jobs.delivery import WorkerName
from labapp.jobs.entry import Entry
from labapp.jobs.job_facts import Facts, Held, QueueState, Source
from labapp.jobs.kinds import kind_of
from labapp.jobs.logbook import PLAIN, UNTOLD, Log
from labapp.jobs.picture_keys import result_folders
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.wire import FAILED, Request, is_client_id, is_job_id, quoted
from labapp.settings import LOG_NONE

if TYPE_CHECKING:
    from labapp.worker.in_hand import JobInHand

T = TypeVar("T")

#: Jobs that an error names where several begin alike.
NAMED = 3

#: Characters of an id that an error repeats.
MOST_NAME = 64

#: Dead letters of a queue among which a job's is looked for.
MOST_LETTERS = 1_000

#: Why a log under a job's name is not taken for its own.
OTHERS = "the log under its id is another's, who asked under it too"
MIXED = "the log under its id tells of another job"


@dataclass(frozen=True)
class Found:
    """A job that is meant.

    Attributes:
        job: its id.
        entry: what this machine's ledger has; None where it was not sent from here.
        logged: its log in a listing, where it was found there.
        log_key: the key of its log, where that is known.
        letter: its dead letter, where that is known.
        is_sought: whether its log was looked for in vain.
    """

    job: str
    entry: Entry | None = None
    logged: objects.Entry | None = None
    log_key: str = ""
    letter: DeadLetter | None = None
    is_sought: bool = False


@dataclass
class Gatherer:
    """Gathers facts of jobs on one cloud; `unseen` is what this role was refused."""

    cloud: Cloud
    left_out: Tell = tell_nobody
    unseen: set[Source] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._bucket = Bucket(self.cloud)

    def newest(self) -> Found:
        """Return the last job that was sent from this machine.

        Raises:
            UsageError: none was.
        """
        for entry in self._ledger_entries(""):
            return Found(entry.job, entry)
        told = "no job was sent from this machine yet"
        raise UsageError(told, "Name one, as 'jobs' or 'admin.py logs' lists it.")

    def find(self, name: str) -> Found:
        """Return the job of an id, or of the one id that begins or ends so; or of a dead letter's.

        Raises:
            UsageError: there is none, or several begin or end so.
            CloudError: the cloud cannot be asked.
        """
        if not is_job_id(name):
            told = f"{quoted(name, 80)} is no job's id, nor a part of one"
            raise UsageError(told, "Copy one from 'client.py jobs' or 'admin.py logs'.")
        if found := _only(name, {one.job: one for one in self._ledger_entries(name)}):
            return Found(found.job, found)
        listed = self._ask("log", lambda: log_listing.find(self._bucket, name, 0, self.left_out))
        if log := _only(name, {one.job: one for one in listed or ()}):
            return Found(log.job, logged=log.entry)
        letters = self._letters("")
        for is_it in (str.startswith, str.endswith)[: 1 + (len(name) >= log_wanted.ENDING)]:
            of_job = {one.job: one for one in letters if is_it(one.job, name)}
            of_job |= {one.id: one for one in letters if is_it(one.id, name)}
            if letter := _only(name, of_job):
                return Found(letter.job or letter.id, letter=letter)
        if log_wanted.times_of(name) and len(name) == proof.LENGTH:
            return Found(name, is_sought=True)
        unseen = "; not seen by this role: " + ", ".join(sorted(self.unseen)) if self.unseen else ""
        raise UsageError(
            f"no job is known whose id begins or ends with {name}{unseen}",
            "So are found jobs of this machine's ledger, of the logs, and dead letters; an ending"
            f" has {log_wanted.ENDING} characters at least.",
        )

    def facts(self, found: Found) -> Facts:
        """Return what is known of a job.

        Raises:
            CloudError: the cloud cannot be asked.
        """
        entry, job, letter = found.entry, found.job, found.letter
        facts = Facts(
            job,
            utc.seconds(),
            made_at=_made_at(job),
            entry=entry,
            letter=letter,
            keep_days=self.cloud.settings.keep_days,
        )
        facts = self._with_log(facts, found)
        log = facts.log
        if log is None:
            keep = self._ask("workers", self._logs_of_workers) or set()
            none = (keep or {self.cloud.settings.log}) == {LOG_NONE}
            maybe = not keep or LOG_NONE in keep
            facts = replace(facts, keeps_no_logs=none, may_keep_none=maybe)
        client = entry.client if entry else log.client if log else letter.client if letter else ""
        kind = entry.kind if entry else log.kind if log else ""
        is_open = log is None or log.status in (FAILED, UNTOLD)
        # Of one that came again, who had it before may be told still.
        is_told = facts.receives > 1 if log else not facts.is_answered
        looks = (
            lambda: self._ask("queues", lambda: self._queues(kind, log, letter, dead=is_open)),
            lambda: self._ask("replies", lambda: self._replies(kind, client)),
            lambda: self._ask("result", lambda: self._result(kind, client, job)),
            lambda: self._ask("workers", lambda: self._workers(job)) if is_told else None,
        )
        with ThreadPoolExecutor(len(looks)) as pool:
            queues, replies, result, workers = pool.map(_call, looks)
        facts = replace(
            facts,
            queues=tuple(queues or ()),
            reply_queue=replies[0] if replies else "",
            replies=replies[1] if replies else None,
            result_key=result[0] if result else "",
            result_at=result[1] if result else None,
            workers=workers[0] if workers else None,
            held=workers[1] if workers else None,
            lost=workers[2] if workers else None,
            hidden=self.cloud.settings.visibility_timeout,
        )
        if is_open and letter is None and not facts.is_answered and facts.dead:
            dead = (
                one for queue in facts.queues if queue.dead for one in self._letters(queue.name)
            )
            facts = replace(facts, letter=next((one for one in dead if one.job == job), None))
        return replace(facts, unseen=frozenset(self.unseen))

    def _ask(self, source: Source, look: Callable[[], T]) -> T | None:
        """Look at something; None where it is not there, or this role may not."""
        try:
            return look()
        except ForbiddenError:
            self.unseen.add(source)
        except MissingResourceError:
            pass
        return None

    def _ledger_entries(self, beginning: str) -> list[Entry]:
        if not session.has_ledger(self.cloud):
            return []
        ledger = session.open_ledger(self.cloud)
        try:
            found = ledger.beginning(beginning, NAMED + 1)
            if not found and log_wanted.ENDING <= len(beginning) < proof.LENGTH:
                found = ledger.beginning(beginning, NAMED + 1, ends=True)
            return found
        finally:
            ledger.close()

    def _with_log(self, facts: Facts, found: Found) -> Facts:
        sent_at = found.entry.sent_at if found.entry else found.letter.first if found.letter else 0
        listed = self._ask("log", lambda: list(self._log_keys(found, sent_at))) or []
        facts = self._with_best(facts, listed)
        if listed and (facts.log is None or facts.is_claimed):
            # Who only claimed the job has a log of its own; its owner's may be among others.
            look = partial(log_listing.in_batches, self._bucket, facts.job, sent_at)
            known = {one.key for one in listed}
            more = [one.entry for one in self._ask("log", look) or () if one.entry.key not in known]
            facts = self._with_best(facts, more)
        return facts

    def _with_best(self, facts: Facts, listed: Iterable[objects.Entry]) -> Facts:
        """Add the best log of some objects that is shown to be the job's own."""
        for one in listed:
            for log in self._ask("log", partial(self._read, one, facts.job)) or ():
                if forged := why_not_its_own(log, log.mark, facts.job, facts.entry):
                    facts = facts if facts.log else replace(facts, forged=forged)
                elif facts.log is None or log_batches.is_better(log, facts.log):
                    mark = log.mark
                    claimed = bool(mark) and not marks.is_proved(mark) and log.client != PLAIN
                    at = one.modified.timestamp()
                    facts = replace(facts, log=log, stored_at=at, forged="", is_claimed=claimed)
        return facts

    def _log_keys(self, found: Found, sent_at: float) -> Iterable[objects.Entry]:
        if found.logged:
            return [found.logged]
        if found.is_sought:
            return []
        if found.log_key:
            listed = self._bucket.list(found.log_key)
            return (one for one in listed if one.key == found.log_key)
        keys = log_listing.find(self._bucket, found.job, sent_at, self.left_out)
        return [one.entry for one in keys if one.job == found.job]

    def _read(self, entry: objects.Entry, job: str) -> list[Log]:
        """Read an object that may tell of a job; of a batch, the log of that job alone."""
        try:
            stored = self._bucket.get(entry.key, log_reading.most_of(entry))
        except TooLargeError:
            return []
        logs, _ = log_reading.logs_in(entry.key, stored.body, marks.mark_in(stored.metadata))
        return [log for log in logs if log.job == job or log_wanted.job_of(entry.key)]

    def _queues(
        self, kind: str, log: Log | None, letter: DeadLetter | None, *, dead: bool
    ) -> list[QueueState]:
        settings = self.cloud.settings
        names = [each.request_queue_name(settings) for each in kinds.all_kinds()]
        if kind in kinds.KINDS:
            names = [kind_of(kind).request_queue_name(settings)]
        told = log.queue if log else letter.queue if letter else ""
        if told in lab_queues.names(settings):  # a log is anybody's, and names no other queue
            names = [told]
        found = []
        for name in names:
            try:
                held = Queue(self.cloud, name).counts()
            except MissingResourceError:
                continue
            count = None
            if dead:
                count = self._ask("dead letters", partial(self._count_dead, name))
            state = QueueState(name, held.visible, held.in_flight, held.delayed, count)
            found.append(state)
        return found

    def _count_dead(self, name: str) -> int:
        return Queue(self.cloud, dead_letters_of(name)).counts().all

    def _letters(self, name: str) -> list[DeadLetter]:
        """Look at the dead letters of a queue; of all where it has no name."""
        look = dead_letters.look_at_all
        return self._ask("dead letters", lambda: look(self.cloud, name, MOST_LETTERS)) or []

    def _replies(self, kind: str, client: str) -> tuple[str, int] | None:
        settings = self.cloud.settings
        if is_client_id(client) and client != PLAIN:
            name = provision.reply_queue_name(settings, client)
        elif client == PLAIN and kind in kinds.KINDS:
            name = kind_of(kind).plain_replies_name(settings)
        else:
            return None
        try:
            return name, Queue(self.cloud, name).counts().all
        except MissingResourceError:
            return name, 0

    def _result(self, kind: str, client: str, job: str) -> tuple[str, float] | None:
        if kind != PICTURES.name:
            return None
        for folder in result_folders(client, job):
            for one in itertools.islice(self._bucket.list(folder), 1):
                return one.key, one.modified.timestamp()
        return None

    def _logs_of_workers(self) -> set[str]:
        """Return what the workers at work have set `log` to, as far as they report it."""
        from labapp.worker import reports

        rows = reports.worker_rows(self.cloud)
        return {row.log for row in rows if row.state not in reports.ENDED and row.log}

    def _workers(self, job: str) -> tuple[int, Held | None, Held | None]:
        """Return how many are at work, which of them has the job in hand, and who had it and died.

        Words of workers that died tell of the last one first.
        """
        from labapp.worker import health, reports

        told: list[tuple[str, tuple[JobInHand, ...], float | None, float]]
        if self.cloud.is_local:
            here, home = WorkerName().host, self.cloud.home
            words = [(pulse, None) for pulse in health.read_all(home)] + health.read_lost(home)
            told = [(one.worker or f"{here}-{one.pid}", one.hands, at, 0.0) for one, at in words]
        else:
            now = utc.seconds()
            told = [
                (one.worker, one.hands, now - one.age if one.state == "gone" else None, one.age)
                for one in reports.worker_rows(self.cloud)
                if one.state != "stopped"
            ]
        held = [
            Held(worker, one.step, one.since, one.receives, heard, age)
            for worker, hands, heard, age in told
            for one in hands
            if one.job == job
        ]
        at_work = sum(heard is None for _, _, heard, _ in told)
        alive = next((one for one in held if one.heard is None), None)
        gone = [one for one in held if one.heard is not None]
        return at_work, alive, max(gone, key=lambda one: one.since, default=None)


def why_not_its_own(log: Log, mark: str, job: str, entry: Entry | None) -> str:
    """Return why a log is not shown to be a job's own; empty where it is, as far as can be told.

    Its mark is what its worker was shown. Of a job that was sent from here the nonce is known, so
    its log is marked as proved; and where its kind has no attributes, the whole mark is known.
    """
    if log.job != job:
        return MIXED
    if entry is None:
        return ""
    if log.client != entry.client or log.kind != entry.kind:
        return OTHERS
    if not mark:  # a worker of before there were marks
        return "" if log.request.startswith(quoted(entry.body)) else OTHERS
    if entry.nonce and not marks.is_proved(mark):
        return OTHERS
    asked = Request(entry.body, job, entry.client, nonce=entry.nonce)
    if not kind_of(entry.kind).attributes and mark != marks.mark_of(entry.kind, asked):
        return OTHERS
    return ""


def _only(name: str, by_id: dict[str, T]) -> T | None:
    """Return the one thing of an id, or of a part of it; None where there is none.

    Raises:
        UsageError: several begin or end so.
    """
    if name in by_id:
        return by_id[name]
    if len(by_id) > 1:
        named = ", ".join(foreign.text(one, MOST_NAME) for one in list(by_id)[:NAMED])
        more = " and more" if len(by_id) > NAMED else ""
        begins = any(one.startswith(name) for one in by_id)
        told = f"several jobs {'begin' if begins else 'end'} with {name}: {named}{more}"
        raise UsageError(told, "Give more of its id.")
    return next(iter(by_id.values()), None)


def _made_at(job: str) -> float | None:
    times = log_wanted.times_of(job) if len(job) == proof.LENGTH else None
    return times[0].timestamp() if times else None


def _call(look: Callable[[], T]) -> T:
    return look()
