"""admin.py's command for the log of jobs."""

from __future__ import annotations

import argparse

from labapp.programs.logs.table import LOGS
from labapp.programs.shell.arguments import newest_arguments
from labapp.programs.shell.context import Context

#: Logs that are shown where -n is not given.
NEWEST = 20


def show_logs(context: Context) -> None:
    """Show the log of jobs, newest first."""
    from labapp.jobs import log_listing

    limit = context.limit
    # One more than asked for, since only its being there tells that the listing is cut.
    found = list(log_listing.newest(context.bucket(), limit + 1, context.say))
    if len(found) > limit:
        context.say_if_cut(limit, None, "log")
    context.show(LOGS, found[:limit])


def logs_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `logs` takes."""
    newest_arguments(parser, NEWEST)
