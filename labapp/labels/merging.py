"""Merge answers from elsewhere into a label file: none twice, none lost, none over a later one.

An answer is known by its id. One that says nothing of its id is known by who said what when; an
anonymous one cannot be known at all, so a label file gets as many of each label as the source has.
What is added to an annotator's later answer goes before it, since the latest line counts. Answers
are compared as they count: an export has merged annotators under one name, and no retired codes.
"""

from __future__ import annotations

from bisect import bisect_left
from codecs import BOM_UTF8
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from labapp.labels.effective import AS_WRITTEN, Counting, counted, standing, withdrawals
from labapp.labels.label_file import (
    ANY_CODE,
    Entry,
    Label,
    LabelFile,
    bare_codes,
    format_line,
    parse_label_file,
    parse_line,
)

#: How the ids of answers begin that came in a file which does not say when: they have its time, so
#: that it says nothing of how fast they were given.
UNTIMED = "f-"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, or a skip, from elsewhere.

    Attributes:
        entry: what was said; a bare one for an anonymous answer.
        source: what it comes from: anonymous answers of two sources may be the same ones.
        is_derived: whether its id was made for it, since it came without.
        is_ordered: whether its id tells its order among those of one second, as ours do.
        is_untimed: whether its time is that of the file it came from, since it came without.
    """

    entry: Entry
    source: str = ""
    is_derived: bool = False
    is_ordered: bool = False
    is_untimed: bool = False


class MergeState(StrEnum):
    """What became of an answer."""

    ADDED = "added"
    THERE = "already there"
    CLASH = "another has its id"
    WITHDRAWN = "withdrawn"


def merge(
    existing: bytes, given: Sequence[Given], counting: Counting = AS_WRITTEN
) -> tuple[bytes, list[MergeState]]:
    """Add answers, in their order, to a label file's bytes, of which all are kept.

    Args:
        existing: the file's bytes.
        given: the answers.
        counting: how answers count.

    Returns:
        The file's bytes, the same where nothing was added, and what became of each answer.

    Raises:
        RefusedError: an entry cannot be written (see `label_file.format_line`).
    """
    file = _File(existing, counting)
    states = [file.add(one) for one in given]
    return (file.text if MergeState.ADDED in states else existing), states


def put_before(kept: bytes, existing: bytes) -> bytes | None:
    """Put lines that were kept aside before those of a label file; None where they are there.

    They are older than whatever was said since. A line of the file whose id is among them goes.
    """
    kept = kept if kept.endswith(b"\n") else kept + b"\n"
    if existing.startswith(kept):
        return None
    ids = {
        entry.answer_id for entry in parse_label_file(kept, ANY_CODE).entries if not entry.is_bare
    }
    lines = lines_of(existing.removeprefix(BOM_UTF8))
    rest = [
        line for line in lines if (entry := parse_line(line)) is None or entry.answer_id not in ids
    ]
    return kept + b"".join(rest)


class _File:
    """A label file's lines, what is put before each of them, and what is known of all."""

    def __init__(self, existing: bytes, counting: Counting) -> None:
        self._counting = counting
        self._mark = BOM_UTF8 if existing.startswith(BOM_UTF8) else b""
        self._lines = lines_of(existing.removeprefix(BOM_UTF8))
        #: Lines that are new, by the place before which they go; at the end those behind all.
        self._before: defaultdict[int, list[bytes]] = defaultdict(list)
        said: list[Entry] = []
        self._times = _Times(counting)
        for place, line in enumerate(self._lines):
            if run := bare_codes(line, ANY_CODE):
                said += run
            elif entry := parse_line(line):
                said.append(entry)
                self._times.add(entry, place)
        self._by_id = {entry.answer_id: entry for entry in said if not entry.is_bare}
        self._known = {self._what(entry) for entry in said if not entry.is_bare}
        self._bare = Counter(self._label(entry) for entry in said if entry.is_bare)
        self._file = LabelFile(tuple(said))
        self._withdrawn = {each.retracts for each in withdrawals(self._file)}
        self._met: Counter[tuple[str, Label | None]] = Counter()

    @cached_property
    def _standing(self) -> dict[str, Label | None]:
        """What counts of each person's answers."""
        answers = (one for one in standing(self._file, self._counting) if one.is_answer)
        return {self._person(one): self._label(one) for one in answers}

    @property
    def text(self) -> bytes:
        parts = [self._mark]
        for place, line in enumerate([*self._lines, b""]):
            parts += (*self._before.get(place, ()), line)
        return b"".join(parts)

    def add(self, given: Given) -> MergeState:
        entry = given.entry
        if entry.is_bare:
            return self._add_bare(entry, given.source)
        before = self._by_id.get(entry.answer_id)
        if before is not None:
            if self._what(before) != self._what(entry):
                return MergeState.CLASH
            is_withdrawn = entry.answer_id in self._withdrawn
            return MergeState.WITHDRAWN if is_withdrawn else MergeState.THERE
        if given.is_derived and self._what(entry) in self._known:
            return MergeState.THERE
        who = self._person(entry)
        if given.is_untimed and who in self._standing and self._standing[who] is self._label(entry):
            return MergeState.THERE
        # Those that came with it stay in their order, which says what counted where they come from.
        place = self._times.first_not_older(entry, entry.answer_id if given.is_ordered else "")
        self._before[len(self._lines) if place is None else place].append(format_line(entry))
        self._by_id[entry.answer_id] = entry
        self._known.add(self._what(entry))
        if given.is_untimed:
            self._standing[who] = self._label(entry)
        return MergeState.ADDED

    def _add_bare(self, entry: Entry, source: str) -> MergeState:
        label = self._label(entry)
        self._met[source, label] += 1
        if self._met[source, label] <= self._bare[label]:
            return MergeState.THERE
        self._bare[label] += 1
        self._before[len(self._lines)].append(f"{entry.label.value}\n".encode())
        return MergeState.ADDED

    def _person(self, entry: Entry) -> str:
        return self._counting.person(entry.annotator)

    def _label(self, entry: Entry) -> Label | None:
        """Return what an entry says as it counts; None of a code that counts as no answer."""
        found = counted(entry, self._counting.scheme)
        return found.label if found else None

    def _what(self, entry: Entry) -> tuple[object, ...]:
        """Return who said what when, to the second that label files are written in."""
        at = entry.at.replace(microsecond=0) if entry.at else None
        return self._person(entry), self._label(entry), at, entry.retracts


class _Times:
    """When each annotator said something, and where in the file that stands."""

    def __init__(self, counting: Counting) -> None:
        self._person = counting.person
        # Of each annotator the times, and ids, that are later than all before them, and their
        # places: the first line that is no older than a time is among these, and they are in order.
        self._latest: dict[str, tuple[list[tuple[datetime, str]], list[int]]] = {}

    def add(self, entry: Entry, place: int) -> None:
        """Note an entry; they come in the order of the file."""
        if entry.at is None:
            return
        times, places = self._latest.setdefault(self._person(entry.annotator), ([], []))
        if not times or (entry.at, entry.answer_id) > times[-1]:
            times.append((entry.at, entry.answer_id))
            places.append(place)

    def first_not_older(self, entry: Entry, answer_id: str) -> int | None:
        """Return the place of the first line of an entry's annotator that is no older than it.

        Of lines of the same second one with an id below `answer_id` is older.
        """
        times, places = self._latest.get(self._person(entry.annotator), ([], []))
        at = bisect_left(times, (entry.at, answer_id)) if entry.at else len(times)
        return places[at] if at < len(times) else None


def lines_of(text: bytes) -> list[bytes]:
    """Split a text into lines that all end."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += b"\n"
    return lines
