"""What a worker does with the requests of each kind of job.

A kind (see `labapp.jobs.kinds`) names its handler. A handler knows no queue and no message: it gets
a request and returns the reply, or raises RefusedError (the request is wrong), NobodyToAnswerError
(nor would anybody read why), JobFailedError (it cannot be done) or CloudError.
"""

from __future__ import annotations

import pkgutil
from typing import Protocol

from labapp.cloud.bucket import Bucket
from labapp.jobs.kind import JobKind
from labapp.jobs.kinds import all_kinds
from labapp.jobs.wire import Reply, Request
from labapp.settings import Settings
from labapp.worker.retrying_bucket import Caller


class Handler(Protocol):
    """What does one kind of job."""

    #: What it is.
    kind: JobKind

    #: How many jobs of the kind one process has in flight at most.
    concurrency: int

    #: Whether jobs that were received together are so quick that their answers wait for each other.
    quick: bool

    def set_retry(self, call: Caller) -> None:
        """Call the cloud through `call` from now on, which waits out its troubles."""

    def work(self, request: Request) -> Reply:
        """Do one job and return its answer; doing it twice must do no harm."""
        ...


def all_handlers(settings: Settings, bucket: Bucket) -> list[Handler]:
    """Return what does each kind of job."""
    return [pkgutil.resolve_name(kind.handler)(settings, bucket) for kind in all_kinds()]
