"""Answers in JSON: our own lines, Label Studio's tasks, manifests, COCO, flat records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labapp import foreign
from labapp.errors import RefusedError
from labapp.foreign import ForeignError
from labapp.labels.importing import coco, label_studio, records
from labapp.labels.importing.row import NoAnswersError, Reading, Said
from labapp.labels.importing.tables import NAME_ONE

#: Characters of one row of JSON Lines: a task of Label Studio with its answers may be one.
_MOST_LINE = 1_000_000

#: Characters of a file that is one object, as Label Studio stores each task in a bucket.
_MOST_OBJECT = 10_000_000

_SOURCE = "source-ref"


def read_list(text: str, reading: Reading) -> Iterator[Said]:
    """Read a list one by one, so that each has the number of its line.

    Raises:
        RefusedError: it is no JSON from somewhere on; raised when that is reached.
    """
    try:
        for line, found in foreign.items(text, len(text)):
            yield from _said(line, found, reading)
    except ForeignError as error:
        why = f"is no JSON from line {error.line:,} on" if error.line else str(error)
        raise RefusedError(f"{reading.source} {why}", "Export it again.") from None


def read_lines(text: str, reading: Reading) -> Iterator[Said]:
    """Read JSON Lines, or one object over many lines.

    Raises:
        NoAnswersError: it is a manifest or COCO, and nobody says whose answers these are.
    """
    first = text.partition("\n")[0]
    if f'"{_SOURCE}"' in first:
        _check_somebody(reading, "a manifest")
    if coco.may_be_one(text) and (document := _coco(text)):
        _check_somebody(reading, "COCO's")
        return coco.read(document)
    is_cut = not foreign.object_or_empty(first, _MOST_LINE)
    if is_cut and (whole := foreign.object_or_empty(text, _MOST_OBJECT)):
        return _said(1, whole, reading)
    return _lines(text, reading)


def _check_somebody(reading: Reading, what: str) -> None:
    """See to it that answers which do not say whose they are have somebody."""
    if not (reading.annotator or reading.predicted):
        raise NoAnswersError(
            f"{reading.source} is {what}, which does not say who answered",
            f"Import answers.csv of an export, {NAME_ONE}",
        )


def _coco(text: str) -> dict[str, Any]:
    """Return a document of COCO; an empty one where the text is none."""
    try:
        found = foreign.read(text, len(text), values=len(text))
    except ForeignError:
        return {}
    return found if isinstance(found, dict) and coco.is_one(found) else {}


def _lines(text: str, reading: Reading) -> Iterator[Said]:
    start, number = 0, 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        number += 1
        if line := text[start:end].strip():
            try:
                found = foreign.read_object(line, _MOST_LINE)
            except ForeignError as error:
                yield Said(number, reason=f"it {error.in_line}")  # which names its line already
            else:
                yield from _said(number, found, reading)
        start = end + 1


def _said(line: int, found: object, reading: Reading) -> Iterator[Said]:
    """Yield what one object says, whatever it is."""
    if not isinstance(found, dict):
        yield Said(line, reason="it is no JSON object")
    elif isinstance(found.get("data"), dict):
        yield from label_studio.of_task(line, found, reading)
    elif isinstance(task := found.get("task"), dict) and isinstance(task.get("data"), dict):
        yield from label_studio.of_task(line, {**task, "annotations": [found]}, reading)
    elif _SOURCE in found:
        yield _of_manifest(line, found)
    else:
        yield records.said(line, found, reading)


def _of_manifest(line: int, found: Mapping[str, Any]) -> Said:
    """Return what a line of a manifest says; its numbers are the job's own, its names are ours."""
    for name, value in found.items():
        about = found.get(f"{name}-metadata")
        if isinstance(about, dict):
            label = about.get("class-name", value)
            confidence = about.get("confidence", "")
            return Said(line, str(found[_SOURCE]), label=label, confidence=confidence)
    return Said(line, str(found[_SOURCE]), reason="it has no label with its metadata")
