"""Whether anybody is at work, by the workers' reports, and by locks of this machine."""

from __future__ import annotations

from collections.abc import Iterator

from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.console import figures
from labapp.errors import ForbiddenError
from labapp.worker import reports
from labapp.worker.reports import ENDED, WorkerRow

#: Workers that a finding names.
_NAMED = 3


def look_at_workers(patient: Patient, flags: str) -> Iterator[Finding]:
    """Tell which workers are at work, and when they were last seen; `flags` are to start one with.

    Raises:
        CloudError: the reports cannot be read.
    """
    check = "workers"
    try:
        rows = reports.worker_rows(patient.cloud)
    except ForbiddenError:
        yield Finding(check, "note", "their reports are not yours to read")
        return
    alive = [row for row in rows if row.state not in ENDED]
    if not alive:
        by_itself = patient.cloud.is_local and patient.lab.role == "client"
        remedy = f"Start one: python server.py{flags}"
        meaning = "jobs wait until one is" + (", which the next job starts" if by_itself else "")
        yield Finding(check, "note", f"none is at work{_last(rows)}", meaning, remedy)
        return
    unwell = [row for row in alive if row.state == "unwell" or row.trouble]
    named = ", ".join(map(_told, alive[:_NAMED]))
    more = f" and {len(alive) - _NAMED} more" if len(alive) > _NAMED else ""
    yield Finding(check, "holds", f"{figures.plural(len(alive), 'worker')} at work: {named}{more}")
    for row in unwell:
        told = f"{row.worker} is {row.state}: {row.trouble or 'it does not poll its queues'}"
        meaning = "it takes no jobs, or not all"
        yield Finding(check, "broken", told, meaning, "See its log on its own machine.")


def _told(row: WorkerRow) -> str:
    return f"{row.worker} ({row.state}, seen {figures.age(row.age)})"


def _last(rows: list[WorkerRow]) -> str:
    return f"; the last was {_told(rows[0])}" if rows else ""
