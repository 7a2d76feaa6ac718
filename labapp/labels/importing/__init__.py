"""Read answers, or predictions, out of files: ours, Label Studio's, and plain `name,label`.

Each row is read by itself. What cannot be taken is a row with a reason and the number of its line,
so that nothing is left out without a word. A format says what a row says (`row.Said`); `answers`
makes of that what goes into label files.
"""

from __future__ import annotations

from collections.abc import Iterator

from labapp.errors import RefusedError
from labapp.files.text import decode_text
from labapp.labels.export import FORMATS
from labapp.labels.export.imagefolder import CARD_END
from labapp.labels.importing import json_files, tables
from labapp.labels.importing.answers import IMPORTED, row_of
from labapp.labels.importing.row import Fault, NoAnswersError, Reading, Row, Said

__all__ = ["IMPORTED", "Fault", "NoAnswersError", "Reading", "Row", "read"]


def read(data: bytes, reading: Reading) -> Iterator[Row]:
    """Read the answers, or the predictions, of a file, whatever its name is.

    Args:
        data: the file's bytes.
        reading: how its rows are to be understood.

    Yields:
        A row for each answer or skip, or for each prediction, in the file's order.

    Raises:
        NoAnswersError: it is what an export puts beside the answers.
        RefusedError: it is none of the formats that can be read back.
    """
    try:
        text = decode_text(data)
    except UnicodeDecodeError as error:
        raise RefusedError(
            f"{reading.source} is not text in UTF-8", "Save it as 'CSV UTF-8' or as JSON."
        ) from error
    return (row_of(said, reading) for said in _said(text, reading))


def _said(text: str, reading: Reading) -> Iterator[Said]:
    first = text.lstrip()[:1]
    if not first:  # as JSON Lines are without any answer
        return iter(())
    source = reading.source
    if CARD_END in text[:4096] and first == "-":
        raise NoAnswersError(
            f"{source} is the card of an imagefolder, which holds no answers", _importable()
        )
    if first == "<":
        raise NoAnswersError(
            f"{source} is XML, as the labelling configuration is, which holds no answers",
            "Import tasks.json, which lies beside it.",
        )
    if first == "[":
        return json_files.read_list(text, reading)
    return json_files.read_lines(text, reading) if first == "{" else tables.read(text, reading)


def _importable() -> str:
    """Return which exports can be imported again."""
    *names, last = (each.name for each in FORMATS.values() if each.answers)
    return f"Import an export as {', '.join(names)} or {last}."
