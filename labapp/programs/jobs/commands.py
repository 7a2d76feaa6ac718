"""client.py's commands for the jobs of this machine: jobs, wait, purge."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import LabappError
from labapp.programs.jobs import wait_command
from labapp.programs.jobs.listing import NEWEST, show_jobs
from labapp.programs.jobs.table import JOBS
from labapp.programs.shell.arguments import json_argument, limit_argument, yes_argument
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context
from labapp.programs.shell.document import Document

if TYPE_CHECKING:
    pass


def _jobs(context: Context) -> None:
    show_jobs(context, JOBS, "job")


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
        documents=(JOBS.listing,),
    ),
    wait_command.COMMAND,
    Command(
        "purge",
        "throw away the answers that wait for you, and give up pending jobs",
        _purge,
        _purge_arguments,
        ("purge --yes", "purge --dry-run --json"),
        documents=(Document(("state", "given_up"), notes={"given_up": "list of jobs"}),),
    ),
)
