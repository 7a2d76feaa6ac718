"""Who has which picture processed when: fair turns, several small ones in each.

A turn is one child at work. What a small picture takes there is little more than what it takes to
go there. So in one turn the small pictures go that wait just then, of one client, each to be heard
of as it is done. Nobody waits for more to come: a single picture goes at once, and alone.

Whoever has a turn for small pictures is none of the threads that wait for one: a picture that takes
long keeps only its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from functools import partial
from typing import TypeAlias, TypeVar, cast

from labapp.errors import LabappError
from labapp.pictures.held import Held, HeldTask
from labapp.pictures.sandbox import EndedError, Sandbox, Task
from labapp.worker.concurrency import NEWEST, FairTurns, ThreadPool

log = logging.getLogger(__name__)

Result = TypeVar("Result")

#: Bytes of a small picture: one of 256 pixels a side has 10 to 30 KB, as JPEG, and 120 as PNG.
SMALL = 128 * 1024

#: Pictures in hand beyond those that are processed: while some are worked on, others travel.
TRAVELLING = 3

#: Pictures in hand at most, however soon they are done.
MOST_HANDS = 32

#: Seconds of work to have in hand for each processor: by so much at most a picture is late that
#: another worker could have begun with.
IN_HAND = 0.1


class _Waiting:
    """One small picture, and what became of it."""

    def __init__(self, task: HeldTask) -> None:
        self.task = task
        self.outcome: object = None
        self._done = threading.Lock()
        self._done.acquire()

    def end(self, outcome: object) -> None:
        """Say what became of it, once."""
        self.outcome = outcome
        self._done.release()

    def wait(self) -> object:
        """Wait for what becomes of it, and return that."""
        self._done.acquire()
        return self.outcome


#: Whose small pictures go together, and where.
_Line: TypeAlias = "tuple[str, Sandbox]"


class PictureTurns:
    """Shares the processors between clients; shared by threads.

    Args:
        at_once: how many pictures are processed at once.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._least = at_once + TRAVELLING
        self.most_hands = max(self._least, MOST_HANDS)
        self.turns = FairTurns(at_once)
        self._seconds = IN_HAND * at_once
        self._leaders = ThreadPool(self.most_hands, "small-pictures")
        self._lock = threading.Lock()
        self._waiting: defaultdict[_Line, deque[_Waiting]] = defaultdict(deque)
        self._leading: dict[_Line, int] = {}

    @property
    def hands(self) -> int:
        """How many pictures to have in hand now: the more, the sooner each is done."""
        worth = round(self._at_once * IN_HAND / max(self._seconds, 1e-6))
        return max(self._least, min(worth, self.most_hands))

    def run(self, task: Task[Result], client: str, sandbox: Sandbox) -> Result:
        """Process a picture in a turn of a client; errors as `Sandbox.run`."""
        if isinstance(task, HeldTask) and len(task.data) <= SMALL and sandbox.together > 1:
            return cast("Result", self._run_small(task, (client, sandbox)))
        with self.turns.of(client):
            began = time.monotonic()
            try:
                return sandbox.run(task)
            finally:
                self._learn(time.monotonic() - began)

    def _run_small(self, task: HeldTask, line: _Line) -> Held:
        mine = _Waiting(task)
        self._put([mine], line)
        outcome = mine.wait()
        if isinstance(outcome, LabappError):
            raise outcome
        return cast("Held", outcome)

    def _put(self, some: Sequence[_Waiting], line: _Line) -> None:
        """Have pictures wait in a line, and see to it that somebody takes them."""
        with self._lock:
            self._waiting[line].extend(some)
            leading = self._leading.get(line, 0)
            is_led = leading >= self._at_once
            self._leading[line] = leading + (not is_led)
        if not is_led:
            self._leaders.submit(partial(self._lead, line))

    def _lead(self, line: _Line) -> None:
        """Have the pictures of a line processed until none waits, a turn for some at a time."""
        client, sandbox = line
        while True:
            with self.turns.of(client):
                if some := self._take(line, sandbox.together):
                    self._process(some, line)
            with self._lock:
                if not self._waiting[line]:
                    self._leading[line] -= 1
                    if not self._leading[line]:  # clients come and go for months
                        del self._leading[line], self._waiting[line]
                    return

    def _take(self, line: _Line, most: int) -> list[_Waiting]:
        with self._lock:
            waiting = self._waiting[line]
            return [waiting.popleft() for _ in range(min(most, len(waiting)))]

    def _process(self, some: Sequence[_Waiting], line: _Line) -> None:
        began = time.monotonic()
        open_ones = dict(enumerate(some))

        def tell(place: int, outcome: object) -> None:
            nonlocal began
            now = time.monotonic()
            self._learn(now - began)
            began = now
            open_ones.pop(place).end(outcome)

        def leave(places: Sequence[int]) -> None:
            self._put([open_ones.pop(place) for place in places], line)

        try:
            line[1].run_all([one.task for one in some], tell, leave)
        except Exception:  # its thread goes on with others, and nobody waits for ever
            log.exception("a turn of pictures failed", extra={"event": "fault"})
        finally:
            for one in open_ones.values():
                one.end(EndedError("the picture was not processed"))

    def _learn(self, seconds: float) -> None:
        """Take in how long a picture took."""
        self._seconds += NEWEST * (seconds - self._seconds)
