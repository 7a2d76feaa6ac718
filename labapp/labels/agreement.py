"""Measure how far annotators agree: Krippendorff's alpha and raw agreement over all pictures.

Alpha is 1 for perfect agreement and 0 for what chance alone gives. It falls when nearly all
pictures are of one kind, however well people agree, so raw agreement is to be shown beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: Pairs of answers below which a figure would be noise: at 20 pairs the standard error of raw
#: agreement is at most sqrt(0.25 / 20) = 0.11. Two people who answer the 20 pictures make 20.
MIN_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the answers agree.

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


def agreement(counts: Iterable[tuple[int, int]]) -> Agreement:
    """Measure the agreement of answers 0 and 1.

    Args:
        counts: for each picture how many answers say 0 and how many say 1; pictures with fewer
            than two answers have no part in it.
    """
    usable = [(zeros, ones) for zeros, ones in counts if zeros + ones >= 2]
    pairs = sum(_pairs(zeros + ones) for zeros, ones in usable)
    equal = sum(_pairs(zeros) + _pairs(ones) for zeros, ones in usable)
    return Agreement(alpha(usable), equal / pairs if pairs else None, pairs, len(usable))


def alpha(counts: Iterable[tuple[int, int]]) -> float | None:
    """Compute Krippendorff's alpha for answers 0 and 1.

    With z and o answers on a picture, m = z + o, over pictures with m >= 2, Z and O their sums and
    n = Z + O: alpha = 1 - (n - 1) * sum(z * o / (m - 1)) / (Z * O). (K. Krippendorff, Content
    Analysis: nominal data, two values, any number of annotators, answers may be missing.)

    Args:
        counts: for each picture how many answers say 0 and how many say 1.

    Returns:
        At most 1; None where it is undefined, since all answers are the same or none is paired.
    """
    usable = [(zeros, ones) for zeros, ones in counts if zeros + ones >= 2]
    all_zeros = sum(zeros for zeros, _ in usable)
    all_ones = sum(ones for _, ones in usable)
    if not all_zeros * all_ones:
        return None
    disagreement = sum(zeros * ones / (zeros + ones - 1) for zeros, ones in usable)
    return 1 - (all_zeros + all_ones - 1) * disagreement / (all_zeros * all_ones)


def _pairs(answers: int) -> int:
    return answers * (answers - 1) // 2
