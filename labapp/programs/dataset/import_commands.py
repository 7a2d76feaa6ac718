"""admin.py's command import: answers out of files, put back where their pictures are."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, Any

from labapp.console.figures import one_line
from labapp.errors import RefusedError
from labapp.programs.dataset.table import IMPORTED
from labapp.programs.shell.arguments import dry_argument, json_argument
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from labapp.dataset.importing import Outcome, State

#: Refused rows of a file that are told one by one; --json has all.
TOLD = 20


def import_answers(context: Context) -> int:
    """Put exported answers back; return 3 where a row was refused, 130 where it was stopped."""
    from labapp.cloud.bucket import Bucket
    from labapp.console import progress
    from labapp.dataset import importing
    from labapp.programs.dataset import actions

    files = importing.files_of(context.arguments.file)
    rows, passed = importing.rows_of(files)
    for told in passed.values():
        context.say(one_line(f"passed over: {told}"))
    files = [path for path in files if path not in passed]
    bucket = Bucket(context.cloud(bucket_only=True))
    outcomes: list[importing.Outcome] = []
    try:
        with progress.transfer("importing", len(rows), "answers", lines=False) as bar:
            for outcome in actions.put_in(bucket, rows, bar, dry=context.dry):
                outcomes.append(outcome)
    finally:  # what was done before an error is told too
        place = {id(row): number for number, (_, row) in enumerate(rows)}
        outcomes.sort(key=lambda one: place[id(one.row)])  # they come as pictures are through
        _tell(context, outcomes, files)
    if left := len(rows) - len(outcomes):
        context.say(f"stopped; {left:,} answers not begun. Import again: none is added twice")
        return 130
    refused = any(one.state is importing.State.REFUSED for one in outcomes)
    return RefusedError.exit_code if refused else 0


def _tell(context: Context, outcomes: Sequence[Outcome], files: Sequence[Path]) -> None:
    from labapp.dataset.importing import State
    from labapp.programs.dataset.actions import refusal

    if context.arguments.json:
        context.json(
            [{**IMPORTED.document(one), "state": _state(context, one.state)} for one in outcomes]
        )
    for path in files:
        its = [one for one in outcomes if one.path == path]
        if not context.arguments.json:
            context.line(f"{path}: {summary(its, lambda state: _state(context, state))}")
        refused = [one for one in its if one.state is State.REFUSED]
        for one in refused[:TOLD]:
            context.say(refusal(one))
        if len(refused) > TOLD:
            more = len(refused) - TOLD
            context.say(f"{path}: and {more:,} more refused; --json tells of all")


def summary(outcomes: Sequence[Outcome], word: Any = str) -> str:
    """Return how many answers ended how, in one line."""
    from labapp.dataset.importing import State

    counts = Counter(one.state for one in outcomes)
    always = (State.ADDED, State.THERE)
    return ", ".join(f"{counts[s]:,} {word(s)}" for s in State if counts[s] or s in always)


def _state(context: Context, state: State) -> str:
    from labapp.dataset.importing import State

    return state.value if state is State.THERE else context.outcome(state.value)


def import_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `import` takes."""
    from labapp.labels.export import FORMATS

    names = ", ".join(each.answers for each in FORMATS.values() if each.answers)
    parser.add_argument(
        "file",
        nargs="+",
        metavar="FILE",
        help=f"{names}, Label Studio's own JSON, or the folder of an export",
    )
    json_argument(parser)
    dry_argument(parser)
