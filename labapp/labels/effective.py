"""Say which lines of a label file count: the latest answer of each annotator, less what was undone.

A skip never takes an answer's place: who answered and skips the picture at revising leaves the
answer as it is. Bare lines have no annotator, so each counts as an answer of somebody else.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from labapp.labels.label_file import Entry, Label, LabelFile, person


@dataclass(frozen=True, slots=True)
class PictureLabels:
    """A picture, its label file, and what of it counts; made by `labels_of`.

    Attributes:
        key: the picture's key.
        file: its label file; an empty one where there is none.
        answers: the answers that count, at most one of each annotator, in the file's order.
        skips: the latest skip of each annotator whose answer does not stand, in the file's order.
        sha256: the digest of the picture's bytes in hex, or empty where it is not known.
    """

    key: str
    file: LabelFile
    answers: tuple[Entry, ...]
    skips: tuple[Entry, ...]
    sha256: str = ""

    def answered_by(self, annotator: str) -> bool:
        """Tell whether an answer of this annotator (a token) stands."""
        who = person(annotator)
        return any(person(e.annotator) == who for e in self.answers if not e.is_bare)

    def skipped_by(self, annotator: str) -> bool:
        """Tell whether this annotator (a token) skipped the picture, and that stands."""
        who = person(annotator)
        return any(person(entry.annotator) == who for entry in self.skips)


def labels_of(key: str, file: LabelFile, sha256: str = "") -> PictureLabels:
    """Work out which entries of a picture's label file count, `LabelFile()` where there is none."""
    if all(entry.is_bare for entry in file.entries):  # a lab's may have a million, and few have any
        return PictureLabels(key, file, file.entries, (), sha256)
    undone = _undone(file)
    answers: dict[str | int, Entry] = {}
    skips: dict[str, Entry] = {}
    for place, entry in enumerate(file.entries):
        if entry.is_bare:
            answers[place] = entry
            continue
        who = person(entry.annotator)
        if (who, entry.answer_id) in undone:
            continue
        if entry.is_answer:
            answers.pop(who, None)  # the latest has its own place in the file's order
            answers[who] = entry
        elif entry.label is Label.SKIP:
            skips.pop(who, None)
            skips[who] = entry
    unanswered = (entry for who, entry in skips.items() if who not in answers)
    return PictureLabels(key, file, tuple(answers.values()), tuple(unanswered), sha256)


def _undone(file: LabelFile) -> set[tuple[str, str]]:
    """Return the answers and skips that were taken back: whose they are, and their ids."""
    return {
        (person(each.annotator), each.retracts)
        for each in file.entries
        if each.label is Label.RETRACTION
    }


def previous_answer(file: LabelFile, entry: Entry) -> Entry | None:
    """Return the answer of the same person that counted until this one of the file; None if none.

    Of a skip or a retraction it is None, as they replace nothing.
    """
    if not entry.is_answer:
        return None
    before = itertools.takewhile(lambda one: one.answer_id != entry.answer_id, file.entries)
    who = person(entry.annotator)
    standing = [one for one in _standing_answers(file, before) if person(one.annotator) == who]
    return standing[-1] if standing else None


def overwritten_answers(file: LabelFile) -> list[Entry]:
    """Return the answers that a later one of the same person replaced, without being taken back.

    Who changes an answer where it was given takes it back. So these are answers of two programs
    that go by one name: of somebody at two machines, or of two people.
    """
    latest: dict[str, Entry] = {}
    found = []
    for entry in _standing_answers(file, file.entries):
        who = person(entry.annotator)
        found += [latest[who]] if who in latest else []
        latest[who] = entry
    return found


def _standing_answers(file: LabelFile, entries: Iterable[Entry]) -> list[Entry]:
    """Return those of a file's entries that are answers with a name and were not taken back."""
    undone = _undone(file)
    named = (one for one in entries if one.is_answer and not one.is_bare)
    return [one for one in named if (person(one.annotator), one.answer_id) not in undone]


def as_first_typed(pictures: Sequence[PictureLabels]) -> tuple[PictureLabels, ...]:
    """Return the pictures with each person under one name: as it was typed first, by the times.

    `Anna` and `anna` are one person already where answers are counted; this is for who reads them.
    """
    firsts: dict[str, tuple[datetime, str]] = {}
    tokens: set[str] = set()
    for picture in pictures:
        for entry in picture.file.entries:
            if entry.at is None:
                continue
            tokens.add(entry.annotator)
            who = person(entry.annotator)
            if who not in firsts or entry.at < firsts[who][0]:
                firsts[who] = (entry.at, entry.annotator)
    shown = {token: firsts[person(token)][1] for token in tokens}
    others = {token for token, first in shown.items() if token != first}
    return tuple(_with_names(picture, shown, others) if others else picture for picture in pictures)


def _with_names(
    picture: PictureLabels, shown: Mapping[str, str], others: Collection[str]
) -> PictureLabels:
    if not any(entry.annotator in others for entry in picture.file.entries):
        return picture
    entries = (replace(e, annotator=shown.get(e.annotator, "")) for e in picture.file.entries)
    file = replace(picture.file, entries=tuple(entries))
    return labels_of(picture.key, file, picture.sha256)


def as_of(file: LabelFile, moment: datetime) -> LabelFile:
    """Return the file as it was at a moment, by the entries' own times.

    Bare lines have no time and count as old. Unreadable lines stay counted.
    """
    entries = tuple(e for e in file.entries if e.at is None or e.at <= moment)
    return replace(file, entries=entries)
