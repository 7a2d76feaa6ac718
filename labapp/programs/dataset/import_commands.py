"""`admin.py import`: answers, or a model's predictions, out of files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import progress
from labapp.console.figures import one_line, plural, size
from labapp.dataset import counting, importing, layouts, predicting
from labapp.errors import RefusedError, UsageError
from labapp.labels.tokens import annotator_token
from labapp.programs.dataset import actions, import_actions
from labapp.programs.dataset.table import IMPORTED, PREDICTED
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from labapp.dataset.importing import Outcome
    from labapp.labels.classes import Scheme
    from labapp.labels.importing import Row
    from labapp.programs.shell.table import Table

#: Refused rows of a file that are told one by one; --dry-run and --json tell all.
TOLD = 20

#: Bytes of files that take some seconds to be read.
_LARGE = 20_000_000


def run(context: Context) -> int:
    """Import what was asked; return 3 where a row was refused, 130 where it was stopped."""
    layouts.layout_of(context.settings).check_writable()
    asked = context.arguments
    if asked.remove:
        return _remove_predictions(context)
    if not asked.file:
        raise UsageError("there is no file to import", "Name one, or the folder of an export.")
    if asked.predictions and asked.annotator:
        raise UsageError("predictions are nobody's answers", "Leave --annotator out.")
    if asked.annotator:
        annotator_token(asked.annotator)
    files = importing.files_of(asked.file)
    scheme = counting.scheme_of(context.bucket())
    if (octets := importing.octets_of(files)) > _LARGE:
        context.say(f"reading {size(octets)}")
    rows, passed = importing.rows_of(files, scheme, asked.annotator, predicted=asked.predictions)
    for told in passed.values():
        context.say(one_line(f"passed over: {told}"))
    files = [path for path in files if path not in passed]
    if asked.predictions:
        return _import_predictions(context, rows, files, scheme)
    return _import_answers(context, rows, files, scheme)


def _import_answers(
    context: Context, rows: Sequence[tuple[Path, Row]], files: Sequence[Path], scheme: Scheme
) -> int:
    bucket = context.bucket()
    outcomes: list[Outcome] = []
    try:
        with progress.transfer("importing", len(rows), "answers", lines=False) as bar:
            for outcome in import_actions.put_in(bucket, rows, bar, dry=context.dry):
                outcomes.append(outcome)
    finally:  # what was done before an error is told too
        place = {id(row): number for number, (_, row) in enumerate(rows)}
        outcomes.sort(key=lambda one: place[id(one.row)])  # they come as pictures are through
        _tell(context, IMPORTED, outcomes, files, scheme)
    named = import_actions.withdrawal_line(
        outcomes, context.arguments.annotator, layouts.of(bucket)
    )
    if named and not context.dry:
        context.say(named)
    if left := len(rows) - len(outcomes):
        context.say(f"stopped; {left:,} answers not begun. Import again: none is added twice")
        return 130
    return _code(outcomes)


def _import_predictions(
    context: Context, rows: Sequence[tuple[Path, Row]], files: Sequence[Path], scheme: Scheme
) -> int:
    outcomes = predicting.put_in(context.bucket(), rows, dry=context.dry)
    _tell(context, PREDICTED, outcomes, files, scheme)
    return _code(outcomes)


def _remove_predictions(context: Context) -> int:
    if context.arguments.file or not context.arguments.predictions:
        raise UsageError(
            "--remove takes all predictions away, and nothing else",
            "Say 'import --predictions --remove', without a file.",
        )
    outcomes = predicting.remove(context.bucket(), dry=context.dry)
    if context.arguments.json:
        _tell_json(context, PREDICTED, outcomes)
    else:
        removed = context.outcome("removed")
        context.line(f"{plural(len(outcomes), 'prediction')} {removed}")
    return 0


def _code(outcomes: Sequence[Outcome]) -> int:
    refused = any(one.state is importing.State.REFUSED for one in outcomes)
    return RefusedError.exit_code if refused else 0


def _tell_json(context: Context, table: Table[Outcome], outcomes: Sequence[Outcome]) -> None:
    context.json(
        [{**table.document(one), "state": actions.becomes(context, one.state)} for one in outcomes]
    )


def _tell(
    context: Context,
    table: Table[Outcome],
    outcomes: Sequence[Outcome],
    files: Sequence[Path],
    scheme: Scheme,
) -> None:
    if context.arguments.json:
        _tell_json(context, table, outcomes)
    by_file: dict[Path, list[Outcome]] = {path: [] for path in files}
    for one in outcomes:
        by_file[one.path].append(one)
    for path, its in by_file.items():
        if not context.arguments.json:
            line = import_actions.counts_line(its, partial(actions.becomes, context))
            context.line(f"{path}: {line}")
        refused = [one for one in its if one.state is importing.State.REFUSED]
        told = refused if context.dry else refused[:TOLD]
        for one in told:
            context.say(one_line(import_actions.refusal(one)))
        if more := len(refused) - len(told):
            context.say(f"{path}: and {more:,} more refused; --dry-run and --json tell of all")
        others = import_actions.other_names_line(its, scheme)
        for line in [*import_actions.fault_lines(its, scheme), *filter(None, [others])]:
            context.say(one_line(f"{path}: {line}"))
