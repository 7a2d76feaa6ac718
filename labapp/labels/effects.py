"""What an act changes: the same pictures' labels compared, as they count before it and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labapp.labels.agreement import Agreement, agreement
from labapp.labels.effective import PictureLabels
from labapp.labels.tally import tally


@dataclass(frozen=True, slots=True)
class Effect:
    """What is another thing after an act than before it.

    Attributes:
        pictures: those of which something else counts: an answer, a skip, a flag or a verdict.
        answers_less: answers that count no more.
        answers_more: answers that count from then on.
        consensus: pictures with another consensus.
        disputed: those among them that are disputed then.
        undecided: those among them that have no consensus then, since no answer is left.
        before: agreement over all pictures.
        after: the same.
    """

    pictures: int
    answers_less: int
    answers_more: int
    consensus: int
    disputed: int
    undecided: int
    before: Agreement
    after: Agreement


def effect(before: Sequence[PictureLabels], after: Sequence[PictureLabels]) -> Effect:
    """Compare the labels of the same pictures, in the same order, before an act and after it."""
    pictures = less = more = consensus = disputed = undecided = 0
    then, now = [_counts(one) for one in before], []
    for old, new, counts in zip(before, after, then, strict=True):
        now.append(counts if new is old else _counts(new))
        if new is old or (counted := _counted(old)) == (counts_now := _counted(new)):
            continue
        pictures += 1
        less += (counted[0] - counts_now[0]).total()
        more += (counts_now[0] - counted[0]).total()
        was, is_now = tally(old), tally(new)
        if was.consensus != is_now.consensus:
            consensus += 1
            disputed += is_now.is_disputed
            undecided += not is_now.consensus
    return Effect(
        pictures, less, more, consensus, disputed, undecided, agreement(then), agreement(now)
    )


def _counts(picture: PictureLabels) -> Mapping[int, int]:
    """Return how many answers to a picture say each class, by its code."""
    return Counter(int(entry.label) for entry in picture.answers)


def _counted(picture: PictureLabels) -> tuple[Counter[tuple[str, str]], ...]:
    """Return what counts of a picture: its answers, and all else."""
    others = [*picture.skips, *picture.broken]
    others += [picture.verdict] if picture.verdict else []
    return tuple(
        Counter((one.answer_id, f"{one.label.value}{one.says}") for one in those)
        for those in (picture.answers, others)
    )
