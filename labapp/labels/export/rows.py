"""What the formats share: the order of pictures, the answers as rows, cells and JSON as text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from labapp.labels.classes import LabelClass
from labapp.labels.effective import PictureLabels
from labapp.labels.object_keys import hash_part
from labapp.labels.tally import Tally, tally
from labapp.utc import format_time

#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer that counts.

    Attributes:
        image_key: the picture's key.
        sha256: the digest of its bytes in hex; its first 16 digits, out of the key, where the
            whole is not known; empty where neither is.
        annotator: who, as a token; empty for an anonymous answer.
        label: the code of its class.
        labelled_at: when, `2026-11-21T10:00:00Z`; empty for an anonymous answer.
        answer_id: the answer's own id; empty for an anonymous answer.
    """

    image_key: str
    sha256: str
    annotator: str
    label: int
    labelled_at: str
    answer_id: str


def by_key(pictures: Iterable[PictureLabels]) -> list[PictureLabels]:
    """Return the pictures in the order of their keys."""
    return sorted(pictures, key=lambda picture: picture.key)


def answer_rows(pictures: Iterable[PictureLabels]) -> Iterator[AnswerRow]:
    """Yield every answer that counts, by picture and then in the label file's order."""
    for picture in by_key(pictures):
        sha256 = picture.sha256 or hash_part(picture.key)
        for entry in picture.answers:
            time = format_time(entry.at) if entry.at else ""
            who, label = entry.annotator, int(entry.label)
            yield AnswerRow(picture.key, sha256, who, label, time, entry.answer_id)


def decided_pictures(
    pictures: Iterable[PictureLabels], min_answers: int
) -> Iterator[tuple[PictureLabels, Tally, LabelClass]]:
    """Yield the pictures that have a majority, with their tally and class, by key.

    Args:
        pictures: the dataset, in any order.
        min_answers: pictures with fewer answers are left out as undecided.
    """
    for picture in by_key(pictures):
        counted = tally(picture)
        if counted.majority is not None and counted.answers >= min_answers:
            yield picture, counted, counted.majority


def csv_line(cells: Sequence[str | int]) -> str:
    """Write cells as a line of CSV that ends in a newline, formulas neutralised by an apostrophe.

    Only text is neutralised: a number cannot be a formula.
    """
    out = io.StringIO()
    safe = [f"'{c}" if isinstance(c, str) and c.startswith(_FORMULA) else c for c in cells]
    # With CR LF as its own line end the writer quotes cells that hold either of them.
    csv.writer(out, lineterminator="\r\n").writerow(safe)
    return out.getvalue().removesuffix("\r\n") + "\n"


def compact_json(value: object) -> str:
    """Write a value as JSON in ASCII on one line, without blanks between its parts.

    ASCII, since some readers of JSON Lines break lines at Unicode's own line separators.
    """
    return json.dumps(value, separators=(",", ":"))


def s3_address(bucket: str, key: str) -> str:
    """Return the address of an object as AWS tools write it, `s3://bucket/key`."""
    return f"s3://{bucket}/{key}"
