"""Many jobs on their way at once: sent in tens, their answers taken in tens, side by side.

Its threads alone talk to the queues; what comes of it is told in one queue of events. Outages are
waited out for as long as whoever listens to these has patience; anything else ends it. A receive
that was full has others look too, so that answers are taken as fast as they come, and an idle queue
is asked by one alone.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from labapp.cloud.abilities import BATCH
from labapp.errors import CloudError, UnreachableError
from labapp.jobs.entry import Entry
from labapp.jobs.kind import JobKind
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import Request
from labapp.waits import delay

T = TypeVar("T")
R = TypeVar("R")

#: Threads that send, and threads that take answers.
SENDERS, RECEIVERS = 4, 4

#: Seconds for which a batch that is not full waits for more: who types, or a slow program, is
#: answered at once all the same.
LINGER = 0.03

#: Seconds of one look for answers.
LOOK = 5

#: Seconds for which answers gather where one look found fewer than it could take, and more than
#: another one takes are to come: a receive costs the same for one and for ten.
GATHER = 0.1

#: Seconds after which messages that were taken are deleted, also where they are no ten.
KEPT = 8.0

#: Times that a job is sent which SQS does not take, though it takes others.
TRIES = 5

#: Seconds between two attempts while SQS cannot be reached, at first and at most.
FIRST, MOST = 0.5, 5.0

#: Seconds that the end waits for the threads: one may be in the middle of a look.
END = 0.2


@dataclass(frozen=True)
class Parcel(Generic[T]):
    """One job to be sent.

    Attributes:
        request: its request.
        thing: what whoever sends it knows it by.
        is_written: whether it is written down already, so that it is asked for once more.
    """

    request: Request
    thing: T
    is_written: bool = False


@dataclass(frozen=True)
class Unsent(Generic[T]):
    """SQS did not take these, though it takes others."""

    parcels: Sequence[Parcel[T]]


@dataclass(frozen=True)
class Answered:
    """These are answered, whoever has sent them."""

    entries: Sequence[Entry]


@dataclass(frozen=True)
class Ended:
    """Something failed in a way that no waiting mends."""

    error: BaseException


class Flow(Generic[T]):
    """Sends jobs of a kind and takes their answers, as a context manager.

    Args:
        session: who is answered.
        kind: the kind of the jobs.
        write_down: writes jobs into the ledger before they are sent.
        note_sent: is told of those that SQS took; both are called in the threads that send.
        look: seconds of one look for answers, at most.
    """

    def __init__(
        self,
        session: ClientSession,
        kind: JobKind,
        write_down: Callable[[Sequence[Parcel[T]]], object],
        note_sent: Callable[[Sequence[Parcel[T]]], object],
        look: int = LOOK,
    ) -> None:
        self._session = session
        self._kind = kind
        self._write_down, self._note_sent = write_down, note_sent
        self._wait = look
        #: What comes of it, in order.
        self.events: SimpleQueue[object] = SimpleQueue()
        self._parcels: SimpleQueue[Parcel[T] | None] = SimpleQueue()
        self._gathering = threading.Lock()
        #: The jobs that are sent and not answered.
        self._awaited: set[str] = set()
        self._changed = threading.Condition()
        #: Receives that were full, and so have others look too.
        self._full = threading.Semaphore(0)
        self._receipts: list[str] = []
        self._oldest = 0.0
        self._letting_go = threading.Lock()
        self._over = threading.Event()
        works: list[Callable[[], object]] = [
            *[self._send] * SENDERS,
            self._receive,
            *[self._help] * (RECEIVERS - 1),
        ]
        self._threads = [
            threading.Thread(target=self.safely, args=[work], name="flow", daemon=True)
            for work in works
        ]
        #: When something last went well, and looks that are over.
        self.heard, self.looks = time.monotonic(), 0
        #: Why the cloud could not be reached when last asked; empty where it could.
        self.trouble = ""

    def __enter__(self) -> Flow[T]:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._parcels.put(None)
        for _ in self._threads:
            self._full.release()
        with self._changed:
            self._changed.notify_all()
        until = time.monotonic() + END
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if not self.trouble:
            with contextlib.suppress(CloudError):
                self._let_go(whole=True)

    def put(self, parcel: Parcel[T]) -> None:
        """Have a job sent, with others or, after a moment, alone."""
        self._parcels.put(parcel)

    def await_all(self, jobs: Iterable[str]) -> None:
        """Wait for the answers of jobs that were sent before."""
        with self._changed:
            self._awaited.update(jobs)
            self._changed.notify_all()

    def give_up(self, jobs: Iterable[str]) -> None:
        """Wait for these no longer."""
        with self._changed:
            self._awaited.difference_update(jobs)

    @property
    def awaited(self) -> int:
        """How many jobs are sent and not answered."""
        return len(self._awaited)

    def answered(self, entries: Sequence[Entry]) -> None:
        """Tell of jobs that are answered already."""
        self.events.put(Answered(entries))

    def event(self, seconds: float) -> object:
        """Return the next event; None if there is none in so many seconds.

        It is one of those above, or what else was put there.
        """
        try:
            return self.events.get(timeout=seconds) if seconds else self.events.get_nowait()
        except Empty:
            return None

    def safely(self, work: Callable[[], object]) -> None:
        """Do something in a thread; what it raises ends the flow."""
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by who listens
            if not self._over.is_set():
                self._over.set()
                self.events.put(Ended(error))

    def _send(self) -> None:
        while (parcels := self._gather()) and not self._over.is_set():
            new = [one for one in parcels if not one.is_written]
            if new:
                self._write_down(new)
            tries = 0
            while parcels and not self._over.is_set():
                failed = self._persistently(partial(self._put, parcels))
                parcels = [parcels[place] for place in failed or ()]
                tries += 1
                if parcels and tries == TRIES:
                    self.give_up(one.request.job for one in parcels)
                    self.events.put(Unsent(parcels))
                    parcels = []
                elif parcels:
                    self._over.wait(delay(tries, FIRST, MOST))

    def _put(self, parcels: Sequence[Parcel[T]]) -> list[int]:
        self.await_all(one.request.job for one in parcels)  # an answer may be quicker than SQS
        failed = self._session.put(self._kind, [one.request for one in parcels])
        if sent := [one for place, one in enumerate(parcels) if place not in failed]:
            self.heard = time.monotonic()
            self._note_sent(sent)
        return failed

    def _gather(self) -> list[Parcel[T]]:
        """Return what is to be sent together, ten at most; nothing at the end."""
        with self._gathering:
            parcels: list[Parcel[T]] = []
            until = 0.0
            while len(parcels) < BATCH:
                try:
                    left = max(0.0, until - time.monotonic()) if parcels else None
                    one = self._parcels.get(timeout=left)
                except Empty:
                    break
                if one is None:
                    self._parcels.put(None)  # for the others
                    break
                parcels.append(one)
                until = until or time.monotonic() + LINGER
            return parcels

    def _receive(self) -> None:
        while not self._over.is_set():
            with self._changed:
                while not (self._awaited or self._over.is_set()):
                    self._changed.wait()
            if self._over.is_set():
                return
            came = self._persistently(lambda: self._take(self._wait))
            if came and came < BATCH < self.awaited:
                self._over.wait(GATHER)

    def _help(self) -> None:
        while not self._over.is_set():
            self._full.acquire()
            while not self._over.is_set() and self._awaited:
                if self._persistently(lambda: self._take(None)) != BATCH:
                    break

    def _take(self, wait: int | None) -> int:
        """Take answers once; return how many messages came."""
        entries, receipts = self._session.take(wait)
        self.looks += 1
        if entries:
            with self._changed:
                self._awaited.difference_update(entry.job for entry in entries)
            self.heard = time.monotonic()
            self.events.put(Answered(entries))
        if len(receipts) == BATCH and len(self._awaited) > BATCH:
            self._full.release()
        with self._letting_go:
            self._oldest = self._oldest if self._receipts else time.monotonic()
            self._receipts += receipts
        self._let_go(whole=not receipts or time.monotonic() - self._oldest > KEPT)
        return len(receipts)

    def _let_go(self, *, whole: bool) -> None:
        """Delete the messages of answers: where they make ten, or all that are left if `whole`."""
        while True:
            with self._letting_go:
                part = self._receipts[:BATCH]
                if not part or not (whole or len(part) == BATCH):
                    return
                del self._receipts[: len(part)]
            self._session.let_go(part)

    def _persistently(self, act: Callable[[], R]) -> R | None:
        """Do something until the cloud can be reached for it; None where it is over before."""
        attempt = 0
        while not self._over.is_set():
            try:
                done = act()
            except UnreachableError as error:
                self.trouble = error.message
                attempt += 1
                self._over.wait(delay(attempt, FIRST, MOST))
                with contextlib.suppress(CloudError):  # the local cloud may be elsewhere by now
                    self._session.cloud.refresh()
            else:
                self.trouble = ""
                return done
        return None
