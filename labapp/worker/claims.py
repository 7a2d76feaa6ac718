"""Ownership of jobs: whose one is, checked before it is done.

Who proves a job has it. Of those who only claim one under an id of their choice, the first has it:
this process remembers who that was, while the first is worked on, too, and where the id does not
tell the time by which the bucket would find it. The bucket knows the rest (see `jobs.marks`).
"""

from __future__ import annotations

import threading

from labapp.jobs import marks
from labapp.jobs.wire import Request
from labapp.worker.handlers import Handler
from labapp.worker.job_logs import JobLogs

#: Claimed jobs that are remembered.
MOST_CLAIMS = 10_000


class Claims:
    """The claims to jobs of one queue; shared by the queue's threads."""

    def __init__(self, handler: Handler, logs: JobLogs) -> None:
        self._handler = handler
        self._logs = logs
        self._marks: dict[str, str] = {}
        self._lock = threading.Lock()

    def check(self, request: Request) -> None:
        """See to it that a job is its sender's, as far as that is known before it is done.

        Raises:
            NotTheirsError: it is not.
            CloudError: that cannot be seen.
        """
        if request.is_forged:
            raise marks.forged_error(request)
        if not request.is_claimed:
            return
        mark = self._mark(request)
        with self._lock:
            first = self._marks.setdefault(request.job, mark)
            if len(self._marks) > MOST_CLAIMS:
                del self._marks[next(iter(self._marks))]
        if first != mark:
            raise marks.taken_error(request)
        if not self._handler.quick:  # where it is quick, the writing of its log tells soon enough
            self._logs.check(request)

    def give_up(self, request: Request) -> None:
        """Forget a claim, should there be one: the bucket says that the job is another's."""
        with self._lock:
            if self._marks.get(request.job) == self._mark(request):
                del self._marks[request.job]

    def _mark(self, request: Request) -> str:
        return marks.mark_of(self._handler.kind.name, request)
