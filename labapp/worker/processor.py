"""One queue's jobs, in the worker's one order of work.

    validate → do the work → store the result in S3 → send the reply → stop the lease → delete

Killed between any two of these, the message comes back and the job is done again: the same objects
are written under the same keys, and the client knows an answer that it has seen. Messages that were
received together are answered and deleted together, which spares SQS requests; a job that fails
leaves the others of its batch alone.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Message, Queue
from labapp.errors import CloudError, JobFailedError, LabappError, RefusedError
from labapp.jobs.marks import NotTheirsError
from labapp.jobs.steps import ANSWERED, DONE, RECEIVED, STORED, Step
from labapp.jobs.wire import (
    FAILED,
    REFUSED,
    NobodyToAnswerError,
    Reply,
    Request,
    decode_request,
)
from labapp.visible import printable
from labapp.waits import delay
from labapp.worker.awaited_queue import AwaitedQueue
from labapp.worker.claims import Claims
from labapp.worker.deletion import Deletion
from labapp.worker.endings import Endings
from labapp.worker.handlers import Handler
from labapp.worker.job_logs import JobLogs
from labapp.worker.lease import Lease
from labapp.worker.logs import together
from labapp.worker.older_clients import OlderClients
from labapp.worker.outages import OutageGuard, StoppingError
from labapp.worker.refusals import Deed
from labapp.worker.replies import Answered, Outcome, Replies

log = logging.getLogger(__name__)

#: Characters of an error that are told to the client and kept.
MOST_REASON = 1_000

#: Seconds for which a job that failed is hidden after its first receive, at most; and after any.
AGAIN, MOST_HIDDEN = 2.0, 300.0


class Processor:
    """Does the jobs of one queue; shared by the threads of the poller and its pool."""

    def __init__(self, handler: Handler, bucket: Bucket, outages: OutageGuard) -> None:
        self._settings = settings = bucket.cloud.settings
        self.handler = handler
        self.queue = Queue(bucket.cloud, handler.kind.request_queue_name(settings))
        is_awaited = self.queue.name in handler.awaited
        self.arrival = AwaitedQueue(self.queue, outages, is_awaited=is_awaited)
        self.refusals = outages.refusals
        self.lease = Lease(self.queue, settings.visibility_timeout, self.refusals)
        handler.set_retry(outages.call)
        self._bucket = bucket
        self.outages = outages
        self._stats = outages.stats
        self._logs = JobLogs(handler.kind.name, self.queue.name, bucket, outages)
        self._replies = Replies(handler, bucket, outages, self._logs)
        self._receives: int | None = None
        self.steps = outages.steps
        handler.set_steps(self.steps)
        self._deletion = Deletion(self.queue, self.lease, outages)
        self._endings = Endings(handler.kind.name, self.queue.name, self._logs, outages.stats)
        self._claims = Claims(handler, self._logs)
        older = OlderClients(bucket.cloud, self.queue.name, outages)
        # Where only a dialect has the queue, no client of labapp's ever asked.
        self._has_queue = older.have if handler.kind.handler else _never

    def wait_for_rights(self) -> None:
        """Wait while what would be received could not be deleted; before anything is received.

        A worker that is refused it later keeps what it has in flight. One that starts, and starts
        again, would do and answer the same jobs each time, until they were received too often.

        Raises:
            StoppingError: the worker is to stop.
        """
        name = self.queue.name
        self.outages.call(Deed(name, f"delete from {name}", self.queue.try_deletion))

    def outcome(self, message: Message) -> Outcome:
        """Do one message's job, and store what it makes; its log is left to `log`."""
        try:
            self.steps.reached(RECEIVED, message)
            outcome = self._outcome(message)
            return outcome if outcome.unlogged else self._stored(outcome)
        except StoppingError:
            return Outcome(message, again_in=0)
        except Exception:  # else its lease would be extended for ever, and its thread never free
            log.exception("fault in message %s", message.id, extra={"event": "fault"})
            return Outcome(message, again_in=delay(message.receives, AGAIN, MOST_HIDDEN))

    def _stored(self, outcome: Outcome) -> Outcome:
        """Return an outcome of which all is stored that is to be, and tell that it is.

        Raises:
            StoppingError: as of `_tell`.
        """
        if outcome.again_in is None:
            self._tell(STORED, outcome)
        return outcome

    def log(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Log what was done, before any of it is answered; once logged, it is not logged again.

        What could not be logged comes again, as after any other fault.
        """
        jobs = [(one.request, one.reply) if one.unlogged and one.request and one.reply else None
                for one in outcomes]  # fmt: skip
        if not any(jobs):
            return list(outcomes)
        failed = self._logs.log_all([job for job in jobs if job])
        places = itertools.count()
        return [
            self._logged(one, failed.get(next(places))) if job else one
            for one, job in zip(outcomes, jobs, strict=True)
        ]

    def _logged(self, outcome: Outcome, error: Exception | None) -> Outcome:
        """Return what became of a message whose job was logged, or could not be."""
        message, request = outcome.message, outcome.request
        try:
            if isinstance(error, NotTheirsError) and request:  # as its log tells
                try:
                    request, reply = self._refuse(message, request, error)
                    self._logs.log(request, reply)
                    outcome, error = replace(outcome, request=request, reply=reply), None
                except Exception as another:  # noqa: BLE001 - as any that ends a job
                    error = another
            if error and request:
                outcome = self._ended(message, request, error)
            return self._stored(replace(outcome, unlogged=False))
        except StoppingError:
            return Outcome(message, request, again_in=0)

    def _tell(self, step: Step, outcome: Outcome) -> None:
        """Tell that a job has reached a step; one that was settled before takes none but the last.

        Raises:
            StoppingError: the worker is to stop, and the job is to be handed back.
        """
        if not outcome.known:
            message, request = outcome.message, outcome.request
            reply = None if outcome.untold else outcome.reply
            self.steps.reached(step, message, request, reply, outcome.aside)

    def _outcome(self, message: Message) -> Outcome:
        if self._deletion.is_due(message):
            return Outcome(message, known=True)
        started = time.perf_counter()
        request = self._request_in(message)
        if isinstance(request, Outcome):
            return request
        try:
            request = self.handler.understood(request)
            request, reply = self._do(message, request)
        except Exception as error:  # noqa: BLE001 - a fault in one job must not end the worker
            outcome = self._ended(message, request, error)
            return replace(outcome, seconds=time.perf_counter() - started)
        # A test event of S3 asks for nothing, and leaves nothing.
        unlogged = bool(reply.body) and self._logs.is_kept(request)
        seconds = time.perf_counter() - started
        return Outcome(message, request, reply, seconds=seconds, unlogged=unlogged)

    def _ended(self, message: Message, request: Request, error: Exception) -> Outcome:
        """Return what becomes of a message whose job an error ended."""
        if isinstance(error, NobodyToAnswerError):
            return Outcome(message, aside=str(error))
        if isinstance(error, StoppingError):
            return Outcome(message, request, again_in=0)
        return self._after_fault(message, request, error)

    def _request_in(self, message: Message) -> Request | Outcome:
        """Read a message's request; what becomes of the message where that cannot be."""
        try:
            request = decode_request(message, self._has_queue)
        except NobodyToAnswerError as error:
            return Outcome(message, aside=str(error))
        except StoppingError:
            return Outcome(message, again_in=0)
        except CloudError as error:
            log.warning("not known whose: %s", error, extra={"event": "retry"})
            return Outcome(message, again_in=delay(message.receives, AGAIN, MOST_HIDDEN))
        return replace(request, logged_as=message.id) if request.is_forged else request

    def _addressed(self, request: Request, reply: Reply) -> Reply:
        """Return an answer as who asked is to get it.

        Raises:
            NobodyToAnswerError: it cannot be made, by a fault of ours.
        """
        try:
            return self.handler.addressed(request, reply)
        except Exception as error:
            log.exception("fault in the answer to %s", request.job, extra={"event": "fault"})
            why = f"its answer cannot be made: {type(error).__name__}: {error}"
            raise NobodyToAnswerError(printable(why)) from error

    def _do(self, message: Message, request: Request) -> tuple[Request, Reply]:
        """Do a job; return it as it is to be told of, and its answer."""
        try:
            self._claims.check(request)
            reply = self._addressed(request, self._answer(request))
            self.steps.reached(DONE, message, request, reply)
            if reply.to_nobody:  # what S3 tells of names its job
                request = replace(request, job=reply.job)
        except NotTheirsError as error:
            request, reply = self._refuse(message, request, error)
        return request, reply

    def _refuse(
        self, message: Message, request: Request, error: NotTheirsError
    ) -> tuple[Request, Reply]:
        """Refuse a request under another's job; its log is to be where nothing of that job is."""
        self._claims.give_up(request)
        reply = Reply(printable(str(error)), request.job, REFUSED)
        return replace(request, logged_as=message.id), self._addressed(request, reply)

    def settle(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Send the answers, stop the leases, delete what is settled; the rest comes again.

        What is still to be logged is logged before. Returns what is settled, with what became of
        its answers.
        """
        outcomes = self.log(outcomes)
        answered = self._replies.answer([o for o in outcomes if o.is_to_be_answered])
        outcomes = [self._outcome_of_answer(outcome, answered) for outcome in outcomes]
        unkept = self._replies.put_aside([o for o in outcomes if o.aside and o.again_in is None])
        settled: list[Outcome] = []
        again: list[Outcome] = []
        for outcome in outcomes:
            late = outcome.again_in is not None or outcome.message.receipt in unkept
            (again if late else settled).append(outcome)
        self._deletion.settled([outcome.message for outcome in settled])
        with together():
            for outcome in settled:
                self._endings.tell(outcome)
        for outcome in settled:
            self._tell(ANSWERED, outcome)
        self._deletion.delete([outcome.message for outcome in settled])
        if again:
            self.lease.release([outcome.message.receipt for outcome in again])
            self._hide(again)
        return settled

    def _outcome_of_answer(self, outcome: Outcome, answered: Answered) -> Outcome:
        """Return what is left to do for a message after its answer was sent, or was not."""
        receipt, receives = outcome.message.receipt, outcome.message.receives
        if why := answered.untold.get(receipt):
            # What is put aside anyway keeps its own reason.
            return replace(outcome, untold=why, aside=outcome.aside or why)
        if not (why := answered.unsent.get(receipt)):
            return outcome
        if self.outages.stop.is_set():
            return replace(outcome, again_in=0.0)
        left, tries = answered.early.get(receipt), self._most_receives() - receives
        if left is not None and tries > 0:
            # In growing steps, of which the last is when the queue has had all its time.
            return replace(outcome, again_in=max(1.0, left ** (1 / tries)))
        if tries <= 0:
            # SQS would move it away itself, and say that its workers died.
            why = f"its answer cannot be sent: {why}"
            return replace(outcome, untold=why, aside=outcome.aside or why)
        return replace(outcome, again_in=delay(receives, AGAIN, MOST_HIDDEN))

    def hand_back_all(self, seconds: int = 0) -> None:
        """Give up every message in flight, for others to receive `seconds` from now."""
        receipts = self.lease.receipts()
        if receipts:
            text = "%d jobs handed back unfinished"
            log.warning(text, len(receipts), extra={"event": "handed back"})
            self.hand_back(receipts, seconds)

    def hand_back(self, receipts: Sequence[str], seconds: int = 0) -> None:
        """Give messages up, for others to receive `seconds` from now."""
        self.lease.release(receipts)
        try:
            self.queue.hide(receipts, seconds)
        except CloudError as error:  # they come back by themselves, a visibility timeout later
            log.warning("not handed back: %s", error, extra={"event": "unsettled"})

    def _answer(self, request: Request) -> Reply:
        try:
            return self.handler.work(request)
        except (NobodyToAnswerError, NotTheirsError):
            raise
        except RefusedError as error:
            # It may name what somebody sent, and SQS takes no control characters.
            return Reply(printable(str(error)), request.job, REFUSED)

    def _after_fault(self, message: Message, request: Request, error: Exception) -> Outcome:
        """Try again later, or, at the last receive, tell the client and keep the message aside."""
        what = str(error) if isinstance(error, LabappError) else f"{type(error).__name__}: {error}"
        what = printable(what[:MOST_REASON])  # it becomes the text of a message, which takes no NUL
        if not isinstance(error, LabappError):
            told = {"event": "fault"}
            log.error("fault in job %s", request.job, exc_info=error, extra=told)
        final = isinstance(error, JobFailedError)  # it would fail again, and cost as much
        if not final and message.receives < self._most_receives():
            self._stats.count("retried")
            log.warning(
                "job %s will be tried again: %s", request.job, what, extra={"event": "retry"}
            )
            return Outcome(message, request, again_in=delay(message.receives, AGAIN, MOST_HIDDEN))
        reason = what if final else f"tried {message.receives} times: {what}"
        reply = Reply(f"the job could not be done: {reason}", request.job, FAILED)
        try:
            reply = self._addressed(request, reply)
            self._log_at_last(request, reply)
        except NotTheirsError as theirs:
            request, reply = self._refuse(message, request, theirs)
            reason = ""
            self._log_at_last(request, reply)
        except NobodyToAnswerError:  # which is told; what failed the job is what helps
            return Outcome(message, request, aside=reason)
        return Outcome(message, request, reply, aside=reason)

    def _log_at_last(self, request: Request, reply: Reply) -> None:
        """Log a job that is not tried again; what fails at that ends nothing.

        Raises:
            NotTheirsError: another request has the log of that job.
        """
        try:
            self._logs.log(request, reply)
        except NotTheirsError:
            raise
        except Exception as still:  # noqa: BLE001 - whatever it was, it may be what failed the job
            log.warning("no log of job %s: %s", request.job, still, extra={"event": "fault"})

    def _most_receives(self) -> int:
        """Return at which receive a job fails for good: before SQS itself takes its message away.

        A queue that was adopted may have a smaller number than the settings.
        """
        if self._receives is None:
            try:
                found = self.queue.most_receives()
            except CloudError as error:
                log.debug("the redrive policy is not known: %s", error)
                return self._settings.max_receives
            self._receives = min(found or self._settings.max_receives, self._settings.max_receives)
        return self._receives

    def _hide(self, outcomes: Sequence[Outcome]) -> None:
        """Have messages come again, each when its outcome says, or once it may be kept."""
        receipts: dict[int, list[str]] = defaultdict(list)
        for outcome in outcomes:
            seconds = outcome.again_in
            if seconds is None:
                receives = outcome.message.receives
                seconds = 0 if self.outages.stop.is_set() else delay(receives, AGAIN, MOST_HIDDEN)
            receipts[round(seconds)].append(outcome.message.receipt)
        for whole, some in receipts.items():
            try:
                self.queue.hide(some, whole)
            except CloudError as error:
                log.warning("not hidden for later: %s", error, extra={"event": "unsettled"})


def _never(_client: str) -> bool:
    return False
