"""What is listed of annotators: how much, how far with the rest, what is odd."""

from __future__ import annotations

from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.programs.shell.table import Field, Table
from labapp.programs.statistics.table import (
    NAME,
    OWN_COLUMNS,
    hundredfold,
    in_percent,
    shown_name,
    whole,
)
from labapp.utc import format_time

if TYPE_CHECKING:
    from labapp.labels.annotators import AnnotatorReport


@cache
def annotators(scheme: Scheme = DEFAULT_SCHEME) -> Table[AnnotatorReport]:
    """Return what is listed of annotators."""
    percents = tuple(map(_percent, scheme.classes))
    names = tuple(field.name for field in percents)
    # Where classes are many the one that is said most stands for them.
    shares = names[:1] if len(names) <= OWN_COLUMNS else ("most_said",)
    said = Field("said", partial(_said, scheme), "answers say")
    most = Field("most_said", partial(_most_said, scheme), "says most", drop=2)
    return Table(
        fields=(
            *(_NAME, _ANSWERS, percents[0], _WITH_REST, _PACE, _LAST, _FLAGS, *_ODD),
            *(*percents[1:], *_GOLD, said, most),
        ),
        empty="Nobody has labelled yet: client.py label",
        columns=(
            *("annotator", "answers", *shares, "agreement_with_rest", "gold"),
            *("last_at", "flags"),
        ),
        # What only some have stands behind all else.
        piped=(
            *("annotator", "answers", *(names[:1] if shares == names[:1] else names)),
            *("agreement_with_rest", "last_at", "flags", "gold"),
        ),
        details=(
            *("annotator", "answers", "said", "agreement_with_rest", "gold_told"),
            *("median_seconds", "last_at", "reasons"),
        ),
        hidden=frozenset({"reasons", "gold", "gold_told", "said", "most_said"}),
        empty_page="Nobody has labelled yet: client.py, Label.",
    )


def _whole_or_none(share: float | None) -> str | None:
    return whole(hundredfold(share)) or None


def _percent(label_class: LabelClass) -> Field[AnnotatorReport]:
    """Return the column of a class's share of somebody's answers."""
    return Field(
        f"{label_class.field}_percent",
        lambda one: hundredfold(one.share(label_class)),
        label_class.column,
        shown=lambda one: whole(hundredfold(one.share(label_class))),
        piped=lambda one: _whole_or_none(one.share(label_class)),
        look="number",
        drop=2,
    )


def _gold(one: AnnotatorReport) -> str:
    """Return the accuracy on gold in percent, with its interval: `80 (49-94)`."""
    if one.gold is None:
        return ""
    low, high = one.gold.interval
    return f"{100 * one.gold.share:.0f} ({100 * low:.0f}-{100 * high:.0f})"


def _gold_told(one: AnnotatorReport) -> str:
    """Return the same in words; empty where they answered none."""
    if one.gold is None:
        return ""
    low, high = map(in_percent, one.gold.interval)
    return (
        f"{one.gold.right:,} of {figures.plural(one.gold.answers, 'picture')}:"
        f" {in_percent(one.gold.share)}, between {low} and {high}"
    )


def _ranked(scheme: Scheme, one: AnnotatorReport) -> list[LabelClass]:
    """Return the classes that are said, the most often said first."""
    said = [each for each in scheme.classes if one.counts.get(each.code)]
    return sorted(said, key=lambda each: -one.counts[each.code])


def _most_said(scheme: Scheme, one: AnnotatorReport) -> str:
    return "".join(
        f"{each.name} {in_percent(one.share(each))}" for each in _ranked(scheme, one)[:1]
    )


def _said(scheme: Scheme, one: AnnotatorReport) -> str:
    return ", ".join(
        f"{one.counts[each.code]:,} {each.name} ({in_percent(one.share(each))})"
        for each in _ranked(scheme, one)
    )


_NAME: Field[AnnotatorReport] = Field(
    "annotator",
    shown=lambda one: shown_name(one.annotator),
    piped=lambda one: shown_name(one.annotator),
    least=NAME,
)

_ANSWERS: Field[AnnotatorReport] = Field("answers", look="number")

_WITH_REST: Field[AnnotatorReport] = Field(
    "agreement_with_rest",
    title="with the rest",
    shown=lambda one: in_percent(one.agreement_with_rest),
    piped=lambda one: _whole_or_none(one.agreement_with_rest),
    look="number",
    drop=3,
)

_PACE: Field[AnnotatorReport] = Field("median_seconds", title="seconds, median")

_LAST: Field[AnnotatorReport] = Field(
    "last_at",
    lambda one: format_time(one.last_at),
    "last seen",
    shown=lambda one: figures.clock(one.last_at),
    look="word",
    drop=4,
)

_FLAGS: Field[AnnotatorReport] = Field(
    "flags",
    lambda one: [flag.value for flag in one.flags],
    shown=lambda one: ", ".join(one.reasons),
    sign=lambda one: "warn" if one.flags or one.is_left_out else None,
    piped=lambda one: ", ".join(one.reasons),
    look="remark",
    least=16,
)

_ODD: tuple[Field[AnnotatorReport], ...] = (
    Field("looks_like", lambda one: list(one.looks_like)),
    Field("replaced"),
    Field("left_out", attrgetter("is_left_out")),
    Field("also", lambda one: list(one.also)),
)

_GOLD: tuple[Field[AnnotatorReport], ...] = (
    Field("gold_answers", lambda one: one.gold.answers if one.gold else 0),
    Field("gold_right", lambda one: one.gold.right if one.gold else 0),
    Field("gold_accuracy", lambda one: round(one.gold.share, 4) if one.gold else None),
    Field("gold_low", lambda one: round(one.gold.interval[0], 4) if one.gold else None),
    Field("gold_high", lambda one: round(one.gold.interval[1], 4) if one.gold else None),
    Field("gold", _gold, "gold %", look="word", drop=1, rare=True),
    Field("gold_told", _gold_told, "right on gold"),
    Field("reasons", lambda one: ", ".join(one.reasons), "to look at"),
)
