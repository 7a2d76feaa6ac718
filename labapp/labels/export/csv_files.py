"""Export as CSV: one table of answers, which keeps who said what and when, and one of pictures."""

from __future__ import annotations

from collections.abc import Iterator

from labapp.labels.classes import POSITIVE
from labapp.labels.export.format import AnswerRow, Format, Labels, csv_line
from labapp.labels.tally import tally

PICTURE_COLUMNS = ("image_key", "label", "votes", f"votes_{POSITIVE.code}", "agreement", "status")


def answers_csv(labels: Labels) -> Iterator[str]:
    """Yield the table of answers that count (see `AnswerRow`), a line at a time, header first."""
    yield csv_line(AnswerRow._fields)
    yield from map(csv_line, labels.answers())


def pictures_csv(labels: Labels) -> Iterator[str]:
    """Yield the table of all pictures, a line at a time, the header first.

    Columns: the key, the code of the majority's class (empty at a tie or without answers), answers,
    those for `POSITIVE`, the majority's share to four decimals (empty below two answers), and
    `decided`, `in progress`, `disputed` or `untouched`.
    """
    yield csv_line(PICTURE_COLUMNS)
    for counted in map(tally, labels.by_key()):
        yield csv_line(
            (
                counted.key,
                "" if counted.majority is None else counted.majority.code,
                counted.answers,
                counted.count(POSITIVE),
                "" if counted.agreement is None else f"{counted.agreement:.4f}",
                counted.status(labels.target).value,
            )
        )


FORMAT = Format(
    "csv",
    "two tables for a spreadsheet: answers and pictures",
    lambda labels: {"answers.csv": answers_csv(labels), "pictures.csv": pictures_csv(labels)},
    is_folder=True,
    is_hashed=True,
    is_for_excel=True,
    answers="answers.csv",
)
