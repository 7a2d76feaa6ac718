"""client.py's command for the dataset: upload."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.console.figures import one_line
from labapp.errors import RefusedError
from labapp.programs.dataset.table import UPLOADED
from labapp.programs.shell.arguments import dry_argument, folder_arguments, json_argument
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.dataset.upload import Outcome, State
    from labapp.pictures.files import Selection


def upload_files(context: Context, paths: Sequence[str]) -> int:
    """Upload pictures under one progress bar; write a line for each file and a summary.

    Returns:
        The exit code: 3 where a file was refused, 130 where the user stopped it.
    """
    from labapp.cloud.bucket import Bucket
    from labapp.console import progress
    from labapp.dataset.upload import State
    from labapp.programs.dataset import actions

    selection = _chosen(context, paths)
    bucket, dry = Bucket(context.cloud(bucket_only=True)), context.dry
    lines = not (context.arguments.json or dry)
    with progress.transfer("uploading", selection.size, lines=lines) as bar:
        outcomes, error = actions.upload(bucket, selection, bar, _line, dry=dry)
    if dry:
        place = {path: number for number, path in enumerate(selection.files)}
        outcomes.sort(key=lambda outcome: place[outcome.path])
    _tell(context, outcomes)
    context.say(summary(context, outcomes, len(selection.files)))
    if error is not None:
        raise error
    refused = any(outcome.state is State.REFUSED for outcome in outcomes)
    stopped = bar.stopped() and len(outcomes) < len(selection.files)
    return 130 if stopped else RefusedError.exit_code if refused else 0


def _chosen(context: Context, paths: Sequence[str]) -> Selection:
    """Find the files that are meant, and say what is left out."""
    from labapp.jobs.saving import saved_here
    from labapp.pictures.files import select

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
        context.json(
            [{**UPLOADED.document(one), "state": _state(context, one.state)} for one in outcomes]
        )
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


def _state(context: Context, state: State) -> str:
    from labapp.dataset.upload import State

    becomes = state in (State.ADDED, State.REFUSED)
    return context.outcome(state.value) if becomes else state.value


def _line(outcome: Outcome) -> str:
    from labapp.console import theme
    from labapp.dataset.upload import State

    if outcome.state is State.LEFT:
        return ""  # which is said at the end
    ending = "done" if outcome.state is State.ADDED else outcome.state.value
    return f"uploading {outcome.path.name} {theme.current().glyphs.ellipsis} {ending}"


def _dry_line(outcome: Outcome) -> str:
    from labapp.dataset.upload import State

    added = outcome.state is State.ADDED
    return f"would upload {outcome.path}" if added else f"{outcome.path} is there already"


def upload(context: Context) -> int:
    """Upload what was named; see `upload_files`."""
    return upload_files(context, context.arguments.path)


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
