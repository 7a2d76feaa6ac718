"""Read and write label files: one text file per picture, one line per thing an annotator did.

    1 2026-11-21T10:00:00Z ana <id>        an answer, by the code of its class: see `classes`
    0 2026-11-21T10:00:04Z bo <id>         another
    s 2026-11-21T10:00:09Z cy <id>         skipped: an event of its own, never an answer
    - 2026-11-21T10:00:12Z bo <id> <id>    undo: takes back bo's answer or skip of the last id
    1                                      a bare code, from a lab's own program: anonymous
    0110                                   several of these, by one that puts no line breaks

Nothing is ever removed. Taking back is by id and holds wherever the two lines stand, so it does not
matter which of them reached the file first; what the annotator said before then counts again.
Undoing an undo is answering again. The order of lines is the order in which the store took them,
and it, not the clock of anybody's laptop, decides which answer is an annotator's latest. Times are
written in whole seconds of UTC; fractions are read. `effective` says what counts.
"""

from __future__ import annotations

import re
import unicodedata
from codecs import BOM_UTF8
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from labapp.errors import RefusedError
from labapp.labels.classes import BY_CODE, NEGATIVE, POSITIVE, LabelClass
from labapp.utc import format_time

#: Bytes of one line that are looked at; a longer one is unreadable. The longest we write has 320:
#: 40 characters of 4 bytes each for the name, twice 64 for the ids, the time and the blanks.
MAX_LINE = 512
#: Characters of an annotator's token.
MAX_TOKEN = 40
#: Digits of the hash in a token that would else lose something: 40 bits, so that among 1,000 such
#: names two alike are less likely than one in two million.
_HASH = 10
#: Unreadable lines are all counted, but only the first few are named: a file may be anything.
MAX_NAMED_LINES = 20

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")
_TYPOGRAPHIC = str.maketrans({"\u2019": "'", "\u2010": "-", "\u2011": "-", "\u2013": "-"})


class Label(StrEnum):
    """What a line says; its value is the line's first character."""

    NEGATIVE = str(NEGATIVE.code)
    POSITIVE = str(POSITIVE.code)
    SKIP = "s"
    RETRACTION = "-"

    @classmethod
    def of(cls, label_class: LabelClass) -> Label:
        """Return the answer that puts a picture in a class."""
        return cls(str(label_class.code))


_ANSWERS = (Label.POSITIVE, Label.NEGATIVE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a label file.

    Attributes:
        label: what it says.
        at: when, in UTC; None on a bare line.
        annotator: who, as a token (see `annotator_token`); empty on a bare line.
        answer_id: its own id, made once by the program that asked; empty on a bare line.
        retracts: on a retraction, the id of the same annotator's entry that it takes back.
    """

    label: Label
    at: datetime | None = None
    annotator: str = ""
    answer_id: str = ""
    retracts: str = ""

    @property
    def is_answer(self) -> bool:
        """Whether it puts the picture in a class."""
        return self.label in _ANSWERS

    @property
    def answer(self) -> LabelClass | None:
        """The class that it puts the picture in; None for a skip or a retraction."""
        return BY_CODE[int(self.label)] if self.is_answer else None

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


#: The bare lines; a file may have very many of them, and they are all alike.
_BARE = {label.value.encode(): Entry(label) for label in _ANSWERS}
_CODES = b"".join(_BARE)


def annotator_token(name: str) -> str:
    """Make of a typed name the token that stands for the person in label files.

    Letters of any script, digits and, after the first of these, `- . _ @ + '` stay; invisible
    characters go; blanks and other signs of ASCII become one underscore. What would be lost of
    longer names, and of names told apart by other signs (emoji), is kept as a short hash behind
    the rest: two such names never become one. `annotator_name` shows a token again. Doing it twice
    changes nothing.

    Returns:
        1 to `MAX_TOKEN` characters without any blank, in Unicode's composed form (NFC).

    Raises:
        RefusedError: the name has no letter or digit.
    """
    token = _token(name)
    if not token:
        raise RefusedError(
            f"the annotator's name {name!r} has no letter or digit",
            "Type a name or initials, such as Ana or a.m.",
        )
    return token


@lru_cache(maxsize=4096)
def person(token: str) -> str:
    """Return what two tokens of one person have in common: `Anna` and `ANNA` are the same.

    Unicode's canonical caseless matching (The Unicode Standard, section 3.13, D145).
    """
    folded = unicodedata.normalize("NFD", token).casefold()
    return unicodedata.normalize("NFC", folded)


def annotator_name(token: str) -> str:
    """Show a token as a name; the same token comes of it again. Empty is `anonymous`."""
    return token.replace("_", " ") or "anonymous"


def answer(label: Label, at: datetime, annotator: str, answer_id: str) -> Entry:
    """Make an answer or a skip, by a name as typed or a token, at a time with a zone.

    `answer_id` is made once for this answer, so that trying again doubles nothing.

    Raises:
        RefusedError: the name has no letter or digit.
    """
    return Entry(label, at, annotator_token(annotator), answer_id)


def retraction(undone: Entry, at: datetime, answer_id: str) -> Entry:
    """Make the line, with an id of its own, that undoes an answer or a skip of its annotator.

    Raises:
        RefusedError: `undone` is a bare line, which has no id to name, or a retraction.
    """
    if undone.is_bare or undone.label is Label.RETRACTION:
        raise RefusedError(
            "only an answer or a skip that has an id can be undone",
            "Answer the picture again instead: the latest answer counts.",
        )
    return Entry(Label.RETRACTION, at, undone.annotator, answer_id, undone.answer_id)


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
    retracting = entry.label is Label.RETRACTION
    ids = (entry.answer_id, entry.retracts) if retracting else (entry.answer_id,)
    if not all(_ID.fullmatch(each) for each in ids) or (entry.retracts and not retracting):
        raise RefusedError(
            f"the ids {ids!r} of an answer cannot be written",
            "An id has 1 to 64 letters, digits, dots, colons, dashes or underscores, and only a "
            "retraction names a second one.",
        )
    fields = (entry.label.value, format_time(entry.at), entry.annotator, *ids)
    return " ".join(fields).encode() + b"\n"


def parse_label_file(data: bytes) -> LabelFile:
    """Read a label file, whatever its bytes are: what is not a line of ours is counted, no more.

    Lines may end in CR LF, have blanks around them or a byte-order mark before the first.
    """
    entries: list[Entry] = []
    ids: set[str] = set()
    bad: list[int] = []
    unreadable = duplicates = 0
    for number, line in enumerate(data.removeprefix(BOM_UTF8).splitlines(), start=1):
        if bare := _BARE.get(line):
            entries.append(bare)
            continue
        if not line.strip():
            continue
        if run := bare_codes(line):
            entries += run
            continue
        entry = parse_line(line)
        if entry is None:
            unreadable += 1
            if len(bad) < MAX_NAMED_LINES:
                bad.append(number)
        elif entry.answer_id in ids:
            duplicates += 1
        else:
            entries.append(entry)
            if not entry.is_bare:
                ids.add(entry.answer_id)
    return LabelFile(tuple(entries), unreadable, tuple(bad), duplicates)


def append(existing: bytes, entry: Entry) -> bytes | None:
    """Add an entry to a label file's bytes; to be stored with `If-Match` of what was read.

    All that is there is kept, unreadable lines too; a final newline is added where it is missing.

    Returns:
        The file's new bytes, or None when the entry's id is there already and nothing is to do.

    Raises:
        RefusedError: the entry cannot be written (see `format_line`).
    """
    line = format_line(entry)
    if entry.answer_id in parse_label_file(existing):
        return None
    mended = existing if not existing or existing.endswith(b"\n") else existing + b"\n"
    return mended + line


def bare_codes(line: bytes) -> list[Entry]:
    """Read a line of bare codes only, with or without its end, blanks or breaks between them."""
    codes = b"".join(line.split())
    if codes.strip(_CODES):
        return []
    return [_BARE[codes[place : place + 1]] for place in range(len(codes))]


def parse_line(line: bytes) -> Entry | None:
    """Read one line, with or without its end; None if it is blank or cannot be read.

    A line of several bare codes is no entry: see `bare_codes`.
    """
    if len(line) > MAX_LINE:
        return None
    if bare := _BARE.get(line.strip()):
        return bare
    try:
        fields = [field.decode() for field in line.split()]
    except UnicodeDecodeError:
        return None
    if not fields or len(fields) != (5 if fields[0] == Label.RETRACTION else 4):
        return None
    return _parse_fields(fields)


def _parse_fields(fields: list[str]) -> Entry | None:
    """Read label, time, annotator and one or two ids; None if any of them is wrong."""
    label, time, name, *ids = fields
    fits = len(name) <= MAX_TOKEN or len(_clean(name)) <= MAX_TOKEN
    token = _token(name) if fits else ""
    if not token or not all(_ID.fullmatch(each) for each in ids):
        return None
    if not _TIME.fullmatch(time):
        return None
    try:
        return Entry(Label(label), datetime.fromisoformat(time), token, *ids)
    except ValueError:  # no such label, no such day
        return None


@lru_cache(maxsize=4096)
def _token(name: str) -> str:
    """Make the token of a name; empty when no letter or digit is in it."""
    token = _clean(name)
    if not token or (len(token) <= MAX_TOKEN and not _has_odd_signs(name)):
        return token
    digest = sha256(person(_compose(name)).encode()).hexdigest()[:_HASH]
    return f"{token[: MAX_TOKEN - _HASH - 1].rstrip('_')}-{digest}"


def _clean(name: str) -> str:
    """Keep of a name, however long, what a token may hold."""
    composed = _compose(name)
    kept = (c if unicodedata.category(c)[0] in "LMN" or c in "-.@+'" else "_" for c in composed)
    token = re.sub("_+", "_", "".join(kept)).rstrip("_")
    # It opens with a letter or digit: a sign in front would look like a formula or an option.
    first = next((i for i, c in enumerate(token) if unicodedata.category(c)[0] in "LN"), len(token))
    return token[first:]


def _compose(name: str) -> str:
    """Return a name as one sees it: without invisible characters, a blank wherever there are some.

    Typographic apostrophes and hyphens, which phones put in by themselves, are the plain ones.
    """
    # Invisible characters go first: one between a letter and its accent would hinder NFC.
    visible = "".join(c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    plain = unicodedata.normalize("NFC", visible).translate(_TYPOGRAPHIC)
    return re.sub(r"[\s_]+", "_", plain).strip("_")


def _has_odd_signs(name: str) -> bool:
    """Tell whether a name is told apart by signs that a token cannot hold."""
    return any(not c.isascii() and unicodedata.category(c)[0] in "PSZ" for c in _compose(name))
