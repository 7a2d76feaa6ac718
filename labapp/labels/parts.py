"""Parts of a label file: lines that lie beside it, each in an object of its own.

Where a store heeds no conditions, nobody can add a line to a file without the risk of undoing what
another writes in the same moment; a new object undoes nothing. Whoever reads puts file and parts
together. The store's order of lines is not known then, so an answer stands where its time puts it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from labapp.labels.label_file import Entry, bare_codes, parse_line
from labapp.labels.merging import Given, lines_of, merge

#: Hex digits of the hash in a part's name: 80 bits, so that no two of a million parts share them.
_DIGITS = 20

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def join(file: bytes, parts: Sequence[bytes]) -> bytes:
    """Put a label file and its parts together, in whatever order these come.

    Lines of the file stay as they are and in their order. An answer of a part goes before what its
    annotator has said later in the file, and an id that is there already is not put in again.
    """
    entries: list[list[Entry]] = []
    others: list[bytes] = []
    for part in sorted(parts):
        said: list[Entry] = []
        for line in lines_of(part):
            entry = parse_line(line)
            if entry is not None and not entry.is_bare:
                said.append(entry)
            elif line.strip():
                others.append(line)
        if said:
            entries.append(said)
    # The ids that are made here rise with time: they tell what a second holds apart.
    entries.sort(key=lambda said: (said[0].at or _LONG_AGO, said[0].answer_id))
    by_time = sorted((one for said in entries for one in said), key=lambda one: one.at or _LONG_AGO)
    body, _ = merge(file, [Given(entry, is_ordered=True) for entry in by_time])
    return b"".join([*lines_of(body), *others]) if others else body


def added_lines(body: bytes, before: bytes) -> bytes:
    """Return the lines that a label file has beyond what it had before, in their order."""
    there = Counter(lines_of(before))
    new = []
    for line in lines_of(body):
        if there[line] > 0:
            there[line] -= 1
        else:
            new.append(line)
    return b"".join(new)


def part_name(lines: bytes, before: bytes) -> str:
    """Name a part by its lines, so that writing it again after an error doubles nothing.

    Bare lines are alike: those that are added to another file, `before`, are others.
    """
    is_bare = any(map(bare_codes, lines_of(lines)))
    return sha256(lines + (b"\n" + before if is_bare else b"")).hexdigest()[:_DIGITS]
