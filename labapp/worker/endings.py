"""How jobs ended, told to the stats and in the worker's own log lines, each job once."""

from __future__ import annotations

import logging
import time

from labapp.errors import CloudError
from labapp.jobs import attributes
from labapp.jobs.delivery import delivery_of
from labapp.jobs.marks import NotTheirsError
from labapp.jobs.wire import Reply, Request, quoted
from labapp.worker.concurrency import Recently
from labapp.worker.deletion import MOST_SETTLED
from labapp.worker.job_logs import JobLogs, kind_name
from labapp.worker.replies import PUT_ASIDE, Outcome
from labapp.worker.stats import Finished, WorkerStats

log = logging.getLogger(__name__)


class Endings:
    """Tells how the jobs of one queue ended; shared by its threads.

    Args:
        kind: the queue's kind of job.
        queue: the queue's name.
        logs: those of its jobs, where it is told of an answer that reached nobody.
        stats: counts each job once.
    """

    def __init__(self, kind: str, queue: str, logs: JobLogs, stats: WorkerStats) -> None:
        self._kind = kind
        self._queue = queue
        self._logs = logs
        self._stats = stats
        self._counted = Recently(MOST_SETTLED)

    def tell(self, outcome: Outcome) -> None:
        """Tell the stats and the logs how a job ended; a test event of S3 was none."""
        if outcome.known or (outcome.reply and not outcome.reply.body):
            return
        request, reply, seconds = outcome.request, outcome.reply, outcome.seconds
        status = reply.status if reply and not outcome.untold else PUT_ASIDE
        job = (request.logged_as or request.job) if request else outcome.message.id
        client = (request.client or "plain") if request else "?"
        text = reply.body if reply else outcome.aside
        if reply and outcome.untold:
            text = f"{outcome.untold}; {reply.status}: {text}"
            if request:
                self._log_untold(request, reply, outcome.untold)
        kind = kind_name(request, self._kind)
        came = delivery_of(outcome.message, self._queue, self._stats.name)
        extra = {"event": "job", "kind": kind, "job": job, "client": client, "status": status,
                 "seconds": seconds, "text": text, **vars(came)}  # fmt: skip
        asked = ""
        if request and request.spoken:
            extra |= {"dialect": request.dialect, "attributes": request.spoken.attributes}
            asked = f" by {extra['dialect']} ({extra['attributes'] or 'no attributes'})"
        level, told = logging.INFO, text
        if outcome.aside:
            others = attributes.shown(outcome.message.typed, ())
            more = attributes.logged_text(request) if request else attributes.text_of(others)
            level, extra = logging.WARNING, {"attributes": more, **extra}
            told = f"{text.rstrip('.')}; its message: {quoted(outcome.message.body, 80)}"
            told += f" ({more})" if more and not asked else ""
        if self._counted.is_new(outcome.message.id):
            self._stats.note_finished(
                Finished(time.time(), kind, job, client, status, seconds, text,
                         came.queue, came.receives, came.wait)
            )  # fmt: skip
        else:
            extra["again"] = True
        log.log(level, "%s %s %s from %s%s in %.0f ms: %s", kind, job, status, client, asked,
                seconds * 1000, told, extra=extra)  # fmt: skip

    def _log_untold(self, request: Request, reply: Reply, why: str) -> None:
        """Have the log of a job say that its answer reached nobody."""
        try:
            self._logs.log(request, reply, why)
        except (CloudError, NotTheirsError) as error:
            log.warning("its log still says %s: %s", reply.status, error, extra={"event": "fault"})
