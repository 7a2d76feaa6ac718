"""admin.py's commands for the dataset: upload, images, import."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.dataset.sample_set import SAMPLE, sample_set
from labapp.errors import LabappError
from labapp.files import typed_paths
from labapp.programs.dataset import commands as dataset
from labapp.programs.dataset import import_commands
from labapp.programs.shell.arguments import json_argument, yes_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.console.tables import Column
    from labapp.dataset.removal import Removal


def _upload(context: Context) -> int:
    return dataset.upload(context, context.arguments.path or sample_set())


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
    found = removal.removals(bucket, [*map(typed_paths.without_quotes, context.arguments.key)])
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
                        "state": context.outcome("removed"),
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


COMMANDS = (
    Command(
        "upload",
        "upload the dataset; what is there already is not sent again",
        _upload,
        _upload_arguments,
        ("upload", "upload photos/ lunch.jpg --json"),
        lines=(
            Line(
                "Upload pictures",
                "dataset.upload_screen:run",
                (str(SAMPLE),),
                key="2",
                note="the sample set, or your own",
            ),
        ),
    ),
    Command(
        "images",
        "list the pictures that are to be labelled",
        _images,
        json_argument,
        ("images", "images --json", "images remove KEY --yes"),
        unlisted="the statistics' table of pictures has them",
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
        lines=(
            Line(
                "Remove pictures",
                "dataset.remove_screen:run",
                key="9",
                note="their labels are kept",
            ),
        ),
    ),
    import_commands.IMPORT,
)
