"""admin.py's commands for the dataset: upload, images."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.dataset.sample_set import sample_set
from labapp.errors import LabappError
from labapp.files import typed_paths
from labapp.programs.dataset import commands as dataset
from labapp.programs.dataset.table import PICTURES, REMOVED
from labapp.programs.shell.arguments import json_argument, yes_argument
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.dataset.removal import Removal


def upload(context: Context) -> int:
    """Upload what was named, or the sample set."""
    return dataset.upload_files(context, context.arguments.path or sample_set())


def upload_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `upload` takes, which needs no path here."""
    dataset.upload_arguments(parser, default="images/ of this project")


def list_pictures(context: Context) -> None:
    """List the pictures of the dataset."""
    from labapp.cloud.bucket import Bucket
    from labapp.dataset import stored_pictures

    context.show(PICTURES, stored_pictures.list_pictures(Bucket(context.cloud(bucket_only=True))))


def remove_pictures(context: Context) -> int:
    """Take pictures out of the dataset; return 130 where the user stopped it."""
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


def remove_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `images remove` takes."""
    parser.add_argument(
        "key",
        nargs="+",
        metavar="KEY",
        help="a picture's key, as 'images' lists it, or a pattern of keys or names: \"*.gif\"",
    )
    json_argument(parser)
    yes_argument(parser)
