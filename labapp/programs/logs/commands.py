"""admin.py's command for the log of jobs."""

from __future__ import annotations

import argparse

from labapp.programs.logs.table import LOGS
from labapp.programs.shell.arguments import json_argument, limit_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context

#: Logs that are shown where -n is not given.
NEWEST = 20


def _logs(context: Context) -> None:
    from labapp.cloud.bucket import Bucket
    from labapp.jobs import logbook

    limit = context.limit
    # One more than asked for, since only its being there tells that the listing is cut.
    found = list(logbook.newest(Bucket(context.cloud(bucket_only=True)), limit + 1, context.say))
    if len(found) > limit:
        context.say_if_cut(limit, None, "log")
    context.show(LOGS, found[:limit])


def _arguments(parser: argparse.ArgumentParser) -> None:
    limit_argument(parser, NEWEST)
    json_argument(parser)


COMMANDS = (
    Command(
        "logs",
        "show the log of jobs, newest first",
        _logs,
        _arguments,
        ("logs", "logs -n 100 --json"),
        lines=(Line("Logs", "logs.page:run", key="5"),),
        documents=(LOGS.listing,),
    ),
)
