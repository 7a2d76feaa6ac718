"""Watching queues for requests of other programs, for a while: they are looked at and left there.

To look at a message is to receive it: SQS counts that, hides the message for as long, and moves it
to the dead letters after so many receives. So each is received once. Where workers take from the
queues it is let go at once, and only kept if it comes again. Else it stays hidden until a worker is
there, or the watch ends, however it does; a killed program's come back by themselves within half a
minute.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.cloud.provision import reply_queue_name
from labapp.cloud.queues import Message, Queue
from labapp.errors import CloudError, LabappError, MissingResourceError
from labapp.jobs import events, logbook, wire

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Seconds of one poll: as long it takes at most, until a watch that is ended has ended.
POLL = 1

#: Seconds for which messages are hidden; again and again, while the watch lasts. What is hidden by
#: a program that is killed comes back after them.
HIDDEN = 30

#: Foreign requests of one queue that are looked at: each may have a megabyte, and the rest of a
#: backlog is like its beginning.
MOST = 100

#: Seconds between two looks whether the watch is to end.
_STEP = 0.2

#: Seconds between two questions whether workers are there; to ask costs a few requests on AWS.
ASK_LOCALLY, ASK = 2, 10


#: What is told where workers take from the queues.
TAKEN = (
    "what they take first is not seen, and what is seen is let go at once. Stop them to see every"
    " request."
)


@dataclass(frozen=True)
class Seen:
    """A foreign request, and the queue that it waits in."""

    queue: str
    message: Message


@dataclass
class Watched:
    """A queue that is watched, and what was seen there so far.

    Attributes:
        name: its name.
        foreign: requests of other programs.
        own: requests of our own, and events of S3.
        most: after how many receives SQS moves a message away; None where it never does, or does
            not say.
        last: those that it moves at the next receive: the worker's, if it is not the watch's own.
    """

    name: str
    foreign: int = 0
    own: int = 0
    most: int | None = None
    last: int = 0


@dataclass
class _Held:
    """What one queue's thread has received and keeps hidden: receipts by the messages' ids."""

    receipts: dict[str, str] = field(default_factory=dict)
    until: float = 0.0

    def keep(self, messages: Collection[Message]) -> None:
        """Keep messages hidden that were received a moment ago."""
        if messages and not self.receipts:
            self.until = time.monotonic() + HIDDEN
        self.receipts |= {message.id: message.receipt for message in messages}

    def renew(self, queue: Queue) -> None:
        """Hide them for longer, where half of the time is over."""
        now = time.monotonic()
        if self.receipts and self.until - now < HIDDEN / 2:
            queue.hide(list(self.receipts.values()), HIDDEN)
            self.until = now + HIDDEN

    def release(self, queue: Queue) -> None:
        """Show them to others again."""
        queue.hide(list(self.receipts.values()), 0)
        self.receipts.clear()


class Watch:
    """Looks at queues until it is left; within a `with`, which shows all messages again.

    Args:
        cloud: where the queues are; one that is not there is looked for again and again.
        names: the queues.
        busy: whether workers take from the queues.
        tell: is told what a queue lacks, in a sentence.
    """

    def __init__(
        self,
        cloud: Cloud,
        names: Sequence[str],
        tell: Callable[[str], object],
        workers: Callable[[], int | None],
    ) -> None:
        self.queues = [Watched(name) for name in dict.fromkeys(names)]
        self._cloud = cloud
        self._tell = tell
        self._ask = workers
        self._busy = False
        self.workers: int | None = None
        self._found: SimpleQueue[Seen | str | LabappError] = SimpleQueue()
        self._end = Event()
        self._threads = [
            Thread(target=self._run, args=(one,), name=f"watch {one.name}") for one in self.queues
        ]

    def __enter__(self) -> Watch:
        self._ask_for_workers()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def requests(
        self,
        seconds: int,
        stopped: Callable[[], bool],
        passed: Callable[[int], object] = lambda _: None,
    ) -> Iterator[Seen]:
        """Yield each foreign request as it is seen, once.

        Args:
            seconds: for how long.
            stopped: asked again and again whether that is enough.
            passed: told of each second that is over.

        Raises:
            CloudError: a queue cannot be watched.
        """
        began, told = time.monotonic(), 0
        pause = ASK_LOCALLY if self._cloud.is_local else ASK
        while told < seconds and not stopped():
            with contextlib.suppress(Empty):
                found = self._found.get(timeout=_STEP)
                if isinstance(found, LabappError):
                    raise found
                if isinstance(found, str):
                    self._tell(found)
                else:
                    yield found
            if more := int(time.monotonic() - began) - told:
                told += more
                passed(more)
                if told % pause < more:
                    self._ask_for_workers()

    def _ask_for_workers(self) -> None:
        count = self._ask()
        if count is not None:
            self.workers = max(count, self.workers or 0)
        if count and not self._busy:
            at_work = "1 worker" if count == 1 else f"{count:,} workers"
            self._tell(f"{at_work} at work here: {TAKEN}")
        self._busy = bool(count)

    def _run(self, one: Watched) -> None:
        """Watch one queue, in a thread of its own; what it hides it shows again at the end."""
        queue, held = Queue(self._cloud, one.name), _Held()
        try:
            if self._may_look(queue, one):
                self._look(queue, one, held)
        except LabappError as error:
            self._found.put(error)
        finally:
            with contextlib.suppress(CloudError):  # they come back by themselves
                held.release(queue)

    def _may_look(self, queue: Queue, one: Watched) -> bool:
        """Wait until a queue is there; return whether one may look without harm to its messages."""
        told = False
        while not self._end.is_set():
            try:
                one.most = _most_receives(queue)
            except MissingResourceError:
                if not told:
                    self._found.put(f"{one.name} is not there yet; it is watched once it is")
                told = True
                self._end.wait(POLL)
                continue
            if one.most == 1:
                self._found.put(
                    f"{one.name} is not watched: after 1 receive SQS moves its messages to the "
                    "dead letters, and a look is one"
                )
            return one.most != 1
        return False

    def _look(self, queue: Queue, one: Watched, held: _Held) -> None:
        """Receive what comes until the end, and tell of each foreign request once."""
        known: set[str] = set()
        busy = False
        while not self._end.is_set():
            if self._busy and not busy:
                held.release(queue)
            busy = self._busy
            held.renew(queue)
            received = self._receive(queue) if one.foreign < MOST else None
            if received is None:
                self._end.wait(POLL)
                continue
            new = [message for message in received if message.id not in known]
            theirs = [message for message in new if not self._is_own(message)]
            free = {message.id for message in new} if busy else set()
            queue.hide([message.receipt for message in received if message.id in free], 0)
            held.keep([message for message in received if message.id not in free])
            known |= {message.id for message in new}
            one.foreign += len(theirs)
            one.own += len(new) - len(theirs)
            one.last += sum(message.receives == one.most for message in received)
            for message in theirs:
                self._found.put(Seen(one.name, message))
            if one.foreign >= MOST:
                self._found.put(f"{one.name}: {one.foreign} requests are looked at, and no more")

    def _receive(self, queue: Queue) -> list[Message] | None:
        """Return what comes within a poll; None where the queue was deleted meanwhile."""
        try:
            return queue.receive(wait=POLL, visibility=HIDDEN)
        except MissingResourceError:
            return None

    def _is_own(self, message: Message) -> bool:
        """Tell whether a message is a request of our own, or an event of S3."""
        try:
            request = wire.decode_request(message, self._has_queue)
        except wire.NobodyToAnswerError:  # it has our mark, and no more
            return True
        return not request.is_plain or events.read(message.body) is not None

    def _has_queue(self, client: str) -> bool:
        """Tell whether a client of labapp's is known here."""
        name = reply_queue_name(self._cloud.settings, client)
        with contextlib.suppress(CloudError):
            return Queue(self._cloud, name).exists()
        return False


def _most_receives(queue: Queue) -> int | None:
    """Return after how many receives SQS moves a queue's messages away; None where nobody knows.

    Raises:
        MissingResourceError: it is not there.
    """
    try:
        return queue.most_receives()
    except MissingResourceError:
        raise
    except CloudError:  # who may receive need not be let read a queue's attributes
        return None


def done_since(cloud: Cloud, began: float, most: int = MOST) -> int:
    """Return how many requests of other programs the logs tell of that were sent since then.

    Args:
        cloud: where the logs are.
        began: in seconds since 1970.
        most: how many logs are read, at most.
    """
    since = utc.stamp(began)
    newest = logbook.newest(Bucket(cloud), most)
    return sum(
        log.client == logbook.PLAIN
        for log in itertools.takewhile(lambda log: log.time >= since, newest)
    )
