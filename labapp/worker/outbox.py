"""Messages for many queues: sent side by side where that pays, in batches that threads share.

Whoever has messages to send stays until they are sent, and as a rule sends them itself, at once.
While one batch is on its way to a queue, what others have for that queue gathers, and goes together
with the next one; nothing ever waits for more to come. So a lone answer is sent as soon as it is
there, and under load batches fill by themselves.

How many are on their way at once is learnt from the time that they take. Where the network takes
it, many are, by other threads where one has several queues to send to; on a machine of its own,
where they would only wait for each other, few.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from labapp.cloud.abilities import BATCH
from labapp.cloud.queue_names import FIFO
from labapp.cloud.queues import Outgoing
from labapp.worker.concurrency import WORTH_A_THREAD, AdaptiveLimit, ThreadPool

#: Batches on their way at once, at most.
MOST = 16

#: Seconds after which a batch under way no longer counts as one of the most: it waits for something
#: that concerns its own queue, or for a cloud that is away. Others are not to wait for it.
STUCK = 0.5

#: Seconds between looks at whether one of those under way is stuck: nobody tells.
LOOK = 0.1

#: What became of the messages for one queue: why some were not taken, by their positions; None
#: where there is no such queue.
Taken = dict[int, str] | None


class _Order:
    """What one thread has to send: how much of it is left, and what became of the rest."""

    __slots__ = ("fault", "left", "names", "taken", "turn", "waits")

    def __init__(self, parts: Mapping[str, Sequence[Outgoing]]) -> None:
        self.names = list(parts)
        self.left = sum(map(len, parts.values()))
        self.taken: dict[str, Taken] = {name: {} for name in parts}
        self.fault: Exception | None = None
        self.waits = False
        self.turn = threading.Event()

    def note(self, name: str, position: int, why: str | None, *, missing: bool) -> None:
        """Note what became of one message; None: it was taken."""
        self.left -= 1
        found = self.taken[name]
        if missing:
            self.taken[name] = None
        elif why is not None and found is not None:
            found[position] = why

    def wait(self) -> None:
        """Wait for a turn, a little."""
        self.turn.wait(LOOK)
        self.turn.clear()


class _Item(NamedTuple):
    """One message, its place among those of its order for the same queue."""

    order: _Order
    position: int
    message: Outgoing


class _Batch(NamedTuple):
    """Messages on their way to a queue."""

    name: str
    items: list[_Item]
    began: float


class Outbox:
    """Sends messages to many queues; shared by threads.

    Args:
        deliver: sends messages to a queue by its name, and tells what became of them. It may take
            long, and raises only by a fault of ours.
        name: what its threads are called by.
    """

    def __init__(self, deliver: Callable[[str, Sequence[Outgoing]], Taken], name: str) -> None:
        self._deliver = deliver
        self._limit = AdaptiveLimit(MOST)
        self._helpers = ThreadPool(MOST + 1, name)  # and one that watches
        self._called = 0  # and have not begun
        self._watched = False
        self._lock = threading.Lock()
        #: What waits for each queue, the queue that has waited longest first.
        self._waiting: dict[str, deque[_Item]] = {}
        self._going: dict[int, _Batch] = {}
        self._to: Counter[str] = Counter()

    def send(self, parts: Mapping[str, Sequence[Outgoing]]) -> dict[str, Taken]:
        """Send messages by the names of their queues; return what became of them once all are.

        Those for one queue go in their order, after what was to be sent there before.
        """
        order = _Order(parts)
        with self._lock:
            for name, messages in parts.items():
                items = (_Item(order, at, message) for at, message in enumerate(messages))
                self._waiting.setdefault(name, deque()).extend(items)
            batch = self._take_for(order)
            ready = self._ready(order.names) if batch else 0
            if ready * self._limit.seconds >= WORTH_A_THREAD:
                self._call_help(ready)
        while order.left:
            if batch is None:
                order.wait()
                with self._lock:
                    batch = self._take_for(order)
            else:
                batch = self._go(batch, order)
        if order.fault:
            raise order.fault
        return order.taken

    def _ready(self, names: Iterable[str]) -> int:
        """Return for how many of these queues something is to go now."""
        return sum(1 for name in names if self._is_ready(name))

    def _call_help(self, ready: int) -> None:
        """Have other threads send what is to go now to so many queues; the lock is held."""
        for _ in range(min(ready, self._free() - self._called)):
            self._called += 1
            self._helpers.submit(self._help)

    def _watch(self) -> None:
        """Have others send what waits while its own thread is stuck with what is to go elsewhere.

        Lasts while something waits, and looks now and then.
        """
        while True:
            time.sleep(LOOK)
            late = time.monotonic() - STUCK
            with self._lock:
                if not self._waiting:
                    self._watched = False
                    return
                if any(batch.began <= late for batch in self._going.values()):
                    self._call_help(self._ready(self._waiting))

    def _help(self) -> None:
        """Send whatever waits, while there is something and it pays."""
        with self._lock:
            self._called -= 1
            batch = self._take(self._waiting)
        while batch:
            batch = self._go(batch, None)

    def _free(self) -> int:
        """Return how many more batches may be on their way."""
        late = time.monotonic() - STUCK
        return self._limit.flood - sum(1 for one in self._going.values() if one.began > late)

    def _is_ready(self, name: str) -> bool:
        """Return whether what waits for a queue is to go now: that is not behind what goes there.

        Full batches do not wait for each other, unless the queue keeps an order.
        """
        waiting = self._waiting.get(name)
        if not waiting:
            return False
        return not self._to[name] or (len(waiting) >= BATCH and not name.endswith(FIFO))

    def _take_for(self, order: _Order) -> _Batch | None:
        """Take the next batch for an order's own thread, or note that it waits."""
        batch = self._take(order.names) if order.left else None
        order.waits = batch is None
        return batch

    def _take(self, names: Iterable[str]) -> _Batch | None:
        """Take the next batch for one of these queues, if one is to go now; the lock is held."""
        if self._free() <= 0:
            return None
        name = next(filter(self._is_ready, names), None)
        if name is None:
            return None
        waiting = self._waiting.pop(name)
        items = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
        if waiting:  # behind the others
            self._waiting[name] = waiting
        batch = _Batch(name, items, time.monotonic())
        self._going[id(batch)] = batch
        self._to[name] += 1
        if self._waiting and not self._watched:
            self._watched = True
            self._helpers.submit(self._watch)
        return batch

    def _go(self, batch: _Batch, order: _Order | None) -> _Batch | None:
        """Send a batch and note what became of it; take the next one, if one is to go now.

        An order's thread sends to the order's own queues only: what another queue waits for must
        not hold it up. Who only helps takes any.
        """
        fault = None
        taken: Taken = {}
        try:
            taken = self._deliver(batch.name, [item.message for item in batch.items])
        except Exception as error:  # noqa: BLE001 - it is raised by whose messages they are
            fault = error
        seconds = time.monotonic() - batch.began
        with self._lock:
            if taken == {} and fault is None and seconds < STUCK:
                self._limit.learn(seconds)
            self._note(batch, taken, fault)
            following = self._take_for(order) if order else self._take(self._waiting)
            self._wake()
        return following

    def _note(self, batch: _Batch, taken: Taken, fault: Exception | None) -> None:
        del self._going[id(batch)]
        self._to[batch.name] -= 1
        if not self._to[batch.name]:
            del self._to[batch.name]
        missing = taken is None
        for at, (order, position, _) in enumerate(batch.items):
            order.fault = order.fault or fault
            order.note(batch.name, position, (taken or {}).get(at), missing=missing)
            if not order.left and order.waits:
                order.turn.set()

    def _wake(self) -> None:
        """Give turns to those who wait for what may go now."""
        free = self._free()
        for name in self._waiting if free > 0 else ():
            if self._is_ready(name):
                waits = (item.order for item in self._waiting[name] if item.order.waits)
                if order := next(waits, None):
                    order.waits = False
                    order.turn.set()
                    free -= 1
            if free <= 0:
                return
