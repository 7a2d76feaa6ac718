"""client.py's commands for labelling: label, answer."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import UsageError
from labapp.labels.classes import BY_CODE, CLASSES, MEANINGS, POSITIVE
from labapp.programs.labelling.answers import ROUND, replaced_note
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context
from labapp.programs.shell.document import Document, list_of
from labapp.utc import format_time

if TYPE_CHECKING:
    from labapp.labels.label_file import Entry
    from labapp.programs.menus.session import MenuSession


#: What the manual says of a field.
REPLACES = "the id of the answer of the same name that counted until now"


def own_token(context: Context) -> str:
    """Return the token of who labels.

    Raises:
        UsageError: nobody has said so yet.
    """
    from labapp.dataset.annotator import annotator

    token = annotator(context.settings)
    if not token:
        raise UsageError(
            "who labels is not known yet",
            "Give a name with --annotator, or set LABAPP_ANNOTATOR.",
        )
    return token


def _label(context: Context) -> None:
    """Show pictures to be labelled; without a terminal, or with --json, write their keys."""
    from labapp.cloud.bucket import Bucket
    from labapp.console import theme
    from labapp.dataset.sampler import Sampler
    from labapp.labels.object_keys import IMAGES, is_picture_key, picture_name

    count = context.arguments.count
    if count < 1:
        raise UsageError(f"--count is {count}", "Give the number of pictures, 1 or more.")
    if theme.is_interactive() and not context.arguments.json:
        from labapp.programs.labelling import screen

        screen.open_round(context, count)
        return
    token = own_token(context)
    bucket = Bucket(context.cloud(bucket_only=True))
    sampler = Sampler(bucket)
    try:
        draw = sampler.draw(token, count)
    finally:
        sampler.close()
    if context.arguments.json:
        context.json([{"key": key, "name": picture_name(key)} for key in draw.keys])
        return
    for key in draw.keys:
        context.row(key)
    if not draw.keys and not any(is_picture_key(one.key) for one in bucket.list(IMAGES)):
        context.say("No pictures to label yet. Add some: client.py upload PHOTO")
    elif draw.is_short:
        context.say(f"{len(draw.keys)} of {count}: no more pictures that {token} has not answered")


def annotator_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--annotator`, for commands that label."""
    parser.add_argument(
        "--annotator",
        dest="setting_annotator",
        default=argparse.SUPPRESS,
        metavar="NAME",
        help="who labels (default: the name kept on this machine)",
    )


def _label_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--count",
        type=int,
        default=ROUND,
        metavar="N",
        help=f"pictures of a round (default: {ROUND})",
    )
    annotator_argument(parser)
    json_argument(parser)


def _answer(context: Context) -> None:
    """Write down one answer."""
    from labapp.cloud.bucket import Bucket
    from labapp.dataset import label_writer, stored_pictures
    from labapp.labels.label_file import Label

    token = own_token(context)
    bucket = Bucket(context.cloud(bucket_only=True))
    key = stored_pictures.find(bucket, context.arguments.key)
    before: list[Entry] = []
    entry = label_writer.answer(bucket, key, Label(context.arguments.label), token, before.append)
    for one in before:
        when = context.clock(format_time(one.at)) if one.at else ""
        context.say(f"{replaced_note(one, when)} --annotator names another.")
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
    word = entry.answer.name if entry.answer else ""
    context.row(key, str(entry.label.value), word, entry.annotator)


def _answer_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="the picture's key, as 'label' lists it")
    parser.add_argument("label", choices=[*map(str, sorted(BY_CODE))], help=MEANINGS)
    annotator_argument(parser)
    json_argument(parser)


def _annotator(menu: MenuSession) -> str:
    from labapp.dataset import annotator as names
    from labapp.labels.label_file import annotator_name

    token = names.annotator(menu.context.settings)
    return annotator_name(token) if token else "asked before you label"


def _why_no_other_name(menu: MenuSession) -> str:
    """Return what sets the name, since that goes before the one kept here; empty if nothing."""
    from labapp.labels.label_file import annotator_name, annotator_token

    given = menu.context.settings.annotator
    if not given:
        return ""
    name = annotator_name(annotator_token(given))
    return f"{name}, set by the {menu.context.loaded.origins['annotator']}"


_CHOICE = " or ".join(f"{each.title} ({each.code})" for each in CLASSES)

COMMANDS = (
    Command(
        "label",
        "label random pictures that you have not answered; in a pipe: list their keys",
        _label,
        _label_arguments,
        ("label --annotator ana", "label --count 8 --json"),
        lines=(
            Line(f"Label pictures: {POSITIVE.name} or not", "labelling.screen:run"),
            Line(
                "Change my name",
                "labelling.screen:rename",
                key="n",
                note=_annotator,
                disabled=_why_no_other_name,
                flag="--annotator",
            ),
        ),
        documents=(list_of("key", "name"),),
    ),
    Command(
        "answer",
        f"say of one picture whether it is {_CHOICE}",
        _answer,
        _answer_arguments,
        ("answer images/0a1b2c3d4e5f6071-lunch.jpg 1 --annotator ana",),
        documents=(
            Document(
                ("key", "label", "annotator", "id", "labelled_at", "replaces"),
                notes={"replaces": REPLACES},
            ),
        ),
        unlisted=f"{' and '.join(each.key for each in CLASSES)} on the page of a picture answer it",
    ),
)
