"""client.py's commands for the jobs of this machine: jobs, wait, purge."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import LabappError
from labapp.programs.jobs import wait_command
from labapp.programs.jobs.table import JOBS, listing_arguments, show_jobs
from labapp.programs.shell.arguments import json_argument, yes_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context
from labapp.programs.shell.document import Document

if TYPE_CHECKING:
    from labapp.programs.jobs.client_session import ClientMenuSession


def _jobs(context: Context) -> None:
    show_jobs(context, JOBS, "job")


def _pending(menu: ClientMenuSession) -> str:
    return f"{menu.pending} waiting for an answer" if menu.pending else ""


def _purge(context: Context) -> None:
    """Give up pending jobs and throw away the answers that wait for this client."""
    from labapp.jobs.session import purge
    from labapp.programs.jobs import purging

    if not context.dry and not context.confirm(purging.QUESTION):
        raise LabappError("nothing was purged", "Say y, or --yes, to purge.")
    purged = purge(context.cloud(), dry=context.dry)
    *notes, done = purging.lines(purged, dry=context.dry)
    for note in notes:
        context.say(note)
    if context.arguments.json:
        context.json({"state": context.outcome("purged"), "given_up": purged.given_up})
    else:
        context.line(done)


def _purge_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    yes_argument(parser)


COMMANDS = (
    Command(
        "jobs",
        "list the jobs sent from this machine and their answers",
        _jobs,
        listing_arguments,
        ("jobs", "jobs -n 500", "jobs --json"),
        documents=(JOBS.listing,),
        lines=(Line("Jobs", "jobs.page:run", key="j", note=_pending),),
    ),
    wait_command.COMMAND,
    Command(
        "purge",
        "throw away the answers that wait for you, and give up pending jobs",
        _purge,
        _purge_arguments,
        ("purge --yes", "purge --dry-run --json"),
        documents=(Document(("state", "given_up"), notes={"given_up": "list of jobs"}),),
        lines=(Line("Purge my replies", "jobs.purging:run", menu="Numbers"),),
    ),
)
