"""What was decided of a picture and of what was said of it, line by line: by whom, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from labapp.labels.effective import PictureLabels, withdrawals
from labapp.labels.label_file import Entry, Label
from labapp.labels.tokens import annotator_name, person


class Decided(StrEnum):
    """What was decided."""

    SETTLED = "settled"
    VERDICT_BACK = "verdict taken back"
    BROKEN = "flagged as broken"
    DISMISSED = "flag dismissed"
    WITHDRAWN = "withdrawn"
    LEFT_OUT = "left out"
    MERGED = "counts as another's"


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of a picture's label file that does not count as its annotator wrote it.

    Attributes:
        decided: what became of it.
        entry: the line, with the name that stands there.
        whose: whose it counts as; empty unless it is another's.
        by: who decided it, as a token; empty where that is not known.
        at: when that was.
    """

    decided: Decided
    entry: Entry
    whose: str = ""
    by: str = ""
    at: datetime | None = None


#: What a withdrawn line has become.
_WITHDRAWN = {Label.BROKEN: Decided.DISMISSED, Label.VERDICT: Decided.VERDICT_BACK}


def remarks(picture: PictureLabels) -> tuple[Remark, ...]:
    """Return what was decided of a picture whose names are those of its label file.

    First whether it is settled, then whether it is broken, then what became of single lines.
    """
    settled = picture.verdict
    found = [] if settled is None else [Remark(Decided.SETTLED, settled, "", settled.annotator,
                                               settled.at)]  # fmt: skip
    found += [Remark(Decided.BROKEN, one) for one in picture.broken]
    found += _withdrawn(picture)
    # Who left an annotator out, or merged two, is written nowhere.
    found += [Remark(Decided.LEFT_OUT, one) for one in picture.left_out]
    found += [
        Remark(Decided.MERGED, one, picture.counting.person(one.annotator))
        for one in (*picture.answers, *picture.skips)
        if not one.is_bare and picture.counting.person(one.annotator) != person(one.annotator)
    ]
    return tuple(found)


def _withdrawn(picture: PictureLabels) -> Iterator[Remark]:
    """Yield what was withdrawn of a picture, each line once, in the file's order."""
    by_id = {one.retracts: one for one in withdrawals(picture.file)}
    for entry in picture.file.entries:
        ended = None if entry.is_bare else by_id.get(entry.answer_id)
        if ended is None or entry.label is Label.WITHDRAWAL:
            continue
        decided = _WITHDRAWN.get(entry.label, Decided.WITHDRAWN)
        yield Remark(decided, entry, "", ended.annotator, ended.at)


def withdrawn_line(pictures: Iterable[PictureLabels], annotator: str) -> str:
    """Return what an annotator (a token) is told of answers that were withdrawn; empty without any.

    Of one that was answered anew nothing is to be told.
    """
    found = [
        one
        for picture in pictures
        if not picture.answered_by(annotator)
        for one in withdrawn_from(picture, annotator)
    ]
    if not found:
        return ""
    by = " and ".join(sorted({annotator_name(one.by) for one in found}))
    count = f"{len(found):,} of your answers were" if len(found) > 1 else "one of your answers was"
    return f"{count} withdrawn by {by}; answered anew, those pictures count again"


def withdrawn_from(picture: PictureLabels, annotator: str) -> tuple[Remark, ...]:
    """Return what was withdrawn of an annotator's (a token) answers to a picture, for their eyes.

    Who answers the picture anew is counted again; see `PictureLabels.answered_by`.
    """
    who = picture.counting.person(annotator)
    return tuple(
        one
        for one in _withdrawn(picture)
        if one.entry.is_answer and picture.counting.person(one.entry.annotator) == who
    )
