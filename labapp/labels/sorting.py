"""Sort and narrow the table of pictures; `SORTS` and `FILTERS` are the names a user may give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from labapp.errors import UsageError
from labapp.labels.classes import CLASSES, POSITIVE

if TYPE_CHECKING:  # every start of a program wants the names alone
    from labapp.labels.tally import Tally

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

#: What the table can be sorted by: the name, and what comes first. Pictures without answers come
#: last wherever answers are compared; equals stand in the order of their keys.
SORTS: dict[str, str] = {
    "key": "keys in their order",
    "name": "names in alphabetical order",
    "answers": "most answers first",
    POSITIVE.word: f"highest share of {POSITIVE.name} first",
    "agreement": "highest agreement first",
    "disputed": "most disputed first",
    "recent": "latest answer first",
}

_SORT_KEYS: dict[str, Callable[[Tally], tuple[object, ...]]] = {
    "key": lambda t: (),
    "name": lambda t: (t.name.casefold(),),
    "answers": lambda t: (-t.answers,),
    POSITIVE.word: lambda t: (t.answers == 0, -(t.percent(POSITIVE) or 0)),
    # One answer agrees with nobody, so it comes behind all that were compared.
    "agreement": lambda t: (t.answers == 0, -(t.agreement or 0), -t.answers),
    # A tie of six says more than a tie of two.
    "disputed": lambda t: (t.answers == 0, t.agreement or 1, -t.answers),
    "recent": lambda t: (-((t.last_at or _LONG_AGO) - _LONG_AGO).total_seconds(),),
}

#: The classes, as flags name them.
_CLASSES = {each.word: each for each in CLASSES}

#: What the table can be narrowed to.
FILTERS: tuple[str, ...] = (
    "all",
    "untouched",
    "in-progress",
    "decided",
    "disputed",
    *_CLASSES,
    "unreadable",
)


def sort_tallies(
    tallies: Iterable[Tally], by: str = "key", *, reverse: bool = False
) -> list[Tally]:
    """Sort the table of pictures by one of `SORTS`.

    `reverse` turns the whole order round, pictures without answers included.

    Raises:
        UsageError: there is no such order.
    """
    if by not in _SORT_KEYS:
        raise UsageError(
            f"pictures cannot be sorted by {by!r}", f"Choose one of {', '.join(SORTS)}."
        )
    key = _SORT_KEYS[by]
    return sorted(tallies, key=lambda t: (*key(t), t.key), reverse=reverse)


def filter_tallies(tallies: Iterable[Tally], by: str, *, target: int) -> list[Tally]:
    """Narrow the table of pictures to one of `FILTERS`, in the order given.

    Args:
        tallies: one for each picture.
        by: a status, a consensus, or `unreadable` for label files with lines that could not be.
        target: answers wanted for each picture, which the statuses depend on.

    Raises:
        UsageError: there is no such filter.
    """
    if by not in FILTERS:
        raise UsageError(
            f"pictures cannot be narrowed to {by!r}", f"Choose one of {', '.join(FILTERS)}."
        )
    return [each for each in tallies if _passes(each, by, target)]


def most_disputed(tallies: Iterable[Tally]) -> list[Tally]:
    """Return the pictures whose answers differ, the most disputed first.

    Order: lowest agreement, then most answers, then key. Unanimous pictures are left out.
    """
    return sort_tallies((t for t in tallies if (t.agreement or 1) < 1), "disputed")


def _passes(each: Tally, by: str, target: int) -> bool:
    """Tell whether a picture belongs to what the table is narrowed to."""
    if by == "all":
        return True
    if by == "unreadable":
        return each.unreadable > 0
    if by in _CLASSES:
        return each.majority is _CLASSES[by]
    return each.status(target).value == by.replace("-", " ")
