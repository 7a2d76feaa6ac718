"""How far annotators are right on gold pictures, whose class an admin knows, and how sure that is.

The interval is Wilson's score interval (E. B. Wilson, Probable Inference, the Law of Succession,
and Statistical Inference, Journal of the American Statistical Association 22, 1927, pages 209 to
212): it holds for few answers too, and never leaves 0 to 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from math import sqrt

from labapp.labels.effective import PictureLabels

#: Standard deviations of a normal distribution that 95 % lie within.
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class GoldAccuracy:
    """An annotator's answers to gold pictures.

    Attributes:
        answers: how many gold pictures they have answered; at least 1.
        right: on how many of these their answer is the known class.
    """

    answers: int
    right: int

    @property
    def share(self) -> float:
        """The share that is right, 0 to 1."""
        return self.right / self.answers

    @property
    def interval(self) -> tuple[float, float]:
        """What the share lies within at 95 %."""
        return wilson(self.right, self.answers)


def wilson(right: int, answers: int, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval of a share; `answers` is at least 1."""
    share, weight = right / answers, z * z / answers
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / answers + weight / (4 * answers))
    # Of none and of all it ends exactly there, but for the last digit.
    low = 0.0 if not right else max(0.0, middle - half)
    return low, 1.0 if right == answers else min(1.0, middle + half)


def gold_accuracies(
    pictures: Iterable[PictureLabels], gold: Mapping[str, int]
) -> dict[str, GoldAccuracy]:
    """Measure all annotators who have answered a gold picture, also those who are left out.

    Args:
        pictures: as `effective.as_first_typed` has them.
        gold: the code of each gold picture's class, by key.

    Returns:
        By the annotators' tokens; answers of labs' own programs are nobody's.
    """
    said: dict[str, list[bool]] = defaultdict(list)
    for picture in pictures if gold else ():
        known = gold.get(picture.key)
        if known is None:
            continue
        for entry in chain(picture.answers, picture.left_out):
            if entry.is_answer and not entry.is_bare:
                said[entry.annotator].append(entry.code == known)
    return {name: GoldAccuracy(len(each), sum(each)) for name, each in said.items()}
