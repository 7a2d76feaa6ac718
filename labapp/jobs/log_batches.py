"""The logs of jobs that a worker received together, as one object: JSON Lines, a line for each job.

The key tells when the latest of them was asked for, and names each: a job that is alone in its
object by its whole id, one among several by the end of it, as lists show it. None of them was asked
for more than `APART` before the latest. So the log of a job is found by its id: it lies at that
time, or at most so much later, and no object is read for it but those that name it. Ten ids whole
would be too long for the name of a file, as which some stores keep a key.

The key follows from the jobs, so the same ones that are done together again have the same object.
Done again among others, a job is in two: whoever reads them takes the better one (`is_better`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from labapp import foreign, utc
from labapp.cloud import bounds
from labapp.jobs import logbook, marks
from labapp.jobs.delivery import Delivery
from labapp.jobs.logbook import PREFIX, STAMP, Log
from labapp.jobs.wire import Reply, Request, is_job_id, time_of

#: Seconds by which the jobs of one object were asked for apart from each other, at most.
APART = 600

#: Characters at the end of an id that name its job in a key, as lists show them.
TAIL = 8

#: What separates the names in a key; no job's id has it.
_BETWEEN = "."

#: Jobs of one object: as many as SQS hands out at once. More names would make no name of a file.
MOST = 10

#: The key of such an object, the time in it, and the names of its jobs.
FORM = re.compile(
    r"logs/log_([0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6})_([A-Za-z0-9_.-]+)\.jsonl", re.ASCII
)

#: A time as logs have it: UTC, to the second.
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)

#: The field of a line that tells whose request it was, as `marks` has it.
_MARK = "mark"


#: `json.dumps` would make an encoder for each line, which takes longer than the line.
_encoded = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Record:
    """One job to be logged with others.

    Attributes:
        request: what was asked.
        reply: the answer.
        kind: the job's kind.
        came: how its message came to the worker; None where that is not known.
    """

    request: Request
    reply: Reply
    kind: str
    came: Delivery | None = None

    @property
    def name(self) -> str:
        """The id under which it is logged."""
        return logbook.name_of(self.request)

    @property
    def at(self) -> datetime:
        """When it was asked for."""
        return time_of(self.name, self.request.sent_at)

    def line(self) -> str:
        """Return it as a line of JSON."""
        facts = logbook.facts_of(self.kind, self.request, self.reply, came=self.came)
        facts[_MARK] = marks.mark_of(self.kind, self.request)
        return _encoded(facts)


@dataclass(frozen=True)
class Batch:
    """One object of logs: its key, its text, and the records that are in it."""

    key: str
    text: str
    records: tuple[Record, ...]


def key_alone(request: Request) -> str:
    """Return the key of the log of a job that is alone in its object."""
    name = logbook.name_of(request)
    return f"{PREFIX}log_{time_of(name, request.sent_at):{STAMP}}_{name}.jsonl"


def may_share(request: Request) -> bool:
    """Return whether a job may be logged with others.

    Of a job that is only claimed a log of its own tells whose it is (see `marks`), and a key holds
    only ids as programs make them.
    """
    is_own = request.is_claimed and not request.logged_as
    return not is_own and is_job_id(logbook.name_of(request))


def batches(records: Sequence[Record]) -> Iterator[Batch]:
    """Yield the objects of some jobs: one, unless they were asked for far apart, or are large."""
    taken: list[tuple[Record, str]] = []
    size = 0
    first = datetime.max.replace(tzinfo=UTC)
    names: set[str] = set()
    for at, name, _, record in sorted((one.at, one.name, n, one) for n, one in enumerate(records)):
        line = record.line() + "\n"
        more = len(line) if line.isascii() else len(line.encode())
        fits = len(taken) < MOST and size + more <= bounds.LOGS and name not in names
        if taken and not (fits and (at - first).total_seconds() < APART):
            yield _batch(taken)
            taken, size, names = [], 0, set()
        first = first if taken else at
        taken.append((record, line))
        names.add(name)
        size += more
    if taken:
        yield _batch(taken)


def _batch(taken: Sequence[tuple[Record, str]]) -> Batch:
    records = tuple(record for record, _ in taken)
    names = [one.name if len(records) == 1 else one.name[-TAIL:] for one in records]
    key = f"{PREFIX}log_{records[-1].at:{STAMP}}_{_BETWEEN.join(names)}.jsonl"
    return Batch(key, "".join(line for _, line in taken), records)


def names_in(key: str) -> tuple[str, ...]:
    """Return the jobs that a key names, by their ids or the ends of these; none of another key."""
    found = FORM.fullmatch(key)
    names = found[2].split(_BETWEEN) if found else []
    return tuple(names) if all(names) and len(names) <= MOST else ()


def is_named(job: str, names: Sequence[str]) -> bool:
    """Return whether a job may be one of those that a key names."""
    return job in names if len(names) == 1 else job[-TAIL:] in names


def read(key: str, body: bytes) -> tuple[list[Log], int]:
    """Read the logs of an object, whatever it is.

    A line counts that is the log of a job which the key names, and was asked for at its time.

    Returns:
        The logs, the latest first, and how many lines are none.
    """
    names, times, odd = names_in(key), _times_of(key), 0
    found: dict[str, Log] = {}
    for line in filter(None, body.decode("utf-8", "replace").split("\n")):
        log = _log_in(key, line) if len(found) < len(names) else None
        if log and is_named(log.job, names) and _is_within(log.time, times):
            found[log.job] = log
        else:
            odd += 1
    return sorted(found.values(), key=lambda log: (log.time, log.job), reverse=True), odd


def _times_of(key: str) -> tuple[str, str]:
    """Return between which times the jobs of an object were asked for, as its key says."""
    found = FORM.fullmatch(key)
    try:
        latest = datetime.strptime(found[1] if found else "", STAMP).replace(tzinfo=UTC)
        return utc.format_time(latest - timedelta(seconds=APART)), utc.format_time(latest)
    except (ValueError, OverflowError):
        return "", ""


def _is_within(time: str, times: tuple[str, str]) -> bool:
    return _TIME.fullmatch(time) is not None and times[0] <= time <= times[1]


def _log_in(key: str, line: str) -> Log | None:
    fields: Mapping[str, object] = foreign.object_or_empty(line, bounds.LOGS)
    job, mark = fields.get("job"), fields.get(_MARK)
    if not (isinstance(job, str) and is_job_id(job)):
        return None
    return logbook.log_of(key, job, fields, foreign.text(mark))


def is_better(log: Log, other: Log) -> bool:
    """Return whether of two logs of one job this one tells of it: its owner's, and the last one."""
    ours, others = (marks.is_proved(one.mark) for one in (log, other))
    return (ours, log.done) >= (others, other.done)
