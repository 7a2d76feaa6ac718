"""Export as CSV: one table of answers, which keeps who said what and when, and one of pictures."""

from __future__ import annotations

from collections.abc import Iterator

from labapp.labels.export.format import AnswerRow, Format, Labels, csv_line
from labapp.labels.tally import tally


def picture_columns(labels: Labels) -> tuple[str, ...]:
    """Return the columns of the table of pictures."""
    votes = f"votes_{labels.scheme.first.code}"
    return ("image_key", "label", "votes", votes, "agreement", "status")


def answers_csv(labels: Labels) -> Iterator[str]:
    """Yield the table of answers that count (see `AnswerRow`), a line at a time, header first."""
    yield csv_line(AnswerRow._fields)
    yield from map(csv_line, labels.answers())


def pictures_csv(labels: Labels) -> Iterator[str]:
    """Yield the table of all pictures, a line at a time, the header first.

    Columns: the key, the code of the class that it is taken for (empty at a tie or without
    answers), answers, those for the first class, the majority's share to four decimals (empty below
    two answers), and one of `tally.Status`.
    """
    yield csv_line(picture_columns(labels))
    for counted in map(tally, labels.by_key()):
        yield csv_line(
            (
                counted.key,
                "" if counted.decision is None else counted.decision.code,
                counted.answers,
                counted.count(labels.scheme.first),
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
