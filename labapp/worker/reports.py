"""A worker's status report in the bucket, by which admins anywhere see who is at work."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from labapp import __version__, foreign, utc
from labapp.cloud import bounds, small_objects
from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.small_objects import Tell, tell_nobody
from labapp.errors import CloudError
from labapp.worker.health import Pulse, complaint
from labapp.worker.stats import WorkerStats

#: Where reports lie in the bucket.
PREFIX = "workers/"

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


class Reporter:
    """Writes the report of one worker.

    Args:
        bucket: where it goes.
        stats: what it tells.
        report_seconds: how often it will be written.
        pulse: tells how the worker is, to be judged by the rule of `health`.
    """

    def __init__(
        self,
        bucket: Bucket,
        stats: WorkerStats,
        report_seconds: float,
        pulse: Callable[[], Pulse] | None = None,
    ) -> None:
        self._pulse = pulse
        self._bucket = bucket
        self._stats = stats
        self._every = report_seconds
        #: The worker's id: unique, and readable for people.
        self.worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"

    def write(self) -> None:
        """Write the report as of now.

        Raises:
            CloudError: it cannot be written.
        """
        snapshot = self._stats.snapshot()
        report = {
            "worker": self.worker,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": __version__,
            "started": utc.stamp(self._stats.started),
            "reported": utc.stamp(time.time()),
            "report_seconds": self._every,
            "state": snapshot.state,
            "trouble": snapshot.trouble,
            "complaint": complaint(self._pulse(), time.time()) if self._pulse else "",
            "in_hand": snapshot.in_flight,
            "counts": snapshot.counts,
            "last_polls": {queue: utc.stamp(at) for queue, at in snapshot.polls.items()},
        }
        self._bucket.put(
            f"{PREFIX}{self.worker}.json", json.dumps(report, indent=1).encode(), "application/json"
        )


def read_all(
    bucket: Bucket, left_out: Tell = tell_nobody, most: int = bounds.REPORTS
) -> Iterator[Report]:
    """Yield the last reports of the newest workers; those of workers long gone are removed.

    Anybody who may write to the bucket may put anything there: what is no report is passed over.

    Args:
        bucket: where they lie.
        left_out: told of those that are not read.
        most: how many are read, the newest.

    Raises:
        CloudError: the bucket cannot be read.
    """
    present = datetime.now(UTC)
    newest, old, more = _sort_out(bucket, present, most)
    _remove(bucket, old)
    if more:
        left_out(f"left out: {more:,} reports, since only the newest {most:,} are read")
    for entry, body in small_objects.read(bucket, newest, bounds.REPORT, left_out):
        if fields := foreign.object_or_empty(body, bounds.REPORT):
            name = entry.key.removeprefix(PREFIX).removesuffix(".json")
            age = (present - entry.modified).total_seconds()
            yield Report(foreign.text(name), max(0.0, age), fields)


def _sort_out(bucket: Bucket, present: datetime, most: int) -> tuple[list[Entry], list[Entry], int]:
    """Return the newest reports, some that are long of no use, and how many more there are."""
    newest: list[tuple[datetime, str, Entry]] = []
    old: list[Entry] = []
    more = 0
    for entry in itertools.islice(bucket.list(PREFIX), bounds.LISTED):
        if present - entry.modified > KEPT:
            if len(old) < REMOVED:
                old.append(entry)
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
