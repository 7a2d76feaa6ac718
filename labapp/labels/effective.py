"""Say which lines of a label file count: the latest answer of each annotator, less what was undone.

A skip never takes an answer's place: who answered and skips the picture at revising leaves the
answer as it is. Bare lines have no annotator, so each counts as an answer of somebody else. What an
admin has decided beside the files, `Counting`, says whose answers count and as what.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.label_file import ANSWERS, Entry, Label, LabelFile
from labapp.labels.tokens import person


@dataclass(frozen=True)
class Counting:
    """What decides, beside label files themselves, how their lines count.

    Attributes:
        scheme: the classes; an answer of a retired code counts as another's, or not at all.
        same: persons (see `tokens.person`) that are another one, by whom they are.
        left_out: persons whose lines do not count.
    """

    scheme: Scheme = DEFAULT_SCHEME
    same: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    left_out: frozenset[str] = frozenset()

    def person(self, token: str) -> str:
        """Return who is behind an annotator's token."""
        who = person(token)
        return self.same.get(who, who)


#: How lines count where no admin has decided anything.
AS_WRITTEN = Counting()


@dataclass(frozen=True, slots=True)
class PictureLabels:
    """A picture, its label file, and what of it counts; made by `labels_of`.

    Attributes:
        key: the picture's key.
        file: its label file; an empty one where there is none.
        answers: the answers that count, at most one of each annotator, in the file's order.
        skips: the latest skip of each annotator whose answer does not stand, in the file's order.
        sha256: the digest of the picture's bytes in hex, or empty where it is not known.
        broken: the latest flag, that the picture is broken, of each annotator.
        verdict: the admin's, which settles the picture; None where there is none.
        left_out: answers and skips of annotators who are left out.
        counting: how it was counted.
    """

    key: str
    file: LabelFile
    answers: tuple[Entry, ...]
    skips: tuple[Entry, ...]
    sha256: str = ""
    broken: tuple[Entry, ...] = ()
    verdict: Entry | None = None
    left_out: tuple[Entry, ...] = ()
    counting: Counting = AS_WRITTEN

    def answered_by(self, annotator: str) -> bool:
        """Tell whether an answer of this annotator (a token) stands, left out or not."""
        said = itertools.chain(self.answers, self.left_out)
        return self._is_among(annotator, (one for one in said if one.is_answer))

    def skipped_by(self, annotator: str) -> bool:
        """Tell whether this annotator (a token) skipped the picture, and that stands."""
        said = itertools.chain(self.skips, self.left_out)
        return self._is_among(annotator, (one for one in said if one.label is Label.SKIP))

    def said_by(self, annotator: str) -> list[Entry]:
        """Return what this annotator (a token) said that stands, in the file's order."""
        who = self.counting.person(annotator)
        said = {
            one.answer_id
            for one in (*self.answers, *self.skips, *self.broken, *self.left_out)
            if not one.is_bare and self.counting.person(one.annotator) == who
        }
        return [one for one in self.file.entries if one.answer_id in said]

    def flagged_by(self, annotator: str) -> bool:
        """Tell whether this annotator (a token) says that it is broken, left out or not."""
        flags = [one for one in self.file.entries if one.label is Label.BROKEN]
        if not flags or self._is_among(annotator, self.broken):
            return bool(flags)
        undone, withdrawn = _undone(self.file, self.counting), _withdrawn(self.file)
        who = self.counting.person(annotator)
        return any(
            self.counting.person(one.annotator) == who
            and (who, one.answer_id) not in undone
            and one.answer_id not in withdrawn
            for one in flags
        )

    def _is_among(self, annotator: str, said: Iterable[Entry]) -> bool:
        who = self.counting.person(annotator)
        return any(self.counting.person(e.annotator) == who for e in said if not e.is_bare)


def labels_of(
    key: str, file: LabelFile, sha256: str = "", counting: Counting = AS_WRITTEN
) -> PictureLabels:
    """Work out which entries of a picture's label file count, `LabelFile()` where there is none."""
    if _is_each_of_another(file, counting):
        return PictureLabels(key, file, file.entries, (), sha256, counting=counting)
    # A lab's may have a million, and few files have any other.
    if all(entry.is_bare for entry in file.entries) and not counting.scheme.retired:
        bare = (file.entries, ()) if _ANONYMOUS not in counting.left_out else ((), file.entries)
        return PictureLabels(key, file, bare[0], (), sha256, left_out=bare[1], counting=counting)
    said = {entry.label for entry in file.entries}  # few files have all kinds of lines
    undone = _undone(file, counting) if Label.RETRACTION in said else ()
    withdrawn = _withdrawn(file) if Label.WITHDRAWAL in said else ()
    latest: dict[Label | None, dict[str | int, Entry]] = {kind: {} for kind in _KINDS}
    for place, entry in enumerate(file.entries):
        who: str | int = place if entry.is_bare else counting.person(entry.annotator)
        if (who, entry.answer_id) in undone or entry.answer_id in withdrawn:
            continue
        of_kind = latest.get(None if entry.label in ANSWERS else entry.label)
        if of_kind is None:
            continue
        of_kind.pop(who, None)  # the latest has its own place in the file's order
        if (meant := counted(entry, counting.scheme)) is not None:
            of_kind[who] = meant
    answers, verdicts = latest[None], latest[Label.VERDICT]
    skips = {who: one for who, one in latest[Label.SKIP].items() if who not in answers}
    out = counting.left_out
    return PictureLabels(
        key,
        file,
        _of(answers, out),
        _of(skips, out),
        sha256,
        _of(latest[Label.BROKEN], out),
        [*verdicts.values()][-1] if verdicts else None,
        tuple(one for those in (answers, skips) for who, one in those.items() if _is_out(who, out)),
        counting,
    )


def _is_each_of_another(file: LabelFile, counting: Counting) -> bool:
    """Tell whether all lines are answers that count, each of another person, as nearly always."""
    if counting.left_out or counting.scheme.retired:
        return False
    people = set()
    for entry in file.entries:
        if entry.label not in ANSWERS or entry.is_bare:
            return False
        people.add(counting.person(entry.annotator))
    return len(people) == len(file.entries)


#: Who stands behind bare lines, where they are left out.
_ANONYMOUS = ""

#: The kinds of lines of which an annotator's latest counts; None: answers, of whatever code.
_KINDS = (None, Label.SKIP, Label.BROKEN, Label.VERDICT)


def _is_out(who: str | int, left_out: Collection[str]) -> bool:
    return (who if isinstance(who, str) else _ANONYMOUS) in left_out


def _of(said: Mapping[str | int, Entry], left_out: Collection[str]) -> tuple[Entry, ...]:
    if not left_out:
        return tuple(said.values())
    return tuple(entry for who, entry in said.items() if not _is_out(who, left_out))


def counted(entry: Entry, scheme: Scheme) -> Entry | None:
    """Return an entry as it counts: of a retired code as another's; None where it does not."""
    if not scheme.retired or entry.code is None or entry.code not in scheme.retired:
        return entry
    new = scheme.by_code.get(entry.code)
    if new is None:
        return None
    label = Label.of(new)
    return replace(entry, label=label) if entry.is_answer else replace(entry, says=label.value)


def _undone(file: LabelFile, counting: Counting = AS_WRITTEN) -> set[tuple[str | int, str]]:
    """Return what was taken back: whose it is, and its id."""
    return {
        (counting.person(each.annotator), each.retracts)
        for each in file.entries
        if each.label is Label.RETRACTION
    }


def withdrawals(file: LabelFile) -> list[Entry]:
    """Return the withdrawals of a label file that hold, in its order.

    One that was withdrawn later holds no more; one can only end those before it.
    """
    ended: set[str] = set()
    found = []
    for each in reversed(file.entries):
        if each.label is Label.WITHDRAWAL and each.answer_id not in ended:
            ended.add(each.retracts)
            found.append(each)
    return found[::-1]


def _withdrawn(file: LabelFile) -> set[str]:
    """Return the ids of the lines that an admin has withdrawn."""
    return {each.retracts for each in withdrawals(file)}


def standing(file: LabelFile, counting: Counting = AS_WRITTEN) -> list[Entry]:
    """Return the lines of a label file that have names and were neither undone nor withdrawn."""
    undone, withdrawn = _undone(file, counting), _withdrawn(file)
    return [
        one
        for one in file.entries
        if not one.is_bare
        and (counting.person(one.annotator), one.answer_id) not in undone
        and one.answer_id not in withdrawn
    ]


def stands(file: LabelFile, entry: Entry, counting: Counting = AS_WRITTEN) -> bool:
    """Tell whether an entry is in a file, and was neither taken back nor withdrawn."""
    who = counting.person(entry.annotator)
    return (
        entry.answer_id in file
        and (who, entry.answer_id) not in _undone(file, counting)
        and entry.answer_id not in _withdrawn(file)
    )


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
    if len({entry.annotator for entry in file.entries}) == len(file.entries):
        return []  # as nearly always: each has said one thing
    latest: dict[str, Entry] = {}
    found = []
    for entry in _standing_answers(file, file.entries):
        who = person(entry.annotator)
        found += [latest[who]] if who in latest else []
        latest[who] = entry
    return found


def _standing_answers(file: LabelFile, entries: Iterable[Entry]) -> list[Entry]:
    """Return those of a file's entries that are answers with a name and were not taken back."""
    ids = {one.answer_id for one in standing(file)}
    return [one for one in entries if one.is_answer and one.answer_id in ids]


def as_first_typed(pictures: Sequence[PictureLabels]) -> tuple[PictureLabels, ...]:
    """Return the pictures with each person under one name: as it was typed first, by the times.

    `Anna` and `anna` are one person already where answers are counted; this is for who reads them.
    One whose names an admin has merged has the name that the others were merged into.
    """
    firsts: dict[str, tuple[bool, datetime, str]] = {}
    people: dict[str, str] = {}
    for picture in pictures:
        of = picture.counting.person
        for entry in picture.file.entries:
            if entry.at is None:
                continue
            token = entry.annotator
            who = people[token] = of(token)
            named = (person(token) != who, entry.at, token)
            if who not in firsts or named[:2] < firsts[who][:2]:
                firsts[who] = named
    shown = {token: firsts[who][2] for token, who in people.items()}
    others = {token for token, first in shown.items() if token != first}
    return tuple(_with_names(picture, shown, others) if others else picture for picture in pictures)


def _with_names(
    picture: PictureLabels, shown: Mapping[str, str], others: Collection[str]
) -> PictureLabels:
    if not any(entry.annotator in others for entry in picture.file.entries):
        return picture
    entries = (replace(e, annotator=shown.get(e.annotator, "")) for e in picture.file.entries)
    file = replace(picture.file, entries=tuple(entries))
    return labels_of(picture.key, file, picture.sha256, picture.counting)


def as_of(file: LabelFile, moment: datetime) -> LabelFile:
    """Return the file as it was at a moment, by the entries' own times.

    Bare lines have no time and count as old. Unreadable lines stay counted.
    """
    entries = tuple(e for e in file.entries if e.at is None or e.at <= moment)
    return replace(file, entries=entries)
