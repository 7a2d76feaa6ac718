"""What the tests of imports share: a file read as one of three classes, told in a few words."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from labapp.labels.importing import Reading, Row, read
from labapp.labels.scheme_file import of_text

#: When the file was written.
AT = datetime(2026, 11, 20, 8, tzinfo=UTC)

ANIMALS = of_text(
    'question = "Which?"\n'
    '[[class]]\ncode = 1\nname = "cat"\n'
    '[[class]]\ncode = 3\nkey = "d"\nname = "big dog"\n'
    '[[class]]\ncode = 4\nkey = "4"\nname = "bird"\n'
)


def rows(text: str | bytes | object, *, annotator: str = "", predicted: bool = False) -> list[Row]:
    """Read a file; what is no text is written as JSON."""
    if not isinstance(text, bytes):
        text = (text if isinstance(text, str) else json.dumps(text)).encode()
    return list(read(text, Reading("f", ANIMALS, annotator, AT, predicted)))


def answers(text: str | bytes | object, *, annotator: str = "") -> list[str]:
    """Return the answers of a file as `cat.jpg anna 1`; of a row that is none the reason."""
    return [
        f"{row.picture} {row.given.entry.annotator or '-'} {row.given.entry.label.value}"
        if row.given
        else row.reason
        for row in rows(text, annotator=annotator)
    ]


def predictions(text: str | bytes | object) -> list[object]:
    """Return picture, code and confidence of each prediction; of a row that is none the reason."""
    return [
        (row.picture, *row.prediction) if row.prediction else row.reason
        for row in rows(text, predicted=True)
    ]
