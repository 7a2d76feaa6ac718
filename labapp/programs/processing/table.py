"""What is listed of pictures that are processed, of their results, and of operations."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from labapp.programs.jobs.table import JOBS
from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.pictures.registry import Operation
    from labapp.programs.processing.outcomes import PictureJob

RESULTS: Table[Entry] = replace(
    JOBS,
    empty="No pictures yet. Send one: client.py image PHOTO --op blur:sigma=3",
    columns=("job", "sent", "status", "request", "reply"),
    piped=("job", "sent", "status", "path", "reply"),
)

PICTURE_JOBS: Table[PictureJob] = Table(
    fields=(
        Field("path", lambda one: str(one.path)),
        Field("job"),
        Field("status"),
        Field("saved", lambda one: str(one.saved) if one.saved else None),
        Field("result", lambda one: (one.entry.values or None) if one.entry else None),
        Field("error", lambda one: str(one.error) if one.error else None),
        Field("seconds", lambda one: round(one.entry.seconds or 0, 3) if one.entry else None),
    ),
    empty="",
    columns=("path", "saved"),
)


def _values(operation: Operation) -> str:
    return "; ".join(f"{one.name}: {one.range}" for one in operation.parameters)


OPERATIONS: Table[Operation] = Table(
    fields=(
        Field("name", look="text"),
        Field("title", look="text"),
        Field("summary"),
        Field(
            "parameters",
            lambda operation: list(map(asdict, operation.parameters)),
            shown=_values,
            piped=_values,
            look="text",
        ),
        Field("defined", note="what its definition does"),
    ),
    empty="",
    columns=("name", "title", "parameters"),
)
