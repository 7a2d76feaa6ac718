"""admin.py: what the person in charge does from the prompt; without a sub-command, the menu."""

from __future__ import annotations

import argparse

from labapp.programs.cloud import commands as cloud_admin
from labapp.programs.dataset import admin_commands
from labapp.programs.queues import commands as queues_admin
from labapp.programs.shell import completion, config
from labapp.programs.shell.arguments import json_argument, limit_argument
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context
from labapp.programs.shell.parsing import again
from labapp.programs.shell.program import Program

#: Logs that `admin.py logs` shows where -n is not given.
LOGS = 20


def _logs(context: Context) -> None:
    from dataclasses import asdict

    from labapp.cloud.bucket import Bucket
    from labapp.jobs import logbook

    limit = context.limit
    # One more than asked for, since only its being there tells that the listing is cut.
    found = list(logbook.newest(Bucket(context.cloud(bucket_only=True)), limit + 1, context.say))
    logs = found[:limit]
    if len(found) > limit:
        context.say_if_cut(limit, None, "log")
    if context.arguments.json:
        context.json([asdict(log) for log in logs])
        return
    empty = "No jobs are logged yet. Send one: client.py numbers 1,12,55,4"
    if context.on_terminal:
        from labapp.programs.jobs import table

        context.table(*table.logs(logs), empty=empty)
        return
    rows = [(one.time, one.kind, one.client, one.status, one.request, one.outcome) for one in logs]
    context.table((), rows, empty=empty)


def _logs_arguments(parser: argparse.ArgumentParser) -> None:
    limit_argument(parser, LOGS)
    json_argument(parser)


def _workers(context: Context) -> None:
    from labapp.programs.queues import overview

    rows = overview.worker_rows(context.cloud(bucket_only=True), context.say)
    if context.arguments.json:
        context.json([row.fields() for row in rows])
        return
    empty = f"No worker has reported. Start one: python server.py{again(context.loaded)}"
    if context.on_terminal:
        from labapp.programs.jobs import table

        context.table(*table.workers(rows), empty=empty)
        return
    cells = [
        (r.worker, r.state, r.pid, r.done, r.refused, r.failed, r.in_hand, r.age) for r in rows
    ]
    context.table((), cells, empty=empty)


def _menu(context: Context) -> int | None:
    from labapp.programs.menus import open_menu

    return open_menu(context, "labapp.programs.admin_menu")


PROGRAM = Program(
    "admin.py",
    "Look after the lab: its dataset, queues, logs, workers and cloud resources.\n"
    "Without a command it opens a menu.",
    (
        *queues_admin.COMMANDS,
        Command(
            "logs",
            "show the log of jobs, newest first",
            _logs,
            _logs_arguments,
            ("logs", "logs -n 100 --json"),
        ),
        Command(
            "workers",
            "show the workers and when each was last seen",
            _workers,
            json_argument,
            ("workers", "workers --json"),
        ),
        *cloud_admin.COMMANDS,
        *admin_commands.COMMANDS,
        *config.COMMANDS,
        completion.COMPLETION,
    ),
    _menu,
    examples=("", "queues", "logs -n 5", "cloud status"),
    settings=("endpoint_url", "user", "port", "target_answers"),
)


def main() -> int:
    """Run admin.py; return its exit code."""
    return PROGRAM.main()
