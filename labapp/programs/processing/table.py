"""What is listed of pictures that are processed, of their results, and of operations."""

from __future__ import annotations

from dataclasses import asdict, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from labapp.programs.jobs.table import JOBS
from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.pictures.registry import Operation

RESULTS: Table[Entry] = replace(
    JOBS,
    empty="No pictures yet. Send one: client.py image PHOTO --op blur:sigma=3",
    columns=("job", "sent", "status", "request", "reply"),
    piped=("job", "sent", "status", "path", "reply"),
)


def _values(operation: Operation) -> str:
    return "; ".join(f"{one.name}: {one.range}" for one in operation.parameters)


OPERATIONS: Table[Operation] = Table(
    fields=(
        Field("name", attrgetter("name"), look="text"),
        Field("title", attrgetter("title"), look="text"),
        Field("summary", attrgetter("summary")),
        Field(
            "parameters",
            lambda operation: list(map(asdict, operation.parameters)),
            shown=_values,
            piped=_values,
            look="text",
        ),
        Field("defined", attrgetter("defined"), note="what its definition does"),
    ),
    empty="",
    columns=("name", "title", "parameters"),
)
