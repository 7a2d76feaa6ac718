"""What is listed of dialects: those that there are, their blocks, what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp import utc
from labapp.console import figures
from labapp.dialects.rules import Fault, QueueRule
from labapp.jobs.attributes import documents, text_of
from labapp.jobs.wire import quoted
from labapp.programs.shell.table import Document, Field, Table

if TYPE_CHECKING:
    from pathlib import Path

    from labapp.jobs.watched_queue import Seen
    from labapp.programs.dialect.words import Described

#: Characters of a foreign request's body that a list shows.
MOST_BODY = 200


@dataclass(frozen=True)
class Listed:
    """A dialect that there is: of the program's own, or the one that the setting names."""

    name: str
    about: str
    in_force: bool
    path: Path


DIALECTS: Table[Listed] = Table(
    fields=(
        Field(
            "name",
            shown=lambda one: f"{one.name} (in force)" if one.in_force else one.name,
            piped=lambda one: one.name,
            look="id",
            least=30,
        ),
        Field("about", look="text", drop=1, least=20),
        Field(
            "in_force",
            piped=lambda one: "in force" if one.in_force else "",
            note="whether the setting names it",
        ),
        Field("path", lambda one: str(one.path), look="text", drop=2, least=60),
    ),
    columns=("name", "about", "path"),
    piped=("name", "about", "path", "in_force"),
    page=("name", "about"),
    empty="No dialect ships with this labapp, and none is chosen.",
)

BLOCKS: Table[Described] = Table(
    fields=(
        Field("name", title="request", look="word"),
        Field("line", look="number", drop=5),
        Field("queue", look="id", drop=2),
        Field("when", look="text", drop=1),
        Field("does", look="text", least=16),
        Field("result", look="text", drop=4),
        Field("answer", look="id", drop=3),
        Field("replies", title="reply", look="text", drop=1, least=12),
    ),
    columns=("name", "queue", "when", "does", "result", "answer", "replies"),
    piped=("name", "line", "queue", "when", "does", "result", "answer", "replies"),
    page=("name", "queue", "when", "does", "answer", "replies"),
    details=("name", "line", "queue", "when", "does", "result", "answer", "replies"),
)

FAULTS: Table[Fault] = Table(
    fields=(
        Field("line", look="number", note="0 where no line is to blame"),
        Field("what", look="text", least=20),
        Field("remedy", look="text", least=16),
    ),
    columns=("line", "what", "remedy"),
    details=("line", "what", "remedy"),
)

QUEUES: Table[QueueRule] = Table(
    fields=(
        Field("name", title="queue", look="id"),
        Field("attributes", lambda one: dict(one.attributes)),
        Field("wait", note="whether the lab's client makes it"),
    ),
)


#: What `dialect check` writes with --json.
CHECKED = Document(
    ("name", "path", "about", "well", "faults", "requests", "queues"),
    notes={"well": "whether the exit code is 0"},
    parts=(
        Document(FAULTS.listing.names, "each fault", FAULTS.listing.notes),
        Document(BLOCKS.listing.names, "each request"),
        Document(QUEUES.listing.names, "each queue", QUEUES.listing.notes),
    ),
)


REQUESTS: Table[Seen] = Table(
    fields=(
        Field(
            "time",
            lambda one: utc.stamp(one.message.sent_at),
            shown=lambda one: figures.moment(one.message.sent_at),
            look="word",
            drop=4,
        ),
        Field("queue", look="id", drop=2),
        Field("id", lambda one: one.message.id, title="message", drop=3),
        Field(
            "body",
            lambda one: one.message.body,
            shown=lambda one: quoted(one.message.body, MOST_BODY),
            piped=lambda one: quoted(one.message.body, MOST_BODY),
        ),
        Field(
            "attributes",
            lambda one: documents(one.message.typed),
            shown=lambda one: text_of(one.message.typed),
            piped=lambda one: text_of(one.message.typed),
            note="list of `name`, `type`, `value`; bytes in base64",
        ),
        Field("group", lambda one: one.message.group, drop=5, rare=True, note="of a FIFO queue"),
    ),
    columns=("time", "queue", "body", "attributes", "group"),
    piped=("time", "queue", "id", "body", "attributes", "group"),
)
