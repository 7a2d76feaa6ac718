"""client.py's commands for labelling: label, answer."""

from __future__ import annotations

import argparse
import itertools
from typing import TYPE_CHECKING

from labapp.dataset.annotator import annotator
from labapp.errors import UsageError
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.label_file import Label
from labapp.programs.dataset.words import class_called, no_pictures
from labapp.programs.labelling import ROUND, leftovers, replaced_note
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document, list_of
from labapp.utc import format_time

if TYPE_CHECKING:
    from labapp.labels.label_file import Entry

#: What `label` and `answer` write with --json.
PICTURES = list_of("key", "name")
ANSWER = Document(
    ("key", "label", "annotator", "id", "labelled_at", "replaces"),
    notes={"replaces": "the id of the answer of the same name that counted until now"},
)


def own_token(context: Context) -> str:
    """Return the token of who labels.

    Raises:
        UsageError: nobody has said so yet.
    """
    token = annotator(context.settings)
    if not token:
        raise UsageError(
            "who labels is not known yet",
            "Give a name with --annotator, or set LABAPP_ANNOTATOR.",
        )
    return token


def label(context: Context) -> None:
    """Show pictures to be labelled; without a terminal, or with --json, write their keys."""
    from labapp.console import theme
    from labapp.dataset import layouts, stored_pictures
    from labapp.dataset.upcoming import Upcoming
    from labapp.labels.classes import Order

    order = Order(context.arguments.order) if context.arguments.order else None
    said: int | None = context.arguments.count
    if said is not None and said < 1:
        raise UsageError(f"--count is {said}", "Give the number of pictures, 1 or more.")
    if theme.is_interactive() and not context.arguments.json:
        from labapp.programs.labelling import screen

        screen.open_round(context, said, order)
        return
    count = said or ROUND
    token = own_token(context)
    bucket = context.bucket()
    leftovers.tell(context, bucket)
    layout = layouts.of(bucket)
    with Upcoming(bucket, token, order=order) as upcoming:
        drawn = itertools.islice(iter(upcoming.take, None), count)
        keys = [shown.key for shown in drawn if shown is not None]
    if context.arguments.json:
        context.json([{"key": key, "name": layout.picture_name(key)} for key in keys])
        return
    for key in keys:
        context.row(key)
    if not keys and not any(stored_pictures.list_pictures(bucket)):
        none = "No pictures to label yet. Add some: client.py upload PHOTO"
        context.say(no_pictures(layout) or none)
    elif len(keys) < count:
        context.say(f"{len(keys)} of {count}: no more pictures that {token} has not answered")


def annotator_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--annotator`, for commands that label."""
    parser.add_argument(
        "--annotator",
        dest="setting_annotator",
        default=argparse.SUPPRESS,
        metavar="NAME",
        help="who labels (default: the name kept on this machine)",
    )


def label_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `label` takes."""
    from labapp.labels.classes import Order

    told = ", ".join(f"{order}: {order.told}" for order in Order)
    parser.add_argument(
        "--count",
        type=int,
        metavar="N",
        help=f"pictures of each round (default: {ROUND}, and then on without end)",
    )
    parser.add_argument(
        "--order",
        choices=[str(order) for order in Order],
        metavar="ORDER",
        help=f"{told} (default: as the dataset has it)",
    )
    annotator_argument(parser)
    json_argument(parser)


def answer(context: Context) -> None:
    """Write down one answer."""
    from labapp.dataset import answers, counting, layouts, stored_pictures

    token = own_token(context)
    bucket = context.bucket()
    layouts.writable(bucket)
    leftovers.tell(context, bucket)
    scheme = counting.scheme_of(bucket)
    said = class_called(context.arguments.label, scheme)
    key = stored_pictures.find(bucket, context.arguments.key)
    before: list[Entry] = []
    entry = answers.answer(bucket, key, Label.of(said), token, before.append)
    for one in before:
        when = context.clock(format_time(one.at)) if one.at else ""
        context.say(f"{replaced_note(one, when, scheme)} --annotator names another.")
    if context.arguments.json:
        context.json(
            {
                "key": key,
                "label": int(entry.label),
                "annotator": entry.annotator,
                "id": entry.answer_id,
                "labelled_at": format_time(entry.at) if entry.at else None,
                "replaces": before[0].answer_id if before else None,
            }
        )
        return
    context.row(key, str(entry.label.value), said.name, entry.annotator)


def answer_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `answer` takes."""
    parser.add_argument(
        "key", metavar="KEY", help="the picture's key, as 'label' lists it, or its name"
    )
    parser.add_argument(
        "label",
        metavar="CLASS",
        help=f"its code or name: {DEFAULT_SCHEME.meanings}, or the dataset's own",
    )
    annotator_argument(parser)
    json_argument(parser)
