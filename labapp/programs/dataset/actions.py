"""What is done to the dataset, for commands and menus alike: each tells a `Progress` as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.dataset import importing, removal
from labapp.dataset.upload import Outcome, State, Uploader
from labapp.errors import LabappError
from labapp.jobs.picture_request import limits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from labapp.cloud.bucket import Bucket
    from labapp.dataset.removal import Removal
    from labapp.pictures.files import Selection
    from labapp.programs.shell.context import Context
    from labapp.progress import Progress


def upload(
    bucket: Bucket,
    selection: Selection,
    progress: Progress,
    line: Callable[[Outcome], str],
    *,
    dry: bool = False,
) -> tuple[list[Outcome], LabappError | None]:
    """Upload files; those that an error kept from being added are told, too.

    Args:
        bucket: where they go.
        selection: the files.
        progress: told of each file and its bytes; where it is stopped, no other file is begun.
        line: returns what is told of a file; empty: nothing is.
        dry: only say what would become of each file.

    Returns:
        What became of the files, and the error that ended it, such as what the cloud said.
    """
    limits = limits_of(bucket.cloud.settings)
    uploader = Uploader(bucket, limits, progress.moved, dry=dry)
    outcomes: list[Outcome] = []

    def keep(one: Outcome) -> None:
        outcomes.append(one)
        if text := line(one):
            good = one.state in (State.ADDED, State.THERE)
            progress.done(text, one.state.value, good=good)

    try:
        for one in uploader.upload(selection.files, progress.stopped):
            keep(one)
    except LabappError as error:
        through = {one.path for one in outcomes}
        for path in selection.files:
            if path not in through:
                keep(Outcome(path, State.LEFT, reason=str(error)))
        return outcomes, error
    return outcomes, None


def remove(
    bucket: Bucket, found: Sequence[Removal], progress: Progress, *, dry: bool = False
) -> Iterator[Removal]:
    """Take pictures out of the dataset; yield each once it is out, or would be.

    `progress` is told of each picture; where it is stopped, no other is taken out.
    """
    for one in removal.remove_all(bucket, found, dry=dry, stop=progress.stopped):
        progress.moved(1)
        progress.done(_removed_line(one, dry=dry), "removed")
        yield one


def removal_question(found: Sequence[Removal]) -> str:
    """Return what to ask before pictures are removed."""
    lines = sum(one.lines or 0 for one in found)
    if len(found) == 1:
        kept = f" Its label file ({_lines(found[0])}) is kept aside." if found[0].aside else ""
        return f"Delete the picture {found[0].key}?{kept}"
    are = "is" if lines == 1 else "are"
    kept = f" Their {plural(lines, 'line')} of labels {are} kept aside." if lines else ""
    return f"Delete {plural(len(found), 'picture')}?{kept}"


def _lines(one: Removal) -> str:
    return "too many lines to read" if one.lines is None else plural(one.lines, "line")


def _removed_line(one: Removal, *, dry: bool) -> str:
    if dry:
        return f"would remove {one.key}; {_lines(one)} of labels would be kept aside"
    return f"removed {one.key}" + (f"; its labels are kept in {one.aside}" if one.aside else "")


def becomes(context: Context, state: State | importing.State) -> str:
    """Return a state in a word; in a dry run what would become of it."""
    stays = state in (State.THERE, State.LEFT, importing.State.THERE, importing.State.OUTDONE)
    return state.value if stays else context.outcome(state.value)
