"""The kind of job that sums up a list of integers; `labapp.numbers` says what it is."""

from __future__ import annotations

from labapp import numbers
from labapp.jobs.kind import JobKind

NUMBERS = JobKind(
    "numbers",
    request_queue="request_queue",
    plain_replies="response_queue",
    handler="labapp.worker.number_handler:NumbersHandler",
    known_values=numbers.known_values,
)
