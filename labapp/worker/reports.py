"""A worker's own report in the bucket, by which admins anywhere see who is at work."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from labapp import __version__
from labapp.cloud.bucket import Bucket
from labapp.errors import CloudError, MissingResourceError
from labapp.worker.board import Board
from labapp.worker.health import Pulse, complaint

#: Where reports lie in the bucket.
PREFIX = "workers/"

#: Reports missed before a worker counts as gone.
MISSED = 3

#: After how long the report of a worker that is gone is removed.
KEPT = timedelta(days=1)


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
        every = float(self.fields.get("report_seconds") or 30)
        said = str(self.fields.get("state", "?"))
        if said != "stopped" and self.age > MISSED * every:
            return "gone"
        return "unwell" if said == "running" and self.fields.get("complaint") else said


class Reporter:
    """Writes the report of one worker.

    Args:
        bucket: where it goes.
        board: what it tells.
        report_seconds: how often it will be written.
        pulse: tells how the worker is, to be judged by the rule of `health`.
    """

    def __init__(
        self,
        bucket: Bucket,
        board: Board,
        report_seconds: float,
        pulse: Callable[[], Pulse] | None = None,
    ) -> None:
        self._pulse = pulse
        self._bucket = bucket
        self._board = board
        self._every = report_seconds
        #: The worker's id: unique, and readable for people.
        self.worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"

    def write(self) -> None:
        """Write the report as of now.

        Raises:
            CloudError: it cannot be written.
        """
        snapshot = self._board.snapshot()
        report = {
            "worker": self.worker,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": __version__,
            "started": _iso(self._board.started),
            "reported": _iso(datetime.now(UTC).timestamp()),
            "report_seconds": self._every,
            "state": snapshot.state,
            "trouble": snapshot.trouble,
            "complaint": complaint(self._pulse(), time.time()) if self._pulse else "",
            "in_hand": snapshot.in_hand,
            "counts": snapshot.counts,
            "last_polls": {queue: _iso(at) for queue, at in snapshot.polls.items()},
        }
        self._bucket.put(
            f"{PREFIX}{self.worker}.json", json.dumps(report, indent=1).encode(), "application/json"
        )


def read_all(bucket: Bucket) -> Iterator[Report]:
    """Yield every worker's last report; those of workers long gone are removed, if we may.

    Raises:
        CloudError: the bucket cannot be read.
    """
    present = datetime.now(UTC)
    for entry in list(bucket.list(PREFIX)):
        age = present - entry.modified
        if age > KEPT:
            with contextlib.suppress(CloudError):  # who only looks may not delete
                bucket.delete(entry.key)
            continue
        try:
            fields = json.loads(bucket.get(entry.key).body)
        except (ValueError, MissingResourceError):
            continue
        if isinstance(fields, dict):
            name = entry.key.removeprefix(PREFIX).removesuffix(".json")
            yield Report(name, max(0.0, age.total_seconds()), fields)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
