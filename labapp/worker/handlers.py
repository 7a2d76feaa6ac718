"""Kinds of jobs: what a worker does with a request, and which queues they live on.

A new kind of job is one handler. A handler knows no queue and no message: it gets a request and
returns the reply, or raises RefusedError (the request is wrong), NobodyToAnswerError (nor would
anybody read why), JobFailedError (it cannot be done) or CloudError.
"""

from __future__ import annotations

from typing import Protocol

from labapp.cloud.bucket import Bucket
from labapp.jobs.wire import Reply, Request
from labapp.settings import Settings
from labapp.worker.retrying_bucket import Caller


class Handler(Protocol):
    """One kind of job."""

    #: What logs and screens call it.
    kind: str

    #: The queue that its requests come from.
    queue: str

    #: The queue on which plain clients are answered.
    plain_replies: str

    #: How many jobs of the kind one process has in hand at most.
    concurrency: int

    #: Whether jobs that were received together are so quick that their answers wait for each other.
    quick: bool

    def set_retry(self, call: Caller) -> None:
        """Call the cloud through `call` from now on, which waits out its troubles."""

    def work(self, request: Request) -> Reply:
        """Do one job and return its answer; doing it twice must do no harm."""
        ...


def all_handlers(settings: Settings, bucket: Bucket) -> list[Handler]:
    """Return every kind of job that a worker does."""
    from labapp.worker.number_handler import NumbersHandler
    from labapp.worker.picture_handler import PictureHandler

    return [NumbersHandler(settings), PictureHandler(settings, bucket)]
