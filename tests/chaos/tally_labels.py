"""What is to count, worked out from what was said and decided: labapp's own rules have no say.

Of each annotator the last answer to a picture that was not undone; of two names that are one person
the later of both, by the label file's order; of whoever is withdrawn or left out nothing; and on
each picture the verdict that was given last and not taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from labapp.labels.label_file import Entry

#: An answer that counts: its picture and whose it is, and what it says.
Answers = dict[tuple[str, str], str]


@dataclass
class Decided:
    """What admins have decided.

    Attributes:
        gone: names whose answers are withdrawn.
        left_out: names whose answers do not count.
        same: other names of a person, each with the name that they go by.
        verdicts: on each picture the verdicts that stand, in their order. Several rows of these
            where an admin was killed at taking one back, which may have been done or not.
    """

    gone: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    same: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)

    def note(self, words: tuple[str, ...], *, is_done: bool) -> None:
        """Note an act that was told to be done; or else one that may be, or may not."""
        act, name, *more = words
        if act == "verdict":
            self._settle(name, more[0], is_done=is_done)
        elif is_done:
            for verb, names in (("withdraw", self.gone), ("leave-out", self.left_out)):
                names |= {name} if act == verb else set()
            for verb, names in (("restore", self.gone), ("take-back", self.left_out)):
                names -= {name} if act == verb else set()
            if act == "merge":
                self.same[name] = more[0]
            if act == "split":
                self.same.pop(name, None)

    def _settle(self, key: str, word: str, *, is_done: bool) -> None:
        before = self.verdicts.get(key, {()})
        if word == "--undo":
            after = {row[:-1] for row in before}
        else:
            after = {row if row[-1:] == (word,) else (*row, word) for row in before}
        self.verdicts[key] = after if is_done else before | after

    def settled(self, key: str) -> set[str]:
        """Return what a picture may be settled as; empty text: not at all."""
        return {row[-1] if row else "" for row in self.verdicts.get(key, {()})}


def tally(
    everyone: Iterable[Iterable[tuple[str, Entry]]],
    order: Mapping[str, list[str]],
    decided: Decided,
) -> Answers:
    """Return what is to count.

    Args:
        everyone: of each annotator what they said, in their order, with its picture.
        order: the ids of the lines of each picture, in its label file's order.
        decided: what admins have decided.
    """
    out = decided.gone | decided.left_out
    found: Answers = {}
    places: dict[tuple[str, str], int] = {}
    for said in everyone:
        for (key, name), entry in _last(said).items():
            who = decided.same.get(name, name)
            ids = order.get(key, [])
            place = ids.index(entry.answer_id) if entry.answer_id in ids else len(ids)
            if not {name, who} & out and place >= places.get((key, who), -1):
                places[key, who] = place
                found[key, who] = entry.label.value
    return found


def _last(said: Iterable[tuple[str, Entry]]) -> dict[tuple[str, str], Entry]:
    """Return one annotator's last answer to each picture that was not undone."""
    meant = [*said]
    undone = {entry.retracts for _, entry in meant if entry.retracts}
    return {
        (key, entry.annotator): entry
        for key, entry in meant
        if entry.is_answer and entry.answer_id not in undone
    }
