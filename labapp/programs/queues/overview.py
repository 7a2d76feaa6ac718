"""What an admin sees of queues and workers: gathered here for commands and screens alike."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from labapp import foreign
from labapp.cloud import queue_ages, queues
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import DEAD_LETTER_SUFFIX, Queue
from labapp.cloud.small_objects import Told, untold
from labapp.errors import MissingResourceError
from labapp.jobs import kinds
from labapp.jobs.wire import quoted
from labapp.worker import local_workers, reports

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Characters of a queue's name that an error repeats; those of SQS have 80 at most.
MOST_NAME = 80

#: What a worker counts of its jobs.
_COUNTS = ("done", "refused", "failed")


@dataclass(frozen=True)
class QueueRow:
    """One queue: how many messages wait, are in flight, are delayed, and are dead letters.

    `dead` is None where the queue has no dead-letter queue; `oldest`, the seconds that the oldest
    message has waited, where that is not known (see `labapp.cloud.queue_ages`).
    """

    name: str
    visible: int
    in_flight: int
    delayed: int
    dead: int | None
    oldest: int | None


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

    def fields(self) -> dict[str, Any]:
        """Return the row as `admin.py workers --json` has it."""
        return asdict(self)


def queue_names(cloud: Cloud) -> list[str]:
    """Return the names of the lab's queues: those of jobs, then the clients' reply queues."""
    lab = kinds.queue_names(cloud.settings)
    replies = queues.names(cloud, cloud.settings.response_queue + "-")
    return [*lab, *(name for name in replies if not name.endswith(DEAD_LETTER_SUFFIX))]


def check_name(cloud: Cloud, name: str) -> None:
    """See to it that a queue, or its dead-letter queue, is the lab's.

    Raises:
        MissingResourceError: it is none; says what there is.
    """
    known = queue_names(cloud)
    if name.removesuffix(DEAD_LETTER_SUFFIX) in known:
        return
    near = difflib.get_close_matches(name, known, 1)
    meant = f"Did you mean {near[0]}? " if near else ""
    lab = ", ".join(kinds.queue_names(cloud.settings))
    clients = len(known) - len(kinds.queue_names(cloud.settings))
    more = f", and {clients} of clients" if clients else ""
    raise MissingResourceError(
        f"{quoted(name, MOST_NAME)} is not a queue of this lab",
        f"{meant}There is {lab}{more}; 'admin.py queues' lists them.",
    )


def queue_rows(cloud: Cloud) -> list[QueueRow]:
    """Return every queue of the lab with its counts; one that has just gone is left out."""
    return _rows(cloud, queue_names(cloud))


def lab_rows(cloud: Cloud) -> list[QueueRow]:
    """Return the queues of jobs and plain clients' answers with their counts."""
    return _rows(cloud, kinds.queue_names(cloud.settings))


def _rows(cloud: Cloud, names: Iterable[str]) -> list[QueueRow]:
    lab = kinds.queue_names(cloud.settings)
    rows = []
    for name in names:
        try:
            held = Queue(cloud, name).counts()
        except MissingResourceError:
            continue
        letters = _letters(cloud, name) if name in lab else None  # a reply queue has none
        rows.append(QueueRow(name, held.visible, held.in_flight, held.delayed, letters, None))
    ages = queue_ages.ages(cloud, {row.name: row.visible for row in rows})
    return [replace(row, oldest=ages.get(row.name)) for row in rows]


def _letters(cloud: Cloud, name: str) -> int | None:
    try:
        # All of them: those that somebody looks at are hidden for half a minute, and dead as well.
        return Queue(cloud, name + DEAD_LETTER_SUFFIX).counts().all
    except MissingResourceError:
        return None


def worker_rows(cloud: Cloud, left_out: Told = untold) -> list[WorkerRow]:
    """Return the workers that reported, those at work first, then by when they were seen.

    Those of the local cloud are all of this machine, where one that was killed is seen at once.
    `left_out` is told of reports that are not read.
    """
    alive = {worker.pid for worker in local_workers.alive(cloud.home)} if cloud.is_local else set()
    rows = []
    for report in reports.read_all(Bucket(cloud), left_out):
        if not _is_ours(report.fields):
            continue
        row = _worker(report)
        lost = cloud.is_local and row.state != "stopped" and row.pid not in alive
        rows.append(replace(row, state="gone") if lost else row)
    return sorted(rows, key=lambda row: (row.state in {"gone", "stopped"}, row.age, row.worker))


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
