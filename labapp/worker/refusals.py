"""Retry what the cloud refuses: a permission that lacks, an encryption key that may not be used.

An outage stops everything. A refusal says nothing of other calls, so it stops one queue: calls of
the same kind wait for each other, one of them asks now and then, and meanwhile nothing is received
that could not be finished. What is in flight stays in flight, so no job is done, answered or
counted twice, and none runs out of receives. Once somebody gives the permission all go on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from labapp.errors import CloudError, ForbiddenError, MissingResourceError
from labapp.waits import delay
from labapp.worker.stats import WorkerStats

log = logging.getLogger(__name__)

#: Seconds between looks at whether a refusal is over.
STEP = 0.1

#: What a writing to the bucket waits out: that it is refused, or that there is no bucket.
WRITING = (ForbiddenError, MissingResourceError)

T = TypeVar("T")


@dataclass(frozen=True)
class Deed(Generic[T]):
    """One call of the cloud, and what there is to know of it should it be refused.

    Attributes:
        queue: the queue whose jobs it serves.
        what: the kind of call, as in `delete from requestQueue`.
        action: does it.
        lasting: errors that are waited out.
        single: whether it is about one thing among many, such as one client's queue. It is then
            raised once the same was done to another thing; till then the queue goes on one by one.
        is_own: asked after a refusal: whether others of the kind would pass. It is raised at once.
        longest: seconds after which it is raised all the same.
    """

    queue: str
    what: str
    action: Callable[[], T]
    lasting: tuple[type[CloudError], ...] = (ForbiddenError,)
    single: bool = False
    is_own: Callable[[], bool] | None = None
    longest: float = float("inf")

    def __call__(self) -> T:
        """Do it, once."""
        return self.action()


@dataclass(eq=False)
class _Waiting:
    """A call that is refused and waits."""

    since: float
    let_go: bool = False
    #: The refusal that it met first: were it over, and the call refused again, it is its own fault.
    first: _Refusal | None = None


@dataclass(eq=False)
class _Refusal:
    """A kind of call that is refused at present.

    `due` is when a call that waits may ask again, `poll_due` when one message may be received.
    """

    single: bool
    due: float = 0.0
    poll_due: float = 0.0
    attempts: int = 0
    polls: int = 0
    over: bool = False
    asking: bool = False
    waiting: list[_Waiting] = field(default_factory=list)

    def put_off(self) -> None:
        self.attempts += 1
        self.due = time.monotonic() + delay(self.attempts)

    def put_off_poll(self) -> None:
        self.polls += 1
        self.poll_due = time.monotonic() + delay(self.polls)


class Refusals:
    """The calls that are refused at present; shared by the threads of a worker.

    Args:
        stats: told of each refusal, and of its end.
        pause: waits for some seconds; raises StoppingError once the worker is to stop.
        renew: called before another attempt: somebody may have changed the credentials.
    """

    def __init__(
        self, stats: WorkerStats, pause: Callable[[float], None], renew: Callable[[], None]
    ) -> None:
        self._stats = stats
        self._pause = pause
        self._renew = renew
        self._lock = threading.Lock()
        self._present: dict[tuple[str, str], _Refusal] = {}

    def call(self, deed: Deed[T], attempt: Callable[[Callable[[], T]], T]) -> T:
        """Do a deed by way of `attempt`, as often as it takes.

        Raises:
            CloudError: it is not to be waited out, or no longer.
        """
        call = _Waiting(time.monotonic())
        refusal: _Refusal | None = None
        while True:
            try:
                result = attempt(deed.action)
            except deed.lasting as error:
                found = self._refusal_of(deed, call, error)
                if found is None:
                    raise
            else:
                self.note_passed(deed.queue, deed.what)
                return result
            finally:
                if refusal:
                    refusal.asking = False
            refusal = found
            self._wait(refusal, call)

    def note_refused(
        self, queue: str, what: str, error: CloudError, *, single: bool = False
    ) -> _Refusal:
        """Note that something is refused; the pause before it is due again grows."""
        with self._lock:
            refusal = self._present.get((queue, what))
            first = refusal is None
            if refusal is None:
                refusal = self._present[queue, what] = _Refusal(single)
                refusal.put_off_poll()
            if first or refusal.asking:
                refusal.put_off()
            self._stats.refuse(queue, what, str(error))
        if first:
            log.warning("%s", error, extra={"event": "refused", "kind": f"{queue}: {what}"})
        return refusal

    def note_passed(self, queue: str, what: str) -> None:
        """Note that something was done: whoever waits for it goes on."""
        if (queue, what) not in self._present:
            return
        with self._lock:
            refusal = self._present.pop((queue, what), None)
            if refusal is None:
                return
            refusal.over = True
            self._stats.allow(queue, what)
        kind = f"{queue}: {what}"
        log.info("no longer refused: %s", what, extra={"event": "allowed", "kind": kind})

    def is_refused(self, queue: str, what: str = "") -> bool:
        """Return whether something is refused for a queue; without words, whether anything is."""
        return any(key[0] == queue and what in ("", key[1]) for key in list(self._present))

    def may_receive(self, queue: str, most: int) -> int:
        """Return how many messages of a queue may be received: `most`, unless something is refused.

        None while calls wait that no other message can stand in for; else one, now and then, by
        which it is seen whether the refusal lasts.
        """
        if not self._present:
            return most
        with self._lock:
            found = [refusal for key, refusal in self._present.items() if key[0] == queue]
            if not found:
                return most
            if any(refusal.waiting and not refusal.single for refusal in found):
                return 0
            if time.monotonic() < max(refusal.poll_due for refusal in found):
                return 0
            for refusal in found:
                refusal.put_off_poll()
        self._renew()
        return 1

    def give_way(self, queue: str) -> None:
        """Let the call that has waited longest be raised: its thread is needed for another."""
        with self._lock:
            found = [one for key, one in self._present.items() if key[0] == queue and one.single]
            waiting = [call for refusal in found for call in refusal.waiting]
            if waiting:
                min(waiting, key=lambda call: call.since).let_go = True

    def _refusal_of(self, deed: Deed[T], call: _Waiting, error: CloudError) -> _Refusal | None:
        """Return the refusal that a call is to wait for; None where it is to be raised."""
        again = deed.single and call.first is not None and call.first.over
        late = time.monotonic() - call.since > deed.longest
        if again or late or call.let_go or (deed.is_own and deed.is_own()):
            return None
        refusal = self.note_refused(deed.queue, deed.what, error, single=deed.single)
        call.first = call.first or refusal
        return refusal

    def _wait(self, refusal: _Refusal, call: _Waiting) -> None:
        """Wait until the refusal is over, or until it is this call's turn to ask."""
        with self._lock:
            refusal.waiting.append(call)
        try:
            while True:
                self._pause(STEP)
                with self._lock:
                    if refusal.over or call.let_go:
                        return
                    if refusal.asking or time.monotonic() < refusal.due:
                        continue
                    refusal.asking = True
                self._renew()
                return
        finally:
            with self._lock:
                refusal.waiting.remove(call)
