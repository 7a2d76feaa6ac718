"""Which logs are wanted, as far as their keys tell, and what those say of their times.

Anybody who may write to the bucket may put anything there. What a log's key says of its time is
believed as far as S3 bears it out: none was asked for after it was stored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from labapp import utc
from labapp.cloud.bucket import Entry
from labapp.jobs import log_batches, proof
from labapp.jobs.log_batches import TAIL, names_in
from labapp.jobs.logbook import PLAIN, PREFIX, STAMP, Log
from labapp.jobs.wire import CLOCKS_APART

#: What all keys of logs begin with.
LOGS = PREFIX + "log_"

#: The key of one job's log, the time in it, and the job.
_FORM = re.compile(r"logs/log_([0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6})_([^\n]+)\.txt", re.ASCII)

#: An id as SQS gives it to a message, whole: that of a plain client's job.
_SQS_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)

#: Characters that the ending of an id has at least that is looked for: lists show the last eight.
ENDING = 6

#: The sign that comes after `_`, so that a log of a second is still before that.
AFTER = "`"

#: Before the first log, in seconds since 1970: an id that tells of earlier times is no ULID.
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class Wanted:
    """Which logs are wanted; all that is not empty has to fit.

    Attributes:
        job: the id of a job, or its beginning.
        is_ending: whether the id may end so as well.
        client: who asked: a client's id, its beginning, or the name of the person before its last
            dash; `plain` for plain clients.
        statuses: what became of it: one of these.
        since: when it was asked for, at the earliest.
        sent_at: when the message of that one job was sent, in seconds since 1970, which the key of
            its log may tell instead of when its id was made; 0 where that is not known.
    """

    job: str = ""
    client: str = ""
    statuses: Sequence[str] = ()
    since: datetime | None = None
    sent_at: float = 0.0
    is_ending: bool = False

    @property
    def ending(self) -> Wanted | None:
        """The same of a job whose id may end so as well; None where it is whole, or too short."""
        is_part = ENDING <= len(self.job) < proof.LENGTH
        return replace(self, is_ending=True) if is_part and not self.is_ending else None

    @property
    def is_read(self) -> bool:
        """Whether only its text tells whether a log is wanted."""
        return bool(self.client or self.statuses)

    @property
    def is_whole(self) -> bool:
        """Whether the id is a whole one, of a client of labapp's or a plain one."""
        return bool(proof.ULID_FORM.fullmatch(self.job) or _SQS_ID.fullmatch(self.job))

    def has_key(self, key: str) -> bool:
        """Return whether a log of this key, or one of the logs there, may be wanted."""
        is_late = self.since is None or key > f"{LOGS}{self.since:{STAMP}}"
        if not self.job or not is_late:
            return is_late
        names = names_in(key)
        if len(names) > 1:  # of which it says the ends alone
            return not self.is_whole or log_batches.is_named(self.job, names)
        return self._is_named(names[0] if names else job_of(key))

    def _is_named(self, job: str) -> bool:
        return job.startswith(self.job) or (self.is_ending and job.endswith(self.job))

    def has_line(self, log: Log) -> bool:
        """Return whether a log that was read of a batch may be wanted, by its job and its time."""
        is_late = self.since is None or log.time >= utc.format_time(self.since)
        return is_late and self._is_named(log.job)

    def has(self, log: Log) -> bool:
        """Return whether a log whose key may be is wanted."""
        fits = not self.statuses or log.status in self.statuses
        return fits and _is_of(log.client, self.client)


def _is_of(client: str, asked: str) -> bool:
    """Return whether a client is asked for by its id, its person's name, or both and a part."""
    if asked in ("", client):
        return True
    person = client.rpartition("-")[0]
    is_part = asked == person or asked.startswith(f"{person}-")
    return bool(person) and is_part and asked != PLAIN and client.startswith(asked)


#: Every log.
ALL = Wanted()


def job_of(key: str) -> str:
    """Return the job that the key of one job's log names; empty where it is none such."""
    named = _FORM.fullmatch(key)
    return named[2] if named else ""


def ends_of(key: str) -> tuple[str, ...]:
    """Return the ends of the ids of the jobs whose logs are there."""
    return tuple(name[-TAIL:] for name in names_in(key) or (job_of(key),))


def key_at(moment: datetime) -> str:
    """Return what comes right before the keys of logs of a second and later ones."""
    return f"{LOGS}{moment.astimezone(UTC):{STAMP}}"


def second_in(key: str) -> str:
    """Return the time that a log's key says, as logs say it: UTC, to the second."""
    at = key.removeprefix(LOGS)
    return f"{at[:10]}T{at[11:13]}:{at[13:15]}:{at[15:17]}Z"


def is_log(entry: Entry) -> bool:
    """Return whether a key is that of a log which was asked for before it was stored."""
    latest = entry.modified + timedelta(seconds=CLOCKS_APART)
    is_one = bool(job_of(entry.key) or names_in(entry.key))
    return is_one and entry.key[: len(LOGS) + 17] <= key_at(latest)


def times_of(job: str) -> tuple[datetime, datetime] | None:
    """Return between which moments a job was made whose id begins so; None where it does not tell.

    An id that is no ULID tells nothing. One whose maker's clock was wrong tells something else than
    its log's key, which then has the time of its message.
    """
    made = job[: proof.TIME]
    least, most = (made.ljust(proof.LENGTH, filler) for filler in "0Z")
    if not (made and proof.ULID_FORM.fullmatch(least)):
        return None
    first, last = map(proof.seconds_of, (least, most))
    if not last >= _EARLIEST or first > utc.seconds() + CLOCKS_APART:
        return None
    return (
        datetime.fromtimestamp(max(first, _EARLIEST), UTC),
        datetime.fromtimestamp(min(last, utc.seconds() + CLOCKS_APART), UTC),
    )
