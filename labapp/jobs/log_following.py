"""New logs as they come: each once, and none missed, though keys tell when a job was asked for.

A job that waited an hour has its log stored now, under a key of an hour ago: behind the newest key
there is nothing to be seen of it. So the listing is looked through again from further and further
back, the further the more seldom. A log is told of within `every` of the first sweep whose `back`
its job's wait fits in; a sweep that lists many keys comes so much later that on average one
request a second is made. A job that is done again within half an hour is told of once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from labapp import utc
from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.small_objects import Tell, tell_nobody
from labapp.jobs import log_listing, log_reading
from labapp.jobs.log_wanted import AFTER, ALL, LOGS, Wanted, is_log, job_of, key_at
from labapp.jobs.logbook import Log
from labapp.jobs.wire import CLOCKS_APART, LONGEST_WAIT

#: Keys that one request lists.
PAGE = 1_000

#: Seconds for each request that a sweep made, before it is made again.
PACE = 1.0

#: Seconds by which S3's clock and ours may be apart, and then some: what was stored so long before
#: a sweep was there when it began.
SURELY_BEFORE = 2.0 * CLOCKS_APART

#: Keys of logs that are remembered as seen, those that were stored last.
MOST_SEEN = 200_000


@dataclass(frozen=True)
class Sweep:
    """A look through the listing: from how many seconds back on, and after how many again."""

    back: float
    every: float


#: The last one goes as far back as any job may have waited.
SWEEPS = (
    Sweep(20.0, 2.0),
    Sweep(600.0, 15.0),
    Sweep(2 * 3600.0, 60.0),
    Sweep(LONGEST_WAIT + CLOCKS_APART, 600.0),
)


class Follower:
    """Tells of logs as they are stored.

    Args:
        bucket: where they lie.
        wanted: those that are told of.
        left_out: told of those that are not read.
        sweeps: each goes further back than the one before it.
        clock: gives the seconds since 1970.
    """

    def __init__(
        self,
        bucket: Bucket,
        wanted: Wanted = ALL,
        left_out: Tell = tell_nobody,
        sweeps: Sequence[Sweep] = SWEEPS,
        clock: Callable[[], float] = utc.seconds,
    ) -> None:
        self._bucket = bucket
        self._wanted = wanted
        self._named = wanted.ending or wanted
        self._left_out = left_out
        self._sweeps = sweeps
        self._clock = clock
        #: When each sweep was made last, and when it is due.
        self._made = [0.0] * len(sweeps)
        self._due = [0.0] * len(sweeps)
        #: When what was stored lately was stored, by its key, in the order in which it was seen.
        self._seen: dict[str, float] = {}

    def begin(self, count: int) -> list[Log]:
        """Return the last `count` logs that are wanted, oldest first; `next` tells of what follows.

        Raises:
            CloudError: the bucket cannot be read; it may be called again.
        """
        for number in reversed(range(len(self._sweeps))):
            if not self._made[number]:
                self._sweep(number)
        found = list(log_listing.newest(self._bucket, count, self._left_out, self._wanted))
        present = self._clock()
        self._see((log.key if job_of(log.key) else _seen_as(log.job), present) for log in found)
        return found[::-1]

    @property
    def pause(self) -> float:
        """Seconds until the next look is due."""
        return max(0.0, min(self._due) - self._clock())

    def next(self) -> Iterator[Log]:
        """Yield the logs that are wanted and were not told of before, if a look is due.

        Raises:
            CloudError: the bucket cannot be read; what was not yielded is, the next time.
        """
        present = self._clock()
        due = [number for number, at in enumerate(self._due) if at <= present]
        if not due:
            return
        before = list(self._made)
        # The furthest of those that are due sees what the others would.
        fresh = self._sweep(due[-1])
        told: set[str] = set()
        try:
            for entry, logs in log_reading.read(self._bucket, fresh, self._left_out):
                told.add(entry.key)
                at = entry.modified.timestamp()
                for log in reversed(logs):
                    if self._is_told_of(entry.key, log, at) and self._wanted.has(log):
                        yield log
        except BaseException:  # the rest is new to the next look
            for entry in fresh:
                if entry.key not in told:
                    self._seen.pop(entry.key, None)
            self._made, self._due[due[-1]] = before, present
            raise

    def _sweep(self, number: int) -> list[Entry]:
        """Look through the listing; return those not seen before, by when they were stored."""
        began, last = self._clock(), self._made[number]
        start = self._key_at(began - self._sweeps[number].back)
        ending = self._key_at(began + CLOCKS_APART) + AFTER
        listed, fresh = 0, []
        for entry in islice(self._bucket.list(LOGS, start), bounds.LISTED):
            listed += 1
            if entry.key > ending:
                break
            if self._is_new(entry, last):
                fresh.append(entry)
        self._note(number, began, listed)
        self._see((entry.key, entry.modified.timestamp()) for entry in fresh)
        wanted = (one for one in fresh if self._named.has_key(one.key))
        return sorted(wanted, key=lambda one: (one.modified, one.key))

    def _is_told_of(self, key: str, log: Log, at: float) -> bool:
        """Return whether a log of a wanted job is told of, as it was read for the first time.

        What is logged with others is so by its job, as that may be in two objects.
        """
        job = job_of(key)
        seen = _seen_as(job or log.job)
        if seen in self._seen:
            return False
        if not job:
            self._see([(seen, at)])
        return bool(job) or self._named.has_line(log)

    def _key_at(self, seconds: float) -> str:
        return key_at(datetime.fromtimestamp(max(0.0, seconds), UTC))

    def _is_new(self, entry: Entry, last: float) -> bool:
        """Return whether a log was stored since the last sweep as far back, and not seen since."""
        is_old = entry.modified.timestamp() < last - SURELY_BEFORE
        return not is_old and entry.key not in self._seen and is_log(entry)

    def _note(self, number: int, began: float, listed: int) -> None:
        """Note that a sweep was made, and with it, unless it was cut, all that go less far back."""
        pause = PACE * (1 + listed // PAGE)
        is_cut = listed >= bounds.LISTED
        if is_cut:
            told = (
                f"looked through {listed:,} logs and no more; jobs that waited long may be missed"
            )
            self._left_out(told)
        for nearer in range(number if is_cut else 0, number + 1):
            self._made[nearer] = began
            self._due[nearer] = self._clock() + max(self._sweeps[nearer].every, pause)

    def _see(self, found: Iterable[tuple[str, float]]) -> None:
        """Remember what was seen; what was stored long before every sweep is known by that."""
        self._seen |= dict(found)
        known = min(self._made) - SURELY_BEFORE
        if len(self._seen) > MOST_SEEN or any(at < known for at in islice(self._seen.values(), 1)):
            kept = [(key, at) for key, at in self._seen.items() if at >= known]
            self._seen = dict(kept[-MOST_SEEN:])


def _seen_as(job: str) -> str:
    """Return as what a job is remembered that is logged with others; no key begins so."""
    return f"job {job}"
