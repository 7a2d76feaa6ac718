"""Measure how far annotators agree: raw agreement, and Krippendorff's alpha for nominal classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import comb

#: Pairs of answers below which a figure would be noise: at 20 pairs the standard error of raw
#: agreement is at most sqrt(0.25 / 20) = 0.11. Two people who answer the 20 pictures make 20.
MIN_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree over all pictures.

    Alpha is 1 for perfect agreement and 0 for what chance alone gives. It falls when nearly all
    pictures are of one kind, however well people agree, so raw agreement is to be shown beside it.

    Attributes:
        alpha: Krippendorff's alpha, at most 1; None where it is undefined (`n/a`).
        raw: share of pairs of answers on one picture that are the same, 0 to 1; None without pairs.
        pairs: how many such pairs there are.
        pictures: how many pictures have at least two answers.
    """

    alpha: float | None
    raw: float | None
    pairs: int
    pictures: int

    @property
    def too_few(self) -> bool:
        """Whether to say `too few` instead of a noisy figure: less than `MIN_PAIRS` pairs."""
        return self.pairs < MIN_PAIRS


def agreement(counts: Iterable[Mapping[int, int]]) -> Agreement:
    """Measure the agreement of answers.

    Args:
        counts: for each picture how many answers say each class, by its code; pictures with fewer
            than two answers have no part in it.
    """
    usable = [each for each in counts if sum(each.values()) >= 2]
    pairs = sum(comb(sum(each.values()), 2) for each in usable)
    equal = sum(comb(count, 2) for each in usable for count in each.values())
    return Agreement(alpha(usable), equal / pairs if pairs else None, pairs, len(usable))


def alpha(counts: Iterable[Mapping[int, int]]) -> float | None:
    """Compute Krippendorff's alpha for nominal classes.

    With n(c) answers of class c on a picture, m their sum, over pictures with m >= 2, N(c) the sums
    over all of them and n the sum of these: alpha = 1 - (n - 1) * sum(D / (m - 1)) / E, where D is
    the sum of n(c) * n(k) over pairs of classes on a picture, and E that of N(c) * N(k). (K.
    Krippendorff, Content Analysis: nominal data, any number of annotators, answers may be missing.)

    At most 1; None where it is undefined, since all answers are the same or none is paired.
    `counts` as of `agreement`.
    """
    sums: Counter[int] = Counter()
    disagreement = 0.0
    for each in counts:
        answers = sum(each.values())
        if answers >= 2:
            for code, count in each.items():
                sums[code] += count
            disagreement += _unlike_pairs(each) / (answers - 1)
    expected = _unlike_pairs(sums)
    if not expected:
        return None
    return 1 - (sums.total() - 1) * disagreement / expected


def _unlike_pairs(counts: Mapping[int, int]) -> int:
    """Return how many pairs of two answers of different classes there are."""
    total = sum(counts.values())
    return (total * total - sum(count * count for count in counts.values())) // 2
