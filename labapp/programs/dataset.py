"""client.py's commands for the dataset: upload, label, answer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labapp.errors import CloudError, RefusedError, UsageError
from labapp.programs.cli import Command, Context, dry_argument, json_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.dataset.choosing import Selection
    from labapp.dataset.upload import Outcome

#: The dataset that comes with labapp, in the folder above it.
SAMPLE = Path(__file__).resolve().parents[2] / "images"

#: Pictures of one round, unless `--count` says otherwise.
ROUND = 4


def sample_set() -> list[str]:
    """Return the paths of the pictures that come with labapp."""
    from labapp.jobs.pictures import pictures_in

    return [str(path) for path in pictures_in(SAMPLE)]


def upload(context: Context, paths: Sequence[str]) -> int:
    """Upload pictures under one progress bar; write a line for each file and a summary.

    Returns:
        The exit code: 3 where a file was refused, 130 where the user stopped it.
    """
    from labapp.dataset.choosing import select
    from labapp.dataset.upload import State

    selection = select(paths)
    if selection.others:
        context.say(selection.others_line)
    if context.dry:
        return _tell_dry(context, selection)
    outcomes, stopped, error = upload_files(context, selection)
    if error is not None:
        outcomes += _left(outcomes, selection, str(error))
    if context.arguments.json:
        context.json([outcome_fields(outcome) for outcome in outcomes])
    refused = [outcome for outcome in outcomes if outcome.state is State.REFUSED]
    for outcome in refused:
        context.say(f"{outcome.path}: {outcome.reason}")
    for outcome in outcomes:
        if outcome.state is State.LEFT:
            context.say(f"{outcome.path}: {outcome.state.value}")
    context.say(summary(outcomes, len(selection.files)))
    if error is not None:
        raise error
    return 130 if stopped else RefusedError.exit_code if refused else 0


def _tell_dry(context: Context, selection: Selection) -> int:
    """Say which files would be uploaded, and which refused; return the exit code."""
    from labapp.dataset.upload import refusals
    from labapp.jobs.pictures import limits_of

    code = 0
    for path, reason in refusals(selection.files, limits_of(context.settings)):
        if reason:
            context.say(f"{path} would be refused: {reason}")
            code = RefusedError.exit_code
        else:
            context.line(f"would upload {path}")
    return code


def _left(outcomes: Sequence[Outcome], selection: Selection, reason: str) -> list[Outcome]:
    """Return the outcome of the files that an error kept from being added."""
    from labapp.dataset.upload import Outcome, State

    known = {outcome.path for outcome in outcomes}
    return [
        Outcome(path, State.LEFT, reason=reason) for path in selection.files if path not in known
    ]


def upload_files(
    context: Context, selection: Selection
) -> tuple[list[Outcome], bool, CloudError | None]:
    """Upload under a progress bar, with a line for each file; Esc stops after those under way.

    Returns:
        What became of each file that is through, whether the user stopped it, and what the cloud
        said that ended it.
    """
    from labapp.cloud.bucket import Bucket
    from labapp.console import progress, theme
    from labapp.dataset.upload import Uploader
    from labapp.jobs.pictures import limits_of

    bucket = Bucket(context.cloud(bucket_only=True))
    outcomes = []
    with progress.transfer("uploading", selection.size) as bar:
        uploader = Uploader(bucket, limits_of(context.settings), bar.advance)
        try:
            for outcome in uploader.upload(selection.files, bar.left.is_set):
                outcomes.append(outcome)
                if not getattr(context.arguments, "json", False):
                    dots = theme.current().glyphs.ellipsis
                    bar.done(f"uploading {outcome.path.name} {dots} {_ending(outcome)}")
        except CloudError as error:
            return outcomes, False, error
        return outcomes, bar.left.is_set() and len(outcomes) < len(selection.files), None


def summary(outcomes: Sequence[Outcome], files: int) -> str:
    """Return one line on an upload: how many were added, were there, were refused, are left."""
    from labapp.dataset.upload import State

    tally = {state: sum(one.state is state for one in outcomes) for state in State}
    counts = [
        f"{count:,} {state.value}" for state, count in tally.items() if count or state != State.LEFT
    ]
    left = files - len(outcomes)
    return ", ".join([*counts, f"{left:,} not begun"] if left else counts)


def outcome_fields(outcome: Outcome) -> dict[str, Any]:
    """Return a file's outcome as `upload --json` has it."""
    return {
        "path": str(outcome.path),
        "state": outcome.state.value,
        "key": outcome.key or None,
        "reason": outcome.reason or None,
    }


def _ending(outcome: Outcome) -> str:
    from labapp.dataset.upload import State

    return "done" if outcome.state is State.ADDED else outcome.state.value


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
    from labapp.dataset.sample import Sampler
    from labapp.labels.keys import IMAGES, is_image_key, picture_name

    count = context.arguments.count
    if count < 1:
        raise UsageError(f"--count is {count}", "Give the number of pictures, 1 or more.")
    if theme.is_interactive() and not context.arguments.json:
        from labapp.programs.screens import label_screen

        label_screen.open_round(context, count)
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
        context.line(key)
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
    from labapp.dataset import images, record
    from labapp.labels.line import Label, format_time

    token = own_token(context)
    bucket = Bucket(context.cloud(bucket_only=True))
    key = images.find(bucket, context.arguments.key)
    entry = record.answer(bucket, key, Label(context.arguments.label), token)
    if context.arguments.json:
        context.json(
            {
                "key": key,
                "label": int(entry.label),
                "annotator": entry.annotator,
                "id": entry.answer_id,
                "labelled_at": format_time(entry.at) if entry.at else None,
            }
        )
        return
    word = "hot dog" if entry.label is Label.HOT_DOG else "other"
    context.line(f"{key}\t{entry.label.value}\t{word}\t{entry.annotator}")


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
        ("upload lunch.jpg", "upload photos/ '*.png' --json"),
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
