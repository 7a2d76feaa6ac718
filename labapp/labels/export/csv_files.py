"""Export as CSV: one table of answers, which keeps who said what and when, and one of pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labapp.labels.classes import POSITIVE
from labapp.labels.effective import PictureLabels
from labapp.labels.export.format import Format, Labels
from labapp.labels.export.rows import answer_rows, by_key, csv_line
from labapp.labels.tally import tally

ANSWER_COLUMNS = ("image_key", "sha256", "annotator", "label", "labelled_at", "answer_id")
PICTURE_COLUMNS = ("image_key", "label", "votes", f"votes_{POSITIVE.code}", "agreement", "status")


def answers_csv(pictures: Iterable[PictureLabels]) -> Iterator[str]:
    """Yield the table of answers that count, a line at a time, the header first.

    Columns: the key, SHA-256 (see `rows.AnswerRow`), annotator, label (a class's code), UTC time,
    and the answer's id. Annotator, time and id are empty for anonymous answers.
    """
    yield csv_line(ANSWER_COLUMNS)
    for row in answer_rows(pictures):
        who_and_what = row.annotator, row.label, row.labelled_at, row.answer_id
        yield csv_line((row.image_key, row.sha256, *who_and_what))


def pictures_csv(pictures: Iterable[PictureLabels], *, target: int) -> Iterator[str]:
    """Yield the table of all pictures, a line at a time, the header first.

    Columns: the key, the code of the majority's class (empty at a tie or without answers), answers,
    those for `POSITIVE`, the majority's share to four decimals (empty below two answers), and
    `decided`, `in progress`, `disputed` or `untouched`.

    Args:
        pictures: the dataset, in any order.
        target: answers wanted for each picture.
    """
    yield csv_line(PICTURE_COLUMNS)
    for picture in by_key(pictures):
        counted = tally(picture)
        yield csv_line(
            (
                counted.key,
                "" if counted.majority is None else counted.majority.code,
                counted.answers,
                counted.count(POSITIVE),
                "" if counted.agreement is None else f"{counted.agreement:.4f}",
                counted.status(target).value,
            )
        )


def _files(labels: Labels) -> dict[str, Iterator[str]]:
    return {
        "answers.csv": answers_csv(labels.pictures),
        "pictures.csv": pictures_csv(labels.pictures, target=labels.target),
    }


FORMAT = Format(
    "csv",
    "two tables for a spreadsheet: answers and pictures",
    _files,
    is_folder=True,
    is_hashed=True,
    is_for_excel=True,
    answers="answers.csv",
)
