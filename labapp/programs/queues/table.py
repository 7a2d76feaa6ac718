"""What is listed of queues, and of dead letters."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

from labapp import utc
from labapp.console import figures
from labapp.programs.shell.table import Field, Table
from labapp.visible import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from labapp.jobs.dead_letters import DeadLetter
    from labapp.jobs.queue_counts import QueueRow
    from labapp.jobs.reply_queues import ReplyQueue

#: Dead letters of each queue that are shown, unless more are asked for.
MOST = 1_000

#: Characters of a body that a row shows.
MOST_BODY = 60

QUEUES: Table[QueueRow] = Table(
    fields=(
        Field("name", title="queue", look="id", least=32),
        Field("visible", title="waiting", look="number"),
        Field("in_flight", title="in flight", look="number", drop=3),
        Field("delayed", look="number", drop=4),
        Field("dead", title="dead letters", look="number", short="dead"),
        Field(
            "oldest",
            shown=lambda row: None if row.oldest is None else figures.duration(row.oldest),
            look="number",
            drop=2,
            note="seconds",
        ),
    ),
    empty="No queues.",
    columns=("name", "visible", "oldest", "in_flight", "delayed", "dead"),
    piped=("name", "visible", "in_flight", "delayed", "dead", "oldest"),
)


def reply_queues(outcome: Callable[[str], str] = str) -> Table[ReplyQueue]:
    """Return the table of clients' reply queues; `outcome` says what becomes of those that go."""
    return Table(
        fields=(
            Field("queue", attrgetter("name"), look="id", least=32),
            Field("client", drop=4),
            Field(
                "since",
                lambda one: utc.stamp(one.touched) if one.touched else "",
                shown=lambda one: figures.moment(one.touched) if one.touched else "",
                look="word",
                drop=2,
                note="when it was made or changed",
            ),
            Field("messages", attrgetter("held"), look="number", drop=3),
            Field("state", lambda one: outcome("deleted") if one.is_gone else "kept", look="word"),
            Field("reason", attrgetter("kept"), drop=1, least=20, note="why it is kept"),
        ),
        empty="No client has a reply queue.",
        columns=("queue", "state", "since", "messages", "reason"),
        page=("queue", "state", "since", "reason"),
    )


def prune_question(count: int) -> str:
    """Return what is asked before reply queues are deleted."""
    whose = "a client that is gone" if count == 1 else "clients that are gone"
    return f"Delete {figures.plural(count, 'reply queue')} of {whose}, for good?"


def purge_question(name: str, count: int) -> str:
    """Return what is asked before all messages of a queue are deleted."""
    return f"Delete {figures.plural(count, 'message')} of {name}?"


def short_body(one: DeadLetter) -> str:
    """Return what was asked, for one line: a line break or a tab would break lists."""
    return printable(one.body[:MOST_BODY]) + ("..." if len(one.body) > MOST_BODY else "")


def _quoted_body(one: DeadLetter) -> str:
    from labapp.jobs.wire import quoted

    return quoted(one.body, MOST_BODY)


def _attributes(one: DeadLetter) -> list[dict[str, str]]:
    from labapp.jobs.attributes import documents

    return documents(one.attributes)


def _attributes_text(one: DeadLetter) -> str:
    from labapp.jobs.attributes import text_of

    return text_of(one.attributes)


DEAD_LETTERS: Table[DeadLetter] = Table(
    fields=(
        Field("queue", look="id", drop=2),
        Field("id", title="message", look="id"),
        Field("body", shown=short_body, piped=_quoted_body, drop=3),
        Field("job", look="id", drop=7),
        Field("client"),
        Field("reason", shown=lambda one: printable(one.reason), drop=1, least=16),
        Field("receives", look="number", drop=6),
        Field(
            "first",
            lambda one: utc.stamp(one.first),
            shown=lambda one: figures.moment(one.first),
            look="word",
        ),
        Field(
            "last",
            lambda one: utc.stamp(one.last),
            shown=lambda one: figures.moment(one.last),
            look="word",
            drop=5,
        ),
        Field(
            "attributes",
            _attributes,
            shown=_attributes_text,
            piped=_attributes_text,
            look="remark",
            drop=4,
            least=24,
            rare=True,
            note="list of `name`, `type`, `value`; bytes in base64",
        ),
    ),
    empty="No dead letters in the lab's queues: every job was done, refused or is still waiting.",
    columns=("id", "reason", "queue", "body", "last", "receives", "job", "attributes"),
    piped=("queue", "id", "reason", "receives", "first", "last", "body", "job", "attributes"),
    page=("queue", "receives", "last", "body", "reason", "attributes"),
    details=(
        *("queue", "id", "job", "client", "body", "reason", "receives", "first", "last"),
        "attributes",
    ),
)


def cut_note(found: Sequence[DeadLetter], most: int = MOST) -> str:
    """Return what to say where a queue may have more dead letters than were looked at, or empty."""
    longest = max(Counter(one.queue for one in found).values(), default=0)
    return f"only {most:,} dead letters of a queue are shown" if longest >= most else ""
