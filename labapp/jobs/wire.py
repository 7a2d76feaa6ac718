"""The wire format of requests and replies: the body for people, the attributes for programs.

The table in DESIGN is the wire's contract: plain clients of other labs put a bare body in the queue
and get a bare body back. What arrives here was written by anybody, so decoding trusts nothing: a
request is either good, or refused with a sentence for who sent it, or from nobody we may answer.

A nonce proves that a request is by who made its job's id (see `proof`); its answer repeats it.
Our own requests are marked, as other labs' clients have attributes called `job` or `client` too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from labapp import foreign, utc
from labapp.cloud.new_queues import DEAD_LETTER_RETENTION, RETENTION
from labapp.cloud.queues import Message, Outgoing
from labapp.errors import RefusedError
from labapp.jobs import kinds, proof
from labapp.unlocked import cached_property

# Also for those who answer, and write down what was answered.
from labapp.visible import printable, visible

if TYPE_CHECKING:
    from labapp.dialects.messages import Incoming
    from labapp.dialects.rules import Block

#: The names of the attributes that those of every kind of job have.
JOB, CLIENT, NONCE = "job", "client", "nonce"
STATUS, RESULT = "status", "result"

#: The attribute that marks a request as one of labapp's, and its value: the wire's version.
MARK, MARKED = "labapp", "1"

#: The attributes that a request of any kind has.
_EVERY = frozenset({JOB, CLIENT, NONCE, MARK})

#: What becomes of a job.
Status = Literal["done", "refused", "failed"]
DONE: Status = "done"
REFUSED: Status = "refused"
FAILED: Status = "failed"
STATUSES: dict[str, Status] = {"done": DONE, "refused": REFUSED, "failed": FAILED}

#: Characters of a request's body that are worked on: 10,000 integers of ten digits.
MOST_BODY = 100_000

#: Characters of a body that a log or an error repeats.
QUOTED_BODY = 2_000

#: Characters of an answer's text, and of its values, that are kept: a refusal repeats at most twice
#: `QUOTED_BODY`, a picture's values name its key and what its format could not hold.
MOST_REPLY, MOST_RESULT = 10_000, 20_000

#: Seconds by which a job's id may be older than its message: it waited, died, and was sent back.
LONGEST_WAIT = RETENTION + DEAD_LETTER_RETENTION

#: Seconds by which it may be younger: AWS takes no request from a clock that is further off. A job
#: of the year 8659 would stay on top of the newest-first log for ever.
CLOCKS_APART = 15 * 60

#: `dlq` is nobody: its reply queue would be the dead-letter queue of the plain clients' answers.
_CLIENT = re.compile(r"(?!dlq\Z)[a-z0-9-]{1,40}", re.ASCII)
_JOB = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

#: Stands for a nonce that is not even text, and fits no job.
_UNFIT = "-"


class NobodyToAnswerError(RefusedError):
    """A request whose sender cannot be told: it is put aside with the reason, unanswered."""


@dataclass(frozen=True)
class Spoken:
    """How a lab's own client asked.

    Attributes:
        block: the block of a dialect by which it did.
        message: the message, as the block reads it.
        attributes: its attributes, in one line for people.
    """

    block: Block
    message: Incoming
    attributes: str = ""

    @property
    def dialect(self) -> str:
        """The dialect and its block, as people are told of them."""
        return f"{self.block.dialect}, {self.block.name}"


@dataclass(frozen=True)
class Request:
    """One job as asked for.

    Attributes:
        body: what was asked, such as the integers, or the key of the picture.
        job: the client's id of the job; for a plain client, the id that SQS gave the message.
        client: who to answer; empty for a plain client.
        attributes: what its kind of job has beside these (see `kinds`); empty ones are left out.
        sent_at: when it was first sent, in seconds since 1970, UTC.
        receives: how often its message was received, this time included.
        nonce: what proves that its sender made the job's id; empty where it does not. It stands in
            messages and in the ledger of who sent it alone.
        logged_as: the id under which it is logged; empty for the job's own.
        message: the message that it came in, with all that its sender put there; None where it is
            yet to be sent.
        spoken: what it asks by a dialect; None where it asks in the ordinary way.
        made_at: when it was read of its message, or made to be sent, in seconds since 1970.
    """

    body: str
    job: str
    client: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    sent_at: float = 0.0
    receives: int = 1
    nonce: str = field(default="", repr=False)
    logged_as: str = ""
    message: Message | None = field(default=None, repr=False, compare=False)
    spoken: Spoken | None = field(default=None, repr=False, compare=False)
    made_at: float = field(default_factory=utc.seconds, repr=False, compare=False)

    @property
    def dialect(self) -> str:
        """The dialect and its block by which it was asked; empty where it was by none."""
        return self.spoken.dialect if self.spoken else ""

    @property
    def is_plain(self) -> bool:
        """Whether a plain client sent it, who reads bare bodies on the shared queue."""
        return not self.client

    @cached_property
    def is_proved(self) -> bool:
        """Whether its sender is shown to have made the id of its job."""
        return bool(self.nonce) and proof.proves(self.nonce, self.job, self.client)

    @property
    def is_forged(self) -> bool:
        """Whether it has a nonce that is not the one of its job and client."""
        return bool(self.nonce) and not self.is_proved

    @property
    def is_claimed(self) -> bool:
        """Whether only its own word says that the job is its sender's: the first such one has it.

        Nobody chooses the id of a plain client's job: it is the one that SQS gives.
        """
        return not (self.is_plain or self.is_proved)

    def by(self, spoken: Spoken) -> Request:
        """Return the same request, asked by a dialect; a third of the time of `replace`."""
        return Request(self.body, self.job, self.client, self.attributes, self.sent_at,
                       self.receives, self.nonce, self.logged_as, self.message, spoken,
                       self.made_at)  # fmt: skip

    def outgoing(self) -> Outgoing:
        """Return the message that carries this request."""
        more = {**self.attributes, NONCE: self.nonce}
        attributes = {MARK: MARKED, JOB: self.job, CLIENT: self.client}
        attributes |= {name: text for name, text in more.items() if text}
        return Outgoing(self.body, attributes, group=self.client)


@dataclass(frozen=True)
class Reply:
    """The answer to one job.

    Attributes:
        body: the sentence for people, the key of the result, or the error.
        job: the id of the request that it answers.
        status: `done`, `refused` (the request is wrong) or `failed` (we could not do it).
        result: the values as a JSON text; empty where there are none.
        to_nobody: whether nobody asked, and nobody is told: a picture dropped in the bucket.
        nonce: as received, that of the request that it claims to answer; the worker gives each
            answer that of its request.
        addressed: the messages that tell it, by a dialect, each with the name of its queue; empty
            where it is told in the ordinary way.
    """

    body: str
    job: str
    status: Status
    result: str = ""
    to_nobody: bool = False
    nonce: str = field(default="", repr=False)
    addressed: tuple[tuple[str, Outgoing], ...] = ()

    def outgoing(self, request: Request) -> Outgoing:
        """Return the message that carries this answer to who asked."""
        if request.is_plain:
            return Outgoing(self.body)
        attributes = {JOB: self.job, STATUS: self.status}
        if self.result:
            attributes[RESULT] = self.result
        if proof.is_nonce(request.nonce):
            attributes[NONCE] = request.nonce
        return Outgoing(self.body, attributes)


@lru_cache(64)  # each job's is asked for by its log's key, and by what that tells
def time_of(job: str, sent_at: float) -> datetime:
    """Return when a job was asked for, UTC: from its id where it is a ULID, else when it was sent.

    Doing a job twice must name its objects alike, so the time of doing it may not come in, and the
    message's own only where the id's is none: a dead letter that is sent back is a new one.

    Args:
        job: the job's id, which anybody may have made up.
        sent_at: when its message was sent, in seconds since 1970; 0 where that is not known.
    """
    seconds = proof.seconds_of(job) if proof.ULID_FORM.fullmatch(job) else sent_at
    if sent_at and not sent_at - LONGEST_WAIT <= seconds <= sent_at + CLOCKS_APART:
        seconds = sent_at
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):  # a made-up id may name the year 10889
        return datetime.fromtimestamp(sent_at, UTC)


def is_client_id(text: str) -> bool:
    """Return whether `text` may stand behind `responseQueue-`."""
    return bool(_CLIENT.fullmatch(text))


def is_job_id(text: str) -> bool:
    """Return whether `text` is an id of a job as programs make it."""
    return bool(_JOB.fullmatch(text))


def is_marked(message: Message) -> bool:
    """Return whether a message says that it is one of labapp's."""
    return message.attributes.get(MARK) == MARKED


def is_well_formed(message: Message) -> bool:
    """Return whether a message names a client and a job as labapp's do."""
    said = message.attributes.get
    return is_client_id(said(CLIENT, "")) and is_job_id(said(JOB, ""))


def _every_client(_client: str) -> bool:
    return True


def decode_request(message: Message, has_queue: Callable[[str], bool] = _every_client) -> Request:
    """Read a request: one of labapp's, or a plain client's, whatever its attributes are called.

    Args:
        message: what came.
        has_queue: tells whether a client has a queue for its answers. It is asked of a message that
            has no mark and no proof: one by the wire of before there were marks, or another lab's.

    Returns:
        The request; its body is not yet looked at.

    Raises:
        NobodyToAnswerError: it is labapp's, and its attributes do not say whom to answer, or which
            job it is.
    """
    if is_marked(message):
        _check_attributes(message)
        return _own_request(message)
    if is_well_formed(message):
        request = _own_request(message)
        if request.is_proved or has_queue(request.client):
            _check_attributes(message)
            return request
    return Request(message.body, message.id, sent_at=message.sent_at,
                   receives=message.receives, message=message)  # fmt: skip


def _check_attributes(message: Message) -> None:
    """See to it that a message of labapp's says whom to answer, and which job it is."""
    attributes = message.attributes
    odd = message.odd_attributes
    if odd and (odd := odd & {JOB, CLIENT, *kinds.attributes()}):
        raise NobodyToAnswerError(f"the attribute {min(odd)} is not of the type String")
    client, job = attributes.get(CLIENT, ""), attributes.get(JOB, "")
    if not is_client_id(client):
        said = quoted(client, 60) if CLIENT in attributes else "missing"
        raise NobodyToAnswerError(f"the attribute client is {said}", "It takes [a-z0-9-]{1,40}.")
    if not is_job_id(job):
        said = quoted(job, 80) if JOB in attributes else "missing"
        raise NobodyToAnswerError(f"the attribute job is {said}", "It takes [A-Za-z0-9_-]{1,64}.")


def _own_request(message: Message) -> Request:
    attributes = message.attributes
    nonce = _UNFIT if NONCE in message.odd_attributes else attributes.get(NONCE, "")
    own: dict[str, str] = {}
    if attributes.keys() - _EVERY:  # as requests of most kinds have none
        own = {name: attributes[name] for name in kinds.attributes() if attributes.get(name)}
    return Request(message.body, attributes[JOB], attributes[CLIENT], own, message.sent_at,
                   message.receives, nonce, message=message)  # fmt: skip


def decode_reply(message: Message) -> Reply | None:
    """Read a reply; None where it is none of ours (a bare body, an unknown status).

    Its text has one line and at most `MOST_REPLY` characters; values that are no JSON object, or
    none that `foreign` reads, are left out.
    """
    job, status = message.attributes.get(JOB, ""), message.attributes.get(STATUS, "")
    if not is_job_id(job) or status not in STATUSES:
        return None
    result = message.attributes.get(RESULT, "")
    if not foreign.object_or_empty(result, MOST_RESULT):
        result = ""
    text, nonce = foreign.text(message.body, MOST_REPLY), message.attributes.get(NONCE, "")
    return Reply(text, job, STATUSES[status], result, nonce=nonce)


def check_size(body: str) -> None:
    """Refuse a body that no list and no key needs.

    Raises:
        RefusedError: it is too long.
    """
    if len(body) > MOST_BODY:
        raise RefusedError(
            f"the message has {len(body)} characters; at most {MOST_BODY} are read",
            "Send a shorter list.",
        )


def quoted(text: str, most: int = QUOTED_BODY) -> str:
    """Return what somebody sent, safe for a line in a log or on a terminal, and not too long."""
    clean = visible(printable(text[:most]))
    # Three dots and no single sign: logs and terminals without Unicode are read too.
    return f"'{clean[:most]}...'" if len(text) > most else f"'{clean}'"
