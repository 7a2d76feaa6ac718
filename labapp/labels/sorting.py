"""Sort and narrow the table of pictures; `sorts` and `filters` are the names a user may give."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from labapp.errors import UsageError
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme

if TYPE_CHECKING:  # every start of a program wants the names alone
    from labapp.labels.tally import Tally

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

#: What the table can be sorted by whatever the classes are: the name, and what comes first.
#: Pictures without answers come last wherever answers are compared; equals stand in the order of
#: their keys.
_SORTS: dict[str, tuple[str, Callable[[Tally], tuple[object, ...]]]] = {
    "key": ("keys in their order", lambda t: ()),
    "name": ("names in alphabetical order", lambda t: (t.name.casefold(),)),
    "answers": ("most answers first", lambda t: (-t.answers,)),
    # One answer agrees with nobody, so it comes behind all that were compared.
    "agreement": (
        "highest agreement first",
        lambda t: (t.answers == 0, -(t.agreement or 0), -t.answers),
    ),
    "disputed": ("most disputed first", lambda t: (t.answers == 0, *t.dispute)),
    "recent": (
        "latest answer first",
        lambda t: (-((t.last_at or _LONG_AGO) - _LONG_AGO).total_seconds(),),
    ),
}

#: What the table can be narrowed to whatever the classes are.
_FILTERS = (
    *("all", "untouched", "in-progress", "decided", "disputed", "settled", "broken"),
    "unreadable",
)


def sorts(scheme: Scheme = DEFAULT_SCHEME) -> dict[str, str]:
    """Return what the table can be sorted by: the name, and what comes first."""
    shares = {each.word: f"highest share of {each.name} first" for each in scheme.classes}
    told = {name: told for name, (told, _) in _SORTS.items()}
    return {**told, **{name: told for name, told in shares.items() if name not in told}}


def filters(scheme: Scheme = DEFAULT_SCHEME) -> tuple[str, ...]:
    """Return what the table can be narrowed to: a status, a class, or what cannot be read."""
    return tuple(dict.fromkeys((*_FILTERS, *(each.word for each in scheme.classes))))


def sort_tallies(
    tallies: Iterable[Tally],
    by: str = "key",
    *,
    reverse: bool = False,
    scheme: Scheme = DEFAULT_SCHEME,
) -> list[Tally]:
    """Sort the table of pictures by one of `sorts`.

    `reverse` turns the whole order round, pictures without answers included.

    Raises:
        UsageError: there is no such order.
    """
    by = _as_named(by, sorts(scheme), scheme)
    if by not in sorts(scheme):
        raise UsageError(
            f"pictures cannot be sorted by {by!r}", f"Choose one of {', '.join(sorts(scheme))}."
        )
    key = _SORTS[by][1] if by in _SORTS else _share_of(_class_called(by, scheme))
    return sorted(tallies, key=lambda t: (*key(t), t.key), reverse=reverse)


def _as_named(by: str, names: Collection[str], scheme: Scheme) -> str:
    """Return one of the names, which a class's code or name means too, however it is written."""
    found = None if by in names else scheme.called(by)
    return found.word if found else by


def _share_of(label_class: LabelClass) -> Callable[[Tally], tuple[object, ...]]:
    return lambda t: (t.answers == 0, -(t.percent(label_class) or 0))


def _class_called(word: str, scheme: Scheme) -> LabelClass:
    return next(each for each in scheme.classes if each.word == word)


def filter_tallies(
    tallies: Iterable[Tally], by: str, *, target: int, scheme: Scheme = DEFAULT_SCHEME
) -> list[Tally]:
    """Narrow the table of pictures to one of `filters`, in the order given.

    Args:
        tallies: one for each picture.
        by: a status, a consensus, or `unreadable` for label files with lines that could not be.
        target: answers wanted for each picture, which the statuses depend on.
        scheme: the classes there are.

    Raises:
        UsageError: there is no such filter.
    """
    by = _as_named(by, filters(scheme), scheme)
    if by not in filters(scheme):
        raise UsageError(
            f"pictures cannot be narrowed to {by!r}",
            f"Choose one of {', '.join(filters(scheme))}.",
        )
    return [each for each in tallies if _passes(each, by, target, scheme)]


def most_disputed(tallies: Iterable[Tally]) -> list[Tally]:
    """Return the pictures whose answers differ, the most disputed first, less those settled.

    Order: lowest agreement, then most answers, then key. Unanimous pictures are left out.
    """
    return sort_tallies(
        (t for t in tallies if (t.agreement or 1) < 1 and not t.is_settled), "disputed"
    )


def _passes(each: Tally, by: str, target: int, scheme: Scheme) -> bool:
    """Tell whether a picture belongs to what the table is narrowed to."""
    if by == "all":
        return True
    if by == "unreadable":
        return each.unreadable > 0
    if by not in _FILTERS:
        return each.decision == _class_called(by, scheme)
    return each.status(target).value == by.replace("-", " ")
