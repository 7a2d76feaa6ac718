"""Count a picture's answers: percentages, agreement, consensus, and how far it is from its target.

Consensus is the plurality of the answers that count: the class that more of them say than any
other. A tie is disputed, however many they are. An admin's verdict settles a picture, whatever they
say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.effective import PictureLabels
from labapp.labels.layout import OWN, Layout


class Status(StrEnum):
    """How far a picture is; every picture is in exactly one of these."""

    DECIDED = "decided"
    IN_PROGRESS = "in progress"
    DISPUTED = "disputed"
    UNTOUCHED = "untouched"
    SETTLED = "settled"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Tally:
    """A picture's answers, counted.

    Attributes:
        key: the picture's key.
        counts: how many answers say each class, by its code; classes that none says may lack.
        skips: annotators who skipped it and have not answered it.
        unreadable: lines of the label file that could not be read.
        last_at: when the latest answer that has a time was given; None without one.
        layout: where the picture lies.
        scheme: the classes there are.
        verdict: the code by which an admin has settled it; None: nobody has.
        broken: annotators who say that it is broken.
    """

    key: str
    counts: Mapping[int, int] = field(default_factory=dict)
    skips: int = 0
    unreadable: int = 0
    last_at: datetime | None = None
    layout: Layout = OWN
    scheme: Scheme = DEFAULT_SCHEME
    verdict: int | None = None
    broken: int = 0

    @property
    def name(self) -> str:
        """The name the picture was uploaded under."""
        return self.layout.picture_name(self.key)

    @property
    def answers(self) -> int:
        """How many answers count."""
        return sum(self.counts.values())

    def count(self, label_class: LabelClass) -> int:
        """Return how many answers say a class."""
        return self.counts.get(label_class.code, 0)

    def percent(self, label_class: LabelClass) -> float | None:
        """Return the share of the answers that say a class, 0 to 100; None without answers."""
        return 100 * self.count(label_class) / self.answers if self.answers else None

    @property
    def agreement(self) -> float | None:
        """Share of the answers that say what most say, above 0 to 1; None below two answers."""
        return max(self.counts.values()) / self.answers if self.answers > 1 else None

    @property
    def dispute(self) -> tuple[float, int]:
        """What the most disputed pictures have least of; a tie of six says more than one of two."""
        return self.agreement or 1, -self.answers

    @property
    def majority(self) -> LabelClass | None:
        """The class that more answers say than any other; None at a tie or without answers."""
        first, most, is_tie = -1, 0, True
        for code, count in self.counts.items():
            if count > most:
                first, most, is_tie = code, count, False
            elif count == most:
                is_tie = True
        return None if is_tie else self.scheme.by_code.get(first)

    @property
    def decision(self) -> LabelClass | None:
        """The class that the picture is taken for: the verdict's, else the majority's, if any."""
        if self.verdict is not None:
            return self.scheme.by_code.get(self.verdict)
        return self.majority

    @property
    def is_settled(self) -> bool:
        """Whether an admin has said which class it is of."""
        return self.verdict is not None

    @property
    def is_disputed(self) -> bool:
        """Whether there are answers and no majority, and no verdict either."""
        return self.answers > 0 and self.decision is None

    @property
    def consensus(self) -> str:
        """What the answers say together: a class's name, `disputed`, or nothing without answers."""
        if self.is_disputed:
            return Status.DISPUTED.value
        return self.decision.name if self.decision else ""

    def status(self, target: int) -> Status:
        """Tell how far the picture is from the answers it shall have.

        `SETTLED` by a verdict, whatever else is said, and else `BROKEN` as soon as one annotator
        says so; `DISPUTED` at any tie, so that it agrees with `consensus`; else `DECIDED` from
        `target` answers on.
        """
        if self.is_settled:
            return Status.SETTLED
        if self.broken:
            return Status.BROKEN
        if not self.answers:
            return Status.UNTOUCHED
        if self.majority is None:
            return Status.DISPUTED
        return Status.DECIDED if self.answers >= target else Status.IN_PROGRESS


def tally(picture: PictureLabels, layout: Layout = OWN) -> Tally:
    """Count the answers of one picture, which lies in a layout."""
    counts: dict[int, int] = {}
    last_at: datetime | None = None
    for entry in picture.answers:  # a Counter takes thrice as long, and there may be 300,000
        code, at = int(entry.label), entry.at
        counts[code] = counts.get(code, 0) + 1
        if at is not None and (last_at is None or at > last_at):
            last_at = at
    return Tally(
        key=picture.key,
        counts=counts,
        skips=len(picture.skips),
        unreadable=picture.file.unreadable,
        last_at=last_at,
        layout=layout,
        scheme=picture.counting.scheme,
        verdict=picture.verdict.code if picture.verdict else None,
        broken=len(picture.broken),
    )
