"""Merge answers from elsewhere into a label file: none twice, none lost, none over a later one.

An answer is known by its id. One that says nothing of its id is known by who said what when; an
anonymous one cannot be known at all, so a label file gets as many of each label as the source has.
What is added to an annotator's later answer goes before it, since the latest line counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from labapp.labels.line import Entry, Label, format_line, parse_label_file, person

#: Editors on Windows put it before UTF-8 text.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, or a skip, from elsewhere.

    Attributes:
        entry: what was said; a bare one for an anonymous answer.
        source: what it comes from: anonymous answers of two sources may be the same ones.
        is_derived: whether its id was made for it, since it came without.
    """

    entry: Entry
    source: str = ""
    is_derived: bool = False


class Fate(StrEnum):
    """What became of an answer."""

    ADDED = "added"
    THERE = "already there"
    CLASH = "another has its id"


def merge(existing: bytes, given: Sequence[Given]) -> tuple[bytes, list[Fate]]:
    """Add answers to a label file's bytes.

    Args:
        existing: the file as it is, empty if there is none yet. All of it is kept.
        given: the answers, in their order.

    Returns:
        The file's bytes, the same where nothing was added, and what became of each answer.

    Raises:
        RefusedError: an entry cannot be written (see `line.format_line`).
    """
    file = _File(existing)
    fates = [file.add(one) for one in given]
    return (file.text if Fate.ADDED in fates else existing), fates


def put_before(kept: bytes, existing: bytes) -> bytes | None:
    """Put lines that were kept aside before those of a label file; None where they are there.

    They are older than whatever was said since. A line of the file whose id is among them goes.

    Args:
        kept: the lines.
        existing: the file as it is.
    """
    kept = kept if kept.endswith(b"\n") else kept + b"\n"
    if existing.startswith(kept):
        return None
    ids = {entry.answer_id for entry in parse_label_file(kept).entries if not entry.is_bare}
    rest = [
        line
        for line in _lines(existing.removeprefix(_BYTE_ORDER_MARK))
        if not ids.intersection(entry.answer_id for entry in _entries(line))
    ]
    return kept + b"".join(rest)


class _File:
    """A label file's lines, each with what it says, and what is known of all of them."""

    def __init__(self, existing: bytes) -> None:
        self._lines = [(line, _entries(line)) for line in _lines(existing)]
        said = [entry for _, entries in self._lines for entry in entries]
        self._by_id = {entry.answer_id: entry for entry in said if not entry.is_bare}
        self._known = {_what(entry) for entry in said if not entry.is_bare}
        self._bare = Counter(entry.label for entry in said if entry.is_bare)
        self._met: Counter[tuple[str, Label]] = Counter()
        self._new: set[str] = set()

    @property
    def text(self) -> bytes:
        return b"".join(line for line, _ in self._lines)

    def add(self, given: Given) -> Fate:
        entry = given.entry
        if entry.is_bare:
            return self._add_bare(entry, given.source)
        before = self._by_id.get(entry.answer_id)
        if before is not None:
            return Fate.THERE if _what(before) == _what(entry) else Fate.CLASH
        if given.is_derived and _what(entry) in self._known:
            return Fate.THERE
        line = format_line(entry)
        self._lines.insert(self._place(entry), (line, (entry,)))
        self._by_id[entry.answer_id] = entry
        self._known.add(_what(entry))
        self._new.add(entry.answer_id)
        return Fate.ADDED

    def _add_bare(self, entry: Entry, source: str) -> Fate:
        self._met[source, entry.label] += 1
        if self._met[source, entry.label] <= self._bare[entry.label]:
            return Fate.THERE
        self._bare[entry.label] += 1
        self._lines.append((f"{entry.label.value}\n".encode(), (entry,)))
        return Fate.ADDED

    def _place(self, new: Entry) -> int:
        """Return where a line goes: before the first of the same annotator that is no older.

        Those that came with it stay in their order, which says what counted where they come from.
        """
        for place, (_, entries) in enumerate(self._lines):
            for entry in entries:
                same = person(entry.annotator) == person(new.annotator)
                later = entry.at and new.at and entry.at >= new.at
                if same and later and entry.answer_id not in self._new:
                    return place
        return len(self._lines)


def _what(entry: Entry) -> tuple[object, ...]:
    """Return who said what when, to the second that label files are written in."""
    at = entry.at.replace(microsecond=0) if entry.at else None
    return person(entry.annotator), entry.label, at, entry.retracts


def _lines(text: bytes) -> list[bytes]:
    """Split a text into lines that all end."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += b"\n"
    return lines


def _entries(line: bytes) -> Iterable[Entry]:
    return parse_label_file(line).entries
