"""Whether anybody is at work, by the workers' reports, and by locks of this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.console import figures
from labapp.errors import ForbiddenError
from labapp.programs.doctor.machine import LOG_AGAIN, NO_LOGS
from labapp.settings import LOG_NONE
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
    told = f"{figures.plural(len(alive), 'worker')} at work: {named}{more}{_logs(alive)}"
    yield Finding(check, "holds", told)
    if any(row.log == LOG_NONE for row in alive):
        yield Finding(check, "note", "log = none: they keep no log of jobs", NO_LOGS, LOG_AGAIN)
    for row in unwell:
        told = f"{row.worker} is {row.state}: {row.trouble or 'it does not poll its queues'}"
        meaning = "it takes no jobs, or not all"
        yield Finding(check, "broken", told, meaning, "See its log on its own machine.")


def _told(row: WorkerRow) -> str:
    return f"{row.worker} ({row.state}, seen {figures.age(row.age)})"


def _logs(rows: list[WorkerRow]) -> str:
    """Return what workers have set `log` to, with how many where they differ."""
    kept = Counter(row.log for row in rows if row.log)
    if len(kept) < 2:
        return "".join(f"; log = {log}" for log in kept)
    return "; log = " + ", ".join(f"{log} ({count})" for log, count in kept.most_common())


def _last(rows: list[WorkerRow]) -> str:
    return f"; the last was {_told(rows[0])}" if rows else ""
