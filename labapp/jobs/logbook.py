"""The log of jobs on S3: one readable text for each, made by workers, read by admins.

Key and text follow from the request and its outcome alone, so a job that is done twice writes the
same object twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from labapp.cloud.bucket import Bucket
from labapp.jobs.wire import Reply, Request, printable, quoted, time_of

#: Where the log lies in the bucket.
PREFIX = "logs/"

#: How far back `newest` looks, step by step, before it reads the whole listing: a listing goes
#: forward in time only, and a busy lab writes a million logs a month.
_WINDOWS = (timedelta(minutes=10), timedelta(hours=2), timedelta(days=1), timedelta(days=30))

#: Logs read at once.
_READERS = 8

#: The status of a job whose answer nobody could be given.
UNTOLD = "put aside"

_STAMP = "%Y-%m-%d-%H%M%S"


@dataclass(frozen=True)
class Log:
    """One job as logged.

    Attributes:
        key: the object's key.
        job: the job's id.
        time: when it was asked for, UTC, as ISO 8601.
        kind: the kind of job, such as `numbers`.
        client: who asked; `plain` for a plain client.
        request: what was asked, with control characters escaped.
        status: what became of it.
        outcome: the answer's text.
    """

    key: str
    job: str
    time: str
    kind: str
    client: str
    request: str
    status: str
    outcome: str


def key_of(request: Request) -> str:
    """Return the key of a job's log, such as `logs/log_2026-11-21-120824_<job>.txt`."""
    return f"{PREFIX}log_{time_of(request.job, request.sent_at):{_STAMP}}_{request.job}.txt"


def text_of(kind: str, request: Request, reply: Reply, untold: str = "") -> str:
    """Return a job's log: time, who asked what, and what became of it, a line each.

    `untold` is why nobody could be given the answer: the message was then put aside.
    """
    status = UNTOLD if untold else reply.status
    outcome = f"{untold}; {reply.status}: {reply.body}" if untold else reply.body
    pipeline = f" {quoted(request.pipeline)}" if request.pipeline else ""
    return (
        f"time: {time_of(request.job, request.sent_at):%Y-%m-%dT%H:%M:%SZ}\n"
        f"job: {request.job}\n"
        f"kind: {kind}\n"
        f"client: {request.client or 'plain'}\n"
        f"request: {quoted(request.body)}{pipeline}\n"
        f"status: {status}\n"
        f"outcome: {printable(outcome)}\n"
    )


def store(bucket: Bucket, kind: str, request: Request, reply: Reply, untold: str = "") -> None:
    """Log a job; arguments as of `text_of`.

    Raises:
        CloudError: the bucket cannot be written.
    """
    bucket.put_text(key_of(request), text_of(kind, request, reply, untold))


def newest(bucket: Bucket, count: int) -> Iterator[Log]:
    """Yield the last `count` logs, newest first.

    Raises:
        CloudError: the bucket cannot be read.
    """
    with ThreadPoolExecutor(_READERS) as pool:
        yield from pool.map(partial(_read, bucket), _newest_keys(bucket, count))


def _read(bucket: Bucket, key: str) -> Log:
    return parse(key, bucket.get(key).body.decode("utf-8", "replace"))


def parse(key: str, text: str) -> Log:
    """Read a log's text; lines that are missing are empty."""
    fields = dict(line.partition(": ")[::2] for line in text.splitlines())
    get = fields.get
    job = get("job") or key.rpartition("_")[2].removesuffix(".txt")
    return Log(
        key,
        job,
        get("time", ""),
        get("kind", ""),
        get("client", ""),
        get("request", ""),
        get("status", ""),
        get("outcome", ""),
    )


def _newest_keys(bucket: Bucket, count: int) -> list[str]:
    keys: list[str] = []
    present = datetime.now(UTC)
    starts = (f"{PREFIX}log_{present - window:{_STAMP}}" for window in _WINDOWS)
    for after in itertools.chain(starts, [""]):
        keys = [entry.key for entry in bucket.list(PREFIX + "log_", after)]
        if len(keys) >= count:
            break
    return sorted(keys, reverse=True)[:count]
