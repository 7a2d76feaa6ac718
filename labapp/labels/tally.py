"""Count a picture's answers: percentages, agreement, consensus, and how far it is from its target.

Consensus is the majority of the answers that count; a tie is `disputed`, however many they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from labapp.labels.effective import PictureLabels
from labapp.labels.label_file import Label
from labapp.labels.object_keys import picture_name


class Consensus(StrEnum):
    """What a picture's answers say together."""

    HOT_DOG = "hot dog"
    OTHER = "other"
    DISPUTED = "disputed"


class Status(StrEnum):
    """How far a picture is; every picture is in exactly one of these."""

    DECIDED = "decided"
    IN_PROGRESS = "in progress"
    DISPUTED = "disputed"
    UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True)
class Tally:
    """A picture's answers, counted.

    Attributes:
        key: the picture's key.
        hot_dog: answers that say hot dog.
        other: answers that say other.
        skips: annotators who skipped it and have not answered it.
        unreadable: lines of the label file that could not be read.
        last_at: when the latest answer that has a time was given; None without one.
    """

    key: str
    hot_dog: int = 0
    other: int = 0
    skips: int = 0
    unreadable: int = 0
    last_at: datetime | None = None

    @property
    def name(self) -> str:
        """The name the picture was uploaded under."""
        return picture_name(self.key)

    @property
    def answers(self) -> int:
        """How many answers count."""
        return self.hot_dog + self.other

    @property
    def hot_dog_percent(self) -> float | None:
        """Share of hot dog, 0 to 100; None without answers."""
        return 100 * self.hot_dog / self.answers if self.answers else None

    @property
    def other_percent(self) -> float | None:
        """Share of other, 0 to 100; None without answers."""
        return 100 * self.other / self.answers if self.answers else None

    @property
    def agreement(self) -> float | None:
        """Share of the answers that are with the majority, 0.5 to 1; None below two answers."""
        return max(self.hot_dog, self.other) / self.answers if self.answers > 1 else None

    @property
    def consensus(self) -> Consensus | None:
        """What the majority says, `DISPUTED` at a tie, None without answers."""
        if not self.answers:
            return None
        if self.hot_dog == self.other:
            return Consensus.DISPUTED
        return Consensus.HOT_DOG if self.hot_dog > self.other else Consensus.OTHER

    @property
    def majority(self) -> int | None:
        """The label the majority gives, 1 hot dog or 0 other; None at a tie or without answers."""
        return None if self.hot_dog == self.other else int(self.hot_dog > self.other)

    def status(self, target: int) -> Status:
        """Tell how far the picture is from the answers it shall have.

        Args:
            target: answers wanted for each picture, 1 or more.

        Returns:
            `DISPUTED` at any tie, so that it agrees with `consensus`; else `DECIDED` from
            `target` answers on.
        """
        if not self.answers:
            return Status.UNTOUCHED
        if self.majority is None:
            return Status.DISPUTED
        return Status.DECIDED if self.answers >= target else Status.IN_PROGRESS


def tally(picture: PictureLabels) -> Tally:
    """Count the answers of one picture."""
    hot_dog = sum(entry.label is Label.HOT_DOG for entry in picture.answers)
    times = [entry.at for entry in picture.answers if entry.at is not None]
    return Tally(
        key=picture.key,
        hot_dog=hot_dog,
        other=len(picture.answers) - hot_dog,
        skips=len(picture.skips),
        unreadable=picture.file.unreadable,
        last_at=max(times, default=None),
    )


def tally_row(each: Tally) -> dict[str, str | int | float | None]:
    """Return a tally as the row that `stats --json` prints.

    Percentages are rounded to two decimals and agreement to four; None where there are no answers,
    and agreement also where there is but one.
    """
    return {
        "key": each.key,
        "name": each.name,
        "answers": each.answers,
        "hot_dog_percent": _rounded(each.hot_dog_percent, 2),
        "other_percent": _rounded(each.other_percent, 2),
        "agreement": _rounded(each.agreement, 4),
        "consensus": each.consensus.value if each.consensus else None,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
