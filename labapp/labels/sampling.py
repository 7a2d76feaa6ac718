"""Which picture comes next: the lowest level first, at random within it, and gold now and then.

An order gives each picture a level, by what is known of its answers or by what a model predicts.
Within a level every picture is equally likely, so that two who label at once seldom have the same.

What an annotator has answered, or said to be broken, is not asked again. What this annotator has
skipped comes back after all others. So do, before these, pictures that need no more answers: those
that an admin's verdict has settled, and those that anybody says are broken; their answers change
no class, but they still tell how an annotator answers.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from typing import NamedTuple

from labapp.labels.classes import Order
from labapp.labels.effective import PictureLabels
from labapp.labels.tally import tally

#: Bytes of a usual line, for guessing answers from a label file's size: a name of 8 characters and
#: an id of 26 (ULID) make 59, one of 36 (UUID) makes 69.
LINE_BYTES = 64

#: Bytes of a bare line, which is all that there is in a lab's own layout.
BARE_BYTES = 2

#: Pictures that are chosen from at least, unless there are not as many. A run of keys from a random
#: point on takes each key with a chance that varies, from key to key, by 1 in sqrt(keys in the
#: run): 4.5 % here, where the first key alone would vary by 100 %.
POOL = 500

#: What decides between pictures: the lowest come first.
Level = tuple[float, ...]

#: The certainty of a picture that no model says anything of: it comes after all others.
UNKNOWN = 2.0


def estimated_answers(size: int, line: int = LINE_BYTES) -> int:
    """Guess how many answers a label file has from its bytes, which come with a listing.

    At least 1 for a file that is not empty. Bare lines among usual ones, of `line` bytes, are taken
    to be fewer than they are; a guess decides only who is asked first.
    """
    return max(1, round(size / line)) if size > 0 else 0


def level(
    order: Order,
    answers: int,
    dispute: tuple[float, int] = (1.0, 0),
    certainty: float = UNKNOWN,
) -> Level:
    """Return the level of a picture in an order.

    Args:
        order: the order.
        answers: how many it has, counted or guessed.
        dispute: as `Tally.dispute`. After those whose answers differ, which are the most disputed,
            come the others with the fewest answers first.
        certainty: of the class that a model takes it for.
    """
    if order is Order.FEWEST:
        return (answers,)
    if order is Order.DISPUTED:
        return (0, *dispute) if dispute[0] < 1 else (1, answers)
    return (certainty,) if order is Order.UNCERTAIN else ()


class Stand(NamedTuple):
    """What choosing needs to know of a picture, once its label file is read.

    Attributes:
        level: its level.
        is_done: whether this annotator has answered it.
        is_flagged: whether this annotator has said that it is broken.
        is_skipped: whether this annotator has skipped it.
        is_broken: whether anybody has said that it is broken.
        is_settled: whether an admin's verdict has settled it.
    """

    level: Level
    is_done: bool
    is_flagged: bool
    is_skipped: bool
    is_broken: bool
    is_settled: bool

    @property
    def is_closed(self) -> bool:
        """Whether it needs no more answers."""
        return self.is_broken or self.is_settled


def stand_of(
    picture: PictureLabels, annotator: str, order: Order, certainty: float = UNKNOWN
) -> Stand:
    """Return how a picture stands to an annotator (a token) in an order."""
    counted = tally(picture)
    return Stand(
        level(order, counted.answers, counted.dispute, certainty),
        picture.answered_by(annotator),
        picture.flagged_by(annotator),
        picture.skipped_by(annotator),
        counted.broken > 0,
        counted.is_settled,
    )


class Levels:
    """Pictures that are still to come, by their levels.

    Args:
        rng: where chance comes from.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._keys: dict[Level, list[str]] = {}
        self._lowest: list[Level] = []  # a heap of the levels that there are
        self._places: dict[str, tuple[Level, int]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def put(self, key: str, at: Level) -> None:
        """Put a picture at a level, wherever it was."""
        self.drop(key)
        if at not in self._keys:
            self._keys[at] = []
            heapq.heappush(self._lowest, at)
        self._places[key] = at, len(self._keys[at])
        self._keys[at].append(key)

    def drop(self, key: str) -> bool:
        """Leave a picture out; return whether it was there."""
        if key not in self._places:
            return False
        at, place = self._places.pop(key)
        keys = self._keys[at]
        last = keys.pop()
        if last != key:
            keys[place] = last
            self._places[last] = at, place
        return True

    def level_of(self, key: str) -> Level | None:
        """Return the level of a picture; None where it is not there."""
        return self._places[key][0] if key in self._places else None

    def take(self, count: int) -> list[tuple[str, Level]]:
        """Take some pictures out, with their levels: in a level each is as likely as any other."""
        found: list[tuple[str, Level]] = []
        while len(found) < count and self._lowest:
            at = self._lowest[0]
            if keys := self._keys[at]:
                key = self._rng.choice(keys)
                self.drop(key)
                found.append((key, at))
            else:
                del self._keys[heapq.heappop(self._lowest)]
        return found


def gold_places(every: int, rng: random.Random) -> Iterator[bool]:
    """Tell of one picture after the other, without end, whether it shall be gold.

    Of each `every` pictures in a row it is one, at a place left to chance, so that nobody can count
    to it; with 0 it is none.
    """
    while every:
        place = rng.randrange(every)
        yield from (number == place for number in range(every))
    yield from itertools.repeat(False)
