"""Put predictions out of files into the bucket: one for each picture, the latest row of all.

What files do not name stays as it is, so a model may be run on a part of the pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from labapp.cloud.bucket import Bucket
from labapp.dataset import layouts, predictions
from labapp.dataset.importing import Outcome, State
from labapp.dataset.picture_finder import Pictures, fault_of
from labapp.dataset.stored_pictures import list_pictures
from labapp.errors import RefusedError
from labapp.labels.importing import Row
from labapp.labels.predictions import Prediction, Predictions


def put_in(bucket: Bucket, rows: Sequence[tuple[Path, Row]], *, dry: bool = False) -> list[Outcome]:
    """Put predictions that `importing.rows_of` read in place of those of the same pictures.

    Args:
        bucket: where they go.
        rows: the predictions.
        dry: only say what would become of each.

    Returns:
        What became of each, in the order of the rows.

    Raises:
        RefusedError: this layout is read only, or there would be more than can be kept.
        CloudError: the bucket cannot be read or written; nothing is in then.
    """
    layout = layouts.writable(bucket)
    pictures = Pictures((each.key for each in list_pictures(bucket)), layout)
    placed: list[str | RefusedError] = []
    new: dict[str, Prediction] = {}
    last: dict[str, int] = {}
    for number, (_, row) in enumerate(rows):
        try:
            key = pictures.key(row)
        except RefusedError as error:
            placed.append(error)
            continue
        placed.append(key)
        if row.prediction is not None:
            new[key], last[key] = row.prediction, number
    before = _exchanged(bucket, new, dry=dry)
    outcomes = []
    for number, ((path, row), where) in enumerate(zip(rows, placed, strict=True)):
        if isinstance(where, RefusedError):
            fault = row.fault or fault_of(where)
            outcomes.append(Outcome(path, row.line, State.REFUSED, "", row, where.message, fault))
            continue
        state = State.OUTDONE
        if last[where] == number:
            state = _state(before.of(where), new[where])
        outcomes.append(Outcome(path, row.line, state, where, row))
    return outcomes


def _exchanged(bucket: Bucket, new: Mapping[str, Prediction], *, dry: bool) -> Predictions:
    """Keep predictions; return what there was before."""
    before = predictions.of(bucket)

    def edit(there: Predictions) -> Predictions:
        nonlocal before
        before = there
        return there.with_more(new)

    if new and not dry:
        predictions.change(bucket, edit)
    return before


def _state(before: Prediction | None, now: Prediction) -> State:
    if before is None:
        return State.ADDED
    return State.THERE if before == now else State.REPLACED


def remove(bucket: Bucket, *, dry: bool = False) -> list[Outcome]:
    """Take all predictions away, or only say which; also where they cannot be read.

    Raises:
        RefusedError: this layout is read only.
        CloudError: the bucket cannot be read or written.
    """
    layouts.writable(bucket)
    try:
        before = predictions.of(bucket)
    except RefusedError:
        before = Predictions()
    if not dry:
        predictions.clear(bucket)
    return [
        Outcome(Path(), 0, State.REMOVED, key, Row(0, key, prediction=one))
        for key, one in sorted(before.by_key.items())
    ]
