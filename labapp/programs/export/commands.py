"""admin.py's command export: the labels, written to disk in a format that others read."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import UsageError
from labapp.files import typed_paths
from labapp.labels.classes import POSITIVE
from labapp.programs.shell.arguments import dry_argument, json_argument
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context
from labapp.programs.statistics import commands as dataset_stats

if TYPE_CHECKING:
    from labapp.dataset.export import Exported

#: The names of `labels.export.FORMATS`, which every start of the program would else import.
FORMATS = ("csv", "jsonl", "manifest", "label-studio", "imagefolder")

#: What is told of an export for Label Studio, after the name of its second file.
LABEL_STUDIO = (
    "is the project's labelling configuration; annotators need accounts under these names, or"
    " ALLOW_IMPORT_TASKS_WITH_UNKNOWN_EMAILS=true on the server"
)


def _export(context: Context) -> int:
    """Write the labels to disk."""
    from labapp.cloud.bucket import Bucket
    from labapp.console import progress
    from labapp.dataset import export
    from labapp.dataset.statistics import Statistics

    arguments = context.arguments
    out = typed_paths.parse(arguments.out)
    if arguments.min_answers < 1:
        raise UsageError(f"--min-answers is {arguments.min_answers}", "Give 1 or more.")
    into = typed_paths.is_folder(arguments.out)
    export.check_target(
        arguments.format, out, into=into, force=arguments.force, excel=arguments.excel
    )
    statistics = Statistics(Bucket(context.cloud(bucket_only=True)))
    try:
        look = dataset_stats.look_with_progress(statistics)
        if look.left_out_line:
            context.say(look.left_out_line)
        if arguments.format in export.HASHED and not look.unread:
            look = dataset_stats.hashes_with_progress(statistics, look)
    finally:
        statistics.close()
    if look.unread:
        context.say("stopped; nothing was written")
        return 130
    total = 0
    if arguments.format == export.IMAGEFOLDER:
        total = export.picture_bytes(look, arguments.min_answers)
    with progress.transfer("exporting", total) as bar:
        done = export.export(
            statistics.bucket,
            look,
            arguments.format,
            out,
            target=context.settings.target_answers,
            min_answers=arguments.min_answers,
            into=into,
            excel=arguments.excel,
            force=arguments.force,
            dry=context.dry,
            moved=bar.moved,
            stop=bar.stopped,
        )
    if not done.is_complete:
        context.say("stopped; nothing was written")
        return 130
    _tell_of_export(context, done)
    return 0


def _tell_of_export(context: Context, done: Exported) -> None:
    from labapp.console.figures import plural

    name = context.arguments.format
    if context.arguments.json:
        files, state = [str(path) for path in done.files], context.fate("written")
        context.json({"format": name, "state": state, "files": files, "pictures": done.pictures})
        return
    for path in done.files:
        context.row(f"would write {name} to {path}" if context.dry else str(path))
    if done.pictures:
        context.say(plural(done.pictures, "picture"))
    if name == "label-studio":
        context.say(f"{done.files[-1].name} {LABEL_STUDIO}")


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", required=True, choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS)
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="PATH",
        help="csv, imagefolder: the folder, made if missing; else the file, or a folder/ for it",
    )
    parser.add_argument(
        "--min-answers",
        type=int,
        default=1,
        metavar="N",
        help="manifest, imagefolder: leave out pictures with fewer answers (default: 1)",
    )
    parser.add_argument(
        "--excel",
        action="store_true",
        help="csv: begin the tables with a byte-order mark, so that Excel reads them as UTF-8",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace an earlier export; other files in the folder stay",
    )
    json_argument(parser)
    dry_argument(parser)


COMMANDS = (
    Command(
        "export",
        "write the labels to disk in a format that others read",
        _export,
        _export_arguments,
        (
            "export --format csv --out labels/",
            f"export --format manifest --out {POSITIVE.identifier}.manifest",
            f"export --format imagefolder --out {POSITIVE.identifier}s/ --min-answers 3",
        ),
    ),
)
