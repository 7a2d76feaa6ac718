"""What is listed of decisions: annotators, flags of broken pictures, what an act has changed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from labapp.console import figures
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.people import LABS_OWN
from labapp.labels.remarks import Decided
from labapp.labels.tokens import annotator_name
from labapp.programs.shell.table import Document, Field, Table
from labapp.utc import format_time

if TYPE_CHECKING:
    from datetime import datetime

    from labapp.labels.effects import Effect
    from labapp.labels.layout import Layout
    from labapp.labels.people import Person
    from labapp.labels.remarks import Remark
    from labapp.programs.deciding.proposal import Proposal


def _state(one: Person) -> str:
    told = ["left out"] * one.is_left_out
    told += [f"also {annotator_name(other)}" for other in one.others]
    told += [f"looks like {annotator_name(other)}" for other in one.looks_like]
    return ", ".join(told)


PEOPLE: Table[Person] = Table(
    fields=(
        Field("annotator", lambda one: one.name, shown=lambda one: _who(one.name),
              piped=lambda one: _who(one.name), least=20),
        Field("answers", look="number", note="that count"),
        Field("left_out", title="left out", look="number", drop=2,
              note="answers that would count"),
        Field("withdrawn", look="number", drop=1),
        Field("is_left_out"),
        Field("others", lambda one: list(one.others), note="names that count as this one"),
        Field("looks_like", lambda one: list(one.looks_like)),
        Field("state", _state, look="remark", least=16),
    ),
    empty="Nobody has labelled yet: client.py label",
    columns=("annotator", "answers", "left_out", "withdrawn", "state"),
    details=("answers", "left_out", "state"),
    hidden=frozenset({"state"}),
)  # fmt: skip


class Flagged(NamedTuple):
    """What somebody says of a picture that it is broken, and what became of that."""

    key: str
    layout: Layout
    remark: Remark
    is_settled: bool = False

    @property
    def state(self) -> str:
        """Whether it stands, was dismissed, or does not matter since the picture is settled."""
        if self.remark.decided is Decided.DISMISSED:
            return "dismissed"
        return "settled" if self.is_settled else "flagged"


def _time(at: datetime | None) -> str:
    return format_time(at) if at else ""


def _clock(at: datetime | None) -> str:
    return figures.clock(at) if at else ""


FLAGS: Table[Flagged] = Table(
    fields=(
        Field("key", shown=lambda one: one.layout.name_of(one.key), look="id"),
        Field("name", lambda one: one.layout.picture_name(one.key)),
        Field("annotator", lambda one: one.remark.entry.annotator,
              shown=lambda one: annotator_name(one.remark.entry.annotator), drop=1),
        Field("why", lambda one: annotator_name(one.remark.entry.says)),
        Field("flagged_at", lambda one: _time(one.remark.entry.at), "flagged",
              shown=lambda one: _clock(one.remark.entry.at), look="word", drop=3),
        Field("state", look="word"),
        Field("dismissed_by", lambda one: one.remark.by, drop=2, rare=True),
        Field("dismissed_at", lambda one: _time(one.remark.at)),
    ),
    empty="Nobody says that a picture is broken.",
    columns=("key", "annotator", "why", "state", "flagged_at", "dismissed_by"),
)  # fmt: skip


@cache
def remarks_table(scheme: Scheme = DEFAULT_SCHEME) -> Table[Remark]:
    """Return what is told of each line that does not count as it was written."""

    def said(one: Remark) -> str:
        if one.entry.code is None:
            return annotator_name(one.entry.says) if one.entry.says else ""
        found = scheme.by_code.get(one.entry.code)
        return found.name if found else ""

    return Table(
        fields=(
            Field("decided", lambda one: one.decided.value, look="word"),
            Field(
                "annotator",
                lambda one: one.entry.annotator,
                shown=lambda one: _who(one.entry.annotator),
                least=8,
            ),
            Field("label", lambda one: one.entry.code),
            Field("says", lambda one: one.entry.says if one.entry.code is None else "", note="why"),
            Field("said", said, drop=1),
            Field("at", lambda one: _time(one.entry.at)),
            Field("id", lambda one: one.entry.answer_id),
            Field("counts_as", lambda one: one.whose, "as", shown=lambda one: _name(one.whose),
                  drop=2, rare=True),
            Field("by", shown=lambda one: _name(one.by), rare=True),
            Field("decided_at", lambda one: _time(one.at), "when", shown=lambda one: _clock(one.at),
                  look="word", drop=3, rare=True),
        ),
        empty="Nothing was decided.",
        columns=("decided", "annotator", "said", "counts_as", "by", "decided_at"),
        hidden=frozenset({"said"}),
    )  # fmt: skip


def _who(token: str) -> str:
    return annotator_name(token) if token else LABS_OWN


def _name(token: str) -> str:
    return annotator_name(token) if token else ""


_EFFECT = (
    *("pictures", "answers_less", "answers_more", "consensus", "disputed", "undecided"),
    *("alpha_before", "alpha_after", "raw_before", "raw_after"),
)

#: What acts on annotators write with --json; and verdicts; and what dismisses flags.
ANNOTATOR_ACTS = Document(
    ("act", "annotator", "other", "state", "lines", *_EFFECT, "reverse"),
    notes={
        "lines": "that are added to label files",
        "pictures": "that count otherwise",
        "consensus": "pictures with another one, of these",
        "reverse": "the command that takes it back",
    },
)
PICTURE_ACTS = Document(
    ("key", "act", "label", "by", "state", "consensus_before", "consensus_after", "reverse")
)
BROKEN_ACTS = Document(
    ("key", "name", "state", "flags", "reverse"), "list of", {"flags": "that this is about"}
)


def act_document(one: Proposal, state: str) -> dict[str, Any]:
    """Return an act on an annotator as JSON has it, with what became of it."""
    return {
        "act": one.act,
        "annotator": one.who,
        "other": one.other,
        "state": state,
        "lines": one.lines,
        **_effect_fields(one.effect),
        "reverse": one.reverse,
    }


def _effect_fields(effect: Effect) -> dict[str, Any]:
    return {
        **{name: getattr(effect, name) for name in _EFFECT[:6]},
        "alpha_before": effect.before.alpha,
        "alpha_after": effect.after.alpha,
        "raw_before": effect.before.raw,
        "raw_after": effect.after.raw,
    }
