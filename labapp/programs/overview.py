"""What an admin sees of queues and workers: gathered here for commands and screens alike."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from labapp.cloud import oldest, provision, queues
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import DEAD_LETTER_SUFFIX, Queue
from labapp.errors import MissingResourceError
from labapp.worker import reports

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud


#: A logged request for a picture: its key, and the steps as JSON where some were asked for.
_PICTURE = re.compile(r"'(?P<key>.*?)'(?: '(?P<steps>.*)')?", re.DOTALL)


def asked(kind: str, request: str) -> str:
    """Return a logged request as people call it: of a picture, its name and what is done to it."""
    found = _PICTURE.fullmatch(request) if kind == "pictures" else None
    if found is None:
        return request
    try:
        steps = [str(step["op"]) for step in json.loads(found["steps"] or "[]")]
    except (ValueError, TypeError, KeyError):
        steps = []
    return f"{found['key'].rpartition('/')[2]}  {', '.join(steps)}".rstrip()


def answered(status: str, answer: str) -> str:
    """Return an answer in one line: of a picture that is done, its result's name."""
    is_key = status == "done" and "/" in answer and " " not in answer
    return answer.rpartition("/")[2] if is_key else answer


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


def queue_rows(cloud: Cloud) -> list[QueueRow]:
    """Return every queue of the lab with its counts; one that has just gone is left out."""
    return _rows(cloud, queue_names(cloud))


def lab_rows(cloud: Cloud) -> list[QueueRow]:
    """Return the four queues of jobs and plain clients' answers with their counts."""
    return _rows(cloud, provision.job_queues(cloud.settings))


def _rows(cloud: Cloud, names: Iterable[str]) -> list[QueueRow]:
    present = set(queues.names(cloud))
    rows = []
    for name in names:
        try:
            held = Queue(cloud, name).counts()
            dead = name + DEAD_LETTER_SUFFIX
            letters = Queue(cloud, dead).counts().visible if dead in present else None
        except MissingResourceError:
            continue
        rows.append(QueueRow(name, held.visible, held.in_flight, held.delayed, letters, None))
    ages = oldest.ages(cloud, {row.name: row.visible for row in rows})
    return [replace(row, oldest=ages.get(row.name)) for row in rows]


def worker_rows(cloud: Cloud) -> list[WorkerRow]:
    """Return the workers that reported, those at work first, then by when they were seen."""
    rows = []
    for report in reports.read_all(Bucket(cloud)):
        # Anybody may put an object there: one that is no report of ours is left out.
        with contextlib.suppress(ValueError, TypeError, AttributeError, OverflowError):
            rows.append(_worker(report))
    return sorted(rows, key=lambda row: (row.state in {"gone", "stopped"}, row.age, row.worker))


def _worker(report: reports.Report) -> WorkerRow:
    fields = report.fields
    counts = fields.get("counts") or {}
    return WorkerRow(
        worker=report.worker,
        host=str(fields.get("host", "")),
        pid=int(fields.get("pid", 0)),
        state=report.state,
        trouble=str(fields.get("trouble", "")),
        done=int(counts.get("done", 0)),
        refused=int(counts.get("refused", 0)),
        failed=int(counts.get("failed", 0)),
        in_hand=int(fields.get("in_hand", 0)),
        started=str(fields.get("started", "")),
        age=round(report.age),
    )
