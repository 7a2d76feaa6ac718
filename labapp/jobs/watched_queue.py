"""One queue that is watched for requests of other programs: looked at, and left as it was.

To look at a message is to receive it: SQS counts that, hides the message for as long, and moves it
to the dead letters after so many receives. So each is received once, and stays hidden until the
watch ends, or a worker is there. Where workers take from the queue it is let go at once; what comes
again, as they do not get to it, is looked for more and more seldom, and kept from its third time
on. What a killed program hides comes back within half a minute.

The look that is the last that a queue allows would send a message to the dead letters at the next
receive. So it is not shown again but sent anew as it came, and then deleted; where that would lose
something of it, or may not be done, it is left as it is, and counted.
"""

from __future__ import annotations

import contextlib
import difflib
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from labapp.cloud.provision import reply_queue_name
from labapp.cloud.queues import Message, Queue, names
from labapp.errors import CloudError, MissingResourceError
from labapp.jobs import events, letters, wire

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

#: What is told of a queue that is not there.
MADE = (
    "it is watched once the client has made it, or you, as by 'aws sqs create-queue', or 'admin.py "
    "cloud up' with a dialect that names it"
)

#: How like another name has to be to be told of, from 0 to 1.
_NEAR = 0.75

#: How often a message is let go to the workers that are there.
LET_GO = 2

#: Seconds for which workers have the queue for themselves after a look: the first, and the most.
PAUSE, LONGEST = 1.0, 16.0


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
        receives: how often the message was received that was so most often, this time included.
        anew: those sent anew, as the watch's receive was the last that the queue allows.
        last: those likewise that could not be, which it moves at the next receive.
    """

    name: str
    foreign: int = 0
    own: int = 0
    most: int | None = None
    receives: int = 0
    anew: int = 0
    last: int = 0


class QueueWatch:
    """Watches one queue until it is to end; what it keeps hidden it shows again then.

    Args:
        cloud: where the queue is; one that is not there is looked for again and again.
        one: is given what is counted.
        found: is told of each foreign request once, or in a sentence of what is in the way.
        end: set when it is to end.
        busy: set while workers take from the queue.
    """

    def __init__(
        self,
        cloud: Cloud,
        one: Watched,
        found: Callable[[Seen | str], object],
        end: Event,
        busy: Event,
    ) -> None:
        self._cloud = cloud
        self._queue = Queue(cloud, one.name)
        self._one = one
        self._found = found
        self._end = end
        self._busy = busy
        #: How often each message was looked at, by its id.
        self._looks: Counter[str] = Counter()
        #: The receipts of those that are kept hidden, by their ids, and until when they are.
        self._kept: dict[str, str] = {}
        self._until = 0.0
        #: Of those the ones whose last receive was this watch's.
        self._spent: dict[str, Message] = {}

    def run(self) -> None:
        """Watch until it is to end.

        Raises:
            CloudError: the queue cannot be watched.
        """
        try:
            if self._may_look():
                self._watch()
        finally:
            with contextlib.suppress(CloudError):  # they come back by themselves
                self._release()

    def _may_look(self) -> bool:
        """Wait until the queue is there; return whether one may look without harm to it."""
        one, told = self._one, False
        while not self._end.is_set():
            try:
                one.most = _most_receives(self._queue)
            except MissingResourceError:
                if not told:
                    meant = self._meant()
                    self._found(f"{one.name} is not there yet{meant}: {MADE}")
                told = True
                self._end.wait(POLL)
                continue
            if one.most == 1:
                self._found(
                    f"{one.name} is not watched: after 1 receive SQS moves its messages to the "
                    "dead letters, and a look is one"
                )
            return one.most != 1
        return False

    def _meant(self) -> str:
        """Return which queue may have been meant, in brackets; empty where none is like it."""
        with contextlib.suppress(CloudError):
            for near in difflib.get_close_matches(self._one.name, names(self._cloud), 1, _NEAR):
                return f" (is it {near}?)"
        return ""

    def _watch(self) -> None:
        pause, was_busy = PAUSE, False
        while not self._end.is_set():
            busy = self._busy.is_set()
            if busy and not was_busy:
                self._release()
                self._end.wait(PAUSE)
            was_busy = busy
            self._renew()
            received = self._receive() if self._one.foreign < MOST else None
            if received is None:
                self._end.wait(POLL)
                continue
            new = self._look(received, busy=busy)
            if busy and received:
                pause = PAUSE if new else min(2 * pause, LONGEST)
                self._end.wait(pause)

    def _receive(self) -> list[Message] | None:
        """Return what comes within a poll; None where the queue was deleted meanwhile."""
        try:
            return self._queue.receive(wait=POLL, visibility=HIDDEN)
        except MissingResourceError:
            return None

    def _look(self, received: list[Message], *, busy: bool) -> bool:
        """Tell of messages, and let them go or keep them; return whether any is new."""
        one = self._one
        new = [message for message in received if not self._looks[message.id]]
        self._looks.update(message.id for message in received)
        free = {each.id for each in received if busy and self._looks[each.id] <= LET_GO}
        self._spent |= {each.id: each for each in received if each.receives == one.most}
        self._show({each.id: each.receipt for each in received if each.id in free})
        self._keep({each.id: each.receipt for each in received if each.id not in free})
        theirs = [message for message in new if not self._is_own(message)]
        before = one.foreign
        one.foreign += len(theirs)
        one.own += len(new) - len(theirs)
        one.receives = max([one.receives, *(message.receives for message in received)])
        for message in theirs:
            self._found(Seen(one.name, message))
        if before < MOST <= one.foreign:
            self._found(f"{one.name}: {one.foreign} requests are looked at, and no more")
        return bool(new)

    def _keep(self, receipts: dict[str, str]) -> None:
        """Keep messages hidden that were received a moment ago."""
        if receipts and not self._kept:
            self._until = time.monotonic() + HIDDEN
        self._kept |= receipts

    def _renew(self) -> None:
        """Hide for longer what is kept, where half of the time is over."""
        now = time.monotonic()
        if self._kept and self._until - now < HIDDEN / 2:
            self._queue.hide(list(self._kept.values()), HIDDEN)
            self._until = now + HIDDEN

    def _release(self) -> None:
        """Show what is kept to others again."""
        self._show(self._kept)
        self._kept.clear()

    def _show(self, receipts: Mapping[str, str]) -> None:
        """Show messages to others again; those that were received too often are sent anew."""
        hidden = [receipt for id, receipt in receipts.items() if not self._is_sent_anew(id)]
        self._queue.hide(hidden, 0)

    def _is_sent_anew(self, id: str) -> bool:
        """Send a message anew, if its last receive was ours, and delete it; tell whether it was."""
        if not (message := self._spent.pop(id, None)):
            return False
        if not (anew := letters.again(message)):
            self._one.last += 1
            return False
        try:
            self._queue.try_deletion()  # else it would be there twice
            self._looks[self._queue.send(anew)] = LET_GO
        except CloudError:
            self._one.last += 1
            return False
        self._one.anew += 1
        self._queue.delete([message.receipt])
        return True

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
