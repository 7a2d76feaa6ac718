"""Make answers, and predictions, of what files say."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

from labapp.errors import RefusedError
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.importing.row import Fault, Reading, Row, Said, quoted
from labapp.labels.label_file import Entry, Label
from labapp.labels.label_file import answer as make_answer
from labapp.labels.merging import UNTIMED, Given
from labapp.labels.predictions import Prediction, as_kept, confidence_of
from labapp.labels.tokens import annotator_token
from labapp.utc import format_time

#: Who gave the answers of a file that has no annotators, if nobody says.
IMPORTED = "import"

#: What stands for a label in the digest that is an answer's id where it came without one. The id is
#: kept in label files and exports, so these stay whatever labels are called in this program.
_KNOWN_AS = {
    Label.ONE: "<Label.HOT_DOG: '1'>",
    Label.ZERO: "<Label.OTHER: '0'>",
    Label.SKIP: "<Label.SKIP: 's'>",
}

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")

#: A code, also as a spreadsheet writes it in a column that has gaps.
_CODE = re.compile(r"\s*([0-9])(?:\.0+)?\s*")


def row_of(said: Said, reading: Reading) -> Row:
    """Make an answer, or a prediction, of a row; or say why it is none."""
    if said.reason:
        return Row(said.line, said.picture, said.sha256, reason=said.reason, fault=Fault.OTHER)
    label = Label.SKIP if said.is_skip else _label(said.label, reading.scheme)
    if label is None:
        reason = f"the label {quoted(said.label)} {_meant(reading.scheme)}"
        unknown = str(said.label).strip()
        fault = Fault.CLASS if unknown else Fault.OTHER
        return Row(said.line, said.picture, said.sha256, None, reason, None, fault, unknown)
    try:
        if reading.predicted:
            predicted = _prediction(said, label)
            return Row(said.line, said.picture, said.sha256, prediction=predicted)
        otherwise = _otherwise(said, label, reading.scheme)
        given = _given(said, label, reading)
        return Row(said.line, said.picture, said.sha256, given, otherwise=otherwise)
    except RefusedError as error:
        wrong = error.message
        return Row(said.line, said.picture, said.sha256, reason=wrong, fault=Fault.OTHER)


def _meant(scheme: Scheme) -> str:
    if len(scheme.classes) > 2:
        return f"is none of {scheme.meanings}"
    return f"is neither {' nor '.join(f'{each.code} ({each.name})' for each in scheme.classes)}"


def _label(said: object, scheme: Scheme) -> Label | None:
    """Return the answer that a code or a name means; None where it means none."""
    if isinstance(said, bool):
        return None
    code = _CODE.fullmatch(str(said))
    if code and int(code[1]) in scheme.codes:
        return Label(code[1])
    found = scheme.called(str(said)) or _without_blanks(str(said), scheme)
    return Label.of(found) if found else None


def _otherwise(said: Said, label: Label, scheme: Scheme) -> str:
    """Return what a row calls the class of its code, where that is and was never called so."""
    if not said.called or label is Label.SKIP:
        return ""
    code = int(label)
    known = (scheme.by_code[code].name, scheme.former.get(code, ""))
    is_known = said.called.casefold() in map(str.casefold, known)
    return "" if is_known else said.called


def _without_blanks(said: str, scheme: Scheme) -> LabelClass | None:
    """Return the class whose name differs in its blanks alone."""
    wanted = "".join(said.split()).casefold()
    close = [each for each in scheme.classes if each.identifier.casefold() == wanted]
    return close[0] if len(close) == 1 else None


def _prediction(said: Said, label: Label) -> Prediction:
    if said.is_skip:
        raise RefusedError("it was skipped", "")
    try:
        return as_kept(Prediction(int(label), confidence_of(str(said.confidence).strip())))
    except ValueError:
        wrong = f"the confidence {quoted(said.confidence)} is no number from 0 to 1"
        raise RefusedError(wrong, "") from None


def _given(said: Said, label: Label, reading: Reading) -> Given:
    who = reading.annotator or IMPORTED if said.annotator is None else said.annotator
    who = who or reading.annotator
    if not (who or said.time or said.answer_id or said.is_skip):
        return Given(Entry(label), reading.source)
    if not (who or said.unnamed):
        raise RefusedError("it has no annotator, but a time or an id", "")
    if said.answer_id and not _ID.fullmatch(said.answer_id):
        raise RefusedError(
            f"the answer's id {quoted(said.answer_id)} is not of up to 64 letters, digits, . _ : -",
            "",
        )
    at = _time(said.time) if said.time else reading.at
    if at is None:
        raise RefusedError("it has no time", "")
    token = annotator_token(who or said.unnamed)
    known_by = [said.picture, who, said.time or format_time(at)]
    known_by += [] if said.number is None else [said.number]
    identity = said.answer_id or _identity(known_by, label, "x-" if said.time else UNTIMED)
    entry = make_answer(label, at, token, identity)
    return Given(entry, reading.source, not said.answer_id, is_untimed=not said.time)


def _identity(known_by: list[str], label: Label, begins: str) -> str:
    """Return the id of an answer that has none of its own, the same each time."""
    known_as = _KNOWN_AS.get(label, f"<Label: '{label.value}'>")
    whole = f"({', '.join([*map(repr, known_by), known_as])})"
    return begins + hashlib.sha256(whole.encode()).hexdigest()[:24]


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise RefusedError(f"the time {quoted(text)} is not like 2026-11-21T10:00:00Z", "")
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise RefusedError(f"the time {quoted(text)} is in no year from 1 to 9999", "") from None
