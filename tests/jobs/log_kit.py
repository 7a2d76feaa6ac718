"""Logs in a bucket in memory, one each or together, and a count of what is asked of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ulid import ULID

from labapp.cloud.bucket import Entry, Stored
from labapp.errors import MissingResourceError
from labapp.jobs import log_batches, logbook, marks
from labapp.jobs.log_batches import Record
from labapp.jobs.wire import DONE, Reply, Request, Status


class MemoryBucket:
    """A bucket that lists, reads and stores; `asked` counts the requests."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, Mapping[str, str], datetime]] = {}
        self.asked: Counter[str] = Counter()

    def put_text(self, key: str, text: str, metadata: Mapping[str, str] | None = None) -> None:
        """Store a text."""
        self.objects[key] = text.encode(), metadata or {}, datetime.now(UTC)

    def list(self, prefix: str, after: str = "") -> Iterator[Entry]:
        """Yield entries by key; a thousand are a request."""
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        self.asked["list"] += not keys
        for place, key in enumerate(keys):
            self.asked["list"] += place % 1_000 == 0
            body, _, at = self.objects[key]
            yield Entry(key, len(body), "e", at)

    def get(self, key: str, most: int = 0) -> Stored:
        """Read an object."""
        self.asked["get"] += 1
        if key not in self.objects:
            raise MissingResourceError(f"{key} is not there")
        body, metadata, _ = self.objects[key]
        assert len(body) <= most
        return Stored(body, "e", "", metadata)


def record(ago: float = 0.0, client: str = "ada", status: Status = DONE, **more: Any) -> Record:
    """Return a job that was asked for some seconds ago, by a client without a proof."""
    job = more.pop("job", "") or str(ULID.from_datetime(datetime.now(UTC) - timedelta(seconds=ago)))
    return Record(Request("1,2", job, client, **more), Reply("sum is 3", job, status), "numbers")


def store(bucket: Any, *records: Record) -> list[str]:
    """Log jobs together; return the keys."""
    found = list(log_batches.batches(records))
    for one in found:
        bucket.put_text(one.key, one.text)
    return [one.key for one in found]


def store_alone(bucket: Any, one: Record, untold: str = "", mark: str = "") -> str:
    """Log a job by itself; return the key."""
    key = logbook.key_of(one.request)
    text = logbook.text_of(one.kind, one.request, one.reply, untold)
    bucket.put_text(key, text, {marks.MARK: mark} if mark else {})
    return key
