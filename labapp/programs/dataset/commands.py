"""client.py's commands for the dataset: upload, label, answer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labapp.console.figures import one_line
from labapp.errors import LabappError, RefusedError, UsageError
from labapp.programs.shell.arguments import dry_argument, folder_arguments, json_argument
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.dataset.picture_files import Selection
    from labapp.dataset.upload import Outcome, State
    from labapp.labels.label_file import Entry

#: The dataset that comes with labapp, in the folder above it.
SAMPLE = Path(__file__).resolve().parents[3] / "images"

#: Its pictures; whatever else lies there, such as results of tries, is none of them.
SAMPLE_NAMES = tuple(f"{number}.jpg" for number in range(1, 21))

#: Pictures of one round, unless `--count` says otherwise.
ROUND = 4


def sample_set() -> list[str]:
    """Return the paths of the pictures that come with labapp."""
    every = [SAMPLE / name for name in SAMPLE_NAMES]
    return [str(path) for path in every if path.is_file()] or [str(path) for path in every]


def upload(context: Context, paths: Sequence[str]) -> int:
    """Upload pictures under one progress bar; write a line for each file and a summary.

    Returns:
        The exit code: 3 where a file was refused, 130 where the user stopped it.
    """
    from labapp.dataset.upload import State

    selection = _chosen(context, paths)
    outcomes, stopped, error = upload_files(context, selection)
    if error is not None:
        outcomes += _left(outcomes, selection, str(error))
    if context.dry:
        place = {path: number for number, path in enumerate(selection.files)}
        outcomes.sort(key=lambda outcome: place[outcome.path])
    _tell(context, outcomes)
    context.say(summary(context, outcomes, len(selection.files)))
    if error is not None:
        raise error
    refused = any(outcome.state is State.REFUSED for outcome in outcomes)
    return 130 if stopped else RefusedError.exit_code if refused else 0


def _chosen(context: Context, paths: Sequence[str]) -> Selection:
    """Find the files that are meant, and say what is left out."""
    from labapp.dataset.picture_files import select
    from labapp.jobs.saved import saved_here

    arguments = context.arguments
    selection = select(paths, recursive=arguments.recursive, results=arguments.results)
    if selection.listed and not arguments.results:
        selection = selection.without(saved_here(context.cloud(bucket_only=True)))
    for note in selection.notes:
        context.say(one_line(note))
    return selection


def _tell(context: Context, outcomes: Sequence[Outcome]) -> None:
    """Write what became of the files, less the lines that were written as they came."""
    from labapp.dataset.upload import State

    if context.arguments.json:
        context.json([outcome_fields(context, outcome) for outcome in outcomes])
    elif context.dry:
        for outcome in outcomes:
            if not outcome.reason:
                context.row(_dry_line(outcome))
    for outcome in outcomes:
        if outcome.state is State.REFUSED:
            would_be = " would be refused" if context.dry else ""
            context.say(one_line(f"{outcome.path}{would_be}: {outcome.reason}"))
    for outcome in outcomes:
        if outcome.state is State.LEFT:
            context.say(one_line(f"{outcome.path}: {outcome.state.value}"))


def _left(outcomes: Sequence[Outcome], selection: Selection, reason: str) -> list[Outcome]:
    """Return the outcome of the files that an error kept from being added."""
    from labapp.dataset.upload import Outcome, State

    known = {outcome.path for outcome in outcomes}
    return [
        Outcome(path, State.LEFT, reason=reason) for path in selection.files if path not in known
    ]


def upload_files(
    context: Context, selection: Selection
) -> tuple[list[Outcome], bool, LabappError | None]:
    """Upload under a progress bar, with a line for each file; Esc stops after those under way.

    Returns:
        What became of each file that is through, whether the user stopped it, and the error that
        ended it, such as what the cloud said.
    """
    from labapp.cloud.bucket import Bucket
    from labapp.console import progress
    from labapp.dataset.upload import Uploader
    from labapp.jobs.picture_client import limits_of

    bucket = Bucket(context.cloud(bucket_only=True))
    outcomes = []
    with progress.transfer("uploading", selection.size) as bar:
        limits = limits_of(context.settings)
        uploader = Uploader(bucket, limits, bar.advance, dry=context.dry)
        try:
            for outcome in uploader.upload(selection.files, bar.left.is_set):
                outcomes.append(outcome)
                if not context.arguments.json and not context.dry:
                    bar.done(_line(outcome))
        except LabappError as error:
            return outcomes, False, error
        return outcomes, bar.left.is_set() and len(outcomes) < len(selection.files), None


def summary(context: Context, outcomes: Sequence[Outcome], files: int) -> str:
    """Return one line on an upload: how many were added, were there, were refused, are left."""
    from labapp.dataset.upload import State

    tally = {state: sum(one.state is state for one in outcomes) for state in State}
    counts = [
        f"{count:,} {_state(context, state)}"
        for state, count in tally.items()
        if count or state is not State.LEFT
    ]
    if left := files - len(outcomes):
        counts.append(f"{left:,} not begun")
    if back := sum(outcome.labels for outcome in outcomes):
        counts.append(f"{back:,} {'line' if back == 1 else 'lines'} of earlier labels back")
    return ", ".join(counts)


def outcome_fields(context: Context, outcome: Outcome) -> dict[str, Any]:
    """Return a file's outcome as `upload --json` has it."""
    return {
        "path": str(outcome.path),
        "state": _state(context, outcome.state),
        "key": outcome.key,
        "reason": outcome.reason,
        "labels": outcome.labels,
    }


def _state(context: Context, state: State) -> str:
    from labapp.dataset.upload import State

    becomes = state in (State.ADDED, State.REFUSED)
    return context.fate(state.value) if becomes else state.value


def _line(outcome: Outcome) -> str:
    from labapp.console import theme
    from labapp.dataset.upload import State

    ending = "done" if outcome.state is State.ADDED else outcome.state.value
    return f"uploading {outcome.path.name} {theme.current().glyphs.ellipsis} {ending}"


def _dry_line(outcome: Outcome) -> str:
    from labapp.dataset.upload import State

    added = outcome.state is State.ADDED
    return f"would upload {outcome.path}" if added else f"{outcome.path} is there already"


def _upload(context: Context) -> int:
    return upload(context, context.arguments.path)


def upload_arguments(parser: argparse.ArgumentParser, *, default: str = "") -> None:
    """Add what `upload` takes.

    Args:
        parser: the sub-command's.
        default: what is uploaded where no path is given; empty: one must be given.
    """
    parser.add_argument(
        "path",
        nargs="*" if default else "+",
        metavar="PATH",
        help="pictures, folders, patterns" + (f" (default: {default})" if default else ""),
    )
    folder_arguments(parser)
    json_argument(parser)
    dry_argument(parser)


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
    from labapp.labels.object_keys import IMAGES, is_image_key, picture_name

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
    if not draw.keys and not any(is_image_key(one.key) for one in bucket.list(IMAGES)):
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
    from labapp.dataset import images, label_writer
    from labapp.labels.label_file import Label, format_time

    token = own_token(context)
    bucket = Bucket(context.cloud(bucket_only=True))
    key = images.find(bucket, context.arguments.key)
    before: list[Entry] = []
    entry = label_writer.answer(bucket, key, Label(context.arguments.label), token, before.append)
    for one in before:
        when = context.clock(format_time(one.at)) if one.at else ""
        context.say(f"{answered_before(one, when)} --annotator names another.")
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
    word = "hot dog" if entry.label is Label.HOT_DOG else "other"
    context.row(key, str(entry.label.value), word, entry.annotator)


def answered_before(before: Entry, when: str) -> str:
    """Say that an answer was replaced which the same name had given in another session.

    Args:
        before: the answer that counted until now.
        when: it was given, as it is to be shown.
    """
    from labapp.labels.label_file import Label, annotator_name

    word = "hot dog" if before.label is Label.HOT_DOG else "other"
    return (
        f"{annotator_name(before.annotator)} had answered it before, in another session"
        f" ({word}, {when}). Only the new answer counts. Does somebody else use that name?"
    )


def _answer_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="the picture's key, as 'label' lists it")
    parser.add_argument("label", choices=["0", "1"], help="1 hot dog, 0 other")
    annotator_argument(parser)
    json_argument(parser)


COMMANDS = (
    Command(
        "upload",
        "add pictures to those that are to be labelled",
        _upload,
        upload_arguments,
        ("upload lunch.jpg", 'upload photos/ "*.png" --json'),
    ),
    Command(
        "label",
        "label random pictures that you have not answered; in a pipe: list their keys",
        _label,
        _label_arguments,
        ("label --annotator ana", "label --count 8 --json"),
    ),
    Command(
        "answer",
        "say of one picture whether it is a hot dog (1) or another thing (0)",
        _answer,
        _answer_arguments,
        ("answer images/0a1b2c3d4e5f6071-lunch.jpg 1 --annotator ana",),
    ),
)
