"""Dead letters: what could not be done, looked at, sent back, or thrown away.

Neither the emulators nor older regions have SQS's own redrive of messages, so it is receive, send,
delete. Killed between the last two, a message is in both queues: it is done again, which does no
harm, and nothing is lost.
"""

from __future__ import annotations

import contextlib
import fnmatch
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from labapp.cloud import queues
from labapp.cloud.queue_names import dead_letters_of, source_of
from labapp.cloud.queues import Message, Outgoing, Queue
from labapp.errors import CloudError
from labapp.jobs import attributes, lab_queues, letters
from labapp.jobs.attributes import REDRIVEN
from labapp.jobs.wire import CLIENT, JOB
from labapp.message_attribute import Attribute

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Why a message is dead that the worker never put aside: SQS moved it.
BY_SQS = "received too often without an answer: its workers died, or never finished it"

#: Seconds for which they are hidden from other admins while they are looked at or sent back.
LOOK = 30


@dataclass(frozen=True)
class DeadLetter:
    """One dead letter.

    Attributes:
        queue: the queue that it came from.
        id: the id that SQS gave the message.
        body: what was asked.
        job: the job's id; empty for a plain client's.
        client: who asked; empty for a plain client.
        reason: why it is dead.
        receives: how often it was received while it was alive.
        first: when it was first sent, in seconds since 1970.
        last: when it became a dead letter.
        attributes: what it came with beside job and client, of any type; never what proves a job.
    """

    queue: str
    id: str
    body: str
    job: str
    client: str
    reason: str
    receives: int
    first: float
    last: float
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


#: Messages that are looked at, at most: more than SQS lets be in flight in one queue (120,000).
MOST = 130_000


def look(queue: Queue, most: int = MOST) -> list[DeadLetter]:
    """Return what lies in a dead-letter queue, oldest first; it stays there.

    Raises:
        CloudError: the queue cannot be read.
    """
    messages = [message for batch in _take(queue, most) for message in batch]
    queue.hide([message.receipt for message in messages], 0)
    moved_at = _moved_at(queue) if any(not letters.read(one).receives for one in messages) else 0
    found = (_dead_letter(queue, message, moved_at) for message in messages)
    return sorted(found, key=lambda one: one.last)[:most]


def look_at_all(cloud: Cloud, name: str, most: int) -> list[DeadLetter]:
    """Return the dead letters, of each queue `most` at most, of one queue or of all of the lab's.

    `name` is the one that is meant, or its dead-letter queue; empty: all.
    """
    if name:
        found = [queues_of(cloud, name)[0]]
    else:
        present = set(queues.names(cloud))
        lab = [dead_letters_of(one) for one in lab_queues.names(cloud.settings)]
        found = [Queue(cloud, one) for one in lab if one in present]
    with ThreadPoolExecutor() as pool:  # each look takes a second to be sure that it saw all
        return list(chain.from_iterable(pool.map(lambda queue: look(queue, most), found)))


def queues_of(cloud: Cloud, name: str) -> tuple[Queue, Queue]:
    """Return a dead-letter queue and the queue that it belongs to, whichever of them is named."""
    source = source_of(name)
    return Queue(cloud, dead_letters_of(source)), Queue(cloud, source)


def is_for(one: DeadLetter, reason: str) -> bool:
    """Tell whether a dead letter is dead for a reason, whatever it is where that is empty.

    It may be a part of it, in either case; or a pattern for all of it, with `*`, `?` or `[…]`.
    """
    wanted, told = reason.casefold(), one.reason.casefold()
    return wanted in told or fnmatch.fnmatchcase(told, wanted)


def redrive(
    dead: Queue, source: Queue, ids: Collection[str] = (), reason: str = "", *, dry: bool = False
) -> Iterator[DeadLetter]:
    """Send dead letters back to the queue they came from.

    Args:
        dead: the dead-letter queue.
        source: the queue that its messages came from.
        ids: the messages to send back; empty: all that lie there now.
        reason: only those that are dead for it (see `is_for`).
        dry: only say which: they stay dead.

    Yields:
        Each, once it is back and no longer dead.

    Raises:
        CloudError: one cannot be sent or deleted; what was not yielded is still dead.
    """
    run = secrets.token_hex(4)
    unmarked: list[Outgoing] = []

    def is_back(message: Message) -> bool:
        """Tell whether it was sent back already: it may be dead again at once, for ever."""
        if message.attributes.get(REDRIVEN) == run:
            return True
        return bool(unmarked) and letters.message_back(message, run) in unmarked

    for message in _receive_chosen(dead, ids, reason, is_back, dry=dry):
        if not dry:
            back = letters.message_back(message, run)
            if back.attributes.get(REDRIVEN) != run:
                unmarked.append(back)
            source.send(back)
            dead.delete([message.receipt])
        yield _dead_letter(dead, message)


def discard(
    dead: Queue, ids: Collection[str] = (), reason: str = "", *, dry: bool = False
) -> Iterator[DeadLetter]:
    """Delete dead letters for good; arguments, results and errors as for `redrive`."""
    for message in _receive_chosen(dead, ids, reason, dry=dry):
        if not dry:
            dead.delete([message.receipt])
        yield _dead_letter(dead, message)


def settle(cloud: Cloud, meant: Iterable[DeadLetter], *, back: bool) -> int:
    """Send dead letters back to their queues, or delete them; return how many were still there."""
    ids: dict[str, list[str]] = {}
    for one in meant:
        ids.setdefault(one.queue, []).append(one.id)
    count = 0
    for name, these in ids.items():
        dead, source = queues_of(cloud, name)
        count += sum(1 for _ in (redrive(dead, source, these) if back else discard(dead, these)))
    return count


def _receive_chosen(
    dead: Queue,
    ids: Collection[str],
    reason: str,
    is_left: Callable[[Message], bool] = lambda message: False,
    *,
    dry: bool,
) -> Iterator[Message]:
    """Yield the messages to act on; all others that were received are shown again at the end.

    In a dry run these are all. Where no ids are given, what `is_left` tells of is left.
    """
    held: dict[str, str] = {}
    wanted = set(ids)
    try:
        for messages in _take(dead, MOST):
            held |= {message.id: message.receipt for message in messages}
            for message in messages:
                if message.id not in wanted if ids else is_left(message):
                    continue
                if not is_for(_dead_letter(dead, message), reason):
                    continue
                yield message
                if not dry:
                    del held[message.id]  # the caller asked for the next one: this one is settled
                wanted.discard(message.id)
            if ids and not wanted:
                return
    finally:
        dead.hide(list(held.values()), 0)


def _take(queue: Queue, most: int) -> Iterator[list[Message]]:
    """Yield messages as they are received, each once, until none are left or they come back."""
    seen: set[str] = set()
    while len(seen) < most:
        received = queue.receive(wait=queue.sure, visibility=LOOK)
        fresh = [message for message in received if message.id not in seen]
        if not fresh:
            return
        seen |= {message.id for message in fresh}
        yield fresh


def _moved_at(queue: Queue) -> int:
    """Return after how many receives SQS moves a message to a dead-letter queue."""
    with contextlib.suppress(CloudError):  # the settings tell of those that labapp made
        if most := Queue(queue.cloud, source_of(queue.name)).most_receives():
            return most
    return queue.cloud.settings.max_receives


def _dead_letter(queue: Queue, message: Message, moved_at: int = 0) -> DeadLetter:
    """Return what a message among dead letters is.

    SQS goes on counting where it moved one: each look at it is a receive. So what nobody has
    written down was as often as SQS let it be, `moved_at`, at most.
    """
    letter, told = letters.read(message), message.attributes
    receives = min(message.receives, moved_at or queue.cloud.settings.max_receives)
    return DeadLetter(
        source_of(queue.name),
        message.id,
        message.body,
        told.get(JOB, ""),
        told.get(CLIENT, ""),
        letter.reason or BY_SQS,
        int(number_in(letter.receives, receives)),
        number_in(letter.sent, message.sent_at),
        message.sent_at,
        attributes.shown(letter.came),
    )


def number_in(text: str, otherwise: float) -> float:
    """Return what an attribute says, which anybody may have written."""
    with contextlib.suppress(ValueError):
        if 0 <= (value := float(text)) < 1e11:
            return value
    return otherwise
