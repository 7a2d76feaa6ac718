"""The kind of job that sums up a list of integers; `labapp.numbers` says what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labapp.jobs.kind import JobKind


def _known_values(values: Mapping[str, Any]) -> str:
    from labapp import numbers  # no start of a program has to wait for its fractions

    return numbers.known_values(values)


NUMBERS = JobKind(
    "numbers",
    request_queue="request_queue",
    plain_replies="response_queue",
    handler="labapp.worker.handlers:NumbersHandler",
    known_values=_known_values,
)
