"""admin.py's command export: the labels, written to disk in a format that others read."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.programs.export.arguments import STDOUT, add, request_of
from labapp.programs.export.table import FORMATS_TABLE
from labapp.programs.shell.table import Document

if TYPE_CHECKING:
    from labapp.dataset.export import Exported, ExportRequest, Plan
    from labapp.dataset.statistics import Statistics
    from labapp.programs.shell.context import Context

#: What `export` takes.
export_arguments = add

#: What `export` writes with --json.
EXPORTED = Document(
    ("format", "state", "files", "pictures", "rows", "answers", "had"),
    notes={
        "pictures": "saved beside the files",
        "rows": "pictures that are exported",
        "answers": "those that these have",
        "had": "pictures that were there already",
    },
)

#: What it writes with --list.
LISTED = replace(FORMATS_TABLE.listing, flag="--list")

#: What is said of an export that was stopped, and of one that has pictures already.
STOPPED = "stopped; nothing was written"
GOES_ON = ": the same export goes on from there"


def export(context: Context) -> int:
    """Write the labels to disk, or list the formats."""
    if context.arguments.list:
        from labapp.labels.export import FORMATS

        context.show(FORMATS_TABLE, FORMATS.values())
        return 0
    from labapp.dataset.statistics import Statistics

    request = request_of(context)
    with contextlib.closing(Statistics(context.bucket())) as statistics:
        plan = _plan(context, statistics, request)
        if plan is None:
            context.say(STOPPED)
            return 130
        if context.arguments.out == STDOUT:
            return _write_out(context, plan)
        return _write(context, statistics, plan)


def _plan(context: Context, statistics: Statistics, request: ExportRequest) -> Plan | None:
    """Return what is to be written; None where it was stopped."""
    from labapp.programs.dataset import looking

    look = looking.look_with_progress(statistics)
    if look.left_out_line:
        context.say(look.left_out_line)
    if look.unread:
        return None
    plan = request.plan(look, statistics.bucket.name)
    for told in (plan.warning, request.format.remark(plan.labels), nothing_line(plan)):
        if told:
            context.say(told)
    if context.dry:
        return plan
    return plan.hashed(look, partial(looking.hashes_with_progress, statistics))


def _write(context: Context, statistics: Statistics, plan: Plan) -> int:
    from labapp.console import progress
    from labapp.dataset.export import export

    try:
        with progress.transfer("exporting", plan.picture_bytes) as bar:
            done = export(statistics.bucket, plan, bar, dry=context.dry)
    except KeyboardInterrupt:
        if plan.growing.exists():
            context.say(f"what was fetched is kept in {plan.growing}{GOES_ON}")
        raise
    if not done.is_complete:
        context.say(stopped(plan, done))
        return 130
    _tell(context, plan, done)
    return 0


def nothing_line(plan: Plan) -> str:
    """Return what is said of an export that has no picture; empty where it has some."""
    return "" if plan.rows else "no picture is exported: none is there, or passes what was chosen"


def stopped(plan: Plan, done: Exported) -> str:
    """Return what is said of an export that was stopped."""
    if not (done.pictures and plan.growing.exists()):
        return STOPPED
    kept = f"{done.pictures:,} of {plural(len(plan.pictures), 'picture')}"
    return f"stopped; {kept} are kept in {plan.growing}{GOES_ON}"


def _write_out(context: Context, plan: Plan) -> int:
    """Write the main file to standard output."""
    from labapp.labels.export import export_files

    if context.dry:
        context.say(f"would write {plan.request.format.name} to standard output")
        return 0
    chunks, *beside = export_files(plan.request.format, plan.labels).values()
    stream = getattr(sys.stdout, "buffer", None)
    sys.stdout.flush()
    for chunk in chunks:
        if stream is None:  # a test's own
            sys.stdout.write(chunk)
        else:
            stream.write(chunk.encode())
    sys.stdout.flush()
    if beside:
        name = plan.request.format.name
        context.say(f"{name} has another file, which is only written beside one: name a path")
    return 0


def _tell(context: Context, plan: Plan, done: Exported) -> None:
    name = plan.request.format.name
    if context.arguments.json:
        files, state = [str(path) for path in done.files], context.outcome("written")
        context.json(
            {
                "format": name,
                "state": state,
                "files": files,
                "pictures": done.pictures,
                "rows": plan.rows,
                "answers": plan.answers,
                "had": done.had,
            }
        )
        return
    for path in done.files:
        context.row(f"would write {name} to {path}" if context.dry else str(path))
    if done.pictures:
        had = f", {done.had:,} of them there already" if done.had else ""
        context.say(plural(done.pictures, "picture") + had)
    if advice := plan.request.format.advice:
        context.say(f"{done.files[-1].name} {advice}")
