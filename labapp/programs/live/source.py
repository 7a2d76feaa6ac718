"""What one look at the lab asks of the cloud; each call here is one request, or none at all.

`looking` decides how often each is asked. A stand-in with the same calls counts them in tests.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from labapp import utc
from labapp.cloud import bounds, queue_ages, queues
from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.provision import reply_queue_name
from labapp.cloud.queue_names import is_of_dead_letters
from labapp.cloud.queues import Counts, Queue
from labapp.errors import ForbiddenError, MissingResourceError, TooLargeError
from labapp.jobs import lab_queues, log_listing, log_reading, log_wanted, logbook
from labapp.jobs.wire import Request
from labapp.programs.live.model import AnswerNow
from labapp.worker import health, reports

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labapp.cloud.session import Cloud
    from labapp.jobs.lab_queues import LabQueue
    from labapp.jobs.logbook import Log
    from labapp.worker.health import Pulse
    from labapp.worker.reports import WorkerRow

#: Logs that one request lists.
PAGE = 1_000

#: Workers whose reports are read.
MOST_WORKERS = 50

#: For how long a report that is not written anew is read, at least: a worker that is gone is shown
#: for some minutes, and each start of one leaves a report for a day.
REPORTS_READ = timedelta(minutes=15)


class Source(Protocol):
    """Where a look comes from."""

    is_local: bool
    hidden: int

    def bucket_name(self) -> str:
        """Return the bucket's name; no request."""
        ...

    def lab_queues(self) -> Sequence[LabQueue]:
        """Return the lab's queues; no request."""
        ...

    def count(self, name: str) -> Counts | None:
        """Count a queue's messages; None where there is no such queue. One request."""
        ...

    def ages(self, waiting: Mapping[str, int]) -> Mapping[str, int]:
        """Return how long the oldest message of each queue has waited, where that is known."""
        ...

    def reply_clients(self) -> dict[str, str]:
        """Return the clients' own queues by name, and whose they are. One request."""
        ...

    def pulses(self) -> Sequence[Pulse]:
        """Return the last words of this machine's workers; no request."""
        ...

    def reports(self) -> tuple[Sequence[WorkerRow], int]:
        """Return the workers that reported, and the requests: one, and one for each of them."""
        ...

    def logs(self, after: str) -> Sequence[Entry]:
        """List logs behind a key, a page at most. One request."""
        ...

    def answers(self, entry: Entry) -> Sequence[AnswerNow]:
        """Read a log, or several that are one object; none where it is gone. One request."""
        ...

    def answer_to(self, job: str) -> AnswerNow | None:
        """Read the log of a job, by its id; None where there is none. One request."""
        ...


class CloudSource:
    """The cloud itself."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._bucket = Bucket(cloud)
        self._ages: Mapping[str, int] = {}
        self._asking = threading.Lock()
        self.is_local = cloud.is_local
        self.hidden = cloud.settings.visibility_timeout

    def bucket_name(self) -> str:
        """Return the bucket's name."""
        return self._bucket.name

    def lab_queues(self) -> Sequence[LabQueue]:
        """Return the lab's queues, by the settings and the dialect as they are now."""
        return lab_queues.all_queues(self._cloud.settings)

    def count(self, name: str) -> Counts | None:
        """Count a queue's messages."""
        try:
            return Queue(self._cloud, name).counts()
        except MissingResourceError:
            return None

    def ages(self, waiting: Mapping[str, int]) -> Mapping[str, int]:
        """Return how long the oldest messages have waited; CloudWatch is not waited for."""
        if self.is_local:
            return queue_ages.queue_ages(self._cloud, waiting)
        threading.Thread(target=self._ask_ages, args=(waiting,), daemon=True).start()
        ages = self._ages
        return {name: ages[name] for name, count in waiting.items() if count and name in ages}

    def _ask_ages(self, waiting: Mapping[str, int]) -> None:
        if self._asking.acquire(blocking=False):
            try:
                self._ages = queue_ages.queue_ages(self._cloud, waiting)
            finally:
                self._asking.release()

    def reply_clients(self) -> dict[str, str]:
        """Return the clients' own queues, and whose they are."""
        prefix = reply_queue_name(self._cloud.settings, "")
        names = queues.names(self._cloud, prefix)
        lab = {queue.name for queue in self.lab_queues()}
        return {
            name: name.removeprefix(prefix)
            for name in names
            if name not in lab and not is_of_dead_letters(name)
        }

    def pulses(self) -> Sequence[Pulse]:
        """Return the last words of this machine's workers."""
        return health.read_all(self._cloud.home) if self.is_local else ()

    def reports(self) -> tuple[Sequence[WorkerRow], int]:
        """Return the workers that reported."""
        missed = timedelta(seconds=2 * reports.MISSED * self._cloud.settings.report_seconds)
        since = max(REPORTS_READ, missed)
        rows = reports.worker_rows(self._cloud, most=MOST_WORKERS, since=since)
        return rows, 1 + len(rows)

    def logs(self, after: str) -> Sequence[Entry]:
        """List logs behind a key."""
        return list(islice(self._bucket.list(log_wanted.LOGS, after), PAGE))

    def answers(self, entry: Entry) -> Sequence[AnswerNow]:
        """Read a log, or several that are one object."""
        try:
            body = self._bucket.get(entry.key, log_reading.most_of(entry)).body
        except MissingResourceError:
            return ()
        logs, _ = log_reading.logs_in(entry.key, body)
        return [_answer(log, entry.modified.timestamp()) for log in logs]

    def answer_to(self, job: str) -> AnswerNow | None:
        """Read a job's log, by its id."""
        return answer_to(self._bucket, job)


def answer_to(bucket: Bucket, job: str, sent: float = 0.0) -> AnswerNow | None:
    """Read the log of a job, which lies where its id, or when it was sent, says.

    None as long as there is none. One request.
    """
    key = logbook.key_of(Request("", job, sent_at=sent))
    try:
        body = bucket.get(key, bounds.LOG).body
    except (MissingResourceError, ForbiddenError, TooLargeError):
        return None
    return _answer(logbook.parse(key, body.decode("utf-8", "replace")))


def answer_among(bucket: Bucket, job: str, sent: float = 0.0) -> AnswerNow | None:
    """Read the log of a job that was logged with others; None where there is none. Two requests."""
    try:
        for one in log_listing.in_batches(bucket, job, sent)[:1]:
            body = bucket.get(one.entry.key, log_reading.most_of(one.entry)).body
            logs, _ = log_reading.logs_in(one.entry.key, body)
            return next((_answer(log) for log in logs if log.job == job), None)
    except (MissingResourceError, ForbiddenError, TooLargeError):
        pass
    return None


def _answer(log: Log, at: float | None = None) -> AnswerNow:
    """Read a log; where nobody tells when it was stored, by its own word, which may be anything."""
    if at is None:
        present = utc.seconds()
        at = min(max(0.0, utc.seconds_of(log.done) or present), present)
    return AnswerNow(log.job, log.client, log.kind, log.status, log.answer, at)
