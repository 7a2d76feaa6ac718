"""What is listed of the jobs of this machine."""

from __future__ import annotations

import re
from operator import attrgetter
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote_plus

from labapp import utc
from labapp.console import figures
from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.jobs.logbook import Log

#: The key in S3's own message about an object; the message is cut in a log, so it is no JSON there.
_DROPPED = re.compile(r'"key"\s*:\s*"([^"]+)"')

#: The name of each step of a pipeline as sent, which may be cut as well.
_STEP = re.compile(r'"op"\s*:\s*"([^"]+)"')

#: What says there that a step is done as it is defined, and what is said of it.
_EXACT, _EXACTLY = re.compile(r'"exact"\s*:\s*true'), " (exact)"


def sign_of(entry: Entry) -> Literal["good", "warn", "bad"]:
    """Return how good a job's status is."""
    return "good" if entry.status == "done" else "warn" if entry.status == "pending" else "bad"


def title_of(entry: Entry) -> str:
    """Return what was asked as people call it: the list, or the picture and what is done to it."""
    from labapp.jobs.entry import PICTURES

    note = entry.noted if entry.kind == PICTURES else {}
    if not note:
        return entry.body
    done = f"{note.get('label', '')}{_EXACTLY if note.get('exact') else ''}"
    return f"{PurePath(note.get('path', entry.body)).name}  {done}".rstrip()


def asked(log: Log) -> str:
    """Return what a log says was asked, as `title_of` does; of a dropped picture, its key."""
    from labapp.jobs.entry import PICTURES
    from labapp.jobs.wire import printable

    body, _, steps = log.request.partition("' '[")
    body = body.removeprefix("'").removesuffix("'")
    if log.kind != PICTURES:
        return body
    if body.startswith("{") and (key := _DROPPED.search(body)):
        return printable(unquote_plus(key[1]))
    exactly = _EXACTLY if _EXACT.search(steps) else ""
    return f"{body.rpartition('/')[2]}  {'-'.join(_STEP.findall(steps))}{exactly}".rstrip()


def answered(kind: str, status: str, answer: str) -> str:
    """Return an answer in one line; of a picture that is done, its result's name."""
    from labapp.jobs.entry import PICTURES

    is_key = kind == PICTURES and status == "done"
    return answer.rpartition("/")[2] if is_key else answer


JOBS: Table[Entry] = Table(
    fields=(
        Field("job", attrgetter("job"), look="id"),
        Field("kind", attrgetter("kind"), look="word", drop=5),
        Field("request", attrgetter("body"), shown=title_of, drop=3),
        Field("status", attrgetter("status"), sign=sign_of, look="word", drop=1),
        Field(
            "sent",
            lambda entry: utc.stamp(entry.sent_at),
            shown=lambda entry: figures.moment(entry.sent_at),
            look="word",
            drop=4,
        ),
        Field("answered", lambda e: None if e.answered_at is None else utc.stamp(e.answered_at)),
        Field(
            "reply",
            attrgetter("reply"),
            "answer",
            shown=lambda e: answered(e.kind, e.status, e.reply) or "not yet",
            drop=2,
            least=16,
        ),
        Field("result", lambda entry: entry.values or None),
        Field("seconds", lambda e: None if e.seconds is None else round(e.seconds, 3)),
        Field("path", lambda entry: entry.noted.get("path", "")),
    ),
    empty="No jobs yet. Send one: client.py numbers 1,12,55,4",
    empty_page="No jobs yet. Go to Numbers and send a list.",
    columns=("job", "sent", "status", "request", "reply", "kind"),
    piped=("job", "sent", "kind", "status", "request", "reply"),
    page=("sent", "status", "request", "reply"),
    hidden=frozenset({"path"}),
)
