"""What commands list on a terminal: rows of one line, for which 80 columns have room.

Ids are never cut or folded, since they are copied into the next command; where the window is
narrow, columns that matter less are left out. A pipe gets every cell whole, from `sending`,
`letters` and `overview`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from labapp.console import figures, tables

if TYPE_CHECKING:
    from labapp.console.tables import Column
    from labapp.jobs.dead_letters import DeadLetter
    from labapp.jobs.entry import Entry
    from labapp.jobs.logbook import Log
    from labapp.programs.queues.overview import WorkerRow

#: Columns, and the rows below them.
Listing: TypeAlias = tuple[list["Column"], list[Sequence[str | float | None]]]


def jobs(entries: Iterable[Entry], *, kinds: bool = True) -> Listing:
    """List jobs of this machine; `kinds` tells of which kind where there is room."""
    columns = [
        tables.Column("job", keep=True),
        tables.Column("sent", keep=True, drop=4),
        tables.Column("status", keep=True, drop=1),
        tables.line("request", drop=3),
        tables.line("answer", drop=2, least=16),
        *([tables.Column("kind", keep=True, drop=5)] if kinds else []),
    ]
    width = len(columns)
    rows = [
        (
            e.job,
            _moment(e.sent_at),
            e.status,
            e.title,
            e.answer or "not yet",
            e.kind,
        )[:width]
        for e in entries
    ]
    return columns, [*rows]


def logs(found: Iterable[Log]) -> Listing:
    """List logged jobs."""
    columns = [
        tables.Column("time", keep=True, drop=3),
        tables.Column("kind", keep=True, drop=5),
        tables.Column("client", keep=True, drop=4),
        tables.Column("status", keep=True, drop=1),
        tables.line("request", drop=2, least=14),
        tables.line("outcome", least=16),
    ]
    rows = [
        (
            figures.local(log.time),
            log.kind,
            log.client,
            log.status,
            log.title,
            log.answer,
        )
        for log in found
    ]
    return columns, [*rows]


def dead_letters(letters: Iterable[tuple[str, DeadLetter]]) -> Listing:
    """List dead letters; the ids are what `--id` takes."""
    columns = [
        tables.Column("message", keep=True),
        tables.line("reason", drop=1, least=16),
        tables.Column("queue", keep=True, drop=2),
        tables.line("body", drop=3),
        tables.Column("last", keep=True, drop=4),
        tables.number("receives", drop=5),
    ]
    rows = [
        (one.id, one.reason, queue, one.body, _moment(one.last), one.receives)
        for queue, one in letters
    ]
    return columns, [*rows]


def workers(rows: Iterable[WorkerRow]) -> Listing:
    """List workers, what each did, and when it was last seen."""
    columns = [
        tables.Column("worker", keep=True),
        tables.Column("state", keep=True, drop=1),
        tables.number("done", drop=3),
        tables.number("refused", drop=6),
        tables.number("failed", drop=5),
        tables.number("in hand", drop=4),
        tables.Column("pid", "right", keep=True, drop=7),
        tables.Column("seen", keep=True, drop=2),
    ]
    cells = [
        (
            *(row.worker, row.state, row.done, row.refused, row.failed, row.in_hand),
            *(str(row.pid), figures.age(row.age)),
        )
        for row in rows
    ]
    return columns, [*cells]


def _moment(seconds: float) -> str:
    return figures.clock(datetime.fromtimestamp(seconds, UTC))
