"""Report on each annotator: how much, how fast, how far in agreement with the rest, what is odd.

A flag is a reason to look, not a verdict: a set may well be of one class throughout.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from statistics import median
from types import MappingProxyType

from labapp.labels import look_alikes
from labapp.labels.classes import LabelClass
from labapp.labels.effective import (
    AS_WRITTEN,
    Counting,
    PictureLabels,
    as_first_typed,
    overwritten_answers,
)
from labapp.labels.gold_accuracy import GoldAccuracy, gold_accuracies
from labapp.labels.label_file import Label
from labapp.labels.merging import UNTIMED
from labapp.labels.tokens import annotator_name

#: Answers from which on an annotator may be flagged. Who tosses a coin gives 19 or more of 20 the
#: same in 4 cases of 100,000; and since times are in whole seconds, one gap of 0 says nothing.
MIN_ANSWERS_TO_FLAG = 20
#: Share of one key from which on it is odd.
ONE_KEY_SHARE = 0.95
#: Median seconds between answers below which nobody has looked at the pictures.
TOO_FAST_SECONDS = 0.5

#: What is said of who is left out.
LEFT_OUT = "left out"


class Flag(StrEnum):
    """Why to look at an annotator's answers."""

    ONE_KEY = "one key"
    TOO_FAST = "too fast"
    AGAIN = "answered again"
    LOOKS_ALIKE = "looks like another"


@dataclass(frozen=True, slots=True)
class AnnotatorReport:
    """What can be said of one annotator.

    Attributes:
        annotator: the token (`tokens.annotator_name` shows it).
        answers: pictures on which an answer of theirs stands, also of who is left out.
        counts: how many of these say each class, by its code.
        compared: pairs of one of these answers and another's on the same picture.
        agreeing: how many of these pairs are the same.
        last_at: when they last answered, skipped or undid.
        median_seconds: median time between an answer given and the next, changed and undone ones
            included; None with fewer than two.
        flags: what is odd.
        replaced: answers of theirs that another program replaced which goes by the same name.
        looks_like: the first few other annotators whose names look like this one.
        is_left_out: whether an admin has left them out, so that none of these answers counts.
        also: other names of theirs, which an admin has merged.
        gold: how far they are right on gold pictures; None where they answered none.
    """

    annotator: str
    answers: int
    counts: Mapping[int, int]
    compared: int
    agreeing: int
    last_at: datetime
    median_seconds: float | None
    flags: tuple[Flag, ...]
    replaced: int = 0
    looks_like: tuple[str, ...] = ()
    is_left_out: bool = False
    also: tuple[str, ...] = ()
    gold: GoldAccuracy | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is odd or was decided, in words; of a name like others, which these are."""
        alike = " and ".join(
            look_alikes.spelled_out(annotator_name(one)) for one in self.looks_like
        )
        told = [
            f"looks like {alike}" if flag is Flag.LOOKS_ALIKE else flag.value for flag in self.flags
        ]
        also = [f"also {annotator_name(one)}" for one in self.also]
        return (*([LEFT_OUT] if self.is_left_out else []), *told, *also)

    def share(self, label_class: LabelClass) -> float | None:
        """Return the share of a class among the answers, 0 to 1; None without answers."""
        return self.counts.get(label_class.code, 0) / self.answers if self.answers else None

    @property
    def agreement_with_rest(self) -> float | None:
        """Share of pairs with others' answers that are the same, 0 to 1; None without pairs."""
        return self.agreeing / self.compared if self.compared else None


@dataclass(slots=True)
class _Sums:
    """What is gathered of one annotator while going through the pictures."""

    counts: Counter[int] = field(default_factory=Counter)
    compared: int = 0
    agreeing: int = 0
    replaced: int = 0
    seen: list[datetime] = field(default_factory=list)
    answered: list[datetime] = field(default_factory=list)


def annotator_reports(
    pictures: Iterable[PictureLabels], gold: Mapping[str, int] = MappingProxyType({})
) -> tuple[AnnotatorReport, ...]:
    """Report on all annotators, the most answers first, then by name.

    Anonymous answers belong to nobody, but count among the rest that others are compared with.
    `gold` has the code of each gold picture's class, by key.
    """
    sums: dict[str, _Sums] = defaultdict(_Sums)
    counting = AS_WRITTEN
    named = as_first_typed(list(pictures))
    for picture in named:
        counting = picture.counting
        _add_answers(picture, sums)
        for entry in overwritten_answers(picture.file):
            sums[entry.annotator].replaced += 1
        for entry in picture.file.entries:
            if entry.at is not None and not entry.is_admins:
                own = sums[entry.annotator]
                own.seen.append(entry.at)
                if entry.is_answer and not entry.answer_id.startswith(UNTIMED):
                    own.answered.append(entry.at)
    alike = look_alikes.look_alikes(sums)
    right = gold_accuracies(named, gold)
    reports = (
        _report(name, each, alike.get(name, ()), counting, right.get(name))
        for name, each in sums.items()
    )
    return tuple(sorted(reports, key=lambda report: (-report.answers, report.annotator)))


def median_gap(times: Sequence[datetime]) -> float | None:
    """Return the median seconds between consecutive times, in any order; None below two."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(sorted(times))]
    return median(gaps) if gaps else None


def _add_answers(picture: PictureLabels, sums: dict[str, _Sums]) -> None:
    """Add the answers that stand on one picture to their annotators' sums."""
    said: dict[Label, int] = {}
    for entry in picture.answers:
        said[entry.label] = said.get(entry.label, 0) + 1
    for entry in picture.answers:
        if entry.is_bare:
            continue
        own = sums[entry.annotator]
        own.counts[int(entry.label)] += 1
        own.compared += len(picture.answers) - 1
        own.agreeing += said[entry.label] - 1
    for entry in picture.left_out:  # told, so that it can be judged, and compared with what counts
        if entry.is_answer and not entry.is_bare:
            own = sums[entry.annotator]
            own.counts[int(entry.label)] += 1
            own.compared += len(picture.answers)
            own.agreeing += said.get(entry.label, 0)


def _report(
    annotator: str,
    sums: _Sums,
    alike: tuple[str, ...],
    counting: Counting,
    gold: GoldAccuracy | None,
) -> AnnotatorReport:
    pace, who = median_gap(sums.answered), counting.person(annotator)
    return AnnotatorReport(
        annotator=annotator,
        answers=sums.counts.total(),
        counts=sums.counts,
        compared=sums.compared,
        agreeing=sums.agreeing,
        last_at=max(sums.seen),
        median_seconds=pace,
        flags=_flags(sums, pace, alike),
        replaced=sums.replaced,
        looks_like=alike,
        is_left_out=who in counting.left_out,
        also=tuple(sorted(other for other, name in counting.same.items() if name == who)),
        gold=gold,
    )


def _flags(sums: _Sums, pace: float | None, alike: tuple[str, ...]) -> tuple[Flag, ...]:
    """Say what is odd, if there are answers enough to say so; a lost answer is, each by itself."""
    flags = []
    answers, one_key = sums.counts.total(), max(sums.counts.values(), default=0)
    if answers >= MIN_ANSWERS_TO_FLAG and one_key >= ONE_KEY_SHARE * answers:
        flags.append(Flag.ONE_KEY)
    if len(sums.answered) >= MIN_ANSWERS_TO_FLAG and pace is not None and pace < TOO_FAST_SECONDS:
        flags.append(Flag.TOO_FAST)
    if sums.replaced:
        flags.append(Flag.AGAIN)
    if alike:
        flags.append(Flag.LOOKS_ALIKE)
    return tuple(flags)
