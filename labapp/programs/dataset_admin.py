"""admin.py's commands for the dataset: upload, images, export; `dataset_stats` has the rest."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.errors import LabappError, UsageError
from labapp.programs import dataset, dataset_stats
from labapp.programs.cli import Command, Context, dry_argument, json_argument, yes_argument

if TYPE_CHECKING:
    from labapp.console.tables import Column

#: The names of `labels.export.FORMATS`, which every start of the program would else import.
FORMATS = ("csv", "jsonl", "manifest", "label-studio", "imagefolder")


def _upload(context: Context) -> int:
    return dataset.upload(context, context.arguments.path or dataset.sample_set())


def _upload_arguments(parser: argparse.ArgumentParser) -> None:
    dataset.upload_arguments(parser, default="images/ of this project")


def _images(context: Context) -> None:
    from labapp.cloud.bucket import Bucket
    from labapp.dataset import images
    from labapp.labels.keys import IMAGES
    from labapp.labels.line import format_time

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
    from labapp.console.figures import plural
    from labapp.dataset import images

    bucket = Bucket(context.cloud(bucket_only=True))
    key, lines = images.removable(bucket, context.arguments.key)
    if context.dry:
        context.line(f"would remove {key}; {plural(lines, 'line')} of labels would be kept aside")
        return
    kept = f" Its label file ({plural(lines, 'line')}) is kept aside." if lines else ""
    if not context.confirm(f"Delete the picture {key}?{kept}"):
        raise LabappError(f"{key} was not removed", "Say y, or --yes, to remove it.")
    aside = images.remove(bucket, key)
    context.line(f"removed {key}" + (f"; its labels are kept in {aside}" if aside else ""))


def _images_remove_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="the picture's key, as 'images' lists it")
    yes_argument(parser)


def _export(context: Context) -> int:
    """Write the labels to disk."""
    from labapp.cloud.bucket import Bucket
    from labapp.console import progress
    from labapp.console.figures import plural
    from labapp.dataset import export
    from labapp.dataset.statistics import Statistics

    arguments = context.arguments
    out = Path(arguments.out).expanduser()
    if arguments.min_answers < 1:
        raise UsageError(f"--min-answers is {arguments.min_answers}", "Give 1 or more.")
    export.check_target(arguments.format, out, force=arguments.force)
    if context.dry:
        context.line(f"would write {arguments.format} to {out}")
        return 0
    statistics = Statistics(Bucket(context.cloud(bucket_only=True)))
    try:
        look = dataset_stats.look_with_progress(statistics)
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
            force=arguments.force,
            moved=bar.advance,
            stop=bar.left.is_set,
        )
    if not done.is_complete:
        context.say("stopped; nothing was written")
        return 130
    for path in done.files:
        context.line(str(path))
    if done.pictures:
        context.say(plural(done.pictures, "picture"))
    return 0


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", required=True, choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS)
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="PATH",
        help="csv, imagefolder: the folder, made if missing; else the file, or a folder for it",
    )
    parser.add_argument(
        "--min-answers",
        type=int,
        default=1,
        metavar="N",
        help="manifest, imagefolder: leave out pictures with fewer answers (default: 1)",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace an earlier export; other files in the folder stay",
    )
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
        "take a picture out of the dataset; its label file is kept aside",
        _images_remove,
        _images_remove_arguments,
        ("images remove images/0a1b2c3d4e5f6071-lunch.jpg --yes",),
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
)
