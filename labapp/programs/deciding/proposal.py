"""An act that an admin is about to do: what it would change, in words, and how it is taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.labels.people import LABS_OWN
from labapp.labels.tokens import ANONYMOUS, annotator_name

if TYPE_CHECKING:
    from labapp.labels.agreement import Agreement
    from labapp.labels.effects import Effect
    from labapp.progress import Progress

#: Names that need no quotes in any shell.
_PLAIN = re.compile(r"[\w.@+-]+")


@dataclass(frozen=True)
class Proposal:
    """An act on an annotator that an admin is about to do.

    Attributes:
        act: what it is called as a command, such as `withdraw`.
        who: whom it is done to, as a token.
        other: the other name that it is about; empty where there is none.
        does: what it does, such as `withdraw 37 answers and skips of ana on 35 pictures`.
        did: the same once it is done: `withdrew ...`.
        state: what has become of it then, in a word.
        nothing: why nothing is to be done; empty where something is.
        effect: what it changes.
        lines: how many lines it adds to label files.
        pictures: the label files that it goes through.
        reverse: the command that takes it back.
        note: what stays as it is though one might think otherwise; empty for nothing.
        asks: whether a command asks before it does it.
        carry_out: does it, tells a `Progress` of each picture, and returns how many are through.
        doing: what is done while it goes on, such as `withdrawing`; empty where it is done at once.
    """

    act: str
    who: str
    does: str
    did: str
    state: str
    effect: Effect
    reverse: str
    carry_out: Callable[[Progress], int]
    other: str = ""
    nothing: str = ""
    lines: int = 0
    pictures: int = 0
    note: str = ""
    asks: bool = False
    doing: str = ""

    @property
    def changes(self) -> list[str]:
        """What it changes, a line for each thing."""
        return changes(self.effect)

    @property
    def back(self) -> str:
        """How it is taken back."""
        return f"to take it back: {self.reverse}"


def changes(effect: Effect) -> list[str]:
    """Return what an act changes, a line for each thing."""
    return [_answers(effect), _consensus(effect), _agreement(effect.before, effect.after)]


def _answers(effect: Effect) -> str:
    told = [
        f"{plural(count, 'answer')} {'counts' if count == 1 else 'count'} {how}"
        for count, how in ((effect.answers_less, "no more"), (effect.answers_more, "again"))
        if count
    ]
    return f"answers: {', '.join(told) or 'the same count'}"


def _consensus(effect: Effect) -> str:
    if not effect.consensus:
        return "consensus: stays on every picture"
    told = [f"changes on {plural(effect.consensus, 'picture')}"]
    told += [f"{effect.disputed:,} disputed then"] * (effect.disputed > 0)
    told += [f"{effect.undecided:,} without one then"] * (effect.undecided > 0)
    return f"consensus: {', '.join(told)}"


def _agreement(before: Agreement, after: Agreement) -> str:
    then, now = _figures(before), _figures(after)
    if then == now:
        return f"agreement: stays, alpha {then[0]}, raw {then[1]}"
    alpha, raw = (f"{was} to {is_now}" for was, is_now in zip(then, now, strict=True))
    return f"agreement: alpha {alpha}, raw {raw}"


def _figures(agreement: Agreement) -> tuple[str, str]:
    alpha = "n/a" if agreement.alpha is None else f"{agreement.alpha:.3f}"
    raw = "n/a" if agreement.raw is None else f"{100 * agreement.raw:.0f} %"
    return alpha, raw


def word(token: str) -> str:
    """Return an annotator's token as a command takes it."""
    token = token or ANONYMOUS
    return token if _PLAIN.fullmatch(token) else f'"{token}"'


def called(token: str) -> str:
    """Return what an annotator is called within a sentence."""
    return annotator_name(token) if token else LABS_OWN
