"""admin.py's command import: answers out of files, put back where their pictures are."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, Any

from labapp.console.figures import one_line
from labapp.errors import RefusedError
from labapp.programs.shell.arguments import dry_argument, json_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from labapp.dataset.importing import Outcome, State

#: Refused rows of a file that are told one by one; --json has all.
TOLD = 20


def _import(context: Context) -> int:
    from labapp.cloud.bucket import Bucket
    from labapp.console import progress
    from labapp.dataset import importing

    files = importing.files_of(context.arguments.file)
    rows, passed = importing.rows_of(files)
    for told in passed.values():
        context.say(one_line(f"passed over: {told}"))
    files = [path for path in files if path not in passed]
    bucket = Bucket(context.cloud(bucket_only=True))
    outcomes = []
    try:
        with progress.transfer("importing", len(rows), "answers") as bar:
            put_in = importing.put_in(bucket, rows, dry=context.dry, stop=bar.stopped)
            for outcome in put_in:
                outcomes.append(outcome)
                bar.moved(1)
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

    if context.arguments.json:
        context.json([_fields(context, one) for one in outcomes])
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


def refusal(one: Outcome) -> str:
    """Return why a row is not taken, with the number of its line."""
    return f"{one.path}:{one.line}: {one.reason}"


def _state(context: Context, state: State) -> str:
    from labapp.dataset.importing import State

    return state.value if state is State.THERE else context.outcome(state.value)


def _fields(context: Context, one: Outcome) -> dict[str, Any]:
    """Return an answer's outcome as `import --json` has it."""
    from labapp.labels.label_file import format_time

    entry = one.row.given.entry if one.row.given else None
    return {
        "path": str(one.path),
        "line": one.line,
        "state": _state(context, one.state),
        "key": one.key,
        "label": int(entry.label) if entry and entry.is_answer else None,
        "annotator": entry.annotator if entry else None,
        "labelled_at": format_time(entry.at) if entry and entry.at else None,
        "answer_id": entry.answer_id if entry else None,
        "reason": one.reason,
    }


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="+",
        metavar="FILE",
        help="answers.csv, answers.jsonl or Label Studio's JSON, or the folder of an export",
    )
    json_argument(parser)
    dry_argument(parser)


IMPORT = Command(
    "import",
    "put exported labels back; an answer that is there already is not added again",
    _import,
    _import_arguments,
    ("import labels/", "import tasks.json --dry-run", "import answers.csv answers.jsonl --json"),
    lines=(
        Line(
            "Import labels",
            "dataset.import_screen:run",
            key="8",
            note="what was exported, or Label Studio's",
        ),
    ),
)
