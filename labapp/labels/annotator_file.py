"""The file of what an admin has decided about annotators: who is left out, and who is who.

    left_out = ["bo"]

    [same]
    anna_k = "anna"        # what anna_k has answered is anna's

What it says is checked as what comes from outside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from labapp.errors import RefusedError
from labapp.labels.decided_file import table
from labapp.labels.tokens import annotator_token, person

#: Where it lies: no label file's name ends so.
KEY = "labels/annotators.toml"

_REMEDY = "'admin.py annotators' writes it."


@dataclass(frozen=True)
class Annotators:
    """What was decided of annotators, by their tokens as they were typed.

    Attributes:
        left_out: whose answers do not count; an empty token: those of labs' own programs.
        same: other names of a person, each with the name that they go by.
    """

    left_out: tuple[str, ...] = ()
    same: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def people_left_out(self) -> frozenset[str]:
        """The persons who are left out."""
        people = self.people
        return frozenset(people.get(who, who) for who in map(person, self.left_out))

    @property
    def people(self) -> Mapping[str, str]:
        """The persons who are another one, by whom they are."""
        return {person(other): person(name) for other, name in self.same.items()}

    def whole(self, token: str) -> str:
        """Return the name that somebody goes by, of any of theirs."""
        who = person(token)
        return next((name for other, name in self.same.items() if person(other) == who), token)

    def others(self, token: str) -> tuple[str, ...]:
        """Return the other names that somebody goes by."""
        who = person(token)
        return tuple(other for other, name in self.same.items() if person(name) == who)

    def is_left_out(self, token: str) -> bool:
        """Tell whether somebody's answers do not count; of labs' programs if it is empty."""
        return person(self.whole(token)) in self.people_left_out

    def leave_out(self, token: str) -> Annotators:
        """Leave out all that goes by the names of somebody."""
        if self.is_left_out(token):
            return self
        return replace(self, left_out=(*self.left_out, self.whole(token)))

    def take_back(self, token: str) -> Annotators:
        """Have somebody's answers count again."""
        who = person(self.whole(token))
        out = tuple(one for one in self.left_out if person(self.whole(one)) != who)
        return replace(self, left_out=out)

    def merge(self, other: str, name: str) -> Annotators:
        """Have what one name has answered count as another's.

        Raises:
            RefusedError: they are one already, or taking it back would not bring back what was.
        """
        if not (name and other):
            raise RefusedError(
                "answers of labs' own programs have no name to be merged", "Leave them out instead."
            )
        name, known = self.whole(name), self.whole(other)
        if known != other and person(known) == person(name):
            return self
        if person(other) == person(name):
            raise RefusedError(f"{other} and {name} are one annotator already", "Name two.")
        if known != other:
            raise RefusedError(f"{other} counts as {known} already", f"Split {other} first.")
        if others := self.others(other):
            told = f"{' and '.join(others)} count as {other}"
            raise RefusedError(told, f"Merge {name} into {other}, or split {others[0]} first.")
        if self.is_left_out(other) and not self.is_left_out(name):
            told = f"{other} is left out and {name} is not"
            raise RefusedError(told, f"Leave {name} out too, or take {other} back first.")
        return replace(self, same={**self.same, other: name})

    def split(self, other: str) -> Annotators:
        """Have what one name has answered count as its own again.

        Raises:
            RefusedError: others count as it, and one of these is meant.
        """
        if self.whole(other) == other:
            if not (others := self.others(other)):
                return self  # as of a split whose outcome was not heard of, and that is done again
            remedy = f"Name one of {', '.join(others)}."
            raise RefusedError(f"{other} is no other name of anybody", remedy)
        who = person(other)
        same = {one: name for one, name in self.same.items() if person(one) != who}
        return replace(self, same=same)


def to_text(decided: Annotators) -> str:
    """Return it as its file has it."""
    text = f"left_out = {json.dumps([*decided.left_out], ensure_ascii=False)}\n"
    if decided.same:
        text += "\n[same]\n"
        text += "".join(
            f"{json.dumps(other, ensure_ascii=False)} = {json.dumps(name, ensure_ascii=False)}\n"
            for other, name in decided.same.items()
        )
    return text


def of_text(text: str) -> Annotators:
    """Return what a file says.

    Raises:
        RefusedError: something in it is wrong; says what.
    """
    said = table(text, "the annotators", ("left_out", "same"), "annotators", _REMEDY)
    out, same = said.get("left_out", []), said.get("same", {})
    if not isinstance(out, list) or not all(isinstance(one, str) for one in out):
        raise RefusedError("left_out is no list of names", _REMEDY)
    if not isinstance(same, dict) or not all(isinstance(one, str) for one in same.values()):
        raise RefusedError("same is no table of names", _REMEDY)
    names = {annotator_token(other): annotator_token(name) for other, name in same.items()}
    people = {person(other) for other in names}
    for other, name in names.items():
        if person(name) in people:  # also of oneself, and round in a circle
            raise RefusedError(
                f"{other} is said to be {name}, who is said to be somebody else", _REMEDY
            )
    return Annotators(tuple(one and annotator_token(one) for one in out), names)
