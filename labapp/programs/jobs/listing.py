"""Jobs of this machine, listed after taking in what came meanwhile."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import UnreachableError
from labapp.programs.jobs.waiting import tell_of_doubts
from labapp.programs.shell.arguments import json_argument, limit_argument

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.programs.shell.context import Context
    from labapp.programs.shell.table import Table

#: Jobs that a command lists unless told otherwise, and that the page of the menu shows.
NEWEST = 100


def listing_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what commands take that list jobs."""
    limit_argument(parser, NEWEST)
    json_argument(parser)


def show_jobs(context: Context, table: Table[Entry], what: str, kind: str = "") -> None:
    """List this machine's jobs; those with an answer count as shown where all kinds are listed.

    Args:
        context: the command's run.
        table: how they are listed.
        what: what one of them is called.
        kind: of the jobs; empty: all.

    Raises:
        LabappError: the cloud refuses, or the ledger cannot be used; or the cloud does not answer,
            once what this machine knows is told all the same.
    """
    from labapp.jobs import lab
    from labapp.jobs.session import ClientSession

    away = None
    with ClientSession(context.cloud(require=False)) as session:
        try:
            lab.require(session.cloud)
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
