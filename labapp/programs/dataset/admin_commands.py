"""admin.py's commands for the dataset: upload, images."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.dataset.sample_set import SAMPLE, sample_set
from labapp.errors import LabappError
from labapp.files import typed_paths
from labapp.programs.dataset import commands as dataset
from labapp.programs.dataset.table import PICTURES, REMOVED, UPLOADED
from labapp.programs.shell.arguments import json_argument, yes_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.dataset.removal import Removal


def _upload(context: Context) -> int:
    return dataset.upload(context, context.arguments.path or sample_set())


def _upload_arguments(parser: argparse.ArgumentParser) -> None:
    dataset.upload_arguments(parser, default="images/ of this project")


def _images(context: Context) -> None:
    from labapp.cloud.bucket import Bucket
    from labapp.dataset import stored_pictures

    context.show(PICTURES, stored_pictures.list_pictures(Bucket(context.cloud(bucket_only=True))))


def _images_remove(context: Context) -> int:
    from labapp.cloud.bucket import Bucket
    from labapp.console import progress
    from labapp.dataset import removal
    from labapp.programs.dataset import actions

    bucket = Bucket(context.cloud(bucket_only=True))
    found = removal.removals(bucket, [*map(typed_paths.without_quotes, context.arguments.key)])
    if not context.dry and not context.confirm(actions.removal_question(found)):
        named = found[0].key if len(found) == 1 else "nothing"
        raise LabappError(f"{named} was not removed", "Say y, or --yes, to remove it.")
    done: list[Removal] = []
    is_json = context.arguments.json
    try:
        with progress.transfer("removing", len(found), "pictures", lines=not is_json) as bar:
            for one in actions.remove(bucket, found, bar, dry=context.dry):
                done.append(one)
    finally:  # what was done before an error is told too
        if is_json:
            state = context.outcome("removed")
            context.json([{**REMOVED.document(one), "state": state} for one in done])
    if left := len(found) - len(done):
        context.say(f"stopped; {left:,} not removed")
        return 130
    return 0


def _images_remove_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "key",
        nargs="+",
        metavar="KEY",
        help="a picture's key, as 'images' lists it, or a pattern of keys or names: \"*.gif\"",
    )
    json_argument(parser)
    yes_argument(parser)


ADMIN_COMMANDS = (
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
        documents=(UPLOADED.listing,),
    ),
    Command(
        "images",
        "list the pictures that are to be labelled",
        _images,
        json_argument,
        ("images", "images --json", "images remove KEY --yes"),
        unlisted="the statistics' table of pictures has them",
        documents=(PICTURES.listing,),
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
        documents=(REMOVED.listing,),
    ),
)
