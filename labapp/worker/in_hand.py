"""The jobs that a worker has in flight, and how far each has come in its one order of work.

A job is in hand from its message's receipt until that is settled. The poller takes and drops, who
works on it tells which step was reached; screens, the pulse and the report show the oldest of them.
Nothing of a message is looked at before it is shown, so a job costs a few entries in a dictionary.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from labapp import foreign, utc
from labapp.cloud.queues import Message
from labapp.jobs.steps import RECEIVED, Step
from labapp.jobs.wire import CLIENT, JOB, Reply, Request, is_marked, is_well_formed
from labapp.worker.stepping import NO_STEPS, Steps

#: Jobs that a pulse or a report tells of at most, those that are in hand for longest: as many as a
#: worker has at a time by default, of numbers and of pictures, on most machines.
MOST = 64

#: Characters of a job's id, a client and a queue: SQS allows 80 of a queue's name.
_WORD = 80

#: Who asks where no client is named.
PLAIN = "plain"


@dataclass(frozen=True)
class JobInHand:
    """One job that a worker has in flight.

    Attributes:
        job: its id; the one that SQS gave its message where it has none of its own.
        kind: its kind.
        client: who asked; `plain` for a plain client.
        queue: the queue that it came from.
        receives: how often its message was received, this time included.
        waited: seconds from when it was sent until it was received here.
        step: the last step that it reached, by `jobs.steps`.
        since: when it was received here, in seconds since 1970.
    """

    job: str
    kind: str
    client: str
    queue: str
    receives: int
    waited: float
    step: str
    since: float

    def fields(self) -> dict[str, Any]:
        """Return what a pulse, a report or an event tells of it, for `read`."""
        return asdict(self) | {"waited": round(self.waited, 3), "since": round(self.since, 3)}


def asked(message: Message, request: Request | None) -> tuple[str, str] | None:
    """Return the id of a message's job and its client, as far as that is known without a look.

    None: that of a message without attributes of labapp's, until somebody has looked at it.
    """
    if request:
        return request.logged_as or request.job, request.client
    if is_marked(message) and is_well_formed(message):
        return message.attributes[JOB], message.attributes[CLIENT]
    return None


class _Held:
    """What is known of one message in flight; bare, as each job of a flood has one."""

    __slots__ = ("kind", "message", "queue", "request", "since", "step")

    def __init__(self, message: Message, queue: str, kind: str, since: float) -> None:
        self.message = message
        self.queue = queue
        self.kind = kind
        self.since = since
        self.step: Step = RECEIVED
        self.request: Request | None = None

    def shown(self) -> JobInHand:
        """Return it as others may see it."""
        message = self.message
        job, client = asked(message, self.request) or (message.id, "")
        first = message.receives < 2  # then SQS's own clock tells how long it waited
        until = message.first_received_at if first else self.since
        return JobInHand(job, self.kind, client or PLAIN, self.queue, message.receives,
                         max(0.0, until - message.sent_at), self.step, self.since)  # fmt: skip


class JobsInHand:
    """The jobs that one worker has in flight; shared by its threads."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._held)

    def take(self, messages: Iterable[Message], queue: str, kind: str) -> None:
        """Note what was received from a queue of a kind's requests."""
        since = utc.seconds()
        with self._lock:
            for message in messages:
                self._held[message.receipt] = _Held(message, queue, kind, since)

    def reach(self, step: Step, message: Message, request: Request | None = None) -> None:
        """Note that a job reached a step, and what it asks, as far as that is known."""
        if held := self._held.get(message.receipt):
            held.step = step
            held.request = request or held.request

    def drop(self, messages: Iterable[Message]) -> None:
        """Note what is in hand no longer: settled, or handed back."""
        with self._lock:
            for message in messages:
                self._held.pop(message.receipt, None)

    def oldest(self, most: int = MOST) -> list[JobInHand]:
        """Return those that are in hand for longest."""
        with self._lock:
            held = list(itertools.islice(self._held.values(), most))
        return [one.shown() for one in held]


class NotedSteps(Steps):
    """Notes each step that a job reaches, then tells `others` of it."""

    def __init__(self, in_hand: JobsInHand, others: Steps) -> None:
        self._in_hand = in_hand
        self._others = others
        self._is_heard = others is not NO_STEPS  # else a call for each step of each job is spared
        self.most = others.most

    def reached(
        self,
        step: Step,
        message: Message | None,
        request: Request | None = None,
        reply: Reply | None = None,
        aside: str = "",
    ) -> None:
        """Hear that a job has reached a step."""
        if message:
            self._in_hand.reach(step, message, request)
        if self._is_heard:
            self._others.reached(step, message, request, reply, aside)

    def takes(self, queue: str) -> bool:
        """Claim the hand for a message of a queue, where the others have but one."""
        return self._others.takes(queue)

    def gives_back(self) -> None:
        """Let go of it."""
        self._others.gives_back()


def read(value: object, most: int = MOST) -> tuple[JobInHand, ...]:
    """Read the jobs in hand that a worker tells of; what is none, or too many, is left out."""
    found = []
    for entry in itertools.islice(foreign.as_list(value), most):
        fields = foreign.table(entry)
        words = {
            name: foreign.text(fields.get(name), _WORD)
            for name in ("job", "kind", "client", "queue", "step")
        }
        if words["job"]:
            found.append(
                JobInHand(
                    **words,
                    receives=foreign.count(fields.get("receives")),
                    waited=max(0.0, foreign.number(fields.get("waited"))),
                    since=max(0.0, foreign.number(fields.get("since"))),
                )
            )
    return tuple(found)
