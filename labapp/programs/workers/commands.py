"""admin.py's command for the workers."""

from __future__ import annotations

import argparse

from labapp.cloud import bounds
from labapp.programs.shell.arguments import json_argument, limit_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context
from labapp.programs.shell.parsing import again
from labapp.programs.workers.table import WORKERS


def _workers(context: Context) -> None:
    from labapp.worker import roster

    cloud = context.cloud(bucket_only=True)
    found = roster.worker_rows(cloud, context.say, context.limit)
    context.show(WORKERS, found, empty=f"{WORKERS.empty}{again(context.loaded)}")


def _arguments(parser: argparse.ArgumentParser) -> None:
    limit_argument(parser, bounds.REPORTS, "how many to show, those that reported last")
    json_argument(parser)


COMMANDS = (
    Command(
        "workers",
        "show the workers and when each was last seen",
        _workers,
        _arguments,
        ("workers", "workers --json"),
        lines=(Line("Workers", "workers.page:run", key="6"),),
        documents=(WORKERS.listing,),
    ),
)
