"""What a worker does with the requests of each kind of job.

A kind (see `labapp.jobs.kinds`) names its handler. A handler knows no queue and no message: it gets
a request and returns the reply, or raises RefusedError (the request is wrong), NobodyToAnswerError
(nor would anybody read why), JobFailedError (it cannot be done) or CloudError.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from typing import Protocol, TypeVar

from labapp import numbers
from labapp.cloud.bucket import Bucket
from labapp.jobs import events
from labapp.jobs import steps as names
from labapp.jobs.kind import JobKind
from labapp.jobs.kinds import all_kinds
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.wire import DONE, NobodyToAnswerError, Reply, Request, check_size
from labapp.settings import Settings
from labapp.worker.stepping import NO_STEPS, Steps

T = TypeVar("T")


class Caller(Protocol):
    """A way to call the cloud, such as `OutageGuard.call`: does an action as often as it takes."""

    def __call__(self, action: Callable[[], T], /) -> T:
        """Do the action and return what it returns."""
        ...


class Handler(Protocol):
    """What does one kind of job."""

    kind: JobKind

    #: How many jobs of the kind one process has in flight at most.
    concurrency: int

    @property
    def hands(self) -> int:
        """How many it has at most now."""
        return self.concurrency

    #: Whether jobs that were received together are so quick that their answers wait for each other.
    quick: bool

    def set_retry(self, call: Caller) -> None:
        """Call the cloud, if at all, through `call` from now on, which waits out its troubles."""
        return

    def set_steps(self, steps: Steps) -> None:
        """Tell `steps`, from now on, of the steps that are reached within the work."""
        return

    #: The queues that a lab's client makes, which are waited for.
    awaited: frozenset[str] = frozenset()

    #: The queues beside those of its kind on which its jobs are answered.
    answered_on: frozenset[str] = frozenset()

    def understood(self, request: Request) -> Request:
        """Return a request as it is to be worked on and logged: by a dialect's block, it may be."""
        return request

    def work(self, request: Request) -> Reply:
        """Do one job and return its answer; doing it twice must do no harm."""
        ...

    def addressed(self, _request: Request, reply: Reply) -> Reply:
        """Return an answer as who asked is to get it."""
        return reply


class NumbersHandler(Handler):
    """The integer job: minimum, maximum, mean, median and sum."""

    kind = NUMBERS
    quick = True

    def __init__(self, settings: Settings, _bucket: Bucket | None = None) -> None:
        self.concurrency = settings.concurrency
        self._rules = numbers.Rules(settings.max_integers, settings.allow_negative)
        self._steps = NO_STEPS

    def set_steps(self, steps: Steps) -> None:
        """Tell `steps` of what is reached."""
        self._steps = steps

    def work(self, request: Request) -> Reply:
        """Sum up the request's list."""
        check_size(request.body)
        if request.is_plain and events.is_machine_made(request.body):
            raise NobodyToAnswerError(
                "the message is JSON that a program wrote, and no list of integers",
                "Send it to the queue that is meant for it.",
            )
        values = numbers.parse(request.body)
        numbers.check(values, self._rules)
        self._steps.reached(names.VALIDATED, request.message, request)
        summary = numbers.summarise(values)
        self._steps.reached(names.DONE, request.message, request)
        sentence, told = summary.told()
        return Reply(sentence, request.job, DONE, told)


def all_handlers(settings: Settings, bucket: Bucket) -> list[Handler]:
    """Return what does each kind of job; with a dialect, what does the jobs of each queue.

    Raises:
        SettingError: something in the dialect is wrong.
    """
    handlers = [pkgutil.resolve_name(kind.handler)(settings, bucket) for kind in all_kinds()]
    if not settings.dialect:
        return handlers
    with_dialect = pkgutil.resolve_name("labapp.worker.dialect_handler:with_dialect")
    return list(with_dialect(handlers, settings, bucket))
