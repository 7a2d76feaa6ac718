"""What is listed of the jobs of this machine."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from labapp import utc
from labapp.console import figures
from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry


def sign_of(entry: Entry) -> Literal["good", "warn", "bad"]:
    """Return how good a job's status is."""
    return "good" if entry.status == "done" else "warn" if entry.status == "pending" else "bad"


JOBS: Table[Entry] = Table(
    fields=(
        Field("job", look="id"),
        Field("kind", look="word", drop=5),
        Field("request", attrgetter("body"), shown=attrgetter("title"), drop=3),
        Field("status", sign=sign_of, look="word", drop=1),
        Field(
            "sent",
            lambda entry: utc.stamp(entry.sent_at),
            shown=lambda entry: figures.moment(entry.sent_at),
            look="word",
            drop=4,
        ),
        Field(
            "answered",
            lambda e: None if e.answered_at is None else utc.stamp(e.answered_at),
            shown=lambda e: "not yet" if e.answered_at is None else figures.moment(e.answered_at),
            look="word",
        ),
        Field(
            "reply", title="answer", shown=lambda entry: entry.answer or "not yet", drop=2, least=16
        ),
        Field("result", lambda entry: entry.values or None),
        Field(
            "seconds",
            lambda e: None if e.seconds is None else round(e.seconds, 3),
            title="took",
            shown=lambda e: "" if e.seconds is None else figures.duration(e.seconds),
            look="number",
        ),
        Field("path", lambda entry: entry.notes.get("path", "")),
    ),
    empty="No jobs yet. Send one: client.py numbers 1,12,55,4",
    empty_page="No jobs yet. Go to Numbers and send a list.",
    columns=("job", "sent", "status", "request", "reply", "kind"),
    piped=("job", "sent", "kind", "status", "request", "reply"),
    page=("sent", "status", "request", "reply"),
    details=("job", "kind", "request", "sent", "status", "answered", "seconds", "reply"),
    hidden=frozenset({"path"}),
)
