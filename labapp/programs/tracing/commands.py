"""The command for one job's way, of client.py and of admin.py."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.jobs.tracing import Trace
    from labapp.programs.tracing.gathering import Gatherer


def show_newest_or_named(context: Context) -> None:
    """Show the way of the job that is named; else of the last one that was sent from here."""
    gatherer, name = _gatherer(context), context.arguments.job
    _show(context, gatherer, name)


def show_named(context: Context) -> None:
    """Show the way of the job that is named."""
    _show(context, _gatherer(context), context.arguments.job)


def _gatherer(context: Context) -> Gatherer:
    from labapp.programs.tracing.gathering import Gatherer

    return Gatherer(context.cloud(require=False), context.say)


def _show(context: Context, gatherer: Gatherer, name: str | None) -> None:
    from labapp.jobs import tracing

    found = gatherer.find(name) if name else gatherer.newest()
    trace = tracing.trace(gatherer.facts(found))
    if context.arguments.json:
        from labapp.programs.tracing.table import document

        context.json(document(trace))
    elif context.on_terminal:
        from labapp.console import theme
        from labapp.programs.tracing.table import on_terminal

        theme.stdout().print(on_terminal(trace))
    else:
        _write_rows(context, trace)


def _write_rows(context: Context, trace: Trace) -> None:
    """Write a row for each step, and the verdict as the last one."""
    from labapp.programs.tracing.table import STEPS

    job, verdict = trace.facts.job, trace.verdict
    for step in trace.steps:
        context.row(job, *STEPS.row(step))
    text = f"{verdict.text}. {verdict.remedy}".strip()
    context.row(job, "verdict", None, None, verdict.outcome, text)


def client_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what client.py's `trace` takes."""
    _job_argument(parser, nargs="?")


def admin_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what admin.py's `trace` takes."""
    _job_argument(parser)


def _job_argument(parser: argparse.ArgumentParser, nargs: str | None = None) -> None:
    told = "the last one that was sent from here, unless given" if nargs else "as 'logs' lists it"
    parser.add_argument(
        "job", nargs=nargs, metavar="JOB", help=f"a job's id, its beginning or its ending; {told}"
    )
    json_argument(parser)
