"""What a look at the lab has as JSON, and as one line in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labapp import utc
from labapp.programs.shell.table import Document

if TYPE_CHECKING:
    from labapp.programs.live.following import Followed
    from labapp.programs.live.model import LabSnapshot, WorkerNow

QUEUE = Document(
    ("name", "role", "client", "waiting", "in_flight", "delayed", "dead", "oldest"),
    "each queue",
    {"role": "`requests` or `answers`", "client": "whose own it is", "oldest": "seconds"},
)
WORKER = Document(
    (
        *("worker", "host", "pid", "state", "trouble", "in_hand", "rate"),
        *("done", "refused", "failed", "age", "hands"),
    ),
    "each worker",
    {
        "hands": "as of `admin.py workers`; of one that is gone, those that come back",
        "age": "seconds since its last word",
    },
)
ANSWER = Document(
    ("job", "client", "kind", "status", "answer", "time"),
    "each of the newest answers",
)
FOLLOWED = Document(
    ("job", "client", "station", "where", "told"),
    "`followed` of --job",
    {"told": "what was seen of it: `time`, `text`"},
)

#: What `watch --json` writes on each line.
LAB = Document(
    (
        *("time", "waiting", "in_flight", "dead", "requests", "stored", "trouble", "unseen"),
        *("queues", "workers", "answers", "followed"),
    ),
    "a document a line:",
    {
        "requests": "how many all looks so far have cost",
        "stored": "jobs logged since the look before",
        "trouble": "why this is no newer than the line before",
        "unseen": "what nobody lets us see",
    },
    (QUEUE, WORKER, ANSWER, FOLLOWED),
)


def document(lab: LabSnapshot, followed: Followed | None) -> dict[str, Any]:
    """Return what JSON has of one look."""
    return {
        "time": utc.stamp(lab.at),
        "waiting": lab.waiting,
        "in_flight": lab.in_flight,
        "dead": lab.dead,
        "requests": lab.requests,
        "stored": lab.stored,
        "trouble": lab.trouble,
        "unseen": list(lab.unseen),
        "queues": [_fields(queue, QUEUE) for queue in (*lab.queues, *lab.replies)],
        "workers": [_worker(worker) for worker in lab.workers],
        "answers": [_fields(one, ANSWER, time=utc.stamp(one.at)) for one in lab.answers],
        "followed": _followed(followed) if followed else None,
    }


def _fields(thing: object, named: Document, **more: object) -> dict[str, Any]:
    return {name: more[name] if name in more else getattr(thing, name) for name in named.names}


def _worker(worker: WorkerNow) -> dict[str, Any]:
    hands = [{**job.fields(), "since": utc.stamp(job.since)} for job in worker.hands]
    return _fields(worker, WORKER, hands=hands)


def _followed(followed: Followed) -> dict[str, Any]:
    told = [{"time": utc.stamp(fact.at), "text": fact.text} for fact in followed.told]
    return _fields(followed, FOLLOWED, told=told)


def cells(lab: LabSnapshot) -> list[str | float | None]:
    """Return what a pipe has of one look: its sums."""
    return [
        utc.stamp(lab.at),
        lab.waiting,
        lab.in_flight,
        lab.dead,
        lab.oldest,
        len(lab.at_work),
        round(lab.rate, 1),
        lab.trouble,
    ]
