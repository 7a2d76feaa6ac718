"""The number job: minimum, maximum, mean, median and sum of a list of integers."""

from __future__ import annotations

from labapp import numbers
from labapp.cloud.bucket import Bucket
from labapp.jobs import events
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.wire import DONE, NobodyToAnswerError, Reply, Request, check_size
from labapp.settings import Settings
from labapp.worker.retrying_bucket import Caller


class NumbersHandler:
    """The integer job: minimum, maximum, mean, median and sum."""

    kind = NUMBERS
    quick = True

    def __init__(self, settings: Settings, _bucket: Bucket | None = None) -> None:
        self.concurrency = settings.concurrency
        self._rules = numbers.Rules(settings.max_integers, settings.allow_negative)

    def set_retry(self, call: Caller) -> None:
        """Leave it: this job asks the cloud for nothing."""

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
        summary = numbers.summarise(values)
        return Reply(summary.sentence(), request.job, DONE, summary.json())
