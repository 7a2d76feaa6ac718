"""Which workers there are and what each has done: by their reports, and this machine's locks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labapp import foreign
from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.cloud.small_objects import Tell, tell_nobody
from labapp.errors import ForbiddenError
from labapp.worker import local_workers, reports

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: The states of a worker that takes no more jobs.
ENDED = frozenset({"gone", "stopped"})

#: What a worker counts of its jobs.
_COUNTS = ("done", "refused", "failed")


@dataclass(frozen=True)
class WorkerRow:
    """One worker as it last reported; `age` is the seconds since."""

    worker: str
    host: str
    pid: int
    state: str
    trouble: str
    done: int
    refused: int
    failed: int
    in_hand: int
    started: str
    age: int


def worker_rows(
    cloud: Cloud, left_out: Tell = tell_nobody, most: int = bounds.REPORTS
) -> list[WorkerRow]:
    """Return the workers that reported, those at work first, then by when they were seen.

    Those of the local cloud are all of this machine, where one that was killed is seen at once.
    `left_out` is told of reports that are not read, since there are more than `most` for instance.
    """
    alive = {worker.pid for worker in local_workers.alive(cloud.home)} if cloud.is_local else set()
    rows = []
    for report in reports.read_all(Bucket(cloud), left_out, most):
        if not _is_ours(report.fields):
            continue
        row = _worker(report)
        lost = cloud.is_local and row.state != "stopped" and row.pid not in alive
        rows.append(replace(row, state="gone") if lost else row)
    return sorted(rows, key=lambda row: (row.state in ENDED, row.age, row.worker))


def _is_ours(fields: Mapping[str, Any]) -> bool:
    """Return whether a worker can have written a report: anybody may put an object there."""
    counts = fields.get("counts") or {}
    if not isinstance(counts, dict):
        return False
    numbers = (fields.get("pid"), fields.get("in_hand"), *map(counts.get, _COUNTS))
    return all(not one or isinstance(one, int) for one in numbers)


def _worker(report: reports.Report) -> WorkerRow:
    """Bring a report's fields, which anybody may have written, to what a table can show."""
    fields = report.fields
    counts = foreign.table(fields.get("counts"))
    return WorkerRow(
        worker=report.worker,
        host=foreign.text(fields.get("host")),
        pid=foreign.count(fields.get("pid")),
        state=report.state,
        trouble=foreign.text(fields.get("trouble")),
        done=foreign.count(counts.get("done")),
        refused=foreign.count(counts.get("refused")),
        failed=foreign.count(counts.get("failed")),
        in_hand=foreign.count(fields.get("in_hand")),
        started=foreign.text(fields.get("started")),
        age=round(report.age),
    )


def count_workers(cloud: Cloud) -> int:
    """Return how many workers are alive: on the local cloud those of this machine."""
    if cloud.is_local:
        return len(local_workers.alive(cloud.home))
    return sum(row.state not in ENDED for row in worker_rows(cloud))


def count_or_none(cloud: Cloud) -> int | None:
    """Count the workers; None for who may not look at their reports, yet may do all else."""
    try:
        return count_workers(cloud)
    except ForbiddenError:
        return None
