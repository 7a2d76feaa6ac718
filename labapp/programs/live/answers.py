"""The newest answers, by the logs of jobs: each log is read once, and few at a look.

The listing goes by when jobs were asked for. One that waited for long is logged under a key of long
ago, where no look of a few seconds finds it; but it was in a worker's hand before, and is no more.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from labapp import utc
from labapp.errors import ForbiddenError, TooLargeError
from labapp.jobs import proof
from labapp.jobs.log_batches import names_in
from labapp.jobs.log_wanted import is_log, job_of, key_at
from labapp.programs.live.model import AnswerNow, LoggedJobs
from labapp.programs.live.source import PAGE

if TYPE_CHECKING:
    from labapp.cloud.bucket import Entry
    from labapp.programs.live.source import Source

T = TypeVar("T")

#: Logs that one look reads, and answers that are remembered.
READ, KEPT = 5, 50

#: How far back logs are listed, at most; less where more have come than one request lists.
WINDOW, LEAST_WINDOW = timedelta(minutes=10), timedelta(seconds=5)


class Answers:
    """What was logged of late, from one look to the next."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: deque[AnswerNow] = deque(maxlen=KEPT)
        self._logged: dict[str, tuple[str, ...]] = {}
        self._held: set[str] = set()
        self._latest = 0.0
        self._window = WINDOW
        #: From when on all logs are known, by when their jobs were asked for; None: they are not.
        self.since: float | None = None
        #: Requests that it has made.
        self.requests = 0

    @property
    def newest(self) -> tuple[AnswerNow, ...]:
        """The answers that are known, the newest first."""
        last = {one.job: one for one in sorted(self._found, key=lambda one: one.at)}
        return tuple(sorted(last.values(), key=lambda one: -one.at))

    @property
    def logged(self) -> LoggedJobs:
        """The jobs that are known to be logged."""
        read = (one.job for one in self._found)
        return LoggedJobs(itertools.chain(*self._logged.values(), read))

    def list(self, pool: ThreadPoolExecutor) -> int:
        """List the logs of late and read the newest; return how many were stored since.

        Raises:
            CloudError: they cannot be listed.
        """
        self.requests += 1
        begins = utc.now() - self._window
        entries = self._source.logs(key_at(begins))
        self.since = begins.timestamp() if len(entries) < PAGE else None
        if len(entries) < PAGE:
            self._window = min(self._window * 2, WINDOW)
        else:
            self._window = max(self._window / 2, LEAST_WINDOW)
        read = self.logged
        new = [
            entry
            for entry in entries
            if entry.key not in self._logged
            and entry.modified.timestamp() >= self._latest
            and is_log(entry)
        ]
        is_first = not self._latest
        self._logged = {e.key: names_in(e.key) or (job_of(e.key),) for e in entries}
        times = [entry.modified.timestamp() for entry in entries]
        self._latest = max([self._latest, *times, 1.0])
        unread = [e for e in new if any(job not in read for job in self._logged[e.key])]
        for found in pool.map(self._read, self._few(sorted(unread, key=lambda one: one.modified))):
            self._found.extend(found)
        return 0 if is_first else sum(len(self._logged[entry.key]) for entry in new)

    def look_at_left(self, held: set[str], pool: ThreadPoolExecutor) -> None:
        """Read the logs of jobs that were in hand at the last look, and are so no longer."""
        known = self.logged
        left = [
            job for job in self._held - held if job not in known and proof.ULID_FORM.fullmatch(job)
        ]
        self._held = held
        answers = pool.map(self._read_of, self._few(sorted(left)))
        self._found.extend(one for one in answers if one)

    def _few(self, found: Sequence[T]) -> Sequence[T]:
        """Return those that are read at one look, and count them."""
        few = found[-READ:]
        self.requests += len(few)
        return few

    def _read(self, entry: Entry) -> Sequence[AnswerNow]:
        try:
            return self._source.answers(entry)
        except (ForbiddenError, TooLargeError):
            return ()

    def _read_of(self, job: str) -> AnswerNow | None:
        return self._source.answer_to(job)
