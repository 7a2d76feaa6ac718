"""The log of jobs on S3: one readable text for each, made by workers, read by admins.

The key follows from the request alone, so a job that is done twice has one log: who does it last
writes it anew, with its own name and times. Nobody writes over another's: see `marks`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from labapp import foreign, utc
from labapp.cloud import bounds
from labapp.cloud.bucket import TEXT, Bucket, Head
from labapp.cloud.small_objects import Text
from labapp.errors import CloudError, ForbiddenError, MissingResourceError, TooLargeError
from labapp.jobs import attributes, marks
from labapp.jobs.delivery import Delivery
from labapp.jobs.kinds import kind_of
from labapp.jobs.wire import QUOTED_BODY, Reply, Request, quoted, time_of
from labapp.visible import printable

#: Where the log lies in the bucket.
PREFIX = "logs/"

#: The status of a job whose answer nobody could be given.
UNTOLD = "put aside"

#: The time in a key, as `strftime` has it.
STAMP = "%Y-%m-%d-%H%M%S"

#: Characters of a key: S3 takes 1,024 bytes.
_KEY = 1024

#: Characters of what was answered by a dialect.
MOST_ANSWERED = 4_000

#: Who asked, as the log of a plain client's request has it.
PLAIN = "plain"

#: Numbers in a log that are believed.
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)

#: The key of no log.
_NONE = f"{PREFIX}none"


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
        dialect: the dialect and its block by which it was asked; empty where it was by none.
        attributes: what another program put in the message's attributes, with their types.
        answered: the messages that told a lab's own client, each with its queue and attributes.
        worker: the id of the worker that did it; empty, as all below, in a log of an older worker.
        host: the machine that it was on.
        queue: the queue that the message came from.
        receives: how often the message was received, the last time included; None where not told.
        sent: when SQS took the message, UTC to the millisecond, as all below.
        received: when SQS first gave it to a worker.
        begun: when the worker began with it, the last time.
        done: when the job was done, and this was written.
        wait: seconds from sent to received, by SQS's own clock; None where not told.
        mark: whose request it was, as `marks` has it; empty where that was not read.
    """

    key: str
    job: str
    time: str
    kind: str
    client: str
    request: str
    status: str
    outcome: str
    dialect: str = ""
    attributes: str = ""
    answered: str = ""
    worker: str = ""
    host: str = ""
    queue: str = ""
    receives: int | None = None
    sent: str = ""
    received: str = ""
    begun: str = ""
    done: str = ""
    wait: float | None = None
    mark: str = field(default="", repr=False)

    @property
    def title(self) -> str:
        """What was asked, as people call it."""
        return kind_of(self.kind).logged_title_of(self.request)

    @property
    def answer(self) -> str:
        """The answer in one line."""
        return kind_of(self.kind).answer_of(self.status, self.outcome)


def name_of(request: Request) -> str:
    """Return the id under which a job is logged."""
    return request.logged_as or request.job


def key_of(request: Request) -> str:
    """Return the key of a job's log, such as `logs/log_2026-11-21-120824_<job>.txt`."""
    name = name_of(request)
    return f"{PREFIX}log_{time_of(name, request.sent_at):{STAMP}}_{name}.txt"


def facts_of(
    kind: str, request: Request, reply: Reply, untold: str = "", came: Delivery | None = None
) -> dict[str, str | int | float]:
    """Return what a job's log tells: time, who asked what, and what became of it.

    One fact more tells of the dialect by which it was asked, one of attributes that labapp gives no
    meaning, and one of what the dialect had it answered, where there are any. The last ones tell
    who did it and when.

    Args:
        kind: the job's kind.
        request: what was asked.
        reply: the answer.
        untold: why nobody could be given the answer: the message was then put aside.
        came: how the message came to the worker that has just done it.
    """
    name, spoken = name_of(request), request.spoken
    outcome = f"{untold}; {reply.status}: {reply.body}" if untold else reply.body
    facts: dict[str, str | int | float] = {
        "time": utc.stamp(time_of(name, request.sent_at).timestamp()),
        "job": name,
        "kind": kind,
        "client": request.client or PLAIN,
        "request": _request_text(kind, request),
        "status": UNTOLD if untold else reply.status,
        "outcome": printable(outcome),
    }
    if spoken:
        facts["dialect"] = printable(request.dialect)
    if more := spoken.attributes if spoken else attributes.logged_text(request):
        facts["attributes"] = more
    if reply.addressed and not untold:
        facts["answered"] = _answered_text(reply)
    message = request.message
    if came and message:
        stamp = utc.stamp_ms
        facts |= {
            "worker": came.worker,
            "host": came.host,
            "queue": came.queue,
            "receives": came.receives,
            "sent": stamp(message.sent_at),
            "received": stamp(message.first_received_at),
            "begun": stamp(request.made_at),
            "done": stamp(utc.seconds()),
            "wait": came.wait,
        }
    return facts


def text_of(
    kind: str, request: Request, reply: Reply, untold: str = "", came: Delivery | None = None
) -> str:
    """Return a job's log as a text, a line for each fact; arguments as of `facts_of`."""
    facts = facts_of(kind, request, reply, untold, came)
    return "".join([f"{name}: {_shown(value)}\n" for name, value in facts.items()])


def _shown(value: str | float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _answered_text(reply: Reply) -> str:
    """Return in one line the messages that tell an answer by a dialect."""
    told = []
    for queue, one in reply.addressed:
        came = attributes.text_of(one.typed)
        body = quoted(one.body, attributes.MOST_VALUE)
        told.append(f"{queue} {body} ({came})" if came else f"{queue} {body}")
    return foreign.text(", ".join(told), MOST_ANSWERED)


def object_of(
    kind: str, request: Request, reply: Reply, untold: str = "", came: Delivery | None = None
) -> Text:
    """Return a job's log as it is stored; new, where the job is only claimed."""
    return Text(
        key_of(request),
        text_of(kind, request, reply, untold, came),
        {marks.MARK: marks.mark_of(kind, request)},
        new=request.is_claimed and not request.logged_as,
    )


def store(
    bucket: Bucket,
    kind: str,
    request: Request,
    reply: Reply,
    untold: str = "",
    came: Delivery | None = None,
) -> None:
    """Log a job; arguments as of `text_of`.

    Raises:
        NotTheirsError: another request has the log of that job, which stays as it is.
        CloudError: the bucket cannot be written.
    """
    key, text, mark, new = object_of(kind, request, reply, untold, came)
    if not new:
        bucket.put_text(key, text, mark)
        return

    def write(etag: str | None) -> object:
        if etag is None:
            return bucket.put_text(key, text, mark, new=True)
        return bucket.put_if(key, text.encode(), TEXT, etag, mark)

    marks.write_claimed(key, write, lambda: _head_of_own(bucket, key, kind, request))


def check(bucket: Bucket, kind: str, request: Request) -> None:
    """See to it that a request which only claims its job is not under one that is logged already.

    Raises:
        NotTheirsError: another's log is there.
        CloudError: the bucket cannot be read.
    """
    _head_of_own(bucket, key_of(request), kind, request)


def _head_of_own(bucket: Bucket, key: str, kind: str, request: Request) -> Head | None:
    """Return what is known of a log that the same request has left; None where there is none.

    Raises:
        NotTheirsError: it is another's, or nobody lets us look at this one.
        ForbiddenError: nobody lets us look at any.
    """
    ours = marks.mark_of(kind, request)
    try:
        head = bucket.head(key)
        there = marks.mark_in(head.metadata)
        if there:
            same = there == ours or marks.is_twin(there, ours)
        else:  # a worker of before there were marks has left no more than the text
            text = bucket.get(key, bounds.LOG).body.decode("utf-8", "replace")
            same = _is_of(request, kind, parse(key, text))
    except MissingResourceError:
        return None
    except ForbiddenError:
        if not _may_look(bucket):
            raise
        raise marks.taken_error(request) from None
    except TooLargeError:
        raise marks.taken_error(request) from None
    if not same:
        raise marks.taken_error(request)
    return head


def _may_look(bucket: Bucket) -> bool:
    """Return whether we may look at logs at all: a key that is withdrawn says nothing of one."""
    try:
        bucket.head(_NONE)
    except MissingResourceError:
        return True
    except CloudError:
        return False
    return True


def _is_of(request: Request, kind: str, log: Log) -> bool:
    """Return whether a log tells of a request; of one that it repeats in part it tells nothing."""
    told = (log.kind, log.client, log.request)
    whole = all(len(text) <= QUOTED_BODY for text in (request.body, *_logged_values(kind, request)))
    return whole and told == (kind, request.client, _request_text(kind, request))


def _request_text(kind: str, request: Request) -> str:
    return " ".join(quoted(text) for text in (request.body, *_logged_values(kind, request)))


def _logged_values(kind: str, request: Request) -> list[str]:
    """Return the attributes of a request that its log repeats."""
    given = (request.attributes.get(name, "") for name in kind_of(kind).logged)
    return [text for text in given if text]


def parse(key: str, text: str, mark: str = "") -> Log:
    """Read a log's text, whatever it is; lines that are missing are empty."""
    fields = dict(line.partition(": ")[::2] for line in text.splitlines())
    named = foreign.text(key.rpartition("_")[2].removesuffix(".txt"))
    return log_of(key, fields.get("job") or named, fields, mark)


def log_of(key: str, job: str, fields: Mapping[str, object], mark: str = "") -> Log:
    """Return a log of what was read, whatever it is; what is missing is empty."""

    def field(name: str, most: int = foreign.MOST_TEXT) -> str:
        return foreign.text(fields.get(name), most)

    return Log(
        foreign.text(key, _KEY),
        foreign.text(job),
        field("time"),
        field("kind"),
        field("client"),
        field("request", bounds.LOG),
        field("status"),
        field("outcome", bounds.LOG),
        field("dialect"),
        field("attributes", bounds.LOG),
        field("answered", MOST_ANSWERED),
        field("worker"),
        field("host"),
        field("queue"),
        _count(field("receives")),
        field("sent"),
        field("received"),
        field("begun"),
        field("done"),
        _span(field("wait")),
        mark,
    )


def _count(text: str) -> int | None:
    """Return how often a log says that its message was received."""
    return int(text) if _COUNT.fullmatch(text) else None


def _span(text: str) -> float | None:
    """Return the seconds that a log says."""
    return float(text) if _SECONDS.fullmatch(text) else None
