"""What an act changes: the same pictures' labels compared, as they count before it and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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

    @property
    def is_any(self) -> bool:
        """Whether anything changes."""
        return self.pictures > 0


def effect(before: Sequence[PictureLabels], after: Sequence[PictureLabels]) -> Effect:
    """Compare the labels of the same pictures, in the same order, before an act and after it."""
    pictures = less = more = consensus = disputed = undecided = 0
    then = [tally(one) for one in before]
    now = [tally(new) if new is not old else each
           for each, old, new in zip(then, before, after, strict=True)]  # fmt: skip
    for old, new, was, is_now in zip(before, after, then, now, strict=True):
        if old is new or (counted := _counted(old)) == (counts := _counted(new)):
            continue
        pictures += 1
        less += (counted[0] - counts[0]).total()
        more += (counts[0] - counted[0]).total()
        if was.consensus != is_now.consensus:
            consensus += 1
            disputed += is_now.is_disputed
            undecided += not is_now.consensus
    return Effect(
        pictures,
        less,
        more,
        consensus,
        disputed,
        undecided,
        agreement(one.counts for one in then),
        agreement(one.counts for one in now),
    )


def _counted(picture: PictureLabels) -> tuple[Counter[tuple[str, str]], ...]:
    """Return what counts of a picture: its answers, and all else."""
    others = [*picture.skips, *picture.broken]
    others += [picture.verdict] if picture.verdict else []
    return tuple(
        Counter((one.answer_id, f"{one.label.value}{one.says}") for one in those)
        for those in (picture.answers, others)
    )
