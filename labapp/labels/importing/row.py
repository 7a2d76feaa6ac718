"""What is read of a file: rows as it says them, and how they are to be understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from labapp.errors import RefusedError
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.merging import Given
from labapp.labels.predictions import Prediction

#: Characters of a value that a reason repeats.
_QUOTED = 40


class NoAnswersError(RefusedError):
    """A file that an export puts beside the answers, or that has none: no harm to leave it out."""


class Fault(Enum):
    """What kind of reason there is for which a row cannot be taken."""

    CLASS = auto()
    PICTURE = auto()
    OTHER = auto()


@dataclass(frozen=True)
class Reading:
    """How the rows of one file are to be understood.

    Attributes:
        source: what the file is called.
        scheme: the classes there are.
        annotator: whose those answers are that say nothing of it; empty: see `answers.IMPORTED`.
        at: when those were given that do not say; None: such are refused.
        predicted: whether predictions are read, and not answers.
    """

    source: str
    scheme: Scheme = DEFAULT_SCHEME
    annotator: str = ""
    at: datetime | None = None
    predicted: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One row in the words of its file.

    Attributes:
        line: the number of its line, from 1.
        picture: a key, an address, a path or a name.
        sha256: the digest of the picture's bytes in hex, or the first 16 digits of it.
        label: what says its class.
        annotator: who; None where the file has no such field at all.
        unnamed: what somebody is called there who is not named.
        time: when.
        answer_id: the answer's own id.
        number: what else tells it from others of the same person and time.
        confidence: how sure a model is.
        called: what the class of a code in `label` is called beside it.
        is_skip: whether it was skipped.
        reason: why it cannot be taken; else empty.
    """

    line: int
    picture: str = ""
    sha256: str = ""
    label: object = ""
    annotator: str | None = None
    unnamed: str = ""
    time: str = ""
    answer_id: str = ""
    number: str | None = None
    confidence: object = ""
    called: str = ""
    is_skip: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One answer, or one prediction, as a file has it.

    Attributes:
        line: the number of its line, from 1.
        picture: what the file says of the picture: a key, an address or a name.
        sha256: the digest of its bytes in hex, or the first 16 digits of it; empty: not said.
        given: the answer; None where it cannot be taken, or is a prediction.
        reason: why not; else empty.
        prediction: the prediction; None where it cannot be taken, or is an answer.
        fault: of which kind the reason is; None where there is none.
        unknown: what it says of its class where there is none called so; else empty.
        otherwise: what it calls the class of its code where that never was called so; else empty.
    """

    line: int
    picture: str = ""
    sha256: str = ""
    given: Given | None = None
    reason: str = ""
    prediction: Prediction | None = None
    fault: Fault | None = None
    unknown: str = ""
    otherwise: str = ""


def quoted(value: object) -> str:
    """Return a value of a file as a reason repeats it."""
    text = str(value)
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "…")
