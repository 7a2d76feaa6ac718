"""One queue's jobs, in the worker's one order of work.

    validate → do the work → store the result in S3 → send the reply → stop the lease → delete

Killed between any two of these, the message comes back and the job is done again: the same objects
are written under the same keys, and the client knows an answer that it has seen. Messages that were
received together are answered and deleted together, which spares SQS requests; a job that fails
leaves the others of its batch alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from labapp.cloud import provision
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import BATCH_BYTES, DEAD_LETTER_SUFFIX, Message, Outgoing, Queue
from labapp.errors import (
    CloudError,
    JobFailedError,
    LabappError,
    MissingResourceError,
    RefusedError,
)
from labapp.jobs import logbook
from labapp.jobs.dead_letters import REASON, RECEIVES, SENT
from labapp.jobs.wire import (
    CLIENT,
    FAILED,
    FORMAT,
    JOB,
    PIPELINE,
    REFUSED,
    NobodyToAnswerError,
    Reply,
    Request,
    decode_request,
    printable,
    quoted,
)
from labapp.settings import Settings
from labapp.worker.backoff import MOST_HIDDEN, delay
from labapp.worker.board import Board, Finished
from labapp.worker.handlers import Handler
from labapp.worker.lease import Lease
from labapp.worker.patience import Patience, StoppingError

log = logging.getLogger(__name__)

#: Status of a message that nobody can be answered for.
PUT_ASIDE = "put aside"

#: Characters of an error that are told to the client and kept.
MOST_REASON = 1_000

#: Seconds for which a job that failed is hidden after its first receive, at most.
AGAIN = 2.0

#: Attempts to send or delete what SQS did not take of a batch, before the message is left to come
#: again by itself.
BATCH_ATTEMPTS = 3


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
    """

    message: Message
    request: Request | None = None
    reply: Reply | None = None
    aside: str = ""
    again_in: float | None = None
    seconds: float = 0.0


class Lane:
    """Does the jobs of one queue; shared by the poller's and the hands' threads.

    Args:
        handler: the kind of job.
        bucket: where the log of jobs goes.
        patience: how the cloud is called.
        board: told of every job.
        settings: the visibility timeout and the number of receives are read.
    """

    def __init__(
        self, handler: Handler, bucket: Bucket, patience: Patience, board: Board, settings: Settings
    ) -> None:
        self.handler = handler
        self.queue = Queue(bucket.cloud, handler.queue)
        self.lease = Lease(self.queue, settings.visibility_timeout)
        handler.wait_out(patience.call)
        self._bucket = bucket
        self._patience = patience
        self._board = board
        self._settings = settings
        self._dead_letters = Queue(bucket.cloud, handler.queue + DEAD_LETTER_SUFFIX)
        self._reply_queues: dict[str, Queue] = {}
        self._lock = threading.Lock()

    def outcome(self, message: Message) -> Outcome:
        """Do one message's job and log it, up to and including what is stored in S3."""
        started = time.perf_counter()
        try:
            request = decode_request(message)
        except NobodyToAnswerError as error:
            return Outcome(message, aside=str(error))
        try:
            reply = self._answer(request)
            if reply.body:  # a test event of S3 asks for nothing, and leaves nothing
                self._patience.call(partial(self._store_log, request, reply))
        except StoppingError:
            return Outcome(message, request, again_in=0)
        except Exception as error:  # noqa: BLE001 - a fault in one job must not end the worker
            outcome = self._after_fault(message, request, error)
        else:
            outcome = Outcome(message, request, reply)
        return replace(outcome, seconds=time.perf_counter() - started)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Send the answers, stop the leases, delete what is settled; the rest comes again."""
        unsettled = self._send_replies([outcome for outcome in outcomes if _is_to_be_sent(outcome)])
        unsettled |= self._put_aside(
            [o for o in outcomes if o.aside and o.message.receipt not in unsettled]
        )
        settled: list[Outcome] = []
        again: list[Outcome] = []
        for outcome in outcomes:
            late = outcome.again_in is not None or outcome.message.receipt in unsettled
            (again if late else settled).append(outcome)
        self.lease.release([outcome.message.receipt for outcome in outcomes])
        self._delete([outcome.message.receipt for outcome in settled])
        for outcome in settled:
            self._note(outcome)
        for outcome in again:
            self._hide(outcome)

    def hand_back(self, messages: Sequence[Message]) -> None:
        """Give messages up at once: others can receive them from now on."""
        if not messages:
            return
        receipts = [message.receipt for message in messages]
        self.lease.release(receipts)
        try:
            self.queue.hide(receipts, 0)
        except CloudError as error:  # they come back by themselves, a visibility timeout later
            log.warning("not handed back: %s", error, extra={"event": "unsettled"})

    def hand_back_all(self, seconds: int = 0) -> None:
        """Give up every message in hand, for others to receive `seconds` from now."""
        receipts = self.lease.held()
        if not receipts:
            return
        log.warning("%d jobs handed back unfinished", len(receipts), extra={"event": "handed back"})
        self.lease.release(receipts)
        try:
            self.queue.hide(receipts, seconds)
        except CloudError as error:
            log.warning("not handed back: %s", error, extra={"event": "unsettled"})

    def _answer(self, request: Request) -> Reply:
        try:
            return self.handler.work(request)
        except RefusedError as error:
            return Reply(str(error), request.job, REFUSED)

    def _store_log(self, request: Request, reply: Reply) -> None:
        text = logbook.text_of(self.handler.kind, request, reply)
        self._bucket.put_text(logbook.key_of(request), text)

    def _after_fault(self, message: Message, request: Request, error: Exception) -> Outcome:
        """Try again later, or, at the last receive, tell the client and keep the message aside."""
        what = str(error) if isinstance(error, LabappError) else f"{type(error).__name__}: {error}"
        what = printable(what[:MOST_REASON])  # it becomes the text of a message, which takes no NUL
        if not isinstance(error, LabappError):
            log.exception("fault in job %s", request.job, extra={"event": "fault"})
        final = isinstance(error, JobFailedError)  # it would fail again, and cost as much
        if not final and message.receives < self._settings.max_receives:
            self._board.count("retried")
            log.warning(
                "job %s will be tried again: %s", request.job, what, extra={"event": "retry"}
            )
            return Outcome(message, request, again_in=delay(message.receives, AGAIN, MOST_HIDDEN))
        reason = what if final else f"tried {message.receives} times: {what}"
        reply = Reply(f"the job could not be done: {reason}", request.job, FAILED)
        try:
            self._store_log(request, reply)
        except Exception as still:  # noqa: BLE001 - whatever it was, it may be what failed the job
            log.warning("no log of job %s: %s", request.job, still, extra={"event": "fault"})
        return Outcome(message, request, reply, aside=reason)

    def _send_replies(self, outcomes: Sequence[Outcome]) -> set[str]:
        """Send every answer to who asked; return the receipts of those that did not get away."""
        by_queue: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            by_queue[self._reply_queue_name(outcome)].append(outcome)
        unsent: set[str] = set()
        for name, group in by_queue.items():
            mail = {o.message.receipt: o.reply.outgoing(o.request)
                    for o in group if o.reply and o.request}  # fmt: skip
            failed = self._deliver(self._reply_queue(name), mail)
            if failed is None:
                # The client has deleted its queue, or never made one: nobody will ever read this.
                why = f"{name} does not exist"
                failed = self._put_aside([Outcome(o.message, aside=why) for o in group])
            unsent |= failed
        return unsent

    def _deliver(self, queue: Queue, mail: Mapping[str, Outgoing]) -> set[str] | None:
        """Send messages, each by the receipt of what it is about; return what was not taken.

        None: there is no such queue.
        """
        left = list(mail)
        for _ in range(BATCH_ATTEMPTS):
            send = partial(_send_or_none, queue, [mail[receipt] for receipt in left])
            try:
                failed = self._patience.call(send)
            except CloudError as error:
                if len(left) > 1 and not isinstance(error, StoppingError):
                    # Whichever message is at fault, it must not hold up the others.
                    parts = [self._deliver(queue, {one: mail[one]}) or set() for one in left]
                    return set().union(*parts)
                log.warning("not sent: %s", error, extra={"event": "unsettled"})
                break
            if failed is None:
                return None
            left = [left[position] for position in failed]
            if not left:
                break
        return set(left)

    def _reply_queue_name(self, outcome: Outcome) -> str:
        request = outcome.request
        if request is None or request.is_plain:
            return self.handler.plain_replies
        return provision.reply_queue_name(self._settings, request.client)

    def _reply_queue(self, name: str) -> Queue:
        with self._lock:
            if name not in self._reply_queues:
                if len(self._reply_queues) >= 10_000:  # clients come and go for months
                    self._reply_queues.clear()
                self._reply_queues[name] = Queue(self._bucket.cloud, name)
            return self._reply_queues[name]

    def _put_aside(self, outcomes: Sequence[Outcome]) -> set[str]:
        """Send messages to the dead letters, each with its reason; to the log where there are none.

        A lab's own queue may have no dead-letter queue; what is put aside is then kept in S3.
        Returns the receipts of what could not be kept.
        """
        if not outcomes:
            return set()
        for outcome in outcomes:
            log.warning(
                "put aside %s: %s: %s",
                outcome.message.id,
                outcome.aside,
                quoted(outcome.message.body, 80),
                extra={"event": "aside"},
            )
        letters = {outcome.message.receipt: _dead_letter(outcome) for outcome in outcomes}
        failed = self._deliver(self._dead_letters, letters)
        return self._log_asides(outcomes) if failed is None else failed

    def _log_asides(self, outcomes: Sequence[Outcome]) -> set[str]:
        unkept = set()
        for outcome in outcomes:
            message = outcome.message
            request = Request(message.body, message.id, sent_at=message.sent_at)
            reply = Reply(f"{PUT_ASIDE}: {outcome.aside}", message.id, REFUSED)
            try:
                self._patience.call(partial(self._store_log, request, reply))
            except CloudError as error:
                log.warning("not kept: %s", error, extra={"event": "unsettled"})
                unkept.add(message.receipt)
        return unkept

    def _delete(self, receipts: Sequence[str]) -> None:
        left = list(receipts)
        try:
            for _ in range(BATCH_ATTEMPTS):
                if not left:
                    return
                failed = self._patience.call(partial(self.queue.delete, left))
                left = [left[position] for position in failed]
        except CloudError as error:
            log.warning("not deleted: %s", error, extra={"event": "unsettled"})
        log.warning("%d messages not deleted; they come again", len(left), extra={"event": "late"})

    def _hide(self, outcome: Outcome) -> None:
        """Have a message come again: when its outcome says, or once its answer may get away."""
        receives, seconds = outcome.message.receives, outcome.again_in
        if seconds is None:
            seconds = 0 if self._patience.stopping else delay(receives, AGAIN, MOST_HIDDEN)
        try:
            self.queue.hide([outcome.message.receipt], round(seconds))
        except CloudError as error:
            log.warning("not hidden for later: %s", error, extra={"event": "unsettled"})

    def _note(self, outcome: Outcome) -> None:
        """Tell the board and the log how a job ended; a test event of S3 was none."""
        if outcome.reply and not outcome.reply.body:
            return
        request, reply, seconds = outcome.request, outcome.reply, outcome.seconds
        status = reply.status if reply else PUT_ASIDE
        job = request.job if request else outcome.message.id
        client = (request.client or "plain") if request else "?"
        text = reply.body if reply else outcome.aside
        kind = self.handler.kind
        self._board.finished(Finished(time.time(), kind, job, client, status, seconds, text))
        log.info(
            "%s %s %s from %s in %.0f ms: %s",
            kind, job, status, client, seconds * 1000, text,
            extra={"event": "job", "kind": kind, "job": job, "client": client, "status": status,
                   "seconds": seconds, "text": text},
        )  # fmt: skip


def _is_to_be_sent(outcome: Outcome) -> bool:
    return outcome.reply is not None and not outcome.reply.to_nobody


def _dead_letter(outcome: Outcome) -> Outgoing:
    """Return the message to keep: as it came, less attributes that are not ours, and the reason."""
    kept = {
        name: text
        for name, text in outcome.message.attributes.items()
        if name in (JOB, CLIENT, PIPELINE, FORMAT) and text
    }
    message = outcome.message
    told = {
        REASON: quoted(outcome.aside, 500),
        RECEIVES: str(message.receives),
        SENT: f"{message.sent_at:.0f}",
    }
    letter = Outgoing(message.body, {**kept, **told})
    # A body may leave no room for attributes; then the log alone has the reason.
    return letter if letter.size <= BATCH_BYTES else Outgoing(outcome.message.body)


def _send_or_none(queue: Queue, messages: Sequence[Outgoing]) -> list[int] | None:
    """Send messages; return the positions of those not taken, None if there is no such queue.

    That a client's queue is gone is not trouble to be waited out, so it is caught in here.
    """
    try:
        return queue.send_batch(messages)
    except MissingResourceError:
        return None
