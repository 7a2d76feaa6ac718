"""The logs of jobs looked through: the newest, those that fit what is wanted, those of one job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.small_objects import Tell, tell_nobody
from labapp.jobs import log_reading
from labapp.jobs.log_batches import TAIL, names_in
from labapp.jobs.log_reading import InOrder
from labapp.jobs.log_spans import Spans, batches_from, is_narrow
from labapp.jobs.log_wanted import ALL, Wanted, job_of, times_of
from labapp.jobs.logbook import Log
from labapp.jobs.wire import time_of

#: Logs that are read at most where only reading them tells which are wanted.
MOST_READ = 10_000

#: Batches of logs that are read at a time, where the beginning of an id does not tell which.
_AT_A_TIME = 64


@dataclass(frozen=True)
class Lying:
    """Where the log of a job lies: the job, and the object."""

    job: str
    entry: Entry


def newest(
    bucket: Bucket, count: int, left_out: Tell = tell_nobody, wanted: Wanted = ALL
) -> Iterator[Log]:
    """Yield the last `count` logs that are wanted, newest first, each as soon as it is read.

    They come in the order of the seconds that their jobs were asked for, and each job once.
    `left_out` is told of those that are not read.

    Raises:
        CloudError: the bucket cannot be read.
    """
    reading = _Newest(bucket, count, left_out, wanted)
    yield from reading
    if reading.has_found or not reading.left:
        return
    if is_narrow(wanted):
        found = [log for _, log in _by_beginning(bucket, wanted, left_out) if wanted.has(log)]
        yield from _once(found)[: reading.left]
        if found:
            return
    if wanted.ending:
        yield from newest(bucket, reading.left, left_out, wanted.ending)
        return
    reading.spans.tell()


def _once(logs: list[Log]) -> list[Log]:
    """Return logs in order, of each job one."""
    order = InOrder()
    for log in logs:
        order.add(log.time, log.job, log)
    return order.ready("")


class _Newest:
    """Reads the newest logs, no more objects than hold those that are left to be given.

    Attributes:
        spans: the keys that are listed.
        left: how many are still wanted.
        has_found: whether a log of the wanted job was read, be it unwanted for something else.
    """

    def __init__(self, bucket: Bucket, count: int, left_out: Tell, wanted: Wanted) -> None:
        self._bucket = bucket
        self._left_out = left_out
        self._wanted = wanted
        self._order = InOrder()
        self.spans = Spans(bucket, left_out, wanted)
        self.left = count
        self.has_found = False

    def __iter__(self) -> Iterator[Log]:
        if not self.left:
            return
        for log in self._all():
            if not self._wanted.has(log):
                continue
            self.left -= 1
            if not self.left:
                self.spans.tell()
            yield log
            if not self.left:
                return
        if self.has_found:
            self.spans.tell()

    def _all(self) -> Iterator[Log]:
        """Yield all that are read, in order, each job once."""
        spans, is_there_more = self.spans, True
        while is_there_more:
            taken = spans.taken
            yield from self._read(MOST_READ if self._wanted.is_read else self.left)
            yield from self._order.ready(*spans.upcoming())
            # Of those chosen some may be gone since they were listed.
            is_there_more = spans.taken > taken and not self._wanted.is_read
        yield from self._order.ready("")
        if self._wanted.is_read and spans.taken >= MOST_READ:
            self._left_out(f"read {MOST_READ:,} logs and no more; earlier ones may fit too")

    def _read(self, most: int) -> Iterator[Log]:
        """Read the next logs, of so many jobs; yield those that need not be held back."""
        second = None
        # A span is listed while what came before it is read.
        chosen = self.spans.keys(most)
        for entry, logs in log_reading.read(self._bucket, chosen, self._left_out):
            present = self.spans.second_of(entry)
            if present is not second:
                second = present
                yield from self._order.ready(present.time, present.named)
            for log in logs:
                job = job_of(entry.key)
                at = present.time if job else log.time
                job = job or log.job
                if names_in(entry.key) and not self._wanted.has_line(log):
                    continue
                self.has_found = True
                is_alone = job[-TAIL:] not in present.twice and job not in self._order
                if at >= present.time and is_alone:
                    yield log
                else:
                    self._order.add(at, job, log)


def _by_beginning(bucket: Bucket, wanted: Wanted, left_out: Tell) -> Iterator[tuple[Entry, Log]]:
    """Yield the logs in batches of the jobs whose ids begin so, from the first batch that has one.

    The keys say how ids end, so each batch is read of the time in which the job may be logged.
    """
    times = times_of(wanted.job)
    if times is None:
        return
    batches, has_found = batches_from(bucket, wanted, *times), False
    while not has_found and (some := list(islice(batches, _AT_A_TIME))):
        for entry, logs in log_reading.read(bucket, some, left_out):
            for log in filter(wanted.has_line, logs):
                has_found = True
                yield entry, log


def find(
    bucket: Bucket, job: str, sent_at: float = 0.0, left_out: Tell = tell_nobody
) -> list[Lying]:
    """Return the logs of the jobs whose id begins so: of one, where it is whole or long enough.

    Where none does, those of the jobs whose id ends so, as short lists show them.

    Args:
        bucket: where they lie.
        job: the id, or its beginning.
        sent_at: as of `Wanted`.
        left_out: told of what is not looked through.

    Raises:
        CloudError: the bucket cannot be read.
    """
    wanted: Wanted | None = Wanted(job, sent_at=sent_at)
    found: list[Lying] = []
    while wanted and not found:
        spans = Spans(bucket, left_out, wanted)
        listed = [entry for entries in spans for entry in entries]
        found = list(_lying(bucket, listed, wanted, left_out))
        if not found and is_narrow(wanted):
            begun = _by_beginning(bucket, wanted, left_out)
            found = [Lying(log.job, entry) for entry, log in begun]
        spans.tell()
        wanted = wanted.ending
    return [one for one in found if one.job == job] or found


def _lying(bucket: Bucket, entries: list[Entry], wanted: Wanted, left_out: Tell) -> Iterator[Lying]:
    """Yield the logs that keys name, or that batches hold whose keys say too little."""
    unread = []
    for entry in entries:
        names = names_in(entry.key)
        if len(names) < 2:
            yield Lying(names[0] if names else job_of(entry.key), entry)
        elif wanted.is_whole:
            yield Lying(wanted.job, entry)
        else:
            unread.append(entry)
    for entry, logs in log_reading.read(bucket, unread[:_AT_A_TIME], left_out):
        yield from (Lying(log.job, entry) for log in logs if wanted.has_line(log))


def in_batches(bucket: Bucket, job: str, sent_at: float = 0.0) -> list[Lying]:
    """Return the logs of one job that are in batches, though it has one of its own as well.

    Arguments and errors as of `find`.
    """
    wanted = Wanted(job, sent_at=sent_at)
    times = dict.fromkeys((time_of(job, sent_at), time_of(job, 0.0)))
    return [Lying(job, entry) for at in times for entry in batches_from(bucket, wanted, at, at)]
