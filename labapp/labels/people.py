"""Who labels, as an admin acts on them: one row for each person, and how a typed name is found."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labapp.errors import UsageError
from labapp.labels.annotator_file import Annotators
from labapp.labels.effective import PictureLabels, withdrawals
from labapp.labels.look_alikes import look_alikes, skeleton, spelled_out
from labapp.labels.tokens import ANONYMOUS, annotator_token, person
from labapp.visible import printable

#: Who gave the answers that have no name.
LABS_OWN = "labs' own programs"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who labels, or all of labs' own programs together, which give no names.

    Attributes:
        name: the token that they go by; empty for labs' programs.
        answers: answers that count.
        left_out: answers that would count if they were not left out.
        withdrawn: answers that an admin has withdrawn.
        others: tokens of theirs that an admin has merged into this one.
        looks_like: the first few others whose names look like this one.
        is_left_out: whether an admin leaves them out.
    """

    name: str
    answers: int = 0
    left_out: int = 0
    withdrawn: int = 0
    others: tuple[str, ...] = ()
    looks_like: tuple[str, ...] = ()
    is_left_out: bool = False


def people(pictures: Iterable[PictureLabels], decided: Annotators) -> tuple[Person, ...]:
    """Return who labels, the most answers first, then by name.

    Args:
        pictures: with names as label files have them.
        decided: what was decided of annotators; who is left out or merged is there in any case.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, str] = {}

    def who(token: str) -> str:
        whole = decided.whole(token)
        names.setdefault(person(whole), whole)
        return person(whole)

    for token in (*decided.left_out, *decided.same):
        counts[who(token)] += Counter()
    for picture in pictures:
        ids = {one.retracts for one in withdrawals(picture.file)}
        for entry in picture.file.entries:
            if not entry.is_admins:
                gone = entry.is_answer and not entry.is_bare and entry.answer_id in ids
                counts[who(entry.annotator)]["withdrawn"] += gone
        for entry in picture.answers:
            counts[who(entry.annotator)]["answers"] += 1
        for entry in picture.left_out:
            counts[who(entry.annotator)]["left out"] += entry.is_answer
    alike = look_alikes(names[key] for key in counts)
    rows = [
        Person(
            names[key],
            each["answers"],
            each["left out"],
            each["withdrawn"],
            decided.others(names[key]),
            alike.get(names[key], ()),
            decided.is_left_out(names[key]),
        )
        for key, each in counts.items()
    ]
    return tuple(sorted(rows, key=lambda one: (-one.answers, one.name)))


def find(text: str, among: Sequence[Person]) -> Person:
    """Return whom a typed name means, by any of their names.

    Args:
        text: as typed; `ANONYMOUS`, if nobody is called so, or empty for labs' own programs.
        among: as of `people`.

    Raises:
        UsageError: it means nobody; says who may be meant.
        RefusedError: it has no letter or digit, and is not empty.
    """
    token = annotator_token(text) if text else ""
    for one in among:
        if person(token) in map(person, (one.name, *one.others)):
            return one
    if token in ("", ANONYMOUS):
        if token and (labs := next((one for one in among if not one.name), None)):
            return labs
        raise UsageError("there are no answers without a name", "Name an annotator.")
    told = f"nobody called {printable(text)!r} has labelled"
    known = [name for one in among for name in (one.name, *one.others) if name]
    if meant := _near(token, known):
        raise UsageError(told, f"Did you mean {' or '.join(map(spelled_out, meant))}?")
    raise UsageError(told, "'admin.py annotators' lists who has.")


def _near(token: str, known: Sequence[str]) -> list[str]:
    """Return the names that a name may stand for: those that look like it, else those near it."""
    if alike := [name for name in known if skeleton(name) == skeleton(token)]:
        return alike
    by_person = {person(name): name for name in known}
    return [by_person[who] for who in difflib.get_close_matches(person(token), by_person)]
