"""Read answers out of files: our own CSV and JSON Lines, and Label Studio's JSON.

Each row is read by itself. What cannot be taken is a row with a reason and the number of its line,
so that nothing is left out without a word.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from labapp import foreign
from labapp.errors import RefusedError
from labapp.files.text import decode_text
from labapp.foreign import ForeignError
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.export import FORMATS
from labapp.labels.export.imagefolder import CARD_END
from labapp.labels.label_file import Entry, Label
from labapp.labels.label_file import answer as make_answer
from labapp.labels.merging import Given
from labapp.labels.tokens import annotator_token

#: What stands for a label in the digest that is an answer's id where it came without one. The id is
#: kept in label files and exports, so these stay whatever labels are called in this program.
_KNOWN_AS = {
    Label.ONE: "<Label.HOT_DOG: '1'>",
    Label.ZERO: "<Label.OTHER: '0'>",
    Label.SKIP: "<Label.SKIP: 's'>",
}


def _known_as(label: Label) -> str:
    return _KNOWN_AS.get(label, f"<Label: '{label.value}'>")


#: What a row must have.
NEEDED = ("image_key", "label")

#: What to import instead of a table that has no answers.
_IMPORTED = "Import answers.csv of an export, answers.jsonl, or Label Studio's JSON."

#: Characters of a value that a reason repeats.
_QUOTED = 40

#: Characters of one row of JSON Lines: a key of 1,024 bytes, an address, and little else.
_MOST_LINE = 100_000

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_OWN_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")  # a ULID, as our programs make it


class NoAnswersError(RefusedError):
    """A file that an export puts beside the answers, or that has none: no harm to leave it out."""


@dataclass(frozen=True, slots=True)
class Row:
    """One answer as a file has it.

    Attributes:
        line: the number of its line, from 1.
        picture: what the file says of the picture: a key, an address or a name.
        sha256: the digest of its bytes in hex, or the first 16 digits of it; empty: not said.
        given: the answer; None where it cannot be taken.
        reason: why not; else empty.
    """

    line: int
    picture: str = ""
    sha256: str = ""
    given: Given | None = None
    reason: str = ""


def read(data: bytes, source: str, scheme: Scheme = DEFAULT_SCHEME) -> Iterator[Row]:
    """Read the answers of a file, whatever its name is.

    Args:
        data: the file's bytes.
        source: what the file is called.
        scheme: the classes there are.

    Yields:
        A row for each answer or skip, in the file's order.

    Raises:
        NoAnswersError: it is what an export puts beside the answers.
        RefusedError: it is none of the formats that can be read back.
    """
    try:
        text = decode_text(data)
    except UnicodeDecodeError as error:
        raise RefusedError(
            f"{source} is not text in UTF-8", "Save it as 'CSV UTF-8' or as JSON."
        ) from error
    first = text.lstrip()[:1]
    if not first:  # as JSON Lines are without any answer
        return iter(())
    if CARD_END in text[:4096] and first == "-":
        raise NoAnswersError(
            f"{source} is the card of an imagefolder, which holds no answers", _importable()
        )
    if first == "<":
        raise NoAnswersError(
            f"{source} is XML, as the labelling configuration is, which holds no answers",
            "Import tasks.json, which lies beside it.",
        )
    if first == "[":
        return _label_studio(text, source, scheme)
    return _json_lines(text, source, scheme) if first == "{" else _csv(text, source, scheme)


def _importable() -> str:
    """Return which exports can be imported again."""
    *names, last = (each.name for each in FORMATS.values() if each.answers)
    return f"Import an export as {', '.join(names)} or {last}."


def _csv(text: str, source: str, scheme: Scheme) -> Iterator[Row]:
    head = text.partition("\n")[0]
    # Excel writes the separator of its country.
    sign = next((s for s in ";\t" if s in head and "," not in head), ",")
    table = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    try:
        names = [name.strip() for name in next(table)]
    except csv.Error as error:
        why = f"{source} is no table of answers: its first line cannot be read"
        raise RefusedError(why, _IMPORTED) from error
    if "votes" in names:
        raise NoAnswersError(
            f"{source} is the table of pictures, which does not say who answered",
            "Import answers.csv, which lies beside it.",
        )
    if "file_name" in names:
        raise NoAnswersError(
            f"{source} is the table of an imagefolder, which does not say who answered",
            _importable(),
        )
    if missing := [name for name in NEEDED if name not in names]:
        raise RefusedError(f"{source} has no column {' and no column '.join(missing)}", _IMPORTED)
    return _csv_rows(table, names, source, scheme)


def _csv_rows(table: Any, names: list[str], source: str, scheme: Scheme) -> Iterator[Row]:
    before = table.line_num
    while True:
        line = before + 1
        try:
            cells = next(table, None)
        except csv.Error:
            yield Row(line, reason="a quote is opened and not closed, or a cell is too long")
            return
        before = table.line_num
        if cells is None:
            return
        if not any(cells):
            continue
        if len(cells) != len(names):
            yield Row(line, reason=f"it has {len(cells)} cells instead of {len(names)}")
            continue
        found = dict(zip(names, map(_without_guard, cells), strict=True))
        yield _row(line, found, source, scheme)


def _without_guard(cell: str) -> str:
    """Take away the apostrophe that keeps spreadsheets from running a cell."""
    return cell[1:] if re.match(r"'[=+\-@\t\r]", cell) else cell


def _json_lines(text: str, source: str, scheme: Scheme) -> Iterator[Row]:
    if '"source-ref"' in text.partition("\n")[0]:
        raise NoAnswersError(
            f"{source} is a manifest, which does not say who answered", _importable()
        )
    return _json_rows(text, source, scheme)


def _json_rows(text: str, source: str, scheme: Scheme) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = foreign.read_object(line, _MOST_LINE)
        except ForeignError as error:
            yield Row(number, reason=f"it {error.in_line}")  # the row names its line already
            continue
        known = {name: "" if value is None else value for name, value in found.items()}
        yield _row(number, known, source, scheme)


def _row(line: int, found: Mapping[str, object], source: str, scheme: Scheme) -> Row:
    """Make a row of named values."""
    picture, sha256 = str(found.get("image_key", "")), str(found.get("sha256", ""))
    try:
        given = _given(found, picture, source, scheme)
    except RefusedError as error:
        return Row(line, picture, sha256, reason=error.message)
    return Row(line, picture, sha256, given)


def _given(found: Mapping[str, object], picture: str, source: str, scheme: Scheme) -> Given:
    said = found.get("label", "")
    if isinstance(said, bool) or str(said) not in set(map(str, scheme.codes)):
        known = " nor ".join(f"{each.code} ({each.name})" for each in scheme.classes)
        raise RefusedError(f"the label {_quote(said)} is neither {known}", "")
    label = Label(str(said))
    who, when = str(found.get("annotator", "")), str(found.get("labelled_at", ""))
    own_id = str(found.get("answer_id", ""))
    if not (who or when or own_id):
        return Given(Entry(label), source)
    if not who:
        raise RefusedError("it has no annotator, but a time or an id", "")
    return _made_answer(label, who, when, own_id, (picture, who, when), source)


def _made_answer(
    label: Label, who: str, when: str, own_id: str, known_by: tuple[object, ...], source: str
) -> Given:
    """Make an answer; without an id of its own it gets one that is the same each time."""
    if own_id and not _ID.fullmatch(own_id):
        raise RefusedError(
            f"the answer's id {_quote(own_id)} is not of up to 64 letters, digits, . _ : -", ""
        )
    at = _time(when)
    token = annotator_token(who)
    whole = f"({', '.join([*map(repr, known_by), _known_as(label)])})"
    identity = own_id or "x-" + hashlib.sha256(whole.encode()).hexdigest()[:24]
    return Given(make_answer(label, at, token, identity), source, not own_id)


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        wrong = f"the time {_quote(text)} is not like 2026-11-21T10:00:00Z"
        raise RefusedError(wrong if text else "it has no time", "")
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise RefusedError(f"the time {_quote(text)} is in no year from 1 to 9999", "") from None


def _label_studio(text: str, source: str, scheme: Scheme) -> Iterator[Row]:
    """Read an array of tasks one by one, so that each has the number of its line."""
    try:
        tasks = list(foreign.items(text, len(text)))
    except ForeignError as error:
        why = f"is no JSON from line {error.line:,} on" if error.line else str(error)
        raise RefusedError(f"{source} {why}", "Export it again.") from None
    return (row for line, task in tasks for row in _task(line, task, source, scheme))


def _task(line: int, task: object, source: str, scheme: Scheme) -> Iterator[Row]:
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
        yield Row(line, reason="it is no task of Label Studio, which has 'data'")
        return
    texts = [one for one in task["data"].values() if isinstance(one, str)]
    picture = str(task["data"].get("image") or (texts[0] if texts else ""))
    annotations = task.get("annotations") or task.get("completions") or []
    for one in foreign.as_list(annotations):
        try:
            given = _annotation(one, picture, source, scheme)
        except RefusedError as error:
            yield Row(line, picture, reason=error.message)
        else:
            yield Row(line, picture, given=given)


def _annotation(one: object, picture: str, source: str, scheme: Scheme) -> Given:
    if not isinstance(one, dict):
        raise RefusedError("an annotation is no JSON object", "")
    label, result_id = _choice(one, scheme)
    who = _who(one.get("completed_by"))
    when = str(one.get("created_at") or one.get("updated_at") or "")
    if label is not Label.SKIP and not (who or when):
        return Given(Entry(label), source)
    known = str(one.get("unique_id") or "")
    own_id = result_id if _OWN_ID.fullmatch(result_id) else known if _ID.fullmatch(known) else ""
    known_by = (picture, who, when, str(one.get("id") or ""))
    return _made_answer(label, who or "label-studio", when, own_id, known_by, source)


def _choice(one: Mapping[str, Any], scheme: Scheme) -> tuple[Label, str]:
    """Return what an annotation says, and the id of its result."""
    if one.get("was_cancelled"):
        return Label.SKIP, ""
    choices = [
        (choice, str(result.get("id") or ""))
        for result in foreign.as_list(one.get("result"))
        if isinstance(result, dict) and isinstance(result.get("value"), dict)
        for choice in foreign.as_list(result["value"].get("choices"))
    ]
    if len(choices) != 1:
        raise RefusedError(f"an annotation has {len(choices)} choices instead of one", "")
    said, result_id = choices[0]
    if (found := scheme.called(str(said))) is not None:
        return Label.of(found), result_id
    known = " nor ".join(repr(each.name) for each in scheme.classes)
    raise RefusedError(f"the choice {_quote(said)} is neither {known}", "")


def _who(completed_by: object) -> str:
    """Return the annotator's name: an account's e-mail address, or its number."""
    if isinstance(completed_by, dict):
        first = (completed_by.get(name) for name in ("email", "username", "id"))
        completed_by = next((value for value in first if value), "")
    if isinstance(completed_by, int):
        return f"label-studio-{completed_by}"
    return str(completed_by or "")


def _quote(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "…")
