"""admin.py's command export: the labels, written to disk in a format that others read."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.errors import UsageError
from labapp.files import typed_paths
from labapp.programs.shell.arguments import changing_arguments
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document

if TYPE_CHECKING:
    from labapp.dataset.export import Exported, ExportRequest


#: What `export` writes with --json.
EXPORTED = Document(("format", "state", "files", "pictures"))

#: What is said of an export that was stopped.
STOPPED = "stopped; nothing was written"


def export(context: Context) -> int:
    """Write the labels to disk."""
    from labapp.console import progress
    from labapp.dataset.export import export
    from labapp.dataset.statistics import Statistics
    from labapp.programs.dataset import looking

    request = _request(context)
    with contextlib.closing(Statistics(context.bucket())) as statistics:
        look = looking.look_with_progress(statistics)
        if look.left_out_line:
            context.say(look.left_out_line)
        if request.format.is_hashed and not look.unread:
            look = looking.hashes_with_progress(statistics, look)
    if look.unread:
        context.say(STOPPED)
        return 130
    with progress.transfer("exporting", request.picture_bytes(look)) as bar:
        done = export(statistics.bucket, look, request, bar, dry=context.dry)
    if not done.is_complete:
        context.say(STOPPED)
        return 130
    _tell(context, request, done)
    return 0


def _request(context: Context) -> ExportRequest:
    """Return what is asked for, held against what is there.

    Raises:
        UsageError: there is no such format, or it is none for Excel, or no such number.
        RefusedError: something is in the way.
    """
    from labapp.dataset.export import ExportRequest
    from labapp.labels.export import format_called

    arguments = context.arguments
    if arguments.min_answers < 1:
        raise UsageError(f"--min-answers is {arguments.min_answers}", "Give 1 or more.")
    request = ExportRequest(
        format_called(arguments.format, excel=arguments.excel),
        typed_paths.parse(arguments.out),
        into=typed_paths.is_folder(arguments.out),
        target=context.settings.target_answers,
        min_answers=arguments.min_answers,
        excel=arguments.excel,
        force=arguments.force,
    )
    request.check()
    return request


def _tell(context: Context, request: ExportRequest, done: Exported) -> None:
    name = request.format.name
    if context.arguments.json:
        files, state = [str(path) for path in done.files], context.outcome("written")
        context.json({"format": name, "state": state, "files": files, "pictures": done.pictures})
        return
    for path in done.files:
        context.row(f"would write {name} to {path}" if context.dry else str(path))
    if done.pictures:
        context.say(plural(done.pictures, "picture"))
    if advice := request.format.advice:
        context.say(f"{done.files[-1].name} {advice}")


def export_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `export` takes."""
    from labapp.labels.export import FORMATS

    folders, decided, excel = (
        ", ".join(each.name for each in FORMATS.values() if getattr(each, has))
        for has in ("is_folder", "decided_only", "is_for_excel")
    )
    parser.add_argument(
        "--format", required=True, choices=[*FORMATS], metavar="FORMAT", help=", ".join(FORMATS)
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="PATH",
        help=f"{folders}: the folder, made if missing; else the file, or a folder/ for it",
    )
    parser.add_argument(
        "--min-answers",
        type=int,
        default=1,
        metavar="N",
        help=f"{decided}: leave out pictures with fewer answers (default: 1)",
    )
    parser.add_argument(
        "--excel",
        action="store_true",
        help=f"{excel}: begin the tables with a byte-order mark, so that Excel reads them as UTF-8",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace an earlier export; other files in the folder stay",
    )
    changing_arguments(parser)
