"""What is listed of the log of jobs."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from labapp.jobs.logbook import Log

LOGS: Table[Log] = Table(
    fields=(
        Field("key"),
        Field("job"),
        Field("time", shown=lambda log: figures.local(log.time), look="word", drop=3),
        Field("kind", look="word", drop=5),
        Field("client", look="word", drop=4),
        Field("request", shown=attrgetter("title"), drop=2, least=14),
        Field("status", look="word", drop=1),
        Field("outcome", shown=attrgetter("answer"), least=16),
        Field("dialect", drop=7, rare=True),
        Field("attributes", drop=6, rare=True),
        Field("answered", drop=8, rare=True),
    ),
    empty="No jobs are logged yet. Send one: client.py numbers 1,12,55,4",
    empty_page="No jobs are logged yet. Send one with client.py, under Numbers.",
    columns=(
        *("time", "kind", "client", "status", "request", "outcome", "dialect", "attributes"),
        "answered",
    ),
    page=("time", "kind", "status", "request", "outcome", "dialect", "attributes", "answered"),
    details=(
        *("time", "job", "kind", "client", "status", "request", "outcome", "dialect", "attributes"),
        *("answered", "key"),
    ),
)
