"""Stand at each step of a job until somebody says to go on: at-least-once delivery, to be tried.

One message is in hand at a time, on all queues. While its job stands its lease is extended as ever,
but after the lease was stopped. A worker that is told to stop while it stands hands the job back;
once that is answered it only deletes the message.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from labapp import background, utc
from labapp.cloud import provision
from labapp.cloud.queues import Message
from labapp.errors import CloudError
from labapp.jobs.steps import ANSWERED, DELETED, DONE, LEASE_STOPPED, RECEIVED, Step
from labapp.jobs.wire import Reply, Request
from labapp.settings import LOG_EACH, Settings
from labapp.worker import in_hand
from labapp.worker.control import TICK
from labapp.worker.job_logs import kind_name
from labapp.worker.outages import StoppingError
from labapp.worker.processor import Processor
from labapp.worker.stepping import Steps

#: Steps after which nothing is done again for a stop.
_ANSWERED: frozenset[Step] = frozenset({ANSWERED, LEASE_STOPPED, DELETED})

#: Seconds for which a queue waits for the hand, before it looks whether the worker is to stop.
_WAIT = 0.2


@dataclass(frozen=True)
class Stand:
    """A job, and the step that it stands at, or has reached.

    Attributes:
        step: the last step that it reached.
        queue: the queue that it came from.
        kind: its kind; that of the queue, until it is known.
        message: its message.
        most: at which receive SQS moves the message to the dead letters instead; None: never.
        since: when it was reached, in seconds since 1970.
        request: what it asks, as far as that is known.
        reply: its answer, once there is one.
        aside: why it goes to the dead letters; empty where it does not.
        answers_on: the queues that it is answered on, once that is known.
        found: whether its result was stored by an earlier receive, and found.
        known: whether it was settled by this worker before, and only its deletion lacked.
        stands: whether it stands; else it goes on.
        log: how the worker logs jobs, as the setting of that name says.
    """

    step: Step
    queue: str
    kind: str
    message: Message
    most: int | None
    since: float
    request: Request | None = None
    reply: Reply | None = None
    aside: str = ""
    answers_on: tuple[str, ...] = ()
    found: bool = False
    known: bool = False
    stands: bool = False
    log: str = LOG_EACH

    @property
    def job(self) -> str:
        """What it is called: `job` and its id, or its message's while its own is not known."""
        found = in_hand.asked(self.message, self.request)
        return f"job {found[0]}" if found else f"message {self.message.id}"

    @property
    def is_last_receive(self) -> bool:
        """Whether SQS moves the message to the dead letters where it is received once more."""
        return self.most is not None and self.message.receives >= self.most


class Standing(Steps):
    """Stands at each step until `go` is called; `changed` is called whenever something has changed.

    Any thread may call any method.
    """

    most = 1

    def __init__(self, settings: Settings, changed: Callable[[], None] = lambda: None) -> None:
        self._settings = settings
        self.changed = changed
        self._stop = threading.Event()
        self._processors: dict[str, Processor] = {}
        self._condition = threading.Condition()
        self._stand: Stand | None = None
        self._taken = False
        self._waiting: list[str] = []
        self._queue = ""
        self._receipt = ""
        self._most: dict[str, int | None] = {}
        self._passed: set[Step] = set()
        self._may_go = False
        self._job_runs_on = self._all_run_on = False

    def attend(self, stop: threading.Event, processors: Iterable[Processor]) -> None:
        """Hear what the worker consists of."""
        self._stop = stop
        self._processors = {one.queue.name: one for one in processors}

    @property
    def stand(self) -> Stand | None:
        """The job in hand; None where none is."""
        return self._stand

    @property
    def runs_on(self) -> bool:
        """Whether nothing stands any more, after `go_on`."""
        return self._all_run_on

    def seconds_left(self) -> float | None:
        """Return for how long others do not see the message in hand (see `Lease`)."""
        stand = self._stand
        if stand is None or stand.step == DELETED:
            return None
        return self._processors[stand.queue].lease.seconds_left(stand.message.receipt)

    def visibility(self) -> int:
        """Return the visibility timeout of the message in hand."""
        stand = self._stand
        return self._processors[stand.queue].lease.visibility if stand else 0

    def go(self) -> None:
        """Go on to the next step."""
        with self._condition:
            self._let_go()

    def run_on(self) -> None:
        """Go on with this job to its end; the next one stands again."""
        with self._condition:
            self._job_runs_on = True
            self._let_go()

    def go_on(self) -> None:
        """Go on, and stand no more; or stand again."""
        with self._condition:
            self._all_run_on = not self._all_run_on
            if self._all_run_on:
                self._let_go()
        self.changed()

    def die(self) -> None:
        """End this process at once, without a word, as `kill -9` does."""
        background.kill(os.getpid())

    def _let_go(self) -> None:
        """Have the job that stands go on: at once, so that nobody goes on twice from one step."""
        self._may_go = True
        if self._stand:
            self._stand = replace(self._stand, stands=False)
        self._condition.notify_all()

    def takes(self, queue: str) -> bool:
        """Claim the hand for a message of a queue; each queue that waits has its turn."""
        with self._condition:
            if queue not in self._waiting:
                self._waiting.append(queue)
            free = self._condition.wait_for(
                lambda: not self._taken and self._waiting[0] == queue, _WAIT
            )
            self._waiting.remove(queue)
            if not free:
                return False
            self._taken, self._queue = True, queue
            return True

    def gives_back(self) -> None:
        """Let go of the hand."""
        with self._condition:
            had, self._stand = self._stand, None
            self._taken, self._receipt = False, ""
            self._condition.notify_all()
        if had:
            self.changed()

    def reached(
        self,
        step: Step,
        message: Message | None,
        request: Request | None = None,
        reply: Reply | None = None,
        aside: str = "",
    ) -> None:
        """Stand at a step that was not reached before, until told to go on or to stop.

        Raises:
            StoppingError: the worker is to stop, and the job is not answered yet.
        """
        if message is None:
            return
        if message.receipt != self._receipt:
            self._begin(message)
        stand = self._learn(step, request, reply, aside)
        if step in self._passed:
            return
        self._passed.add(step)
        if self._job_runs_on or self._all_run_on:
            return
        if not self._stop.is_set():
            self._wait(stand)
        if self._stop.is_set() and step not in _ANSWERED:
            raise StoppingError("the worker is stopping")

    def _begin(self, message: Message) -> None:
        processor = self._processors[self._queue]
        if self._queue not in self._most:
            with contextlib.suppress(CloudError):  # of which the next call tells
                self._most[self._queue] = processor.queue.most_receives()
        most = self._most.get(self._queue)
        self._receipt, self._passed, self._job_runs_on = message.receipt, set(), False
        kind = processor.handler.kind.name
        self._stand = Stand(
            *(RECEIVED, self._queue, kind, message, most, utc.seconds()), log=self._settings.log
        )

    def _learn(self, step: Step, request: Request | None, reply: Reply | None, aside: str) -> Stand:
        """Take in what is known at a step."""
        before = self._stand
        assert before is not None  # it has begun
        request, reply = request or before.request, reply or before.reply
        # What is done is told by whoever did it; the answer alone tells of what was found.
        found = (
            step == DONE
            and bool(reply and reply.status == DONE and reply.body)
            and DONE not in self._passed
        )
        stand = replace(
            before,
            step=step,
            since=utc.seconds(),
            request=request,
            kind=kind_name(request, before.kind),
            reply=reply,
            aside=aside or before.aside,
            answers_on=self._answers_on(before.queue, request, reply),
            found=before.found or found,
            known=before.known or (step == LEASE_STOPPED and ANSWERED not in self._passed),
        )
        self._stand = stand
        self.changed()
        return stand

    def _answers_on(
        self, queue: str, request: Request | None, reply: Reply | None
    ) -> tuple[str, ...]:
        """Return the names of the queues that a job is answered on."""
        if request is None or reply is None or reply.to_nobody:
            return ()
        if reply.addressed:
            return tuple(dict.fromkeys(name for name, _ in reply.addressed))
        processor = self._processors[queue]
        settings = self._settings
        if request.is_plain:
            return (processor.handler.kind.plain_replies_name(settings),)
        return (provision.reply_queue_name(settings, request.client),)

    def _wait(self, stand: Stand) -> None:
        """Stand until told to go on, or to stop."""
        with self._condition:
            self._may_go = False
            self._stand = replace(stand, stands=True)
        self.changed()
        stats = self._processors[stand.queue].outages.stats
        stats.standing = f"stands at the step '{stand.step}' of {stand.job}"
        try:
            with self._condition:
                while not (self._may_go or self._stop.is_set()):
                    self._condition.wait(TICK)
                self._stand = stand
        finally:
            stats.standing = ""
        self.changed()
