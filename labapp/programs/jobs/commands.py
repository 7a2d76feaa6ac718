"""client.py's commands for the jobs of this machine: jobs, wait, purge."""

from __future__ import annotations

import argparse

from labapp.errors import LabappError
from labapp.programs.jobs.table import JOBS, show_jobs
from labapp.programs.shell.arguments import json_argument, yes_argument
from labapp.programs.shell.context import Context
from labapp.programs.shell.document import Document

#: What `purge` writes with --json.
PURGED = Document(("state", "given_up"), notes={"given_up": "list of jobs"})


def list_jobs(context: Context) -> None:
    """List the jobs that were sent from this machine."""
    show_jobs(context, JOBS, "job")


def purge(context: Context) -> None:
    """Give up pending jobs and throw away the answers that wait for this client."""
    from labapp.jobs import session
    from labapp.programs.jobs import purging

    if not context.dry and not context.confirm(purging.QUESTION):
        raise LabappError("nothing was purged", "Say y, or --yes, to purge.")
    purged = session.purge(context.cloud(), dry=context.dry)
    *notes, done = purging.lines(purged, dry=context.dry)
    for note in notes:
        context.say(note)
    if context.arguments.json:
        context.json({"state": context.outcome("purged"), "given_up": purged.given_up})
    else:
        context.line(done)


def purge_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `purge` takes."""
    json_argument(parser)
    yes_argument(parser)
