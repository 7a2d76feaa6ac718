"""The log of jobs on S3: one readable text for each, made by workers, read by admins.

Key and text follow from the request and its outcome alone, so a job that is done twice writes the
same object twice. Nobody writes over another's: see `marks`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from labapp.cloud.bucket import TEXT, Bucket, Head
from labapp.errors import ForbiddenError, MissingResourceError, UnreachableError
from labapp.jobs import marks
from labapp.jobs.wire import QUOTED_BODY, Reply, Request, printable, quoted, time_of

#: Where the log lies in the bucket.
PREFIX = "logs/"

#: How far back `newest` looks, step by step, before it reads the whole listing: a listing goes
#: forward in time only, and a busy lab writes a million logs a month.
_WINDOWS = (timedelta(minutes=10), timedelta(hours=2), timedelta(days=1), timedelta(days=30))

#: Logs read at once.
_READERS = 8

#: Attempts to write a log that others write at the same time.
_ATTEMPTS = 5

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
    name = request.logged_as or request.job
    return f"{PREFIX}log_{time_of(name, request.sent_at):{_STAMP}}_{name}.txt"


def text_of(kind: str, request: Request, reply: Reply, untold: str = "") -> str:
    """Return a job's log: time, who asked what, and what became of it, a line each.

    `untold` is why nobody could be given the answer: the message was then put aside.
    """
    status = UNTOLD if untold else reply.status
    outcome = f"{untold}; {reply.status}: {reply.body}" if untold else reply.body
    name = request.logged_as or request.job
    return (
        f"time: {time_of(name, request.sent_at):%Y-%m-%dT%H:%M:%SZ}\n"
        f"job: {name}\n"
        f"kind: {kind}\n"
        f"client: {request.client or 'plain'}\n"
        f"request: {_asked(request)}\n"
        f"status: {status}\n"
        f"outcome: {printable(outcome)}\n"
    )


def store(bucket: Bucket, kind: str, request: Request, reply: Reply, untold: str = "") -> None:
    """Log a job; arguments as of `text_of`.

    Raises:
        NotTheirsError: another request has the log of that job, which stays as it is.
        CloudError: the bucket cannot be written.
    """
    key, text = key_of(request), text_of(kind, request, reply, untold)
    mark = {marks.MARK: marks.mark_of(kind, request)}
    if not request.is_claimed or request.logged_as:
        bucket.put_text(key, text, mark)
        return
    for _ in range(_ATTEMPTS):
        if bucket.put_text(key, text, mark, new=True):
            return
        there = _own(bucket, key, kind, request)
        if there is None:
            continue
        if marks.is_proved(marks.mark_in(there.metadata)):
            return
        if bucket.put_if(key, text.encode(), TEXT, there.etag, mark):
            return
    raise UnreachableError(f"cannot write {key}: others write it at the same time")


def check(bucket: Bucket, kind: str, request: Request) -> None:
    """See to it that a request which only claims its job is not under one that is logged already.

    Raises:
        NotTheirsError: another's log is there.
        CloudError: the bucket cannot be read.
    """
    _own(bucket, key_of(request), kind, request)


def _own(bucket: Bucket, key: str, kind: str, request: Request) -> Head | None:
    """Return what is known of a log that the same request has left; None where there is none.

    Raises:
        NotTheirsError: it is another's, or nobody lets us look.
    """
    ours = marks.mark_of(kind, request)
    try:
        head = bucket.head(key)
        there = marks.mark_in(head.metadata)
        if there:
            same = there == ours or marks.is_twin(there, ours)
        else:  # a worker of before there were marks has left no more than the text
            same = _is_of(request, kind, _read(bucket, key))
    except MissingResourceError:
        return None
    except ForbiddenError:
        raise marks.taken(request) from None
    if not same:
        raise marks.taken(request)
    return head


def _is_of(request: Request, kind: str, log: Log) -> bool:
    """Return whether a log tells of a request; of one that it repeats in part it tells nothing."""
    told = (log.kind, log.client, log.request)
    whole = max(len(request.body), len(request.pipeline)) <= QUOTED_BODY
    return whole and told == (kind, request.client, _asked(request))


def _asked(request: Request) -> str:
    pipeline = f" {quoted(request.pipeline)}" if request.pipeline else ""
    return f"{quoted(request.body)}{pipeline}"


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
