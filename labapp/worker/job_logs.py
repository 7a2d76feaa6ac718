"""The logs of one queue's jobs, kept as the setting `log` says: each, together, or none.

Each: a job's text is stored as soon as the job is done. Together: those that are settled together
are stored as one object, before any of them is answered. A job that is only claimed has a text of
its own whatever is set, as it tells other workers whose the job is (see `jobs.marks`); so has one
whose message finds no dead-letter queue, as it is kept nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from labapp.cloud.bucket import Bucket
from labapp.errors import CloudError
from labapp.jobs import lab_queues, log_batches, logbook
from labapp.jobs.delivery import delivery_of
from labapp.jobs.log_batches import Record
from labapp.jobs.wire import Reply, Request
from labapp.settings import LOG_BATCH, LOG_EACH, LOG_NONE
from labapp.worker.outages import OutageGuard, StoppingError
from labapp.worker.refusals import WRITING, Deed

#: What is said of a worker that does not log each job by itself.
CHOSEN = {LOG_EACH: "", LOG_BATCH: "logs in batches", LOG_NONE: "no logs"}

#: A job to be logged: what was asked, and the answer.
Done = tuple[Request, Reply]


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
        self._chosen = bucket.cloud.settings.log

    def waits(self, request: Request) -> bool:
        """Return whether a job is logged with those that it is settled with, and not by itself."""
        return self._chosen == LOG_BATCH and log_batches.may_share(request)

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

    def log_together(self, jobs: Sequence[Done]) -> dict[int, Exception]:
        """Log jobs as one object, or as few; return by their positions why some could not be.

        Where an object cannot be stored each of its jobs is logged by itself: whichever is at
        fault, it does not hold up the others.
        """
        try:
            records = [self._record(*job) for job in jobs]
            found = list(log_batches.batches(records))
        except Exception:  # noqa: BLE001 - a fault in one job's log must not be all the others'
            return self._log_each(list(enumerate(jobs)))
        at = {id(record): place for place, record in enumerate(records)}
        failed: dict[int, Exception] = {}
        for batch in found:
            inside = [at[id(record)] for record in batch.records]
            try:
                self._write(partial(self._bucket.put_text, batch.key, batch.text))
            except StoppingError as error:
                failed |= dict.fromkeys(inside, error)
            except CloudError:
                failed |= self._log_each([(place, jobs[place]) for place in inside])
        return failed

    def _log_each(self, jobs: Sequence[tuple[int, Done]]) -> dict[int, Exception]:
        failed: dict[int, Exception] = {}
        for place, job in jobs:
            try:
                self.keep(*job)
            except Exception as error:  # noqa: BLE001 - see `log_together`
                failed[place] = error
        return failed

    def _record(self, request: Request, reply: Reply) -> Record:
        message = request.message
        came = delivery_of(message, self._queue, self._name) if message else None
        return Record(request, reply, kind_name(request, self._kind), came)

    def _write(self, store: Callable[[], object]) -> None:
        self._outages.call(Deed(self._queue, f"write {logbook.PREFIX}", store, WRITING))
