"""What is listed of the log of jobs."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.jobs.logbook import Log


def _to_the_second(name: str) -> Callable[[Log], str]:
    return lambda log: figures.local(getattr(log, name))


def _received_text(log: Log) -> str | None:
    return None if log.receives is None else figures.plural(log.receives, "time")


LOGS: Table[Log] = Table(
    fields=(
        Field("key"),
        Field("job", look="id"),
        Field("time", shown=lambda log: figures.local(log.time), look="word", drop=3),
        Field("kind", look="word", drop=5),
        Field("client", look="word", drop=4),
        Field("request", shown=attrgetter("title"), drop=2, least=14),
        Field("status", look="word", drop=1),
        Field("outcome", shown=attrgetter("answer"), least=16),
        Field("dialect", drop=7, rare=True),
        Field("attributes", drop=6, rare=True),
        Field("answered", drop=8, rare=True),
        Field("worker"),
        Field("host"),
        Field("queue"),
        Field("receives", title="received", shown=_received_text, look="word", note="how often"),
        Field("sent", shown=_to_the_second("sent"), look="word"),
        Field("received", title="first received", shown=_to_the_second("received"), look="word"),
        Field("begun", shown=_to_the_second("begun"), look="word"),
        Field("done", title="ended", shown=_to_the_second("done"), look="word"),
        Field(
            "wait",
            title="waited",
            shown=lambda log: None if log.wait is None else figures.duration(log.wait),
            look="word",
            note="seconds from sent to received",
        ),
    ),
    empty="No jobs are logged yet. Send one: client.py numbers 1,12,55,4",
    empty_page="No jobs are logged yet. Send one with client.py, under Numbers.",
    columns=(
        *("job", "time", "kind", "client", "status", "request", "outcome", "dialect"),
        *("attributes", "answered"),
    ),
    # What came later stands behind what was there, for scripts that count cells.
    piped=(
        *("time", "kind", "client", "status", "request", "outcome", "job", "dialect"),
        *("attributes", "answered"),
    ),
    page=("time", "kind", "status", "request", "outcome", "dialect", "attributes", "answered"),
    details=(
        *("time", "job", "kind", "client", "status", "request", "outcome", "dialect", "attributes"),
        *("answered", "wait", "receives", "worker", "host", "queue", "begun", "done", "key"),
    ),
)
