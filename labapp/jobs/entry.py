"""One job as the ledger has it, whatever stands in its row.

A row holds what was sent, and what somebody answered. Files of before this was checked may hold an
answer of any length and form, and a disk may have damaged any of them: each field is brought to its
type and a bounded length here, before a rule or a screen sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from labapp import foreign
from labapp.cloud.abilities import BATCH_BYTES
from labapp.jobs.kinds import kind_of
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.proof import MOST_NONCE, is_nonce
from labapp.jobs.wire import MOST_REPLY, MOST_RESULT, STATUSES, is_client_id, is_job_id

#: A job's state before any answer; when sending it failed, and it may have arrived all the same;
#: and when its answer is no longer wanted.
PENDING, UNSENT, DROPPED = "pending", "unsent", "dropped"

#: Characters of a note: two paths of the longest that Linux takes (4,096 bytes), each byte escaped.
MOST_NOTE = 100_000

#: The note of the file that a picture's result was saved as, the last time.
SAVED = "saved"

#: Characters of what was sent: no message holds more.
MOST_BODY = BATCH_BYTES

#: Characters of a kind or a status.
_MOST_WORD = 40

#: Seconds since 1970 up to which a date can be made in every time zone, some years before 10000.
_LATEST = 253_000_000_000.0

#: The columns of a row, whole.
WHOLE = "job, client, kind, body, sent_at, status, answered_at, reply, result, note, nonce"

#: What is read of a row; what is longer than it may be comes one character too long.
COLUMNS = (
    f"job, client, kind, substr(body, 1, {MOST_BODY + 1}), sent_at, status, answered_at,"
    f" substr(reply, 1, {MOST_REPLY + 1}), substr(result, 1, {MOST_RESULT + 1}),"
    f" substr(note, 1, {MOST_NOTE + 1}), substr(nonce, 1, {MOST_NONCE + 1})"
)


@dataclass(frozen=True)
class Entry:
    """One job as remembered.

    Attributes:
        job: its id.
        client: the slot that sent it.
        kind: `numbers`, or another kind of job.
        body: what was sent.
        sent_at: when, in seconds since 1970.
        status: `pending`, `unsent`, `dropped`, or the answer's status.
        answered_at: when the answer was read; None while pending.
        reply: the answer's text; empty while pending.
        result: its values as JSON; empty where there are none.
        note: what the program that sent it wrote down for itself.
        nonce: what its request carried and an answer has to repeat; empty where it carried none.
    """

    job: str
    client: str
    kind: str
    body: str
    sent_at: float
    status: str
    answered_at: float | None
    reply: str
    result: str
    note: str = ""
    nonce: str = field(default="", repr=False)

    @property
    def is_picture_done(self) -> bool:
        """Whether it is a picture whose result can be fetched."""
        return self.kind == PICTURES.name and self.status == "done"

    @property
    def seconds(self) -> float | None:
        """Seconds from sending to reading the answer; None while pending."""
        return None if self.answered_at is None else self.answered_at - self.sent_at

    @cached_property
    def values(self) -> dict[str, Any]:
        """The answer's values; none where it has none, or none that can be read."""
        return foreign.object_or_empty(self.result, MOST_RESULT)

    @cached_property
    def values_as_written(self) -> dict[str, str]:
        """The same, as the worker wrote them: numbers are not rounded to floats."""
        found = foreign.object_or_empty(self.result, MOST_RESULT, as_written=True)
        return {foreign.text(name): foreign.text(value) for name, value in found.items()}

    @property
    def title(self) -> str:
        """What was asked, as people call it."""
        return kind_of(self.kind).title_of(self.body, self.notes)

    @property
    def answer(self) -> str:
        """The answer in one line; empty while there is none."""
        return kind_of(self.kind).answer_of(self.status, self.reply)

    @cached_property
    def notes(self) -> dict[str, str]:
        """What was noted when it was sent, such as `path`; none where nothing was."""
        found = foreign.object_or_empty(self.note, MOST_NOTE, halves=True)
        # No file has a name with a NUL in it; to ask for one raises.
        return {
            name: value
            for name, value in found.items()
            if isinstance(value, str) and "\0" not in value
        }


def entry_of(row: Sequence[object]) -> Entry:
    """Return a row of `COLUMNS` as an entry, whatever is in it."""
    job, client, kind, body, sent_at, status, answered_at, *rest = map(_plain, row)
    reply, result, note, nonce = rest
    sent = _moment(sent_at)
    return Entry(
        foreign.text(job),
        foreign.text(client),
        foreign.text(kind, _MOST_WORD),
        foreign.text(body, MOST_BODY),
        sent,
        foreign.text(status, _MOST_WORD),
        None if answered_at is None else _moment(answered_at, sent),
        foreign.text(reply, MOST_REPLY),
        result if isinstance(result, str) and len(result) <= MOST_RESULT else "",
        note if isinstance(note, str) and len(note) <= MOST_NOTE else "",
        nonce if isinstance(nonce, str) and is_nonce(nonce) else "",
    )


def is_sound(row: Sequence[object]) -> bool:
    """Return whether a row of `WHOLE` holds what labapp writes, so that it can be kept."""
    job, client, kind, body, sent_at, status, answered_at, reply, result, note, nonce = row
    texts = (job, client, kind, body, status, reply, result, note, nonce)
    return (
        all(isinstance(text, str) and "\0" not in text for text in texts)
        and is_job_id(str(job))
        and is_client_id(str(client))
        and status in {PENDING, UNSENT, DROPPED, *STATUSES}
        and _moment(sent_at, -1) >= 0
        and (answered_at is None or _moment(answered_at, -1) >= 0)
        and len(str(body)) <= MOST_BODY
        and len(str(reply)) <= MOST_REPLY
        and (nonce == "" or is_nonce(str(nonce)))
        and all(
            text == "" or _is_object(str(text), most)
            for text, most in ((result, MOST_RESULT), (note, MOST_NOTE))
        )
    )


def _is_object(text: str, most: int) -> bool:
    try:
        foreign.read_object(text, most, halves=True)
    except foreign.ForeignError:
        return False
    return True


def _plain(value: object) -> object:
    """Return what SQLite gives for a field; bytes, which none of ours is, as the text in them."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _moment(value: object, other: float = 0) -> float:
    """Bring a time to one of which a date can be made."""
    found = foreign.number(value, other, most=_LATEST)
    return float(found) if found >= 0 else other
