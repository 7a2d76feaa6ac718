"""The jobs of this machine, listed after taking in what came meanwhile."""

from __future__ import annotations

import argparse
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from labapp import utc
from labapp.console import figures
from labapp.errors import UnreachableError
from labapp.jobs.entry import SAVED
from labapp.programs.jobs.waiting import tell_of_doubts
from labapp.programs.shell.arguments import newest_arguments
from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.programs.shell.context import Context

#: Jobs that a command lists unless told otherwise, and that the page of the menu shows.
NEWEST = 100


def sign_of(entry: Entry) -> Literal["good", "warn", "bad"]:
    """Return how good a job's status is."""
    return "good" if entry.status == "done" else "warn" if entry.status == "pending" else "bad"


def saved_line(entry: Entry) -> str:
    """Return where the result of a picture was saved, and how it is got where it is not there."""
    if not entry.is_picture_done:
        return ""
    way = f"'client.py fetch {entry.job}' saves it"
    saved = entry.notes.get(SAVED, "")
    if not saved:
        return f"not saved yet: {way}"
    try:
        is_there = Path(saved).exists()
    except (OSError, ValueError):
        is_there = False
    return saved if is_there else f"{saved}, which is gone: {way} again"


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
        Field("source", lambda entry: entry.notes.get("path", "")),
        Field("saved", saved_line, title="saved as"),
    ),
    empty="No jobs yet. Send one: client.py numbers 1,12,55,4",
    empty_page="No jobs yet. Go to Numbers and send a list.",
    columns=("job", "sent", "status", "request", "reply", "kind"),
    piped=("job", "sent", "kind", "status", "request", "reply"),
    page=("sent", "status", "request", "reply"),
    details=(
        *("job", "kind", "request", "source", "sent", "status", "answered", "seconds", "reply"),
        "saved",
    ),
    hidden=frozenset({"path", "source", "saved"}),
)


def listing_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what commands take that list jobs."""
    newest_arguments(parser, NEWEST)


def show_jobs(context: Context, table: Table[Entry], what: str, kind: str = "") -> None:
    """List this machine's jobs; those with an answer count as shown where all kinds are listed.

    `what` is what one of them is called, `kind` the kind that is listed; empty: all.

    Raises:
        LabappError: the cloud refuses, or the ledger cannot be used; or the cloud does not answer,
            once what this machine knows is told all the same.
    """
    from labapp.jobs import lab
    from labapp.jobs.session import ClientSession

    away = None
    with ClientSession(context.cloud(require=False), context.patience) as session:
        try:
            lab.require(session.cloud, patience=context.patience)
            session.collect_all()
        except UnreachableError as error:
            away = error
        tell_of_doubts(context, session)
        ledger = session.ledger
        entries, total = ledger.newest(context.limit, kind), ledger.count(kind)
        if not kind:
            # A picture that is back is shown once it is saved beside its source.
            ledger.mark_shown(e.job for e in entries if e.answered_at and not e.is_picture_done)
    context.say_if_cut(len(entries), total, what)
    context.show(table, entries)
    if away is not None:
        raise away
