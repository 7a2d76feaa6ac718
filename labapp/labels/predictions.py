"""The file of predictions: what a model takes each picture for, and how sure it is.

    image_key,code,confidence
    images/0a1b2c3d4e5f6071-lunch.jpg,1,0.9731
    images/1b2c3d4e5f60718a-cat.jpg,0,

They are no answers: nothing that counts answers, or writes them out, reads this file. They tell
which pictures a model is least certain of, and may be shown to annotators as a hint. What the file
says is checked as what comes from outside.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from labapp.errors import RefusedError

#: Where it lies: no label file's name ends so.
KEY = "labels/predictions.csv"

#: Its first line.
COLUMNS = ("image_key", "code", "confidence")

#: Digits of a confidence that are kept: no model is known to more.
_DIGITS = 6

_REMEDY = "'admin.py import --predictions FILE' writes it, '--remove' clears it away."

#: What a code is read from; a class of a scheme has one of these.
_CODES = {str(code): code for code in range(10)}


class Prediction(NamedTuple):
    """What a model says of one picture.

    Attributes:
        code: of the likeliest class; where classes were changed since, `Scheme.by_code` tells
            which one that is, or that it is none any more.
        confidence: the probability of this class, 0 to 1; None where the model does not say.
    """

    code: int
    confidence: float | None = None


@dataclass(frozen=True)
class Predictions:
    """What a model says of pictures.

    Attributes:
        by_key: a prediction for each picture that has one, by the picture's key.
    """

    by_key: Mapping[str, Prediction] = field(default_factory=lambda: MappingProxyType({}))

    def __len__(self) -> int:
        return len(self.by_key)

    def of(self, key: str) -> Prediction | None:
        """Return what is predicted of a picture; None where nothing is."""
        return self.by_key.get(key)

    def certainty(self, key: str) -> float:
        """Return how likely the likeliest class of a picture is; above 1 where nobody knows."""
        found = self.by_key.get(key)
        return 2.0 if found is None or found.confidence is None else found.confidence

    def with_more(self, more: Mapping[str, Prediction]) -> Predictions:
        """Return these with others, which take the place of those of the same pictures."""
        return Predictions({**self.by_key, **more})


def to_text(predictions: Predictions) -> str:
    """Return predictions as their file has them, by key; empty where there are none."""
    if not predictions:
        return ""
    out = io.StringIO()
    # With CR LF as its own line end the writer quotes cells that hold either of them.
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(COLUMNS)
    for key, (code, confidence) in sorted(predictions.by_key.items()):
        write((key, code, "" if confidence is None else _digits(confidence)))
    return out.getvalue()


def of_text(text: str) -> Predictions:
    """Return what a file says.

    Raises:
        RefusedError: a line of it is wrong; says which, and what.
    """
    if not text.strip():
        return Predictions()
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: dict[str, Prediction] = {}
    try:
        if tuple(next(table)) != COLUMNS:
            raise _wrong(1, f"is not {','.join(COLUMNS)}")
        for cells in table:
            try:
                key, code, confidence = cells
                found[key] = Prediction(_CODES[code], confidence_of(confidence))
            except (KeyError, ValueError):
                said = ",".join(cells)[:80]
                raise _wrong(table.line_num, f"is no key, code and confidence: {said!r}") from None
    except csv.Error as error:
        raise _wrong(table.line_num, f"cannot be read: {error}") from None
    return Predictions(found)


def as_kept(prediction: Prediction) -> Prediction:
    """Return a prediction as it is read again, to the digits that are kept."""
    code, confidence = prediction
    return Prediction(code, confidence if confidence is None else float(_digits(confidence)))


def _digits(confidence: float) -> str:
    return f"{confidence:.{_DIGITS}g}"


def confidence_of(text: str) -> float | None:
    """Return the confidence that a text gives; None where it is empty.

    Raises:
        ValueError: it is no number from 0 to 1.
    """
    if not text:
        return None
    value = float(text)
    if not 0 <= value <= 1:  # nor is NaN
        raise ValueError
    return value


def _wrong(line: int, why: str) -> RefusedError:
    return RefusedError(f"line {line:,} of the predictions {why}", _REMEDY)
