"""Answers in tables: our own CSV, Label Studio's, and whatever a spreadsheet saves."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from labapp.errors import RefusedError
from labapp.labels.importing import records
from labapp.labels.importing.row import NoAnswersError, Reading, Said

#: What to import instead of a table that has no answers.
_IMPORTED = (
    "Name a column of pictures name and one of their classes label; or import answers.csv of an"
    " export, answers.jsonl, or Label Studio's JSON."
)

#: How to have a table taken that does not say who answered.
NAME_ONE = "or say --annotator NAME to take them as answers of NAME's."

#: A line with its end, whichever that is; the text is not copied for it.
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")

#: What Excel writes first for a separator that is not its country's.
_SEPARATOR = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)

#: What our tables of folders with pictures have behind a file's name and its label.
_BESIDE_LABELS = frozenset(("class", "probability"))

#: Columns of a table without a head: a picture and its class.
_HEADLESS = ("image_key", "label")


def read(text: str, reading: Reading) -> Iterator[Said]:
    """Read a table.

    Raises:
        NoAnswersError: it is one that an export puts beside the answers.
        RefusedError: it has none.
    """
    head = text.partition("\n")[0]
    said, skipped = _SEPARATOR.fullmatch(head.rstrip("\r")), 0
    if said:
        text = text.partition("\n")[2]
        head, skipped = text.partition("\n")[0], 1
    # Excel writes the separator of its country.
    sign = said[1] if said else next((s for s in ";\t" if s in head and "," not in head), ",")
    table = csv.reader((line[0] for line in _LINE.finditer(text)), delimiter=sign)
    source = reading.source
    try:
        first = next(table)
    except csv.Error as error:
        why = f"{source} is no table of answers: its first line cannot be read"
        raise RefusedError(why, _IMPORTED) from error
    except StopIteration:
        return iter(())
    names = tuple(name.strip() for name in first)
    if len(names) == 2 and not records.meanings(names) and reading.scheme.called(names[1]):
        row = records.said(1 + skipped, dict(zip(_HEADLESS, names, strict=True)), reading)
        return chain([row], _rows(table, _HEADLESS, skipped, reading))
    _check(names, reading)
    return _rows(table, names, skipped, reading)


def _check(names: tuple[str, ...], reading: Reading) -> None:
    """See to it that a table with these columns has answers, or predictions."""
    source = reading.source
    if not (reading.annotator or reading.predicted):
        if "votes" in names:
            raise NoAnswersError(
                f"{source} is the table of pictures, which does not say who answered",
                f"Import answers.csv, which lies beside it, {NAME_ONE}",
            )
        if names[:2] == ("file_name", "label") and set(names[2:]) <= _BESIDE_LABELS:
            raise NoAnswersError(
                f"{source} is the table of an imagefolder or of YOLO's folders, which does not say"
                " who answered",
                f"Import answers.csv of an export, {NAME_ONE}",
            )
    means = records.meanings(names)
    has_label = "label" in means or records.is_label_studios(names)
    if reading.predicted and records.shares(names, reading.scheme):
        has_label = True
    is_named = "picture" in means or "sha256" in means or records.is_label_studios(names)
    missing = [] if is_named else ["image_key"]
    missing += [] if has_label else ["label"]
    if missing:
        raise RefusedError(f"{source} has no column {' and no column '.join(missing)}", _IMPORTED)


def _rows(table: Any, names: tuple[str, ...], skipped: int, reading: Reading) -> Iterator[Said]:
    # Our table of pictures has those, too, that are taken for no class.
    of_pictures = "votes" in names and "label" in names
    before = table.line_num
    while True:
        line = before + 1 + skipped
        try:
            cells = next(table, None)
        except csv.Error:
            yield Said(line, reason="a quote is opened and not closed, or a cell is too long")
            return
        before = table.line_num
        if cells is None:
            return
        if not any(cells):
            continue
        if len(cells) != len(names):
            yield Said(line, reason=f"it has {len(cells)} cells instead of {len(names)}")
            continue
        found = dict(zip(names, map(_without_guard, cells), strict=True))
        if of_pictures and not found["label"]:
            continue
        yield records.said(line, found, reading)


def _without_guard(cell: str) -> str:
    """Take away the apostrophe that keeps spreadsheets from running a cell."""
    return cell[1:] if re.match(r"'[=+\-@\t\r]", cell) else cell
