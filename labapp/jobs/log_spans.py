"""The keys of logs, listed span by span, the newest first.

A listing goes forward in time only, and a busy lab writes a million logs a month. So it is looked
through span by span, each key once; and where a job's id tells when it was made, only keys of that
time are listed.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile

from labapp import utc
from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.small_objects import Tell
from labapp.jobs import proof
from labapp.jobs.log_batches import APART, TAIL, names_in
from labapp.jobs.log_wanted import (
    AFTER,
    LOGS,
    Wanted,
    ends_of,
    is_log,
    key_at,
    second_in,
    times_of,
)
from labapp.jobs.wire import CLOCKS_APART, time_of

#: How far back each span reaches, before all that is older. The first holds what is shown where a
#: lab is busy, and no more keys than that.
_SPANS = (timedelta(seconds=20), timedelta(minutes=10), timedelta(hours=2), timedelta(days=1),
          timedelta(days=30))  # fmt: skip

#: Keys that are looked through for the log of one job that is not where its id says.
MOST_SOUGHT = 10_000

#: Keys that one request lists: of those that it brings more than one may be of a job.
_PAGE = 1_000


@dataclass(frozen=True)
class Second:
    """The objects of one second: when it is, the ends of the ids they name, and those named twice.

    Of a job that is named twice they hold two logs, or those of two jobs whose ids end alike.
    """

    time: str
    named: frozenset[str]
    twice: frozenset[str]


class Spans:
    """Lists the keys of what may be wanted, span by span, the newest first.

    The log of one job is one request of a narrow prefix. Where its maker's clock was wrong, it may
    lie under the time of its message, which may not be known here: then it is looked for as any.
    """

    def __init__(self, bucket: Bucket, left_out: Tell, wanted: Wanted) -> None:
        self._bucket = bucket
        self._left_out = left_out
        self._wanted = wanted
        self._is_one = proof.ULID_FORM.fullmatch(wanted.job) is not None
        self._is_narrow = is_narrow(wanted)
        self._most = MOST_SOUGHT if self._is_one else bounds.LISTED
        self._odd = self._listed = 0
        self._lists = iter(self)
        self._rest: deque[Entry] = deque()
        self._begins = ""
        self._seconds: dict[str, Second] = {}
        #: How many jobs are named by the keys that were taken of it.
        self.taken = 0

    def keys(self, most: int) -> Iterator[Entry]:
        """Yield the next entries, that name so many jobs; a span is listed once one is taken."""
        end = self.taken + most
        while self.taken < end:
            if not self._rest:
                entries = next(self._lists, None)
                if entries is None:
                    return
                self._rest.extend(entries)
                continue
            self.second_of(self._rest[0])
            entry = self._rest.popleft()
            self.taken += len(names_in(entry.key)) or 1
            yield entry

    def second_of(self, entry: Entry) -> Second:
        """Return the second of an entry that is to be taken next, or was taken."""
        time = second_in(entry.key)
        found = self._seconds.get(time)
        if found is None:
            same = takewhile(lambda one: second_in(one.key) == time, self._rest)
            ends = Counter(end for one in same for end in ends_of(one.key))
            twice = frozenset(end for end, count in ends.items() if count > 1)
            found = self._seconds[time] = Second(time, frozenset(ends), twice)
        return found

    def upcoming(self) -> tuple[str, frozenset[str]]:
        """Return at or before which second all lies that was not taken, and whom it names there."""
        if self._rest:
            second = self.second_of(self._rest[0])
            return second.time, second.named
        return self._begins, frozenset()

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
            later = timedelta(seconds=0 if self._is_narrow else APART)
            first = max(first, key_at(times[0]))
            ending = min(ending, key_at(times[1] + later) + AFTER)
        for start in (*(key_at(present - span) for span in _SPANS), LOGS):
            from_here = max(start, first)
            if from_here < ending:
                self._begins = second_in(from_here) if from_here > LOGS else ""
                yield self._entries(from_here, ending)[::-1]
                ending = from_here
            if start <= first or self._listed >= self._most:
                return

    def _at_its_time(self) -> list[Entry]:
        """Return the logs of the one job that lie where its message, or its id, says."""
        job, sent_at = self._wanted.job, self._wanted.sent_at
        times = list(dict.fromkeys((time_of(job, sent_at), time_of(job, 0.0))))
        for at in times:
            listed = self._bucket.list(f"{key_at(at)}_{job}")
            if found := [one for one in listed if is_log(one) and self._wanted.has_key(one.key)]:
                return found
        for at in times:
            found = list(batches_from(self._bucket, self._wanted, at, at))
            if found:
                return found[::-1]
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
            elif self._wanted.has_key(entry.key) and self._is_looked_at(entry.key):
                found.append(entry)
            if self._listed >= self._most:
                break
        return found

    def _is_looked_at(self, key: str) -> bool:
        """Return whether a batch is read for what may be in it, by the part of an id it may have.

        Where its beginning tells when the job was made, that is done at last: see `log_listing`.
        """
        if len(names_in(key)) < 2 or self._wanted.is_whole or not self._wanted.job:
            return True
        if self._wanted.is_ending:
            return any(end.endswith(self._wanted.job[-TAIL:]) for end in ends_of(key))
        return not self._is_narrow

    def tell(self) -> None:
        """Tell of what was left out."""
        if self._odd:
            told = "left out: objects below logs/ whose names no log of its time could have"
            self._left_out(told)
        if self._listed >= self._most:
            told = f"looked through {self._listed:,} logs and no more; others may be missing"
            self._left_out(told)


def is_narrow(wanted: Wanted) -> bool:
    """Return whether a part of an id tells when its job was made, closer than a batch's jobs."""
    times = None if wanted.is_whole or wanted.is_ending else times_of(wanted.job)
    return times is not None and times[1] - times[0] < timedelta(seconds=APART)


def batches_from(
    bucket: Bucket, wanted: Wanted, first: datetime, last: datetime
) -> Iterator[Entry]:
    """Yield the batches of logs that may hold jobs which were asked for between two moments.

    Most are logged with others of the same second, so it is looked from there on; who has found
    what is wanted takes no more. No more than `MOST_SOUGHT` keys are listed, and of a whole id
    those of one request besides the one that names it.
    """
    ending = key_at(last + timedelta(seconds=APART)) + AFTER
    has_found = False
    for listed, entry in enumerate(islice(bucket.list(LOGS, key_at(first)), MOST_SOUGHT), 1):
        if entry.key > ending or (has_found and wanted.is_whole and listed > _PAGE):
            return
        if len(names_in(entry.key)) > 1 and is_log(entry) and wanted.has_key(entry.key):
            has_found = True
            yield entry
