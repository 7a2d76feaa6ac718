"""Read and write label files: one text file per picture, one line per thing an annotator did.

    1 2026-11-21T10:00:00Z ana <id>        an answer, by the code of its class: see `classes`
    0 2026-11-21T10:00:04Z bo <id>         another
    s 2026-11-21T10:00:09Z cy <id>         skipped: an event of its own, never an answer
    - 2026-11-21T10:00:12Z bo <id> <id>    undo: takes back bo's line of the last id
    b 2026-11-21T10:00:15Z cy <id> <word>  broken: nobody can answer this picture, and why
    v 2026-11-21T11:00:00Z eve <id> <code> a verdict of the admin's, which settles the picture
    x 2026-11-21T11:00:05Z eve <id> <id>   withdrawn by the admin: anybody's line of the last id
    1                                      a bare code, from a lab's own program: anonymous
    0110                                   several of these, by one that puts no line breaks

Nothing is ever removed. Taking back is by id and holds wherever the two lines stand, so it does not
matter which of them reached the file first; what the annotator said before then counts again.
Undoing an undo is answering again; a withdrawal ends by withdrawing it. The order of lines is the
order in which the store took them, and it, not the clock of anybody's laptop, decides which answer
is an annotator's latest. Times are written in whole seconds of UTC; fractions are read. `effective`
says what counts.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from labapp.errors import RefusedError
from labapp.labels import usual_lines
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass
from labapp.labels.tokens import MAX_TOKEN, annotator_token, cleaned, token_of
from labapp.utc import format_time

#: Bytes of one line that are looked at; a longer one is unreadable. The longest we write has 320:
#: 40 characters of 4 bytes each for the name, twice 64 for the ids, the time and the blanks.
MAX_LINE = 512
#: Unreadable lines are all counted, but only the first few are named: a file may be anything.
MAX_NAMED_LINES = 20

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")


class Label(StrEnum):
    """What a line says; its value is the line's first character."""

    ZERO = "0"
    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"
    FIVE = "5"
    SIX = "6"
    SEVEN = "7"
    EIGHT = "8"
    NINE = "9"
    SKIP = "s"
    RETRACTION = "-"
    BROKEN = "b"
    VERDICT = "v"
    WITHDRAWAL = "x"

    # Equal things have one hash; that of Enum is another one, and takes ten times as long.
    __hash__ = str.__hash__

    @classmethod
    def of(cls, label_class: LabelClass) -> Label:
        """Return the answer that puts a picture in a class."""
        return cls(str(label_class.code))


#: What an answer may say: the codes that a class may have.
ANSWERS = frozenset(map(Label, "0123456789"))

#: The same as codes: of label files of any scheme.
ANY_CODE = frozenset(range(10))

#: Lines that name another one, by its id.
_NAMING = frozenset({Label.RETRACTION, Label.WITHDRAWAL})
#: Lines that admins write: who does so labels nothing by it.
_ADMINS = frozenset({Label.VERDICT, Label.WITHDRAWAL})
#: Lines that have a word of their own behind their id.
_SAYING = frozenset({Label.BROKEN, Label.VERDICT})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a label file.

    Attributes:
        label: what it says.
        at: when, in UTC; None on a bare line.
        annotator: who, as a token (see `tokens`); empty on a bare line.
        answer_id: its own id, made once by the program that asked; empty on a bare line.
        retracts: on a retraction, the id of the same annotator's entry that it takes back; on a
            withdrawal, of anybody's.
        says: of a broken picture the word why; of a verdict the code.
    """

    label: Label
    at: datetime | None = None
    annotator: str = ""
    answer_id: str = ""
    retracts: str = ""
    says: str = ""

    @property
    def is_answer(self) -> bool:
        """Whether it puts the picture in a class."""
        return self.label in ANSWERS

    @property
    def code(self) -> int | None:
        """The code that an answer or a verdict gives the picture; None for any other line."""
        if self.label is Label.VERDICT:
            return int(self.says)
        return int(self.label) if self.is_answer else None

    @property
    def is_admins(self) -> bool:
        """Whether it says what an admin has decided of the picture or of another line."""
        return self.label in _ADMINS

    @property
    def is_bare(self) -> bool:
        """Whether it is a bare code."""
        return not self.answer_id


@dataclass(frozen=True, slots=True)
class LabelFile:
    """What a label file holds, in the file's order.

    Attributes:
        entries: every readable line, each answer id once (its first line).
        unreadable: how many lines could not be read; blank lines are not among them.
        unreadable_lines: the numbers of the first `MAX_NAMED_LINES` of these, counted from 1.
        duplicates: how many lines repeated an answer id.
    """

    entries: tuple[Entry, ...] = ()
    unreadable: int = 0
    unreadable_lines: tuple[int, ...] = ()
    duplicates: int = 0

    def __contains__(self, answer_id: str) -> bool:
        return any(entry.answer_id == answer_id for entry in self.entries if not entry.is_bare)


#: What a line says by its first character.
_OF = {label.value: label for label in Label}
#: The bare lines; a file may have very many of them, and they are all alike.
_BARE = {label.value.encode(): Entry(label) for label in sorted(ANSWERS)}


def answer(label: Label, at: datetime, annotator: str, answer_id: str) -> Entry:
    """Make an answer or a skip, by a name as typed or a token, at a time with a zone.

    `answer_id` is made once for this answer, so that trying again doubles nothing.

    Raises:
        RefusedError: the name has no letter or digit.
    """
    return Entry(label, at, annotator_token(annotator), answer_id)


def retraction(undone: Entry, at: datetime, answer_id: str) -> Entry:
    """Make the line, with an id of its own, that undoes what its annotator has said.

    Raises:
        RefusedError: `undone` is a bare line, which has no id to name, or undoes something itself.
    """
    if undone.is_bare or undone.label in _NAMING:
        raise RefusedError(
            "only an answer or a skip that has an id can be undone",
            "Answer the picture again instead: the latest answer counts.",
        )
    return Entry(Label.RETRACTION, at, undone.annotator, answer_id, undone.answer_id)


def broken(at: datetime, annotator: str, answer_id: str, why: str) -> Entry:
    """Make the line that flags a picture as broken; arguments as of `answer`.

    Raises:
        RefusedError: name or reason have no letter or digit.
    """
    return Entry(Label.BROKEN, at, annotator_token(annotator), answer_id, says=broken_reason(why))


def broken_reason(why: str) -> str:
    """Return why a picture is broken as lines have it: as one word, of at most 40 characters.

    Raises:
        RefusedError: it has no letter or digit.
    """
    if word := token_of(why):
        return word
    raise RefusedError(
        f"why a picture is broken needs a word, and {why!r} has no letter or digit",
        "Say blurry, say, or not a picture.",
    )


def verdict(label_class: LabelClass, at: datetime, admin: str, answer_id: str) -> Entry:
    """Make the line by which an admin settles a picture; arguments as of `answer`.

    Raises:
        RefusedError: the name has no letter or digit.
    """
    return Entry(
        Label.VERDICT, at, annotator_token(admin), answer_id, says=Label.of(label_class).value
    )


def withdrawal(withdrawn: Entry, at: datetime, admin: str, answer_id: str) -> Entry:
    """Make the line by which an admin withdraws a line of anybody's; arguments as of `answer`.

    Raises:
        RefusedError: `withdrawn` is a bare line, which has no id to name.
    """
    if withdrawn.is_bare:
        raise RefusedError(
            "an answer without an id cannot be withdrawn",
            "Answers of a lab's own programs say nothing of who gave them: leave them all out.",
        )
    return Entry(
        Label.WITHDRAWAL, at, annotator_token(admin), answer_id, retracts=withdrawn.answer_id
    )


def format_line(entry: Entry) -> bytes:
    """Write an entry as a line of UTF-8 that ends in a newline.

    Raises:
        RefusedError: the entry would not be read back as it is: no time zone, a name that is not
            a token, an id with characters other than `A-Za-z0-9._:-` or longer than 64.
    """
    if entry.at is None or entry.at.tzinfo is None:
        raise RefusedError("an answer has no time in UTC", "Give a time with a time zone.")
    if annotator_token(entry.annotator) != entry.annotator:
        raise RefusedError(
            f"{entry.annotator!r} is not an annotator's token", "Pass it through annotator_token."
        )
    naming = entry.label in _NAMING
    ids = (entry.answer_id, entry.retracts) if naming else (entry.answer_id,)
    if not all(_ID.fullmatch(each) for each in ids) or (entry.retracts and not naming):
        raise RefusedError(
            f"the ids {ids!r} of an answer cannot be written",
            "An id has 1 to 64 letters, digits, dots, colons, dashes or underscores, and only a "
            "retraction or a withdrawal names a second one.",
        )
    if not _is_said(entry.label, entry.says):
        raise RefusedError(
            f"{entry.says!r} is not what a line of the kind {entry.label.value!r} says",
            "A broken picture has a word why, a verdict a code, and no other line any.",
        )
    said = (entry.says,) if entry.says else ()
    fields = (entry.label.value, format_time(entry.at), entry.annotator, *ids, *said)
    return " ".join(fields).encode() + b"\n"


def parse_label_file(data: bytes, codes: Collection[int] = DEFAULT_SCHEME.codes) -> LabelFile:
    """Read a label file, whatever its bytes are: what is not a line of ours is counted, no more.

    Lines may end in CR LF, have blanks around them or a byte-order mark before the first. An answer
    with another code than those of the dataset's scheme, `codes`, is none of ours.
    """
    said = _Codes.of(frozenset(codes))
    if usual := _usual_entries(data, said):
        return LabelFile(usual)
    entries: list[Entry] = []
    ids: set[str] = set()
    bad: list[int] = []
    unreadable = duplicates = 0
    for number, line in enumerate(data.removeprefix(BOM_UTF8).splitlines(), start=1):
        if bare := said.bare.get(line):
            entries.append(bare)
            continue
        if not line.strip():
            continue
        if run := bare_codes(line, codes):
            entries += run
            continue
        entry = parse_line(line)
        if entry is None or not said.has(entry):
            unreadable += 1
            if len(bad) < MAX_NAMED_LINES:
                bad.append(number)
        elif entry.answer_id in ids:
            duplicates += 1
        else:
            entries.append(entry)
            ids.add(entry.answer_id)
    return LabelFile(tuple(entries), unreadable, tuple(bad), duplicates)


def _usual_entries(data: bytes, said: _Codes) -> tuple[Entry, ...]:
    """Return the entries of a file where nothing of it is to be told but these; else none."""
    rows = usual_lines.fields(data)
    entries = tuple(Entry(_OF[label], at, name, its_id) for label, at, name, its_id in rows)
    return entries if all(map(said.has, entries)) else ()


def append(existing: bytes, *entries: Entry) -> bytes | None:
    """Add entries to a label file's bytes; to be stored with `If-Match` of what was read.

    All that is there is kept, unreadable lines too; a final newline is added where it is missing.

    Returns:
        The file's new bytes, or None when the ids of all are there already and nothing is to do.

    Raises:
        RefusedError: an entry cannot be written (see `format_line`).
    """
    lines = [format_line(entry) for entry in entries]
    there = parse_label_file(existing, ANY_CODE)
    new = [line for line, entry in zip(lines, entries, strict=True) if entry.answer_id not in there]
    if not new:
        return None
    mended = existing if not existing or existing.endswith(b"\n") else existing + b"\n"
    return mended + b"".join(new)


def bare_codes(line: bytes, codes: Collection[int] = DEFAULT_SCHEME.codes) -> list[Entry]:
    """Read a line of bare codes only, with or without its end, blanks or breaks between them."""
    found = b"".join(line.split())
    said = _Codes.of(frozenset(codes))
    if found.strip(said.digits):
        return []
    return [_BARE[found[place : place + 1]] for place in range(len(found))]


@dataclass(frozen=True)
class _Codes:
    """The codes of a scheme, as lines have them."""

    digits: bytes
    bare: Mapping[bytes, Entry]
    others: frozenset[str]

    @staticmethod
    @lru_cache(maxsize=64)
    def of(codes: frozenset[int]) -> _Codes:
        """Return them for some codes."""
        bare = {code: entry for code, entry in _BARE.items() if int(code) in codes}
        return _Codes(b"".join(bare), bare, ANSWERS - {Label(str(code)) for code in codes})

    def has(self, entry: Entry) -> bool:
        """Tell whether the code that an entry gives, if any, is one of them."""
        code = entry.says if entry.label is Label.VERDICT else entry.label
        return code not in self.others


def parse_line(line: bytes) -> Entry | None:
    """Read one line, with or without its end; None if it is blank or cannot be read.

    Codes are those of any scheme. A line of several bare codes is no entry: see `bare_codes`.
    """
    if len(line) > MAX_LINE:
        return None
    if bare := _BARE.get(line.strip()):
        return bare
    try:
        fields = [field.decode() for field in line.split()]
    except UnicodeDecodeError:
        return None
    if not fields or len(fields) != (5 if fields[0] in _NAMING | _SAYING else 4):
        return None
    return _parse_fields(fields)


def _parse_fields(fields: list[str]) -> Entry | None:
    """Read label, time, annotator and one or two ids; None if any of them is wrong."""
    label, time, name, *ids = fields
    says = ids.pop() if label in _SAYING else ""
    fits = len(name) <= MAX_TOKEN or len(cleaned(name)) <= MAX_TOKEN
    token = token_of(name) if fits else ""
    if not token or not all(_ID.fullmatch(each) for each in ids):
        return None
    if not _TIME.fullmatch(time):
        return None
    try:
        kind, at = Label(label), datetime.fromisoformat(time)
    except ValueError:  # no such label, no such day
        return None
    if not _is_said(kind, says):
        return None
    return Entry(kind, at, token, ids[0], ids[1] if ids[1:] else "", says)


def _is_said(label: Label, says: str) -> bool:
    """Tell whether a line of a kind may have this word, or none."""
    if label is Label.VERDICT:
        return says in ANSWERS
    if label is Label.BROKEN:
        return bool(says) and token_of(says) == says
    return not says
