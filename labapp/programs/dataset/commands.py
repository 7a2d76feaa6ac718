"""The commands of the dataset's pictures: client.py's upload; admin.py's upload and images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console import progress, theme
from labapp.console.figures import one_line
from labapp.dataset import layouts, removal, stored_pictures
from labapp.dataset.sample_set import sample_set
from labapp.dataset.upload import Outcome, State
from labapp.errors import LabappError, RefusedError
from labapp.files import typed_paths
from labapp.jobs.saving import saved_here
from labapp.pictures.files import select
from labapp.programs.dataset import actions
from labapp.programs.dataset.table import PICTURES, REMOVED, UPLOADED, Picture
from labapp.programs.dataset.words import no_pictures
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.dataset.removal import Removal
    from labapp.pictures.files import Selection


def upload(context: Context) -> int:
    """Upload what was named, else the sample set; a line for each file, and a summary.

    Returns:
        The exit code: 3 where a file was refused, 130 where the user stopped it.
    """
    layouts.layout_of(context.settings).check_writable()
    selection = _chosen(context)
    bucket, dry = context.bucket(), context.dry
    lines = not (context.arguments.json or dry)
    with progress.transfer("uploading", selection.size, lines=lines) as bar:
        outcomes, error = actions.upload(bucket, selection, bar, _line, dry=dry)
    if dry:
        place = {path: number for number, path in enumerate(selection.files)}
        outcomes.sort(key=lambda outcome: place[outcome.path])
    _tell_uploaded(context, outcomes)
    context.say(_uploaded_line(context, outcomes, len(selection.files)))
    if error is not None:
        raise error
    refused = any(outcome.state is State.REFUSED for outcome in outcomes)
    stopped = bar.stopped() and len(outcomes) < len(selection.files)
    return 130 if stopped else RefusedError.exit_code if refused else 0


def _chosen(context: Context) -> Selection:
    """Find the files that are meant, and say what is left out."""
    asked = context.arguments
    selection = select(asked.path or sample_set(), recursive=asked.recursive, results=asked.results)
    if selection.listed and not asked.results:
        selection = selection.without(saved_here(context.cloud(bucket_only=True)))
    for note in selection.notes:
        context.say(one_line(note))
    return selection


def _tell_uploaded(context: Context, outcomes: Sequence[Outcome]) -> None:
    """Write what became of the files, less the lines that were written as they came."""
    if context.arguments.json:
        context.json(
            [
                {**UPLOADED.document(one), "state": actions.becomes(context, one.state)}
                for one in outcomes
            ]
        )
    elif context.dry:
        for one in outcomes:
            if not one.reason:
                added = one.state is State.ADDED
                context.row(f"would upload {one.path}" if added else f"{one.path} is there already")
    for one in outcomes:
        if one.state is State.REFUSED:
            would_be = " would be refused" if context.dry else ""
            context.say(one_line(f"{one.path}{would_be}: {one.reason}"))
    for one in outcomes:
        if one.state is State.LEFT:
            context.say(one_line(f"{one.path}: {one.state.value}"))


def _uploaded_line(context: Context, outcomes: Sequence[Outcome], files: int) -> str:
    """Return one line on an upload: how many were added, were there, were refused, are left."""
    tally = {state: sum(one.state is state for one in outcomes) for state in State}
    counts = [
        f"{count:,} {actions.becomes(context, state)}"
        for state, count in tally.items()
        if count or state is not State.LEFT
    ]
    if left := files - len(outcomes):
        counts.append(f"{left:,} not begun")
    if back := sum(outcome.labels for outcome in outcomes):
        counts.append(f"{back:,} {'line' if back == 1 else 'lines'} of earlier labels back")
    return ", ".join(counts)


def _line(outcome: Outcome) -> str:
    if outcome.state is State.LEFT:
        return ""  # which is said at the end
    ending = "done" if outcome.state is State.ADDED else outcome.state.value
    return f"uploading {outcome.path.name} {theme.current().glyphs.ellipsis} {ending}"


def list_pictures(context: Context) -> None:
    """List the pictures of the dataset."""
    bucket = context.bucket()
    layout = layouts.of(bucket)
    found = (Picture(one, layout) for one in stored_pictures.list_pictures(bucket))
    context.show(PICTURES, found, empty=no_pictures(layout))


def remove_pictures(context: Context) -> int:
    """Take pictures out of the dataset; return 130 where the user stopped it."""
    bucket = context.bucket()
    layouts.writable(bucket)
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
