"""Export as CSV: one table of answers, which keeps who said what and when, and one of pictures."""

from __future__ import annotations

from collections.abc import Iterator

from labapp.labels.export.format import Format, Labels, csv_line
from labapp.labels.tally import tally


def picture_columns(labels: Labels) -> tuple[str, ...]:
    """Return the columns of the table of pictures."""
    first, *others = labels.scheme.classes
    votes = f"votes_{first.code}"
    # Of two classes, who knows the one knows the other.
    more = [f"votes_{each.code}" for each in others] if others[1:] else []
    named = ["class"] if labels.has_names else []
    sure = ["probability"] if labels.model else []
    return ("image_key", "label", "votes", votes, "agreement", "status", *more, *named, *sure)


def answers_csv(labels: Labels) -> Iterator[str]:
    """Yield the table of answers that count (see `AnswerRow`), a line at a time, header first."""
    yield csv_line(labels.answer_columns)
    yield from map(csv_line, labels.answer_rows())


def pictures_csv(labels: Labels) -> Iterator[str]:
    """Yield the table of all pictures, a line at a time, the header first.

    Columns: the key, the code of the class that it is taken for (empty at a tie or without
    answers), answers, those for the first class, the majority's share to four decimals (empty below
    two answers), and one of `tally.Status`. Of more than two classes the answers for each follow;
    of classes of a dataset's own the name, and with a model the probability to four decimals.
    """
    yield csv_line(picture_columns(labels))
    first, *others = labels.scheme.classes
    for counted in map(tally, labels.by_key()):
        taken = labels.class_of(counted)
        yield csv_line(
            (
                counted.key,
                "" if taken is None else taken.code,
                counted.answers,
                counted.count(first),
                "" if counted.agreement is None else f"{counted.agreement:.4f}",
                counted.status(labels.target).value,
                *(counted.count(each) for each in others if others[1:]),
                *([taken.name if taken else ""] if labels.has_names else []),
                *labels.probability_cells(counted),
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
