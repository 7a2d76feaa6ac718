"""Estimate pictures' classes and annotators' error rates together, as Dawid and Skene do.

A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM
Algorithm, Applied Statistics 28(1), 1979, pages 20 to 28. Each annotator has, for each class that a
picture may truly be of, a share of answers of each class; given the class, answers are independent.
An annotator who errs often, or always in one way, so weighs less than one who does not.

It begins with each picture's shares of answers (their formula 3.1) and then takes turns between the
annotators' rates given the classes (2.3, 2.4) and the classes given the rates (2.5), until the
likelihood rises no more, which never falls. The same answers give the same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from labapp.labels.effective import PictureLabels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Places = npt.NDArray[np.intp]

#: Answers to a picture, and of an annotator, from which on the model has something to rest on: with
#: two answers to each picture nothing tells which of two annotators errs.
ENOUGH_A_PICTURE, ENOUGH_AN_ANNOTATOR = 3, 20

#: Rounds after which it ends in any case, and what the log-likelihood has to rise by in each, for
#: each answer, to go on.
MOST_ROUNDS, LEAST_RISE = 500, 1e-9

#: How near two probabilities are that are no different.
_ALIKE = 1e-6


class Said(NamedTuple):
    """An answer: to which picture, whose, and the code that it gives."""

    key: str
    annotator: str
    code: int


@dataclass(frozen=True)
class Basis:
    """What a model rests on.

    Attributes:
        pictures: how many have answers.
        answers: how many there are.
        annotators: how many gave them; those of labs' own programs together count as one.
        per_picture: the median of answers to a picture; 0 without any.
        per_annotator: the median of answers of an annotator; 0 without any.
        short_pictures: those with fewer than `ENOUGH_A_PICTURE`, by key.
        short_annotators: those with fewer than `ENOUGH_AN_ANNOTATOR`, by name.
    """

    pictures: int = 0
    answers: int = 0
    annotators: int = 0
    per_picture: float = 0
    per_annotator: float = 0
    short_pictures: tuple[str, ...] = ()
    short_annotators: tuple[str, ...] = ()

    @property
    def too_few(self) -> bool:
        """Whether half of the pictures, or of the annotators, have too few answers."""
        return self.per_picture < ENOUGH_A_PICTURE or self.per_annotator < ENOUGH_AN_ANNOTATOR


@dataclass(frozen=True)
class Model:
    """What is estimated; made by `fit` and `of`.

    Attributes:
        codes: the classes, in their order.
        shares: the share of each class among pictures with answers; empty where there are none.
        rates: of each annotator, by the class that a picture is of, the share of answers of each
            class; a class of which no picture is has no rates.
        accuracy: of each annotator's answers, the share that is right, by the model.
        log_likelihood: of the answers.
        rounds: how many it took.
        has_converged: whether the likelihood rose no more.
        basis: what it rests on.
    """

    codes: tuple[int, ...]
    shares: Mapping[int, float]
    rates: Mapping[str, Mapping[int, Mapping[int, float]]]
    accuracy: Mapping[str, float]
    log_likelihood: float
    rounds: int
    has_converged: bool
    basis: Basis
    _places: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)
    # Not a mapping for each picture: a hundred thousand of them would take 30 MB.
    _table: Sequence[Sequence[float]] = field(default=(), repr=False, compare=False)

    def probability(self, key: str) -> Mapping[int, float]:
        """Return the probability of each class of a picture, by code; empty without answers."""
        place = self._places.get(key)
        if place is None:
            return {}
        return dict(zip(self.codes, map(float, self._table[place]), strict=True))

    def of(self, key: str) -> int | None:
        """Return the code of a picture's likeliest class; None at a tie or without answers."""
        found = sorted(self.probability(key).items(), key=lambda one: -one[1])
        if not found or (found[1:] and found[0][1] - found[1][1] < _ALIKE):
            return None
        return found[0][0]


def of(pictures: Iterable[PictureLabels], codes: Sequence[int] = ()) -> Model:
    """Estimate by what counts on some pictures.

    A person has the first name that the pictures have of them. A picture that an admin has settled
    is known to be of the verdict's class. Answers of labs' own programs are taken for those of one
    annotator, whose name is empty.

    Args:
        pictures: the pictures; those without answers have no part in it.
        codes: the classes; those of the pictures' scheme, unless given.
    """
    said: list[Said] = []
    known: dict[str, int] = {}
    names: dict[str, str] = {}
    for picture in pictures:
        codes = codes or [each.code for each in picture.counting.scheme.classes]
        for one in picture.answers:
            name = names.setdefault(picture.counting.person(one.annotator), one.annotator)
            said.append(Said(picture.key, name, int(one.label)))
        if picture.verdict is not None and picture.verdict.code is not None:
            known[picture.key] = picture.verdict.code
    return fit(said, codes, known)


def fit(
    said: Iterable[Said],
    codes: Sequence[int],
    known: Mapping[str, int] = MappingProxyType({}),
) -> Model:
    """Estimate by answers, of which an annotator may have given several to a picture.

    Args:
        said: the answers, in any order; those of other codes are passed over.
        codes: the classes.
        known: of pictures whose class is known, its code.
    """
    columns = {code: column for column, code in enumerate(codes)}
    # In one order, as sums of fractions depend on it in their last digits.
    answers = sorted(one for one in said if one.code in columns)
    if not answers:
        return Model(tuple(codes), {}, {}, {}, 0.0, 0, has_converged=True, basis=Basis())
    fitted = _Fit(answers, columns, known)
    fitted.run()
    shares, rates = fitted.estimates()
    return Model(
        tuple(codes),
        dict(zip(codes, shares, strict=True)),
        {
            name: {
                of: dict(zip(codes, row, strict=True))
                for of, row in zip(codes, rows, strict=True)
                if sum(row)
            }
            for name, rows in zip(fitted.annotators, rates, strict=True)
        },
        dict(zip(fitted.annotators, fitted.accuracy(), strict=True)),
        fitted.log_likelihood,
        fitted.rounds,
        fitted.has_converged,
        _basis(answers),
        fitted.pictures,
        fitted.classes,  # type: ignore[arg-type]  # rows of an array are as good as lists
    )


def _basis(answers: Sequence[Said]) -> Basis:
    pictures = Counter(one.key for one in answers)
    people = Counter(one.annotator for one in answers)
    return Basis(
        len(pictures),
        len(answers),
        len(people),
        median(pictures.values()),
        median(people.values()),
        tuple(key for key, count in pictures.items() if count < ENOUGH_A_PICTURE),
        tuple(sorted(name for name, count in people.items() if count < ENOUGH_AN_ANNOTATOR)),
    )


class _Fit:
    """The estimation, on arrays: answers have a row each, in the pictures' order.

    A rate of 0 has the logarithm minus infinity, and so have sums with it: no class of a picture
    that has a share in one round is without any in the next, but for those that are next to none.
    """

    def __init__(
        self, answers: Sequence[Said], columns: Mapping[int, int], known: Mapping[str, int]
    ) -> None:
        import numpy as np

        self.pictures = {
            key: place for place, key in enumerate(dict.fromkeys(one.key for one in answers))
        }
        self.annotators = sorted({one.annotator for one in answers})
        people = {name: place for place, name in enumerate(self.annotators)}
        self._size = len(columns)
        self._rows = _numbers(self.pictures[one.key] for one in answers)
        self._said = _numbers(columns[one.code] for one in answers)
        self._who = _numbers(people[one.annotator] for one in answers)
        self._starts: Places = np.flatnonzero(np.diff(self._rows, prepend=-1))
        self._known = [
            (self.pictures[key], columns[code])
            for key, code in known.items()
            if key in self.pictures and code in columns
        ]
        self.rounds = 0
        self.has_converged = False
        self.log_likelihood = -np.inf
        #: The probabilities of the classes, a row for each picture.
        self.classes: Array = self._first_shares()

    def run(self) -> None:
        """Take turns until the likelihood rises no more."""
        least = LEAST_RISE * len(self._rows)
        while not self.has_converged and self.rounds < MOST_ROUNDS:
            before = self.log_likelihood
            self._estimate_classes(*self._estimate_rates())
            self.rounds += 1
            self.has_converged = self.log_likelihood - before < least

    def estimates(self) -> tuple[list[float], list[list[list[float]]]]:
        """Return the classes' shares, and of each annotator the rates by true and given class."""
        shares, rates = self._estimate_rates()
        return shares.tolist(), rates.tolist()

    def accuracy(self) -> list[float]:
        """Return of each annotator's answers the share that is right."""
        import numpy as np

        right = self.classes[self._rows, self._said]
        people = len(self.annotators)
        sums = np.bincount(self._who, right, people)
        found: list[float] = (sums / np.bincount(self._who, minlength=people)).tolist()
        return found

    def _first_shares(self) -> Array:
        import numpy as np

        cells = self._rows * self._size + self._said
        counts = np.bincount(cells, minlength=len(self.pictures) * self._size)
        table = counts.reshape(-1, self._size).astype(float)
        return self._with_known(table / table.sum(axis=1, keepdims=True))

    def _with_known(self, classes: Array) -> Array:
        for row, column in self._known:
            classes[row] = 0
            classes[row, column] = 1
        return classes

    def _estimate_rates(self) -> tuple[Array, Array]:
        """Return the classes' shares, and the rates by annotator, true and given class."""
        import numpy as np

        cells = self._who * self._size + self._said
        most = len(self.annotators) * self._size
        counts = np.stack(
            [np.bincount(cells, each[self._rows], most) for each in self.classes.T], axis=1
        )
        # By annotator, given class and true class, so far.
        rates = counts.reshape(-1, self._size, self._size).transpose(0, 2, 1)
        sums = rates.sum(axis=2, keepdims=True)
        return self.classes.mean(axis=0), np.divide(
            rates, sums, out=np.zeros_like(rates), where=sums > 0
        )

    def _estimate_classes(self, shares: Array, rates: Array) -> None:
        import numpy as np

        with np.errstate(divide="ignore"):  # of nothing it is minus infinity
            logs = np.log(rates).transpose(0, 2, 1).reshape(-1, self._size)
            sums = np.log(shares) + np.add.reduceat(
                logs[self._who * self._size + self._said], self._starts
            )
        for row, column in self._known:
            kept = sums[row, column]
            sums[row] = -np.inf
            sums[row, column] = kept
        highest = sums.max(axis=1, keepdims=True)
        weights = np.exp(sums - highest)
        totals = weights.sum(axis=1, keepdims=True)
        self.log_likelihood = float((highest + np.log(totals)).sum())
        self.classes = weights / totals


def _numbers(each: Iterable[int]) -> Places:
    import numpy as np

    return np.fromiter(each, dtype=np.intp)
