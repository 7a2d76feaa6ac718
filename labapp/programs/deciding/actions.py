"""What may be done to annotators, for commands and pages alike: each first a proposal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.dataset import acting, counting
from labapp.errors import LabappError
from labapp.labels.acts import ALWAYS, Span
from labapp.labels.annotator_file import Annotators
from labapp.labels.look_alikes import look_alikes, spelled_out
from labapp.labels.people import Person, find, people
from labapp.labels.tokens import person
from labapp.programs.deciding.proposal import Proposal, called, word

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.dataset.acting import Plan
    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.progress import Progress


@dataclass(frozen=True)
class Crowd:
    """Who labels in a bucket, and what was decided of them.

    Attributes:
        bucket: the bucket.
        look: all labels there.
        admin: who acts, as a token.
        decided: what was decided of annotators.
        people: who labels.
    """

    bucket: Bucket
    look: DatasetSnapshot
    admin: str
    decided: Annotators
    people: tuple[Person, ...]

    @staticmethod
    def of(bucket: Bucket, look: DatasetSnapshot, admin: str) -> Crowd:
        """Return who labels; errors as of `counting.annotators`."""
        decided = counting.annotators(bucket)
        return Crowd(bucket, look, admin, decided, people(look.written, decided))

    def called(self, name: str) -> Person:
        """Return whom a typed name means; errors as of `people.find`."""
        return find(name, self.people)

    def shown(self, token: str) -> str:
        """Return what somebody is called; spelled out where another name reads the same."""
        name = called(token)
        return spelled_out(name) if token in self._alike else name

    @cached_property
    def _alike(self) -> frozenset[str]:
        names = {name for one in self.people for name in (one.name, *one.others) if name}
        return frozenset(look_alikes(names))

    def token(self, name: str) -> str:
        """Return a typed name as it stands in label files, and not whom it counts as."""
        one = self.called(name)
        names = {person(each): each for each in (one.name, *one.others)}
        return names.get(person(find_token(name)), one.name)


def find_token(name: str) -> str:
    """Return the token of a typed name that means somebody."""
    from labapp.labels.tokens import annotator_token

    return annotator_token(name) if name else ""


def leave_out(crowd: Crowd, name: str) -> Proposal:
    """Propose to leave an annotator out."""
    who = crowd.called(name).name
    return _decision(
        crowd,
        lambda decided: decided.leave_out(who),
        "leave-out",
        who,
        (f"leave {crowd.shown(who)} out", f"left {crowd.shown(who)} out", "left out"),
        reverse=f"annotators take-back {word(who)}",
    )


def take_back(crowd: Crowd, name: str) -> Proposal:
    """Propose to have an annotator count again."""
    who = crowd.called(name).name
    return _decision(
        crowd,
        lambda decided: decided.take_back(who),
        "take-back",
        who,
        (f"take {crowd.shown(who)} back", f"took {crowd.shown(who)} back", "taken back"),
        reverse=f"annotators leave-out {word(who)}",
    )


def merge(crowd: Crowd, other: str, name: str) -> Proposal:
    """Propose to have what one name has answered count as another's."""
    given_up, who = crowd.token(other), crowd.called(name).name
    called_so = f"{crowd.shown(given_up)} as {crowd.shown(who)}"
    return _decision(
        crowd,
        lambda decided: decided.merge(given_up, who),
        "merge",
        who,
        (f"count {called_so}", f"{crowd.shown(given_up)} counts as {crowd.shown(who)}", "merged"),
        reverse=f"annotators split {word(given_up)}",
        other=given_up,
    )


def split(crowd: Crowd, other: str) -> Proposal:
    """Propose to have a name count by itself again."""
    given_up = crowd.token(other)
    who = crowd.decided.whole(given_up)
    return _decision(
        crowd,
        lambda decided: decided.split(given_up),
        "split",
        who,
        (
            f"have {crowd.shown(given_up)} count apart from {crowd.shown(who)}",
            f"{crowd.shown(given_up)} counts apart from {crowd.shown(who)}",
            "split",
        ),
        reverse="" if who == given_up else f"annotators merge {word(given_up)} {word(who)}",
        other=given_up,
    )


def _decision(
    crowd: Crowd,
    edit: Callable[[Annotators], Annotators],
    act: str,
    who: str,
    words: tuple[str, str, str],
    *,
    reverse: str,
    other: str = "",
) -> Proposal:
    planned = acting.decide(crowd.look, crowd.decided, edit)
    does, did, state = words

    def carry_out(_: Progress) -> int:
        acting.keep(crowd.bucket, edit)
        return 0

    nothing = "" if planned.is_new else f"already {state}: {crowd.shown(other or who)}"
    return Proposal(act, who, does, did, state, planned.effect, reverse, carry_out, other, nothing)


def withdraw(crowd: Crowd, name: str, span: Span = ALWAYS) -> Proposal:
    """Propose to withdraw an annotator's answers of a span of time."""
    one = crowd.called(name)
    plan = acting.withdrawal(crowd.look, person(one.name), span)
    flags = sum(
        crowd.look.counting.person(flag.annotator) == person(one.name)
        for picture in crowd.look.written
        for flag in picture.broken
    )
    stay = "stays" if flags == 1 else "stay"
    note = f"{plural(flags, 'flag')} of broken pictures of theirs {stay}: see 'broken'"
    return _lines(
        crowd,
        plan,
        "withdraw",
        one,
        ("withdraw", "withdrew", "withdrawn"),
        note=note if flags else "",
        asks=True,
    )


def restore(crowd: Crowd, name: str, span: Span = ALWAYS) -> Proposal:
    """Propose to restore what was withdrawn of an annotator's answers of a span of time."""
    one = crowd.called(name)
    plan = acting.restoration(crowd.look, person(one.name), span)
    return _lines(crowd, plan, "restore", one, ("restore", "restored", "restored"))


_REVERSES = {"withdraw": "restore", "restore": "withdraw"}


def _lines(
    crowd: Crowd,
    plan: Plan,
    act: str,
    one: Person,
    words: tuple[str, str, str],
    *,
    note: str = "",
    asks: bool = False,
) -> Proposal:
    does, did, state = words
    more = "s" * (plan.total != 1)
    also = f" (also {', '.join(map(crowd.shown, one.others))})" if one.others else ""
    what = f"{plan.total:,} answer{more} or skip{more} of {crowd.shown(one.name)}{also}"
    where = f"on {plural(len(plan.lines), 'picture')}"
    nothing = f"nothing of {crowd.shown(one.name)} is left to be {state}"
    return Proposal(
        act,
        one.name,
        f"{does} {what} {where}",
        f"{did} {what} {where}",
        state,
        plan.effect,
        f"annotators {_REVERSES[act]} {word(one.name)}",
        partial(_carry_out, crowd, plan, state),
        nothing="" if plan.total else nothing,
        lines=plan.total,
        pictures=len(plan.lines),
        note=note,
        asks=asks,
        doing=f"{act.removesuffix('e')}ing",
    )


def _carry_out(crowd: Crowd, plan: Plan, state: str, progress: Progress) -> int:
    layout, through = crowd.look.layout, 0
    try:
        for key, lines in acting.carry_out(crowd.bucket, plan, crowd.admin, progress.stopped):
            through += 1
            progress.moved(1)
            told = plural(lines, "line") if lines else "nothing is left to be"
            progress.done(f"{layout.picture_name(key)}: {told} {state}", state)
    except LabappError as error:
        told = f"{through:,} of {plural(len(plan.lines), 'picture')} are through"
        remedy = f"{error.remedy} Done again, it does the rest.".strip()
        raise type(error)(f"{error.message}; {told}", remedy) from error
    return through
