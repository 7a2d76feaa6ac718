"""A worker's status report in the bucket, and who is at work: by the reports, and local locks."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from labapp import __version__, foreign, utc
from labapp.cloud import bounds, small_objects
from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.session import Cloud
from labapp.cloud.small_objects import Tell, tell_nobody
from labapp.errors import CloudError, ForbiddenError
from labapp.jobs import lab
from labapp.worker import in_hand, local_workers
from labapp.worker.health import Pulse, complaint
from labapp.worker.in_hand import JobInHand
from labapp.worker.stats import WorkerStats

#: Where reports lie in the bucket.
PREFIX = lab.REPORTS

#: Reports missed before a worker counts as gone.
MISSED = 3

#: After how long the report of a worker that is gone is removed.
KEPT = timedelta(days=1)

#: Reports that are removed by one look, side by side; the next one removes others.
REMOVED = 200

#: Characters of a state.
_WORD = 20

#: Seconds between two reports where one does not say.
_EVERY = 30.0

#: The states of a worker that takes no more jobs.
ENDED = frozenset({"gone", "stopped"})

#: What a worker counts of its jobs.
_COUNTS = ("done", "refused", "failed")


@dataclass(frozen=True)
class Report:
    """One worker's last report, and how old it is (in seconds)."""

    worker: str
    age: float
    fields: dict[str, Any]

    @property
    def state(self) -> str:
        """The worker's own word; `gone` where it has not reported for too long.

        `unwell` where it reports, but has not polled for more than three waits.
        """
        every = foreign.number(self.fields.get("report_seconds")) or _EVERY
        said = foreign.text(self.fields.get("state"), _WORD, "?")
        if said != "stopped" and self.age > MISSED * every:
            return "gone"
        return "unwell" if said == "running" and self.fields.get("complaint") else said


@dataclass(frozen=True)
class WorkerRow:
    """One worker as it last reported; `age` is the seconds since.

    `hands` are those of its jobs in flight that were so for longest, `rate` its jobs per second,
    `log` its setting of that name; empty where an older one does not tell.
    """

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
    hands: tuple[JobInHand, ...] = ()
    rate: float = 0.0
    log: str = ""


class Reporter:
    """Writes the report of one worker, as is to be done every `report_seconds`.

    `pulse` tells how the worker is, to be judged by the rule of `health`; `log` is its setting of
    that name.
    """

    def __init__(
        self,
        bucket: Bucket,
        stats: WorkerStats,
        report_seconds: float,
        pulse: Callable[[], Pulse] | None = None,
        log: str = "",
    ) -> None:
        self._log = log
        self._pulse = pulse
        self._bucket = bucket
        self._stats = stats
        self._every = report_seconds
        self.worker = stats.name.worker

    def write(self) -> None:
        """Write the report as of now.

        Raises:
            CloudError: it cannot be written.
        """
        snapshot = self._stats.snapshot()
        report = {
            "worker": self.worker,
            "host": self._stats.name.host,
            "pid": os.getpid(),
            "version": __version__,
            "started": utc.stamp(self._stats.started),
            "reported": utc.stamp(utc.seconds()),
            "report_seconds": self._every,
            "log": self._log,
            "state": snapshot.state,
            "trouble": snapshot.trouble,
            "complaint": complaint(self._pulse(), time.time()) if self._pulse else "",
            "in_hand": snapshot.in_flight,
            "hands": [job.fields() for job in snapshot.hands],
            "rate": snapshot.rate,
            "counts": snapshot.counts,
            "last_polls": {queue: utc.stamp(at) for queue, at in snapshot.polls.items()},
        }
        self._bucket.put(
            f"{PREFIX}{self.worker}.json", json.dumps(report, indent=1).encode(), "application/json"
        )


def read_all(
    bucket: Bucket,
    left_out: Tell = tell_nobody,
    most: int = bounds.REPORTS,
    since: timedelta = KEPT,
) -> Iterator[Report]:
    """Yield the last reports of the newest workers; those of workers long gone are removed.

    Anybody who may write to the bucket may put anything there: what is no report is passed over.
    `left_out` is told of those that are not read, since there are more than `most` for instance.
    What was written longer than `since` ago is not read.

    Raises:
        CloudError: the bucket cannot be read.
    """
    present = utc.now()
    newest, old, more = _sort_out(bucket, present, most, since)
    _remove(bucket, old)
    if more:
        left_out(f"left out: {more:,} reports, since only the newest {most:,} are read")
    for entry, body in small_objects.read(bucket, newest, bounds.REPORT, left_out):
        if fields := foreign.object_or_empty(body, bounds.REPORT):
            name = entry.key.removeprefix(PREFIX).removesuffix(".json")
            age = (present - entry.modified).total_seconds()
            yield Report(foreign.text(name), max(0.0, age), fields)


def _sort_out(
    bucket: Bucket, present: datetime, most: int, since: timedelta
) -> tuple[list[Entry], list[Entry], int]:
    """Return the newest reports, some that are long of no use, and how many more there are."""
    newest: list[tuple[datetime, str, Entry]] = []
    old: list[Entry] = []
    more = 0
    for entry in itertools.islice(bucket.list(PREFIX), bounds.LISTED):
        if present - entry.modified > KEPT:
            if len(old) < REMOVED:
                old.append(entry)
        elif present - entry.modified > since:
            continue
        elif len(newest) < most:
            heapq.heappush(newest, (entry.modified, entry.key, entry))
        else:
            heapq.heappushpop(newest, (entry.modified, entry.key, entry))
            more += 1
    return [entry for _, _, entry in newest], old, more


def _remove(bucket: Bucket, old: list[Entry]) -> None:
    def remove(entry: Entry) -> None:
        with contextlib.suppress(CloudError):  # who only looks may not delete
            bucket.delete(entry.key)

    if old:
        with ThreadPoolExecutor(small_objects.READERS) as pool:
            list(pool.map(remove, old))


def worker_rows(
    cloud: Cloud,
    left_out: Tell = tell_nobody,
    most: int = bounds.REPORTS,
    since: timedelta = KEPT,
) -> list[WorkerRow]:
    """Return the workers that reported, those at work first, then by when they were seen.

    Arguments as of `read_all`.

    Those of the local cloud are all of this machine, where one that was killed is seen at once.
    """
    alive = {worker.pid for worker in local_workers.alive(cloud.home)} if cloud.is_local else set()
    rows = []
    for report in read_all(Bucket(cloud), left_out, most, since):
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


def _worker(report: Report) -> WorkerRow:
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
        hands=in_hand.read(fields.get("hands")),
        rate=foreign.number(fields.get("rate")),
        log=foreign.text(fields.get("log"), _WORD),
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
