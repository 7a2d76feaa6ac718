"""admin.py's commands for the queues and their dead letters.

A dry run is the run itself with a flag at its last step, so that it names what the run acts on.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.errors import LabappError, UsageError
from labapp.programs.queues.table import (
    DEAD_LETTERS,
    MOST,
    QUEUES,
    cut_note,
    prune_question,
    purge_question,
    reply_queues,
)
from labapp.programs.shell.arguments import changing_arguments, deleting_arguments, newest_arguments
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document, list_of
from labapp.visible import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from labapp.cloud.queues import Queue
    from labapp.cloud.session import Cloud
    from labapp.jobs.dead_letters import DeadLetter
    from labapp.jobs.reply_queues import ReplyQueue

#: What `queues purge` writes with --json; what `queues prune`, and `queues redrive` and
#: `queues discard` do.
PRUNED = reply_queues().listing
PURGED = Document(("queue", "messages", "state"))
OUTCOMES = list_of(*DEAD_LETTERS.listing.names, "state")


def show_queues(context: Context) -> None:
    """Show what each queue holds."""
    from labapp.jobs import queue_counts

    context.show(QUEUES, queue_counts.queue_rows(context.cloud()))


def _cloud_with(context: Context, name: str) -> Cloud:
    """Open the cloud; a queue that is not the lab's is told here, before anything is asked."""
    from labapp.jobs import queue_counts

    cloud = context.cloud()
    queue_counts.check_name(cloud, name)
    return cloud


def purge(context: Context) -> None:
    """Delete every message of a queue."""
    from labapp.cloud.queues import Queue

    name = context.arguments.name
    queue = Queue(_cloud_with(context, name), name)
    count = queue.counts().all
    if not context.dry:
        if not context.confirm(purge_question(name, count)):
            raise LabappError(f"{name} was not purged", "Say y, or --yes, to purge it.")
        queue.purge(context.patience)
    if context.arguments.json:
        context.json({"queue": name, "messages": count, "state": context.outcome("purged")})
    else:
        would = f"would delete {plural(count, 'message')} of {name}"
        context.line(would if context.dry else f"purged {name}")


def purge_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `queues purge` takes."""
    parser.add_argument("name", metavar="QUEUE", help="the queue's name, as 'queues' lists it")
    deleting_arguments(parser)


def prune(context: Context) -> None:
    """Delete the reply queues of clients that are gone."""
    from labapp.jobs import reply_queues as replies

    asked = context.arguments
    days = replies.OLD_DAYS if asked.older_than is None else asked.older_than
    if not 0 <= days < float("inf"):
        raise UsageError(f"--older-than {days} is no number of days", "Say 0 or more, such as 30.")
    cloud = context.cloud()
    found = replies.look(cloud, asked.names, days)
    gone = [one for one in found if one.is_gone]
    if gone and not (context.dry or asked.yes):
        for one in gone:
            context.say(one.name)
        if not context.confirm(prune_question(len(gone))):
            raise LabappError("no reply queue was deleted", "Say y, or --yes, to delete them.")
    done: dict[str, ReplyQueue] = {}
    try:
        for one in () if context.dry else replies.prune(cloud, found, named=bool(asked.names)):
            done[one.name] = one
    finally:  # what was deleted before an error is told too
        table = reply_queues(context.outcome)
        context.show(table, [done.get(one.name, one) for one in found])


def prune_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `queues prune` takes."""
    parser.add_argument(
        "names",
        nargs="*",
        metavar="QUEUE",
        help="these alone, however old, if they are empty; all that are left behind, unless given",
    )
    parser.add_argument(
        "--older-than",
        type=float,
        metavar="DAYS",
        help="only those that were made, or changed, so many days ago (default: 30)",
    )
    deleting_arguments(parser)


def show_dead_letters(context: Context) -> None:
    """Show the dead letters, each with its reason."""
    from labapp.jobs import dead_letters

    name = context.arguments.name or ""
    limit = context.limit
    cloud = _cloud_with(context, name) if name else context.cloud()
    found = dead_letters.look_at_all(cloud, name, limit)
    if note := cut_note(found, limit):
        context.say(f"{note}: -n N shows N of each")
    context.show(
        DEAD_LETTERS, found, empty=f"No dead letters of {printable(name)}." if name else ""
    )


def dead_letters_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `queues dead` takes."""
    parser.add_argument("name", nargs="?", metavar="QUEUE", help="one queue; all, unless given")
    newest_arguments(parser, MOST, "how many of each queue to show")


def redrive(context: Context) -> None:
    """Send dead letters back to their queue."""
    from labapp.jobs import dead_letters

    asked = context.arguments
    dead, source = dead_letters.queues_of(_cloud_with(context, asked.name), asked.name)
    found = dead_letters.redrive(dead, source, asked.id or (), asked.reason, dry=context.dry)
    _show_outcomes(context, dead, found, context.outcome("sent back"))


def discard(context: Context) -> None:
    """Delete dead letters for good."""
    from labapp.jobs import dead_letters

    asked = context.arguments
    dead, _ = dead_letters.queues_of(_cloud_with(context, asked.name), asked.name)
    ids = asked.id or ()
    if not context.dry and not asked.yes:
        meant = dead_letters.discard(dead, ids, asked.reason, dry=True)
        ids = [one.id for one in meant]  # these are asked about, and no others are deleted
        if not ids:
            raise _none_found(context, dead)
        if not context.confirm(
            f"Delete {plural(len(ids), 'dead letter')} of {asked.name} for good?"
        ):
            raise LabappError("nothing was deleted", "Say y, or --yes, to delete.")
    found = dead_letters.discard(dead, ids, asked.reason, dry=context.dry)
    _show_outcomes(context, dead, found, context.outcome("deleted"))


def _show_outcomes(context: Context, dead: Queue, found: Iterable[DeadLetter], state: str) -> None:
    """Write what became of each dead letter, as it comes.

    Raises:
        LabappError: there is none.
    """
    documents = []
    try:
        for one in found:
            documents.append({**DEAD_LETTERS.document(one), "state": state})
            if not context.arguments.json:
                context.line(f"{one.id}\t{state}")
    finally:  # what was done before an error is told too
        if context.arguments.json:
            context.json(documents)
    if not documents:
        raise _none_found(context, dead)


def _none_found(context: Context, dead: Queue) -> LabappError:
    asked = context.arguments
    which = "no such dead letter" if asked.id or asked.reason else "no dead letters"
    if hidden := dead.counts().in_flight:
        return LabappError(
            f"{asked.name} shows {which}, but {plural(hidden, 'message')} there cannot be seen now,"
            " as somebody looks at them",
            "Try again in half a minute.",
        )
    return LabappError(f"{asked.name} has {which}", "See 'queues dead'.")


def _chosen_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="QUEUE", help="the queue, as 'queues' lists it")
    parser.add_argument(
        "--id",
        action="append",
        metavar="MESSAGE",
        help="a message, as 'queues dead' lists it; again for more (default: all)",
    )
    parser.add_argument(
        "--reason",
        default="",
        metavar="TEXT",
        help="only those whose reason has this text in it, or is like it: 'not an integer*'",
    )


def redrive_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `queues redrive` takes."""
    _chosen_arguments(parser)
    changing_arguments(parser)


def discard_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `queues discard` takes."""
    _chosen_arguments(parser)
    deleting_arguments(parser)
