"""Count which classes annotators confuse: two of them, or one and what a picture is taken for.

What the rest says of a picture is an admin's verdict or else the plurality of everybody's answers
but the annotator's own; where these are a tie, or there is none, the picture is not compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain, combinations

from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.effective import PictureLabels
from labapp.labels.tally import tally

#: Annotators whose pairs are counted, those with the most answers: pairs grow as their square.
MOST_IN_PAIRS = 100


class Against(StrEnum):
    """What an annotator's answers are compared with."""

    ANNOTATOR = "annotator"
    REST = "rest"
    GOLD = "gold"


@dataclass(frozen=True)
class Confusion:
    """What an annotator says of pictures, and what another, the rest or gold says of the same.

    Attributes:
        annotator: the token of whose answers are compared.
        against: what with.
        other: the other annotator's token; empty against the rest and gold.
        counts: on how many pictures, by the annotator's code and the other's.
        scheme: the classes.
    """

    annotator: str
    against: Against
    other: str = ""
    counts: Mapping[tuple[int, int], int] = field(default_factory=dict)
    scheme: Scheme = DEFAULT_SCHEME

    @property
    def pictures(self) -> int:
        """How many pictures are compared."""
        return sum(self.counts.values())

    @property
    def same(self) -> int:
        """On how many of them both say the same."""
        return sum(count for (own, other), count in self.counts.items() if own == other)

    @property
    def agreement(self) -> float | None:
        """The share of these, 0 to 1; None where no picture is compared."""
        return self.same / self.pictures if self.pictures else None

    def count(self, own: LabelClass, other: LabelClass) -> int:
        """Return on how many pictures the annotator says a class and the other another one."""
        return self.counts.get((own.code, other.code), 0)

    @property
    def cells(self) -> list[tuple[LabelClass, LabelClass, int]]:
        """The annotator's class, the other's, and on how many pictures, where it is not 0."""
        classes = self.scheme.classes
        every = ((own, other, self.count(own, other)) for own in classes for other in classes)
        return [one for one in every if one[2]]

    @property
    def confused(self) -> list[tuple[LabelClass, LabelClass, int]]:
        """Those cells in which the two differ, the most pictures first."""
        return sorted((one for one in self.cells if one[0] != one[1]), key=lambda one: -one[2])


def pairs(pictures: Sequence[PictureLabels]) -> list[Confusion]:
    """Compare annotators two by two, on the pictures that both have answered.

    Args:
        pictures: as `effective.as_first_typed` has them; only what counts is compared, and not
            answers of labs' own programs, which are nobody's.

    Returns:
        One for each two who share a picture, those with the most in common first; in each the one
        whose name comes first. Of more than `MOST_IN_PAIRS` annotators only those with the most
        answers are compared.
    """
    answers = Counter(who for picture in pictures for who in _named(picture))
    chosen = {who for who, _ in answers.most_common(MOST_IN_PAIRS)}
    counts: dict[tuple[str, str], Counter[tuple[int, int]]] = defaultdict(Counter)
    scheme = DEFAULT_SCHEME
    for picture in pictures:
        scheme, said = picture.counting.scheme, _named(picture)
        for one, other in combinations(sorted(chosen.intersection(said)), 2):
            counts[one, other][said[one], said[other]] += 1
    found = [
        Confusion(one, Against.ANNOTATOR, other, each, scheme)
        for (one, other), each in counts.items()
    ]
    return sorted(found, key=lambda each: (-each.pictures, each.annotator, each.other))


def between(pictures: Iterable[PictureLabels], annotator: str, other: str) -> Confusion:
    """Compare two annotators, by their tokens, also where one is left out; else as `pairs`."""
    found = _compared(pictures, annotator, Against.ANNOTATOR, lambda picture: _said(picture, other))
    return replace(found, other=other)


def with_rest(pictures: Iterable[PictureLabels], annotator: str) -> Confusion:
    """Compare an annotator, by their token, with what all others say; else as `between`."""

    def of_rest(picture: PictureLabels) -> int | None:
        others = [one for one in picture.answers if one.annotator != annotator]
        rest = tally(replace(picture, answers=tuple(others))).decision
        return rest.code if rest else None

    return _compared(pictures, annotator, Against.REST, of_rest)


def with_gold(
    pictures: Iterable[PictureLabels], annotator: str, gold: Mapping[str, int]
) -> Confusion:
    """Compare an annotator, by their token, with gold's codes, by key; else as `between`."""
    gold_pictures = (picture for picture in pictures if picture.key in gold)
    return _compared(gold_pictures, annotator, Against.GOLD, lambda picture: gold[picture.key])


def _compared(
    pictures: Iterable[PictureLabels],
    annotator: str,
    against: Against,
    of_other: Callable[[PictureLabels], int | None],
) -> Confusion:
    counts: Counter[tuple[int, int]] = Counter()
    scheme = DEFAULT_SCHEME
    for picture in pictures:
        scheme, own = picture.counting.scheme, _said(picture, annotator)
        if own is not None and (other := of_other(picture)) is not None:
            counts[own, other] += 1
    return Confusion(annotator, against, "", counts, scheme)


def _named(picture: PictureLabels) -> dict[str, int]:
    """Return the code that each annotator gives a picture, of those that count."""
    return {one.annotator: int(one.label) for one in picture.answers if not one.is_bare}


def _said(picture: PictureLabels, annotator: str) -> int | None:
    """Return the code that an annotator gives a picture, also one who is left out."""
    for one in chain(picture.answers, picture.left_out):
        if one.annotator == annotator and one.is_answer and not one.is_bare:
            return one.code
    return None
