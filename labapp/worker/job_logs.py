"""The logs of one queue's jobs, kept as the setting `log` says: each, together, or none.

Before any of the jobs that are settled together is answered, the log of each is stored: their texts
side by side, or all of them as one object. A job that is only claimed has a text of
its own whatever is set, as it tells other workers whose the job is (see `jobs.marks`); so has one
whose message finds no dead-letter queue, as it is kept nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from labapp.cloud import small_objects
from labapp.cloud.bucket import Bucket
from labapp.cloud.small_objects import Text
from labapp.errors import CloudError
from labapp.jobs import lab_queues, log_batches, logbook
from labapp.jobs.delivery import delivery_of
from labapp.jobs.log_batches import Record
from labapp.jobs.wire import Reply, Request
from labapp.settings import LOG_BATCH, LOG_EACH, LOG_NONE
from labapp.worker.concurrency import WORTH_A_THREAD, ThreadPool
from labapp.worker.outages import OutageGuard, StoppingError
from labapp.worker.refusals import WRITING, Deed

#: What is said of a worker that does not log each job by itself.
CHOSEN = {LOG_EACH: "", LOG_BATCH: "logs in batches", LOG_NONE: "no logs"}

#: What the writing of logs is called where it is refused.
_WRITE = f"write {logbook.PREFIX}"

#: Threads that write logs side by side, where they cannot be sent all at once.
_THREADS = 10

#: A job to be logged: what was asked, and the answer; and the same with its place among others.
Done = tuple[Request, Reply]
_Placed = tuple[int, Request, Reply]


def kind_name(request: Request | None, otherwise: str) -> str:
    """Return the name of a request's kind of job: that of its queue, unless a dialect says it."""
    if request is None or request.spoken is None:
        return otherwise
    return lab_queues.kind_of(request.spoken.block).name


class JobLogs:
    """Keeps the logs of one queue's jobs; shared by its threads.

    Args:
        kind: the queue's kind of job.
        queue: the queue's name.
        bucket: where they lie.
        outages: waits out what is in the way.
    """

    def __init__(self, kind: str, queue: str, bucket: Bucket, outages: OutageGuard) -> None:
        self._kind = kind
        self._queue = queue
        self._bucket = bucket
        self._outages = outages
        self._name = outages.stats.name
        self._threads = ThreadPool(_THREADS, f"{kind}-log")
        self._chosen = bucket.cloud.settings.log

    def is_kept(self, request: Request) -> bool:
        """Return whether a job that is answered is logged at all."""
        return self._chosen != LOG_NONE or not log_batches.may_share(request)

    def log(self, request: Request, reply: Reply, untold: str = "") -> None:
        """Log a job by itself, where it is logged at all; `untold` is why nobody hears its answer.

        Raises:
            NotTheirsError: another request has the log of that job.
            CloudError: it cannot be kept, or the worker is to stop.
        """
        if self.is_kept(request):
            self.keep(request, reply, untold)

    def keep(self, request: Request, reply: Reply, untold: str = "") -> None:
        """Log a job by itself, whatever is set; arguments and errors as of `log`."""
        one = self._record(request, reply)
        store = partial(logbook.store, self._bucket, one.kind, request, reply, untold, one.came)
        self._write(store)

    def check(self, request: Request) -> None:
        """See to it that nobody else has the log of a job that a request only claims.

        Raises:
            NotTheirsError: another request has it.
            CloudError: that cannot be seen, or the worker is to stop.
        """
        look = partial(logbook.check, self._bucket, self._kind, request)
        self._outages.call(Deed(self._queue, f"read {logbook.PREFIX}", look))

    def log_all(self, jobs: Sequence[Done]) -> dict[int, Exception]:
        """Log jobs that are settled together; return by their positions why some could not be.

        Whichever is at fault, it does not hold up the others.
        """
        shared: list[_Placed] = []
        own: list[_Placed] = []
        for at, (request, reply) in enumerate(jobs):
            shares = self._chosen == LOG_BATCH and log_batches.may_share(request)
            (shared if shares else own).append((at, request, reply))
        return self._log_together(shared) | self._log_apart(own)

    def _log_together(self, jobs: Sequence[_Placed]) -> dict[int, Exception]:
        """Log jobs as one object, or as few; where one cannot be stored, each of its jobs apart."""
        try:
            records = [self._record(request, reply) for _, request, reply in jobs]
            found = list(log_batches.batches(records))
        except Exception:  # noqa: BLE001 - a fault in one job's log must not be all the others'
            return self._log_each(jobs)
        places = {id(record): at for record, (at, *_) in zip(records, jobs, strict=True)}
        failed: dict[int, Exception] = {}
        for batch in found:
            inside = {places[id(record)] for record in batch.records}
            try:
                self._write(partial(self._bucket.put_text, batch.key, batch.text))
            except StoppingError as error:
                failed |= dict.fromkeys(inside, error)
            except CloudError:
                failed |= self._log_each([job for job in jobs if job[0] in inside])
        return failed

    def _log_apart(self, jobs: Sequence[_Placed]) -> dict[int, Exception]:
        """Log jobs each by itself: all at once, then what that has not stored with all patience."""
        if len(jobs) > 1 and not self._outages.is_down:
            try:
                records = [self._record(request, reply) for _, request, reply in jobs]
                stored = small_objects.write(self._bucket, [_text(one) for one in records])
            except Exception:  # noqa: BLE001 - each meets it again, and tells of it
                stored = [False] * len(jobs)
            if any(stored):
                self._outages.refusals.note_passed(self._queue, _WRITE)
            jobs = [job for job, is_there in zip(jobs, stored, strict=True) if not is_there]
        return self._log_each(jobs)

    def _log_each(self, jobs: Sequence[_Placed]) -> dict[int, Exception]:
        failed: dict[int, Exception] = {}

        def keep(at: int, request: Request, reply: Reply) -> None:
            try:
                self.keep(request, reply)
            except Exception as error:  # noqa: BLE001 - see `log_all`
                failed[at] = error

        for place, job in enumerate(jobs):
            began = time.monotonic()
            keep(*job)
            left = jobs[place + 1 :]
            if (time.monotonic() - began) * len(left) > WORTH_A_THREAD:
                self._threads.do_all([partial(keep, *one) for one in left])
                break
        return failed

    def _record(self, request: Request, reply: Reply) -> Record:
        message = request.message
        came = delivery_of(message, self._queue, self._name) if message else None
        return Record(request, reply, kind_name(request, self._kind), came)

    def _write(self, store: Callable[[], object]) -> None:
        self._outages.call(Deed(self._queue, _WRITE, store, WRITING))


def _text(one: Record) -> Text:
    return logbook.object_of(one.kind, one.request, one.reply, came=one.came)
