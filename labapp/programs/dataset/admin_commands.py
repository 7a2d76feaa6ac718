"""admin.py's commands for the dataset: upload, images, export; `dataset_stats` has the rest."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import LabappError, UsageError
from labapp.files import typed_paths
from labapp.programs.dataset import commands as dataset
from labapp.programs.dataset import import_commands
from labapp.programs.shell.arguments import dry_argument, json_argument, yes_argument
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context
from labapp.programs.statistics import commands as dataset_stats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.console.tables import Column
    from labapp.dataset.export import Exported
    from labapp.dataset.removal import Removal

#: The names of `labels.export.FORMATS`, which every start of the program would else import.
FORMATS = ("csv", "jsonl", "manifest", "label-studio", "imagefolder")

#: What is told of an export for Label Studio, after the name of its second file.
LABEL_STUDIO = (
    "is the project's labelling configuration; annotators need accounts under these names, or"
    " ALLOW_IMPORT_TASKS_WITH_UNKNOWN_EMAILS=true on the server"
)


def _upload(context: Context) -> int:
    return dataset.upload(context, context.arguments.path or dataset.sample_set())


def _upload_arguments(parser: argparse.ArgumentParser) -> None:
    dataset.upload_arguments(parser, default="images/ of this project")


def _images(context: Context) -> None:
    from labapp.cloud.bucket import Bucket
    from labapp.dataset import images
    from labapp.labels.label_file import format_time
    from labapp.labels.object_keys import IMAGES

    listed = images.list_pictures(Bucket(context.cloud(bucket_only=True)))
    if context.arguments.json:
        context.json(
            [
                {
                    "key": each.key,
                    "name": each.name,
                    "bytes": each.size,
                    "uploaded_at": format_time(each.uploaded_at),
                }
                for each in listed
            ]
        )
        return
    rows = [(each.key, each.size, context.clock(format_time(each.uploaded_at))) for each in listed]
    columns: list[Column | str] = []
    if context.on_terminal:  # keys are taken without images/ too, and 80 columns are few
        from labapp.console import tables

        rows = [(key.removeprefix(IMAGES), size, time) for key, size, time in rows]
        columns = [
            tables.Column("key", keep=True),
            tables.number("bytes", drop=1),
            tables.Column("uploaded", keep=True, drop=2),
        ]
    context.table(columns, rows, empty="No pictures yet. Add some: admin.py upload")


def _images_remove(context: Context) -> None:
    from labapp.cloud.bucket import Bucket
    from labapp.dataset import removal

    bucket = Bucket(context.cloud(bucket_only=True))
    found = removal.removals(bucket, [*map(typed_paths.bare, context.arguments.key)])
    if not context.dry and not context.confirm(removal_question(found)):
        named = found[0].key if len(found) == 1 else "nothing"
        raise LabappError(f"{named} was not removed", "Say y, or --yes, to remove it.")
    done = []
    try:
        for one in removal.remove_all(bucket, found, dry=context.dry):
            done.append(one)
            if not context.arguments.json:
                context.row(_removal_line(one, dry=context.dry))
    finally:  # what was done before an error is told too
        if context.arguments.json:
            context.json(
                [
                    {
                        "key": one.key,
                        "state": context.fate("removed"),
                        "lines": one.lines,
                        "kept": one.aside,
                    }
                    for one in done
                ]
            )


def removal_question(found: Sequence[Removal]) -> str:
    """Return what to ask before pictures are removed."""
    from labapp.console.figures import plural

    lines = sum(one.lines or 0 for one in found)
    if len(found) == 1:
        kept = f" Its label file ({_lines(found[0])}) is kept aside." if found[0].aside else ""
        return f"Delete the picture {found[0].key}?{kept}"
    are = "is" if lines == 1 else "are"
    kept = f" Their {plural(lines, 'line')} of labels {are} kept aside." if lines else ""
    return f"Delete {plural(len(found), 'picture')}?{kept}"


def _lines(one: Removal) -> str:
    from labapp.console.figures import plural

    return "too many lines to read" if one.lines is None else plural(one.lines, "line")


def _removal_line(one: Removal, *, dry: bool) -> str:
    if dry:
        return f"would remove {one.key}; {_lines(one)} of labels would be kept aside"
    return f"removed {one.key}" + (f"; its labels are kept in {one.aside}" if one.aside else "")


def _images_remove_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "key",
        nargs="+",
        metavar="KEY",
        help="a picture's key, as 'images' lists it, or a pattern of keys or names: \"*.gif\"",
    )
    json_argument(parser)
    yes_argument(parser)


def _export(context: Context) -> int:
    """Write the labels to disk."""
    from labapp.cloud.bucket import Bucket
    from labapp.console import progress
    from labapp.dataset import export
    from labapp.dataset.statistics import Statistics

    arguments = context.arguments
    out = typed_paths.typed(arguments.out)
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
            moved=bar.advance,
            stop=bar.left.is_set,
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
        "upload",
        "upload the dataset; what is there already is not sent again",
        _upload,
        _upload_arguments,
        ("upload", "upload photos/ lunch.jpg --json"),
    ),
    Command(
        "images",
        "list the pictures that are to be labelled",
        _images,
        json_argument,
        ("images", "images --json", "images remove KEY --yes"),
    ),
    Command(
        "images remove",
        "take pictures out of the dataset; their label files are kept aside",
        _images_remove,
        _images_remove_arguments,
        (
            "images remove images/0a1b2c3d4e5f6071-lunch.jpg --yes",
            'images remove "*.gif" "0a*" --dry-run',
        ),
    ),
    dataset_stats.STATS,
    Command(
        "export",
        "write the labels to disk in a format that others read",
        _export,
        _export_arguments,
        (
            "export --format csv --out labels/",
            "export --format manifest --out hotdog.manifest",
            "export --format imagefolder --out hotdogs/ --min-answers 3",
        ),
    ),
    import_commands.IMPORT,
)
