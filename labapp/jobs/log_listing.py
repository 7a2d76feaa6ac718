"""The logs of jobs looked through: the newest, those that fit what is wanted, those of one job.

A listing goes forward in time only, and a busy lab writes a million logs a month. So it is looked
through span by span, the newest first, each key once; and where a job's id tells when it was made,
only keys of that time are listed. Anybody who may write to the bucket may put anything there. What
a log's key says of its time is believed as far as S3 bears it out: none was asked for after it was
stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from ulid import ULID

from labapp import utc
from labapp.cloud import bounds, small_objects
from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.small_objects import Tell, tell_nobody
from labapp.jobs import proof
from labapp.jobs.logbook import PREFIX, STAMP, Log, parse
from labapp.jobs.wire import CLOCKS_APART, time_of

#: What all keys of logs begin with.
LOGS = PREFIX + "log_"

#: How far back each span reaches, before all that is older. The first holds what is shown where a
#: lab is busy, and no more keys than that.
_SPANS = (timedelta(seconds=20), timedelta(minutes=10), timedelta(hours=2), timedelta(days=1),
          timedelta(days=30))  # fmt: skip

#: A log's key, the time in it, and the job.
_FORM = re.compile(r"logs/log_([0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6})_([^\n]+)\.txt", re.ASCII)

#: Logs that are read at most where only reading them tells which are wanted.
MOST_READ = 10_000

#: Keys that are looked through for the log of one job that is not where its id says.
MOST_SOUGHT = 10_000

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
        client: who asked; `plain` for plain clients.
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

    def has_key(self, key: str) -> bool:
        """Return whether a log of this key may be wanted."""
        is_late = self.since is None or key > f"{LOGS}{self.since:{STAMP}}"
        job = job_of(key)
        is_named = job.startswith(self.job) or (self.is_ending and job.endswith(self.job))
        return is_late and is_named

    def has(self, log: Log) -> bool:
        """Return whether a log whose key may be is wanted."""
        fits = not self.statuses or log.status in self.statuses
        return fits and self.client in ("", log.client)


#: Every log.
ALL = Wanted()


def job_of(key: str) -> str:
    """Return the job that a log's key names; empty where it is the key of none."""
    named = _FORM.fullmatch(key)
    return named[2] if named else ""


def newest(
    bucket: Bucket, count: int, left_out: Tell = tell_nobody, wanted: Wanted = ALL
) -> Iterator[Log]:
    """Yield the last `count` logs that are wanted, newest first, each as soon as it is read.

    `left_out` is told of those that are not read.

    Raises:
        CloudError: the bucket cannot be read.
    """
    spans = _Spans(bucket, left_out, wanted)
    keys, left = spans.keys(), count
    is_there_more = True
    while left and is_there_more:
        taken = spans.taken
        # A span is listed while what came before it is read.
        chosen = islice(keys, MOST_READ if wanted.is_read else left)
        for entry, body in small_objects.read(bucket, chosen, bounds.LOG, left_out):
            log = parse(entry.key, body.decode("utf-8", "replace"))
            if wanted.has(log):
                left -= 1
                if not left:
                    spans.tell()
                yield log
                if not left:
                    return
        # Of those chosen some may be gone since they were listed.
        is_there_more = spans.taken > taken and not wanted.is_read
    if wanted.is_read and spans.taken >= MOST_READ:
        left_out(f"read {MOST_READ:,} logs and no more; earlier ones may fit too")
    if not spans.taken and wanted.ending:
        yield from newest(bucket, count, left_out, wanted.ending)
        return
    spans.tell()


class _Spans:
    """Lists the keys of what may be wanted, span by span, the newest first.

    The log of one job is one request of a narrow prefix. Where its maker's clock was wrong, it may
    lie under the time of its message, which may not be known here: then it is looked for as any.
    """

    def __init__(self, bucket: Bucket, left_out: Tell, wanted: Wanted) -> None:
        self._bucket = bucket
        self._left_out = left_out
        self._wanted = wanted
        self._is_one = proof.ULID_FORM.fullmatch(wanted.job) is not None
        self._most = MOST_SOUGHT if self._is_one else bounds.LISTED
        self._odd = self._listed = 0
        #: How many keys were taken of it.
        self.taken = 0

    def keys(self) -> Iterator[Entry]:
        """Yield the entries one by one, newest first; a span is listed once one of it is taken."""
        for entries in self:
            for entry in entries:
                self.taken += 1
                yield entry

    def __iter__(self) -> Iterator[list[Entry]]:
        """Yield the entries of each span, newest first."""
        if (self._is_one or self._wanted.sent_at) and (found := self._at_its_time()):
            yield found
            return
        present = utc.now()
        first, ending = LOGS, key_at(present + timedelta(seconds=CLOCKS_APART)) + AFTER
        if self._wanted.since:
            first = key_at(self._wanted.since)
        is_anywhen = self._is_one or self._wanted.is_ending
        if not is_anywhen and (times := times_of(self._wanted.job)):
            first, ending = max(first, key_at(times[0])), min(ending, key_at(times[1]) + AFTER)
        for start in (*(key_at(present - span) for span in _SPANS), LOGS):
            from_here = max(start, first)
            if from_here < ending:
                yield self._entries(from_here, ending)[::-1]
                ending = from_here
            if start <= first or self._listed >= self._most:
                return

    def _at_its_time(self) -> list[Entry]:
        """Return the logs of the one job that lie where its message, or its id, says."""
        job, sent_at = self._wanted.job, self._wanted.sent_at
        for at in dict.fromkeys((time_of(job, sent_at), time_of(job, 0.0))):
            listed = self._bucket.list(f"{key_at(at)}_{job}")
            if found := [one for one in listed if is_log(one) and self._wanted.has_key(one.key)]:
                return found
        return []

    def _entries(self, start: str, ending: str) -> list[Entry]:
        """List the keys behind one, up to another."""
        found = []
        for entry in self._bucket.list(LOGS, start):
            if entry.key > ending:  # a listing goes by key: all the rest is later too
                self._odd += ending.endswith(AFTER) and not self._wanted.job
                break
            self._listed += 1
            if not is_log(entry):
                self._odd += 1
            elif self._wanted.has_key(entry.key):
                found.append(entry)
            if self._listed >= self._most:
                break
        return found

    def tell(self) -> None:
        """Tell of what was left out."""
        if self._odd:
            told = "left out: objects below logs/ whose names no log of its time could have"
            self._left_out(told)
        if self._listed >= self._most:
            told = f"looked through {self._listed:,} logs and no more; others may be missing"
            self._left_out(told)


def key_at(moment: datetime) -> str:
    """Return what comes right before the keys of logs of a second and later ones."""
    return f"{LOGS}{moment.astimezone(UTC):{STAMP}}"


def is_log(entry: Entry) -> bool:
    """Return whether a key is that of a log which was asked for before it was stored."""
    latest = entry.modified + timedelta(seconds=CLOCKS_APART)
    named = _FORM.fullmatch(entry.key)
    return named is not None and named[1] <= f"{latest:{STAMP}}"


def times_of(job: str) -> tuple[datetime, datetime] | None:
    """Return between which moments a job was made whose id begins so; None where it does not tell.

    An id that is no ULID tells nothing. One whose maker's clock was wrong tells something else than
    its log's key, which then has the time of its message.
    """
    made = job[: proof.TIME]
    least, most = (made.ljust(proof.LENGTH, filler) for filler in "0Z")
    if not (made and proof.ULID_FORM.fullmatch(least)):
        return None
    first, last = (ULID.from_str(one).timestamp for one in (least, most))
    if not last >= _EARLIEST or first > utc.seconds() + CLOCKS_APART:
        return None
    return (
        datetime.fromtimestamp(max(first, _EARLIEST), UTC),
        datetime.fromtimestamp(min(last, utc.seconds() + CLOCKS_APART), UTC),
    )


def find(
    bucket: Bucket, job: str, sent_at: float = 0.0, left_out: Tell = tell_nobody
) -> list[Entry]:
    """Return the logs of the jobs whose id begins so: of one, where it is whole or long enough.

    Where none does, those of the jobs whose id ends so, as short lists show them.

    Args:
        bucket: where they lie.
        job: the id, or its beginning.
        sent_at: as of `Wanted`.
        left_out: told of what is not looked through.

    Raises:
        CloudError: the bucket cannot be listed.
    """
    wanted: Wanted | None = Wanted(job, sent_at=sent_at)
    found: list[Entry] = []
    while wanted and not found:
        spans = _Spans(bucket, left_out, wanted)
        found = [entry for entries in spans for entry in entries]
        spans.tell()
        wanted = wanted.ending
    return [one for one in found if job_of(one.key) == job] or found
