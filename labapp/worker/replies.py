"""Replies to who asked for the jobs of one queue, and messages for its dead letters.

What could not be sent is told by the receipts of the messages that it is about: those come again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from labapp import utc
from labapp.cloud import provision
from labapp.cloud.bucket import Bucket
from labapp.cloud.patience import MINUTE
from labapp.cloud.queue_names import dead_letters_of
from labapp.cloud.queues import Message, Outgoing, Queue
from labapp.errors import CloudError, ForbiddenError, MissingResourceError
from labapp.jobs import letters
from labapp.jobs.logbook import UNTOLD
from labapp.jobs.wire import REFUSED, Reply, Request
from labapp.worker.handlers import Handler
from labapp.worker.job_logs import JobLogs
from labapp.worker.outages import OutageGuard, StoppingError
from labapp.worker.outbox import Outbox, Taken
from labapp.worker.refusals import Deed

log = logging.getLogger(__name__)

#: Seconds of a message's age after which its reply queue, where it is not there, will not come any
#: more: it was made before its client sent, and SQS knows it everywhere within a minute.
NEW_QUEUE = MINUTE

#: The same on the local cloud, which knows a queue at once.
NEW_LOCALLY = 2.0

#: The same of one that a lab's client makes, which may come at any time: until its request was
#: received too often.
AWAITED = 300.0

#: Seconds for which a reply queue that was looked for in vain is not looked for again.
MISSING = 1.0

#: Attempts to send or delete what SQS did not take of a batch, before the message is left to come
#: again by itself.
BATCH_ATTEMPTS = 3

#: Queues of clients whose addresses are kept: clients come and go for months.
MOST_QUEUES = 10_000

#: Status of a message that nobody can be answered for.
PUT_ASIDE = UNTOLD


@dataclass(frozen=True)
class Outcome:
    """What became of one message.

    Attributes:
        message: the message.
        request: what it asked for; None where that could not be told.
        reply: the answer to send; None where nobody is to be answered now.
        aside: why it goes to the dead letters; empty where it does not.
        again_in: seconds after which it is to be tried again; None where it is settled.
        seconds: how long the job took.
        untold: why the answer reaches nobody; empty where it does, or nobody is to be answered.
        known: whether the message was settled before, and only its deletion lacks.
        unlogged: whether its job is done and is yet to be logged, with those it is settled with.
    """

    message: Message
    request: Request | None = None
    reply: Reply | None = None
    aside: str = ""
    again_in: float | None = None
    seconds: float = 0.0
    untold: str = ""
    known: bool = False
    unlogged: bool = False

    @property
    def is_done(self) -> bool:
        """Whether the job was done, well or in vain."""
        return bool(self.reply and self.reply.body and not self.aside and self.again_in is None)

    @property
    def is_to_be_answered(self) -> bool:
        """Whether somebody waits for the answer."""
        return self.reply is not None and not self.reply.to_nobody


@dataclass(frozen=True)
class Answered:
    """What became of answers that did not get away, by the receipts of what they answer.

    Attributes:
        unsent: why some come again.
        untold: why some reach nobody.
        early: of those unsent, the seconds within which their queue may yet be known.
    """

    unsent: dict[str, str] = field(default_factory=dict)
    untold: dict[str, str] = field(default_factory=dict)
    early: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Group:
    """The answers for one queue, with the receipts of what they answer.

    Of those the queue may yet come for, if it is not there, `early` has the seconds in which.
    """

    receipts: list[str] = field(default_factory=list)
    messages: list[Outgoing] = field(default_factory=list)
    early: dict[str, float] = field(default_factory=dict)

    @property
    def is_firm(self) -> bool:
        """Whether a job is given up for it, if the queue is not there."""
        return not self.early.keys() >= set(self.receipts)


class Replies:
    """Sends the answers to one queue's jobs, and its dead letters; shared by its threads."""

    def __init__(
        self, handler: Handler, bucket: Bucket, outages: OutageGuard, logs: JobLogs
    ) -> None:
        self._settings = settings = bucket.cloud.settings
        self._requests = handler.kind.request_queue_name(settings)
        self._plain_replies = handler.kind.plain_replies_name(settings)
        self._awaited = handler.awaited
        self._answered_on = handler.answered_on
        self._logs = logs
        self._outages = outages
        self._dead_letters = Queue(bucket.cloud, dead_letters_of(self._requests))
        self._reply_queue = lru_cache(MOST_QUEUES)(partial(Queue, bucket.cloud))
        self._outbox = Outbox(self._send, f"{self._requests}-answers")
        self._missing: dict[str, tuple[float, bool]] = {}
        self._new = NEW_LOCALLY if bucket.cloud.is_local else NEW_QUEUE
        #: Seconds by which our clock is ahead of SQS's, at most.
        self._ahead = 0.0
        self._lock = threading.Lock()

    def answer(self, outcomes: Sequence[Outcome]) -> Answered:
        """Send every answer to who asked; return what became of those that did not get away.

        To different queues they go side by side, and none waits for what another queue lacks.
        """
        groups = self._groups(outcomes)
        sent = self._outbox.send(
            {
                name: group.messages
                for name, group in groups.items()
                if not self._is_missing(name, firm=group.is_firm)
            }
        )
        answered = Answered()
        for name, group in groups.items():
            if name in sent:
                self._note_missing(name, missing=sent[name] is None, firm=group.is_firm)
            if (failed := sent.get(name)) is None:
                why = f"{name} does not exist"
                late = set(group.receipts) - group.early.keys()
                answered.early.update(group.early)
                answered.unsent.update(dict.fromkeys(group.early, why))
                answered.untold.update(dict.fromkeys(late, why))
            else:
                answered.unsent.update({group.receipts[at]: why for at, why in failed.items()})
        # Of several answers to one request, one that may yet be sent has it come again.
        for receipt in answered.unsent:
            answered.untold.pop(receipt, None)
        return answered

    def _groups(self, outcomes: Sequence[Outcome]) -> dict[str, _Group]:
        """Return the answers by the names of their queues."""
        groups: dict[str, _Group] = defaultdict(_Group)
        for outcome in outcomes:
            for name, outgoing in self._messages(outcome):
                group, receipt = groups[name], outcome.message.receipt
                group.receipts.append(receipt)
                group.messages.append(outgoing)
                if (left := self._time_left(name, outcome.message)) > 0:
                    group.early[receipt] = left
        return groups

    def _messages(self, outcome: Outcome) -> Sequence[tuple[str, Outgoing]]:
        """Return the messages that answer a request, each with the name of its queue."""
        request, reply = outcome.request, outcome.reply
        if request is None or reply is None:
            return ()
        return reply.addressed or ((self._reply_queue_name(request), reply.outgoing(request)),)

    def _time_left(self, name: str, message: Message) -> float:
        """Return the seconds in which a reply queue that is not there may yet come."""
        return AWAITED if name in self._awaited else self._new - self._age(message)

    def _age(self, message: Message) -> float:
        """Return the seconds since a message was sent, as far as can be told, by SQS's clock.

        Where it is received for the first time, SQS itself says how long it waited, and what its
        clock shows now: by that the others are told, however wrong our own is.
        """
        now = utc.seconds()
        if message.receives < 2:
            self._ahead = now - message.first_received_at
            return message.first_received_at - message.sent_at
        return now - self._ahead - message.sent_at

    def put_aside(self, outcomes: Sequence[Outcome]) -> dict[str, str]:
        """Send messages to the dead letters, each with its reason; to the log where there are none.

        A lab's own queue may have no dead-letter queue; what is put aside is then kept in S3.
        Returns, by their receipts, why some could not be kept.
        """
        if not outcomes:
            return {}
        kept = [letters.letter_of(outcome.message, outcome.aside) for outcome in outcomes]
        name = self._dead_letters.name
        failed = self._outbox.send({name: kept})[name]
        if failed is None:
            return self._log_asides(outcomes)
        return {outcomes[at].message.receipt: why for at, why in failed.items()}

    def _send(self, name: str, messages: Sequence[Outgoing]) -> Taken:
        ours = name == self._dead_letters.name
        return self._deliver(self._dead_letters if ours else self._reply_queue(name), messages)

    def _deliver(self, queue: Queue, messages: Sequence[Outgoing]) -> Taken:
        """Send messages; return by their positions why some were not taken.

        None where there is no such queue.
        """
        left = list(range(len(messages)))
        why = f"{queue.name} did not take it"
        for _ in range(BATCH_ATTEMPTS):
            send = partial(_send_or_none, queue, [messages[at] for at in left])
            try:
                failed = self._outages.call(self._deed(queue, send))
            except CloudError as error:
                if len(left) > 1 and not isinstance(error, StoppingError | ForbiddenError):
                    # Whichever message is at fault, it must not hold up the others.
                    parts = {at: self._deliver(queue, [messages[at]]) for at in left}
                    if None in parts.values():
                        return None
                    return {at: part[0] for at, part in parts.items() if part}
                log.warning("not sent: %s", error, extra={"event": "unsettled"})
                why = error.message
                break
            if failed is None:
                return None
            left = [left[position] for position in failed]
            if not left:
                return {}
        else:
            log.warning(
                "%s did not take %d messages", queue.name, len(left), extra={"event": "unsettled"}
            )
        return dict.fromkeys(left, why)

    def _deed(self, queue: Queue, send: Callable[[], list[int] | None]) -> Deed[list[int] | None]:
        """Return a sending that waits while it is refused, be it by one client's queue."""
        own = (self._plain_replies, self._dead_letters.name)
        ours = queue.name in own or queue.name in self._answered_on
        what = f"send to {queue.name}" if ours else "send to the clients' own queues"
        return Deed(self._requests, what, send, single=not ours)

    def _reply_queue_name(self, request: Request) -> str:
        if request.is_plain:
            return self._plain_replies
        return provision.reply_queue_name(self._settings, request.client)

    def _is_missing(self, name: str, *, firm: bool) -> bool:
        """Return whether a reply queue was looked for in vain only just.

        Where `firm`, a job is given up for it: then only a look will do that others were given up
        for, when the queue had had its time.
        """
        at, was_firm = self._missing.get(name, (float("-inf"), False))
        return time.monotonic() - at < MISSING and (was_firm or not firm)

    def _note_missing(self, name: str, *, missing: bool, firm: bool) -> None:
        with self._lock:
            if not missing:
                self._missing.pop(name, None)
                return
            if len(self._missing) >= MOST_QUEUES:
                self._missing.clear()
            self._missing[name] = time.monotonic(), firm

    def _log_asides(self, outcomes: Sequence[Outcome]) -> dict[str, str]:
        unkept: dict[str, str] = {}
        for outcome in outcomes:
            message = outcome.message
            request = Request(message.body, message.id, sent_at=message.sent_at, message=message)
            reply = Reply(f"{PUT_ASIDE}: {outcome.aside}", message.id, REFUSED)
            try:
                self._logs.keep(request, reply)
            except CloudError as error:
                log.warning("not kept: %s", error, extra={"event": "unsettled"})
                unkept[message.receipt] = error.message
        return unkept


def _send_or_none(queue: Queue, messages: Sequence[Outgoing]) -> list[int] | None:
    """Send messages; return the positions of those not taken, None if there is no such queue.

    That a client's queue is gone is not trouble to be waited out, so it is caught in here.
    """
    try:
        return queue.send_batch(messages)
    except MissingResourceError:
        return None
