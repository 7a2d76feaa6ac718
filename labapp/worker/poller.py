"""Receive the messages of one queue, no more than there are free threads, and hand them out.

Only the poller's thread waits for messages. While there is a backlog, others poll beside it,
without waiting: one poll at a time brings at most ten messages a round trip. No poll is ever broken
off: a message handed out to a connection that is gone would stay hidden for its whole visibility
timeout. So a stop may have to wait for the present poll to end.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from operator import itemgetter

from labapp.cloud.abilities import BATCH
from labapp.cloud.queue_names import FIFO
from labapp.cloud.queues import Message
from labapp.errors import CloudError, MissingResourceError
from labapp.jobs.wire import CLIENT, is_client_id, is_marked, is_well_formed
from labapp.worker.concurrency import ASKING, WORTH_A_THREAD, AdaptiveLimit, Recently, ThreadPool
from labapp.worker.gathering import Gathering
from labapp.worker.outages import StoppingError
from labapp.worker.processor import Processor
from labapp.worker.replies import Outcome

log = logging.getLogger(__name__)

#: The part of the threads that stays in use at most while one client's flood holds most of them and
#: others ask too: each job that is in flight already is one that the others' next job waits for.
FLOODED = 1 / 6

#: Clients remembered of whom nobody was there to be answered.
MOST_ABSENT = 1_000

#: Seconds between looks at whether what is refused lets the queue be received again.
REFUSED_WAIT = 0.2

#: What it is called where it is refused.
RECEIVING = "receive messages"

#: Batches of quick jobs in hand at once, at most. Each waits for the network four times, so with
#: 10 ms a request eight of them are worth 1,800 jobs a second; on one machine three would do.
LANES = 12

#: Polls beside the poller's own at once, at most, where each takes its time on the network.
HELPERS = 3

#: Seconds of a poll when the worker should end once the queue is empty.
SHORT_WAIT = 1


class Poller:
    """Feeds the processor of one queue.

    Args:
        processor: where the messages go.
        paused: while set, no new poll begins.
        wait: seconds of a long poll.
    """

    def __init__(self, processor: Processor, paused: threading.Event, wait: int) -> None:
        self.processor = processor
        self._queue = processor.queue
        self._refusals = processor.refusals
        self._outages = processor.outages
        self._stats = self._outages.stats
        self._stop = self._outages.stop
        self._steps = processor.steps
        self._paused = paused
        self._wait = wait
        #: Messages received and not yet settled.
        self.in_flight = 0
        self._clients: Counter[str] = Counter()
        self._claimed = 0
        # Until when others than the flood are seen, and until when they are known to ask: answered.
        self._seen_until = 0.0
        self._asking_until = 0.0
        self._absent = Recently(MOST_ABSENT)
        self._helping = 0
        self._polls = 0
        self._batches = 0
        self._freed = threading.Condition()
        most = processor.handler.concurrency
        self.limit = AdaptiveLimit(max(BATCH, round(most * FLOODED)))
        self._gathering = Gathering(self.settle)
        self._threads = ThreadPool(most, f"{processor.handler.kind.name}-job")
        #: Whether the queue is not there, and a lab's client is to make it.
        self.is_awaiting = False
        #: Empty polls in a row: how the engine sees that a queue is idle.
        self.empty_polls = 0

    def run(self) -> None:
        """Poll until told to stop: the body of the poller's thread."""
        with contextlib.suppress(StoppingError):
            self._wait_for_queue()
            self.processor.wait_for_rights()
        while not self._stop.is_set():
            if self.is_awaiting:
                with contextlib.suppress(StoppingError):
                    self._wait_for_queue()
            elif self._paused.is_set():
                self._stop.wait(0.2)
                continue
            if most := self._refusals.may_receive(self._queue.name, BATCH):
                self._poll(self._wait if most == BATCH else 0, most)
            else:
                self._stop.wait(REFUSED_WAIT)

    def _wait_for_queue(self) -> None:
        self.is_awaiting = not self.processor.arrival.is_there()
        self.processor.arrival.wait()
        self.is_awaiting = False

    def drain(self, until: float) -> bool:
        """Wait until the monotonic time `until` for the jobs in flight; tell whether all ended."""
        with self._freed:
            return self._freed.wait_for(
                lambda: self.in_flight == 0 and not self._helping,
                max(0.0, until - time.monotonic()),
            )

    @property
    def is_polling(self) -> bool:
        """Whether a poll is open: it would receive at once what is handed back now."""
        return self._polls > 0

    def close(self) -> None:
        """Let the threads go; those at work are not waited for."""
        self._threads.close()

    def _claim(self, wanted: int) -> int:
        """Wait a little for free threads; return how many were found, which are claimed now."""
        if self._steps.most:
            return self._claim_hand()
        quick, most = self.processor.handler.quick, self.processor.handler.hands
        present = time.monotonic()
        if quick and present < max(self._asking_until, self._seen_until):
            most = min(most, self.limit.most)
        # Where jobs take long, one will do; of many hands more are waited for, for a while.
        needed = min(wanted, most) if quick or most >= 2 * BATCH else 1
        if quick and present < self._asking_until:
            most = min(most, self.limit.flood)
            needed = min(wanted, max(1, most // 2))  # the others' next job waits for the next poll
        # Batches that wait for what is refused do not keep one message from being tried.
        lanes = LANES if quick and wanted == BATCH else most

        def are_free() -> bool:
            return most - self._claimed >= needed and self._batches < lanes

        with self._freed:
            found = self._freed.wait_for(are_free, 0.2)
            if not found and (quick or self._claimed >= most):
                return 0
            claimed = min(wanted, most - self._claimed)
            self._claimed += claimed
        return claimed

    def _claim_hand(self) -> int:
        """Wait a little for the one hand of all queues; return whether it was found."""
        claimed = int(self._steps.takes(self._queue.name))
        with self._freed:
            self._claimed += claimed
        return claimed

    def release(self, threads: int) -> None:
        """Give claimed threads back."""
        if threads and self._steps.most:
            self._steps.gives_back()
        with self._freed:
            self._claimed -= threads
            self._freed.notify_all()

    def _poll(self, wait: int, most: int = BATCH) -> int:
        """Receive what there are free threads for, and hand it out; return how many came."""
        claimed = self._claim(most)
        if not claimed:
            if most < BATCH:
                self._refusals.give_way(self._queue.name)
            else:  # that all threads are at work is health too
                self._stats.note_polled(self._queue.name)
            return 0
        messages: list[Message] = []
        began = time.monotonic()
        self._count_poll(1)  # before it looks whether it may: who stops sees the one or the other
        try:
            if not self._is_halted:  # while it waited for a free thread
                messages = self._receive(claimed, wait)
        finally:
            self._count_poll(-1)
            self.release(claimed - len(messages))
        if messages and self._is_halted:
            try:
                # They came with the poll that was open.
                self.processor.hand_back([message.receipt for message in messages])
            finally:
                self.release(len(messages))
        elif messages:
            self._hand_out(messages)
            if len(messages) == BATCH:
                self._ask_for_help(time.monotonic() - began)
        return len(messages)

    def _count_poll(self, change: int) -> None:
        with self._freed:
            self._polls += change

    def _ask_for_help(self, seconds: float) -> None:
        """Have others poll too, after a poll that brought a full batch and took so long."""
        most = HELPERS if seconds > WORTH_A_THREAD else 1
        with self._freed:
            is_wanted = self._helping < most
            self._helping += is_wanted
        if is_wanted:
            self._threads.submit(self._help)

    def _help(self) -> None:
        """Poll beside the poller, while there are threads for it and batches are full.

        A poll waits for nothing here, so an idle queue is asked no more often than without.
        """
        try:
            while self._may_help() and self._poll(0) == BATCH:
                pass
        finally:
            with self._freed:
                self._helping -= 1
                self._freed.notify_all()

    def _may_help(self) -> bool:
        return not (self._is_halted or self._refusals.is_refused(self._queue.name))

    @property
    def _is_halted(self) -> bool:
        return self._stop.is_set() or self._paused.is_set()

    def _receive(self, most: int, wait: int) -> list[Message]:
        began = time.monotonic()

        def receive() -> list[Message]:
            nonlocal began
            began = time.monotonic()
            waits = 0 if self._outages.is_down else wait
            try:
                return self._queue.receive(most, waits, self.processor.lease.visibility)
            except MissingResourceError:
                if not self.processor.arrival.is_awaited:
                    raise
                self._queue.forget()
                self.is_awaiting = True
                return []

        try:
            messages = self._outages.call(receive)
        except StoppingError:
            return []
        except CloudError as error:
            self._refusals.note_refused(self._queue.name, RECEIVING, error)
            return []
        self._refusals.note_passed(self._queue.name, RECEIVING)
        self._stats.note_polled(self._queue.name)
        if messages:
            self.empty_polls = 0
        elif wait:
            self.empty_polls += 1
        # A long poll hands out late: count the visibility timeout from the end of a poll that
        # waited, less the time a full second of network may have taken.
        self.processor.lease.add(messages, max(began, time.monotonic() - 1.0))
        if messages:
            self.processor.lease.try_again()
        return messages

    def _hand_out(self, messages: list[Message]) -> None:
        self._count_in_flight(messages, 1)
        if not self.processor.handler.quick:
            for message in messages:
                self._threads.submit(partial(self._do_alone, message))
            return
        for part, others in self._shares(messages):
            size = len(part)
            # Of a FIFO queue they are answered in their order, so one thread does them all.
            if self.limit.seconds > 0 and not self._queue.name.endswith(FIFO):
                size = min(size, max(1, int(WORTH_A_THREAD / self.limit.seconds)))
            batch = _Batch(self, len(part), others=others)
            with self._freed:
                self._batches += 1
            for start in range(0, len(part), size):
                self._threads.submit(partial(batch.work, part[start : start + size]))

    def _do_alone(self, message: Message) -> None:
        """Do a job that waits for no other, and settle it with those that are done meanwhile."""
        self._gathering.add(self.processor.outcome(message))

    def _shares(self, messages: list[Message]) -> list[tuple[list[Message], bool]]:
        """Part the others, who go first, from the client that holds most of what is in flight.

        Else a single job would wait for the flood that it was received with to be answered. It
        costs those few one deletion more; among many equals nobody holds most, and nothing. Whom
        nobody can answer, or could not of late, waits for no answer.
        """
        with self._freed:
            client, most = max(self._clients.items(), key=itemgetter(1))
            if 2 * most <= self.in_flight or not self._waits(client):
                return [(messages, False)]
        others = [m for m in messages if _client(m) != client and self._waits(_client(m))]
        if not others:
            return [(messages, False)]
        self._seen_until = time.monotonic() + ASKING
        flood = [m for m in messages if _client(m) == client or not self._waits(_client(m))]
        return [(others, True), (flood, False)] if flood else [(others, True)]

    def _waits(self, client: str) -> bool:
        """Return whether a client may be waiting for its answers: it can be given some."""
        return (not client or is_client_id(client)) and client not in self._absent

    def settle(
        self, outcomes: Sequence[Outcome], worked: float = 0.0, *, others: bool = False
    ) -> None:
        """Log and settle a batch and free its thread, whatever comes.

        Args:
            outcomes: of its messages.
            worked: seconds that each was worked on.
            others: whether they share the threads with a flood.
        """
        began = time.perf_counter()
        messages = [outcome.message for outcome in outcomes]
        try:
            outcomes = self.processor.log(outcomes)
            if all(outcome.is_done for outcome in outcomes):
                self.limit.learn(worked, time.perf_counter() - began)
            settled = self.processor.settle(outcomes)
            self._absent.add(_client(o.message) for o in settled if o.untold)
            if others and any(o.is_to_be_answered and not o.untold for o in settled):
                self._asking_until = time.monotonic() + ASKING
            elif others:
                self._seen_until = 0.0
        except Exception:
            log.exception("a batch is handed back", extra={"event": "fault"})
            self.processor.hand_back([message.receipt for message in messages])
        finally:
            self._count_in_flight(messages, -1)
            self.release(1 if self.processor.handler.quick else len(messages))

    def _count_in_flight(self, messages: Sequence[Message], change: int) -> None:
        with self._freed:
            self.in_flight += change * len(messages)
            for message in messages:
                client = _client(message)
                self._clients[client] += change
                if not self._clients[client]:
                    del self._clients[client]
            if change < 0 and self._batches:  # of quick jobs
                self._batches -= 1
            self._freed.notify_all()
        if change > 0:
            kind = self.processor.handler.kind.name
            self._stats.in_hand.take(messages, self._queue.name, kind)
        else:
            self._stats.in_hand.drop(messages)


class _Batch:
    """Messages that are settled together, once the last of them is done."""

    def __init__(self, poller: Poller, size: int, *, others: bool = False) -> None:
        self._poller = poller
        self._others = others
        self._size = size
        self._outcomes: list[Outcome] = []
        self._lock = threading.Lock()

    def work(self, messages: Sequence[Message]) -> None:
        processor, began = self._poller.processor, time.perf_counter()
        outcomes = [processor.outcome(message) for message in messages]
        worked = (time.perf_counter() - began) / len(messages)
        with self._lock:
            self._outcomes += outcomes
            complete = len(self._outcomes) == self._size
        # Only the thread that stores and settles the batch stays claimed. This and the help at
        # polling took a worker from 480 to 815 jobs a second with 10 ms added to every request.
        self._poller.release(len(messages) - complete)
        if complete:
            self._poller.settle(self._outcomes, worked, others=self._others)


def _client(message: Message) -> str:
    """Return whose message this is, as it says itself; plain clients are one together."""
    return (
        message.attributes.get(CLIENT, "") if is_marked(message) or is_well_formed(message) else ""
    )
