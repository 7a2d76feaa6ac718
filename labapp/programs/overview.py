"""What an admin sees of queues and workers: gathered here for commands and screens alike."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from labapp.cloud import oldest, provision, queues
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import DEAD_LETTER_SUFFIX, Queue
from labapp.errors import MissingResourceError
from labapp.jobs.wire import quoted
from labapp.worker import presence, reports

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Characters of a queue's name that an error repeats; those of SQS have 80 at most.
MOST_NAME = 80


@dataclass(frozen=True)
class QueueRow:
    """One queue: how many messages wait, are in flight, are delayed, and are dead letters.

    `dead` is None where the queue has no dead-letter queue; `oldest`, the seconds that the oldest
    message has waited, where that is not known (see `labapp.cloud.oldest`).
    """

    name: str
    visible: int
    in_flight: int
    delayed: int
    dead: int | None
    oldest: int | None

    def fields(self) -> dict[str, Any]:
        """Return the row as `admin.py queues --json` has it."""
        return asdict(self)


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
    """Return the names of the lab's queues: the four, then the clients' reply queues."""
    lab = provision.job_queues(cloud.settings)
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
    lab = ", ".join(provision.job_queues(cloud.settings))
    clients = len(known) - len(provision.job_queues(cloud.settings))
    more = f", and {clients} of clients" if clients else ""
    raise MissingResourceError(
        f"{quoted(name, MOST_NAME)} is not a queue of this lab",
        f"{meant}There is {lab}{more}; 'admin.py queues' lists them.",
    )


def queue_rows(cloud: Cloud) -> list[QueueRow]:
    """Return every queue of the lab with its counts; one that has just gone is left out."""
    return _rows(cloud, queue_names(cloud))


def lab_rows(cloud: Cloud) -> list[QueueRow]:
    """Return the four queues of jobs and plain clients' answers with their counts."""
    return _rows(cloud, provision.job_queues(cloud.settings))


def _rows(cloud: Cloud, names: Iterable[str]) -> list[QueueRow]:
    lab = provision.job_queues(cloud.settings)
    rows = []
    for name in names:
        try:
            held = Queue(cloud, name).counts()
        except MissingResourceError:
            continue
        letters = _letters(cloud, name) if name in lab else None  # a reply queue has none
        rows.append(QueueRow(name, held.visible, held.in_flight, held.delayed, letters, None))
    ages = oldest.ages(cloud, {row.name: row.visible for row in rows})
    return [replace(row, oldest=ages.get(row.name)) for row in rows]


def _letters(cloud: Cloud, name: str) -> int | None:
    try:
        # All of them: those that somebody looks at are hidden for half a minute, and dead as well.
        return Queue(cloud, name + DEAD_LETTER_SUFFIX).counts().all
    except MissingResourceError:
        return None


def worker_rows(cloud: Cloud) -> list[WorkerRow]:
    """Return the workers that reported, those at work first, then by when they were seen.

    Those of the local cloud are all of this machine, where one that was killed is seen at once.
    """
    alive = {worker.pid for worker in presence.alive(cloud.home)} if cloud.is_local else set()
    rows = []
    for report in reports.read_all(Bucket(cloud)):
        # Anybody may put an object there: one that is no report of ours is left out.
        with contextlib.suppress(ValueError, TypeError, AttributeError, OverflowError):
            row = _worker(report)
            lost = cloud.is_local and row.state != "stopped" and row.pid not in alive
            rows.append(replace(row, state="gone") if lost else row)
    return sorted(rows, key=lambda row: (row.state in {"gone", "stopped"}, row.age, row.worker))


def _worker(report: reports.Report) -> WorkerRow:
    fields = report.fields
    counts = fields.get("counts") or {}
    return WorkerRow(
        worker=report.worker,
        host=str(fields.get("host") or ""),
        pid=int(fields.get("pid") or 0),
        state=report.state,
        trouble=str(fields.get("trouble") or ""),
        done=int(counts.get("done") or 0),
        refused=int(counts.get("refused") or 0),
        failed=int(counts.get("failed") or 0),
        in_hand=int(fields.get("in_hand") or 0),
        started=str(fields.get("started") or ""),
        age=round(report.age),
    )
