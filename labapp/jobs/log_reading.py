"""Logs read of their objects, of one job each or of several, and brought in order.

A listing goes by the time of the latest job of an object, so the others of a batch belong among
those of objects further back; and a job that was done twice may be in two objects. Its logs lie at
its own time, or later: once all objects of its second are read, all that is told of it is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from labapp.cloud import bounds, small_objects
from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.small_objects import Tell, tell_nobody
from labapp.jobs import log_batches, logbook, marks
from labapp.jobs.log_batches import TAIL, is_better
from labapp.jobs.logbook import Log


def read(
    bucket: Bucket, entries: Iterable[Entry], left_out: Tell = tell_nobody
) -> Iterator[tuple[Entry, list[Log]]]:
    """Yield the logs of objects of a listing, in the order given; of a batch, the latest first.

    `left_out` is told of what is not read.

    Raises:
        CloudError: an object cannot be read.
    """
    odd: list[str] = []
    for entry, stored in small_objects.read_stored(bucket, entries, most_of, left_out):
        logs, lines = logs_in(entry.key, stored.body, marks.mark_in(stored.metadata))
        odd += [entry.key] * bool(lines)
        yield entry, logs
    if odd:
        others = f" and {len(odd) - 1:,} more" if len(odd) > 1 else ""
        left_out(f"left out: lines that are no logs of the jobs in their key: {odd[0]}{others}")


def most_of(entry: Entry) -> int:
    """Return the bytes that an object of logs may have."""
    return bounds.LOGS if log_batches.names_in(entry.key) else bounds.LOG


def logs_in(key: str, body: bytes, mark: str = "") -> tuple[list[Log], int]:
    """Read the logs of an object, and count the lines of a batch that are none."""
    if log_batches.names_in(key):
        return log_batches.read(key, body)
    return [logbook.parse(key, body.decode("utf-8", "replace"), mark)], 0


class InOrder:
    """Holds logs back until all is known that belongs before them; of each job it gives one."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, Log]] = {}

    def __contains__(self, job: str) -> bool:
        return job in self._held

    def add(self, second: str, job: str, log: Log) -> None:
        """Hold the log of a job back that was asked for in a second."""
        other = self._held.get(job)
        if other is None or is_better(log, other[1]):
            self._held[job] = (second, log)

    def ready(self, second: str, named: Collection[str] = ()) -> list[Log]:
        """Return those that need not be held back any more, the latest first.

        Args:
            second: what is still to be read lies at this time, or before.
            named: the ends of ids that objects of that second name, of which more may be told.
        """
        found = sorted(
            (
                (at, job)
                for job, (at, _) in self._held.items()
                if at >= second and job[-TAIL:] not in named
            ),
            reverse=True,
        )
        return [self._held.pop(job)[1] for _, job in found]
