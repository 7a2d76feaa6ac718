"""client.py's commands for the jobs of this machine: jobs, wait, purge."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import LabappError
from labapp.programs.jobs import wait_command
from labapp.programs.shell.arguments import json_argument, limit_argument, yes_argument
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.jobs.entry import Entry

#: Jobs that `client.py jobs` shows unless told otherwise.
NEWEST = 50


def _jobs(context: Context) -> None:
    """List this machine's jobs, after taking in what came meanwhile."""
    from labapp.programs.jobs import waiting

    listed = waiting.list_jobs(context)
    _show_jobs(context, listed.entries, listed.total)
    if listed.away is not None:
        raise listed.away


def _show_jobs(context: Context, entries: Sequence[Entry], total: int) -> None:
    from labapp.programs.jobs import waiting

    context.say_if_cut(len(entries), total, "job")
    if context.arguments.json:
        context.json([waiting.entry_fields(entry) for entry in entries])
        return
    empty = "No jobs yet. Send one: client.py numbers 1,12,55,4"
    if context.on_terminal:
        from labapp.programs.jobs import table

        context.table(*table.jobs(entries), empty=empty)
    else:
        context.table((), [waiting.entry_row(entry) for entry in entries], empty=empty)


def _jobs_arguments(parser: argparse.ArgumentParser) -> None:
    limit_argument(parser, NEWEST)
    json_argument(parser)


def _purge(context: Context) -> None:
    """Give up pending jobs and throw away the answers that wait for this client."""
    from labapp.console.figures import plural
    from labapp.jobs import session as client

    question = "Throw away the answers that wait for you, and give up pending jobs?"
    if not context.dry and not context.confirm(question):
        raise LabappError("nothing was purged", "Say y, or --yes, to purge.")
    cloud = context.cloud()
    if context.dry:
        with client.ClientSession(cloud) as session:
            purged = session.purge(dry=True)
    else:
        purged = client.purge(cloud)
    if purged.aside:
        context.say(f"the ledger of jobs could not be used and is set aside: {purged.aside}")
    done = "would purge" if context.dry else "purged"
    if purged.cleared:
        context.say(f"{done} {plural(purged.cleared, 'row')} of the ledger that cannot be a job's")
    if context.arguments.json:
        context.json({"state": context.fate("purged"), "given_up": purged.given_up})
    else:
        context.line(f"{done}; {plural(len(purged.given_up), 'pending job')} given up")


def _purge_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    yes_argument(parser)


COMMANDS = (
    Command(
        "jobs",
        "list the jobs sent from this machine and their answers",
        _jobs,
        _jobs_arguments,
        ("jobs", "jobs -n 500", "jobs --json"),
    ),
    wait_command.COMMAND,
    Command(
        "purge",
        "throw away the answers that wait for you, and give up pending jobs",
        _purge,
        _purge_arguments,
        ("purge --yes", "purge --dry-run --json"),
    ),
)
