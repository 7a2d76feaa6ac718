"""admin.py's commands for the queues and their dead letters.

A dry run is the run itself with a flag at its last step, so that it names what the run acts on.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import LabappError
from labapp.programs.shell.arguments import (
    dry_argument,
    json_argument,
    limit_argument,
    yes_argument,
)
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Iterable

    from labapp.cloud.session import Cloud
    from labapp.jobs.dead_letters import DeadLetter


#: Dead letters of each queue that `queues dead` shows where -n is not given.
LETTERS = 1_000


def _queues(context: Context) -> None:
    from labapp.programs.queues import overview
    from labapp.programs.queues.table import QUEUES

    context.show(QUEUES, overview.queue_rows(context.cloud()))


def _cloud_with(context: Context, name: str) -> Cloud:
    """Open the cloud; a queue that is not the lab's is told here, before anything is asked."""
    from labapp.programs.queues import overview

    cloud = context.cloud()
    overview.check_name(cloud, name)
    return cloud


def _purge(context: Context) -> None:
    from labapp.cloud.queues import Queue
    from labapp.console.figures import plural

    name = context.arguments.name
    queue = Queue(_cloud_with(context, name), name)
    count = queue.counts().all
    held = plural(count, "message")
    if not context.dry:
        if not context.confirm(f"Delete {held} of {name}?"):
            raise LabappError(f"{name} was not purged", "Say y, or --yes, to purge it.")
        queue.purge()
    if context.arguments.json:
        context.json({"queue": name, "messages": count, "state": context.fate("purged")})
    else:
        context.line(f"would delete {held} of {name}" if context.dry else f"purged {name}")


def _purge_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="QUEUE", help="the queue's name, as 'queues' lists it")
    json_argument(parser)
    yes_argument(parser)


def _dead(context: Context) -> None:
    from labapp.programs.queues import letters

    name = context.arguments.name
    limit = context.limit
    cloud = _cloud_with(context, name) if name else context.cloud()
    found = letters.all_letters(cloud, name, limit)
    if letters.is_cut(found, limit):
        context.say(letters.cut_note(limit) + ": -n N shows N of each")
    if context.arguments.json:
        context.json([letters.fields(queue, letter) for queue, letter in found])
        return
    empty = "No dead letters: every job was done, refused or is still waiting."
    if context.on_terminal:
        from labapp.programs.jobs import table

        context.table(*table.dead_letters(found), empty=empty)
    else:
        context.table((), [letters.row(queue, letter) for queue, letter in found], empty=empty)


def _dead_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="QUEUE", help="one queue; all, unless given")
    limit_argument(parser, LETTERS, "how many of each queue to show")
    json_argument(parser)


def _redrive(context: Context) -> None:
    from labapp.programs.queues import letters

    asked = context.arguments
    cloud = _cloud_with(context, asked.name)
    found = letters.redrive(cloud, asked.name, asked.id or (), asked.reason, dry=context.dry)
    _tell(context, cloud, found, context.fate("sent back"))


def _discard(context: Context) -> None:
    from labapp.console.figures import plural
    from labapp.programs.queues import letters

    asked = context.arguments
    cloud = _cloud_with(context, asked.name)
    ids, state = asked.id or (), context.fate("deleted")
    if not context.dry and not asked.yes:
        dry = letters.discard(cloud, asked.name, ids, asked.reason, dry=True)
        ids = [letter.id for letter in dry]  # these are asked about, and no others are deleted
        if not ids:
            raise _no_letter(context, cloud)
        if not context.confirm(
            f"Delete {plural(len(ids), 'dead letter')} of {asked.name} for good?"
        ):
            raise LabappError("nothing was deleted", "Say y, or --yes, to delete.")
    found = letters.discard(cloud, asked.name, ids, asked.reason, dry=context.dry)
    _tell(context, cloud, found, state)


def _tell(context: Context, cloud: Cloud, found: Iterable[DeadLetter], state: str) -> None:
    """Write what became of each dead letter, as it comes."""
    from labapp.programs.queues import letters

    told = []
    try:
        for letter in found:
            told.append(letters.fields(context.arguments.name, letter, state))
            if not context.arguments.json:
                context.line(f"{letter.id}\t{state}")
    finally:  # what was done before an error is told too
        if context.arguments.json:
            context.json(told)
    if not told:
        raise _no_letter(context, cloud)


def _no_letter(context: Context, cloud: Cloud) -> LabappError:
    from labapp.console.figures import plural
    from labapp.programs.queues import letters

    asked = context.arguments
    which = "no such dead letter" if asked.id or asked.reason else "no dead letters"
    if hidden := letters.hidden(cloud, asked.name):
        return LabappError(
            f"{asked.name} shows {which}, but {plural(hidden, 'message')} there cannot be seen now,"
            " as somebody looks at them",
            "Try again in half a minute.",
        )
    return LabappError(f"{asked.name} has {which}", "See 'queues dead'.")


def _letter_arguments(parser: argparse.ArgumentParser) -> None:
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
    json_argument(parser)


def _redrive_arguments(parser: argparse.ArgumentParser) -> None:
    _letter_arguments(parser)
    dry_argument(parser)


def _discard_arguments(parser: argparse.ArgumentParser) -> None:
    _letter_arguments(parser)
    yes_argument(parser)


COMMANDS = (
    Command(
        "queues",
        "show each queue: messages waiting, in flight, dead letters",
        _queues,
        json_argument,
        ("queues", "queues --json", "queues purge QUEUE --yes"),
    ),
    Command(
        "queues purge",
        "delete every message of a queue",
        _purge,
        _purge_arguments,
        ("queues purge QUEUE", "queues purge QUEUE --dry-run --json"),
    ),
    Command(
        "queues dead",
        "show the dead letters, each with its reason",
        _dead,
        _dead_arguments,
        ("queues dead", "queues dead QUEUE --json"),
    ),
    Command(
        "queues redrive",
        "send dead letters back to their queue, to be done again",
        _redrive,
        _redrive_arguments,
        (
            "queues redrive QUEUE",
            'queues redrive QUEUE --reason "disk is full"',
        ),
    ),
    Command(
        "queues discard",
        "delete dead letters for good",
        _discard,
        _discard_arguments,
        ("queues discard QUEUE --yes", "queues discard QUEUE --reason damaged"),
    ),
)
