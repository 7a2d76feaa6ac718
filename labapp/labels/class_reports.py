"""Report on each class: how many pictures and answers it has, and how far people agree on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labapp.labels.agreement import MIN_PAIRS, agreement
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.tally import Tally


@dataclass(frozen=True, slots=True)
class ClassReport:
    """What can be said of one class.

    Attributes:
        label_class: the class.
        pictures: how many are taken for it, by verdict or majority.
        share: their share of those that are taken for one, 0 to 1; None without any.
        answers: how many answers say it.
        said: share of all answers that say it, 0 to 1; None without any.
        agreement: of pairs of answers on one picture, one of which says it, the share in which the
            other says it too (Dice's coefficient, or the specific agreement of Fleiss); None
            without pairs.
        alpha: Krippendorff's, of this class against all others together; None where it is
            undefined.
        pairs: how many such pairs there are.
    """

    label_class: LabelClass
    pictures: int
    share: float | None
    answers: int
    said: float | None
    agreement: float | None
    alpha: float | None
    pairs: int

    @property
    def too_few(self) -> bool:
        """Whether to say `too few` instead of a noisy figure."""
        return self.pairs < MIN_PAIRS


def class_reports(tallies: Sequence[Tally], scheme: Scheme) -> list[ClassReport]:
    """Report on all classes, in their order."""
    taken: dict[int, int] = {}
    said: dict[int, int] = {}
    for each in tallies:
        if decision := each.decision:
            taken[decision.code] = taken.get(decision.code, 0) + 1
        for code, count in each.counts.items():
            said[code] = said.get(code, 0) + count
    return [_report(one, tallies, taken, said) for one in scheme.classes]


def _report(
    label_class: LabelClass,
    tallies: Sequence[Tally],
    taken: dict[int, int],
    said: dict[int, int],
) -> ClassReport:
    code = label_class.code
    # An answer that says it has a pair with each other one; those of two that both do count twice.
    ends = same = 0
    for each in tallies:
        if own := each.counts.get(code):
            ends += own * (each.answers - 1)
            same += own * (own - 1)
    two = (
        {1: own, 0: each.answers - own} for each in tallies for own in [each.counts.get(code, 0)]
    )
    decided, answers = sum(taken.values()), sum(said.values())
    return ClassReport(
        label_class,
        taken.get(code, 0),
        taken.get(code, 0) / decided if decided else None,
        said.get(code, 0),
        said.get(code, 0) / answers if answers else None,
        same / ends if ends else None,
        agreement(two).alpha,
        ends - same // 2,
    )
