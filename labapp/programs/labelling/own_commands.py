"""client.py's commands about one's own answers: flag, undo, answers."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from labapp.errors import LabappError, MissingResourceError, RefusedError
from labapp.labels.tokens import annotator_name
from labapp.programs.labelling import leftovers
from labapp.programs.labelling.commands import annotator_argument, own_token
from labapp.programs.labelling.table import MINE, SAID, Said
from labapp.programs.shell.arguments import changing_arguments, newest_arguments

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.labels.label_file import Entry
    from labapp.programs.shell.context import Context

#: Answers that are listed, unless `-n` says otherwise.
NEWEST = 20


def flag(context: Context) -> None:
    """Flag a picture as broken."""
    from ulid import ULID

    from labapp import utc
    from labapp.dataset import answers, layouts, stored_pictures
    from labapp.labels import label_file

    token, bucket = own_token(context), context.bucket()
    if not layouts.writable(bucket).is_own:
        raise RefusedError(
            "a lab's own layout holds answers only, and no flags",
            "Tell the lab's own people, or use labapp's own layout.",
        )
    entry = label_file.broken(utc.now(), token, str(ULID()), " ".join(context.arguments.why))
    if not context.dry:
        leftovers.tell(context, bucket)
    key = stored_pictures.find(bucket, context.arguments.key)
    if not context.dry:
        answers.write(bucket, key, entry)
    _show(context, bucket, key, entry, "flagged")


def flag_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `flag` takes."""
    from labapp.labels.tokens import MAX_TOKEN

    parser.add_argument(
        "key", metavar="KEY", help="the picture's key, as 'label' lists it, or its name"
    )
    parser.add_argument(
        "why", metavar="WHY", nargs="+",
        help=f"what is wrong with it, in a word or a few of {MAX_TOKEN} letters in all",
    )  # fmt: skip
    annotator_argument(parser)
    changing_arguments(parser)


def undo(context: Context) -> None:
    """Take back what the annotator said last, or of one picture."""
    from labapp.dataset import answers, layouts, mine, stored_pictures

    token, bucket = own_token(context), context.bucket()
    layouts.writable(bucket)
    if not context.dry:
        leftovers.tell(context, bucket)
    name = annotator_name(token)
    if context.arguments.key:
        key = stored_pictures.find(bucket, context.arguments.key)
        said = mine.said_of(bucket, key, token)
        if not said:
            raise MissingResourceError(
                f"{name} has said nothing of {key} that stands", "'answers' lists what was said."
            )
        entry = said[-1]
    else:
        found = next(mine.latest(bucket, token, lambda: _look(bucket)), None)
        if found is None:
            raise MissingResourceError(
                f"there is nothing of {name}'s to take back", "--annotator names another."
            )
        key, entry = found
    if not context.dry:
        answers.undo(bucket, key, entry)
    _show(context, bucket, key, entry, "taken back")


def undo_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `undo` takes."""
    parser.add_argument(
        "key", metavar="KEY", nargs="?", help="the picture's key (default: that of the last answer)"
    )
    annotator_argument(parser)
    changing_arguments(parser)


def list_answers(context: Context) -> None:
    """List what the annotator has said."""
    from labapp.dataset import mine
    from labapp.labels.remarks import withdrawn_line

    token, most = own_token(context), context.limit
    bucket = context.bucket()
    leftovers.tell(context, bucket)
    look = _look(bucket)
    said = [
        Said(key, entry, look.scheme, look.layout) for key, entry in mine.said(look, bucket, token)
    ]
    context.show(MINE, said[:most])
    if not context.arguments.json:
        context.say_if_cut(min(most, len(said)), len(said), "answer")
        if told := withdrawn_line(look.written, token):
            context.say(told)


def answers_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `answers` takes."""
    annotator_argument(parser)
    newest_arguments(parser, NEWEST)


def _look(bucket: Bucket) -> DatasetSnapshot:
    from labapp.dataset.statistics import Statistics
    from labapp.programs.dataset.looking import look_with_progress

    with contextlib.closing(Statistics(bucket)) as statistics:
        look = look_with_progress(statistics)
    if look.unread:
        raise LabappError("stopped before all label files were read", "What was read is kept.")
    return look


def _show(context: Context, bucket: Bucket, key: str, entry: Entry, done: str) -> None:
    """Write what was said, and what became of it."""
    from labapp.dataset import counting, layouts

    scheme = counting.scheme_of(bucket)
    said = Said(key, entry, scheme, layouts.of(bucket), context.outcome(done))
    if context.arguments.json:
        context.json(SAID.document(said))
    else:
        context.show(SAID, [said])
