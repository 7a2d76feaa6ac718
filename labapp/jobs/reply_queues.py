"""Reply queues of clients that are gone: which they are, by what SQS tells of them, and their end.

SQS does not tell when a queue was last used. So one is taken for left behind only if it is empty,
was made long ago, is none of this machine's own, and no job is under way that its client may wait
for. A client that comes back makes its queue anew; what is answered in between is in the log.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from labapp import utc
from labapp.cloud import queues
from labapp.cloud.provision import reply_queue_name
from labapp.cloud.queue_names import dead_letters_of, is_of_dead_letters, source_of
from labapp.cloud.queues import Counts, Queue
from labapp.errors import CloudError, MissingResourceError
from labapp.jobs import lab_queues, slots
from labapp.jobs.dead_letters import number_in
from labapp.jobs.session import has_ledger, open_ledger
from labapp.jobs.wire import is_client_id, quoted

if TYPE_CHECKING:
    from types_boto3_sqs.literals import QueueAttributeNameType

    from labapp.cloud.session import Cloud

#: Days after which an empty queue counts as left behind: a client that was away for longer waits
#: for nothing, as SQS keeps an answer for four.
OLD_DAYS = 30.0

#: Seconds of a day.
DAY = 24 * 3600.0

#: What SQS tells of a queue's age: when it was made, and when its attributes were changed.
_TIMES: tuple[QueueAttributeNameType, ...] = ("CreatedTimestamp", "LastModifiedTimestamp")
_REDRIVE: QueueAttributeNameType = "RedrivePolicy"

#: Queues that are looked at, or deleted, side by side.
AT_ONCE = 8

#: Characters of a name that an error repeats; those of SQS have 80 at most.
MOST_NAME = 80


@dataclass(frozen=True)
class ReplyQueue:
    """One client's reply queue.

    Attributes:
        name: its name.
        client: whose it is.
        touched: when it was made, or its attributes were changed last, in seconds since 1970; 0
            where SQS does not tell.
        held: the messages in it.
        kept: why it stays; empty where its client is gone.
    """

    name: str
    client: str
    touched: float = 0.0
    held: int = 0
    kept: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether its client is gone, as far as anything tells."""
        return not self.kept


def look(cloud: Cloud, names: Sequence[str] = (), days: float = OLD_DAYS) -> list[ReplyQueue]:
    """Return the lab's reply queues, each with the reason why it stays, if it does.

    Args:
        cloud: where they are.
        names: those that are meant, which may be of any age; empty: all.
        days: days since one was made, below which it stays.

    Raises:
        MissingResourceError: a name is that of no reply queue of this lab.
        CloudError: the queues cannot be looked at.
    """
    present = _names(cloud)
    for name in names:
        if name not in present:
            raise MissingResourceError(
                f"{quoted(name, MOST_NAME)} is no client's reply queue of this lab",
                "'admin.py queues prune --dry-run' lists them.",
            )
    meant = list(dict.fromkeys(names)) or present
    if not meant:
        return []
    limits = _Limits(_own_clients(cloud, in_use=bool(names)))
    if not names:
        limits = replace(limits, days=days, under_way=_count_under_way(cloud))
    judged = partial(_judged, cloud, limits)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [one for one in pool.map(judged, meant) if one is not None]


def prune(cloud: Cloud, found: Sequence[ReplyQueue], *, named: bool) -> Iterator[ReplyQueue]:
    """Delete queues whose clients are gone; each is counted once more, as somebody was asked.

    No answer is read for it: whoever looks after queues need not be let read what clients get.

    Args:
        cloud: where they are.
        found: as they were looked at.
        named: whether they were meant by their names, whatever is under way.

    Yields:
        Each of those that were to go: still without a reason to stay once it is deleted; with one
        where an answer or a job has come meanwhile, or it could not be deleted.

    Raises:
        CloudError: some could not be; once all others are gone.
    """
    gone = [one for one in found if one.is_gone]
    under_way = _count_under_way(cloud) if gone and not named else 0
    errors: list[CloudError] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(partial(_pruned, cloud, errors, under_way), gone)
    if errors:
        raise errors[0]


def _pruned(cloud: Cloud, errors: list[CloudError], under_way: int, one: ReplyQueue) -> ReplyQueue:
    queue = Queue(cloud, one.name)
    if under_way:
        return replace(one, kept=_under_way_text(under_way))
    try:
        if held := queue.counts().all:
            return replace(one, held=held, kept=_held_text(held))
        queue.delete_queue()
    except MissingResourceError:  # somebody was quicker
        pass
    except CloudError as error:
        errors.append(error)
        return replace(one, kept=error.message)
    return one


def _held_text(held: int) -> str:
    return f"messages in it: {held}"


def _under_way_text(count: int) -> str:
    return f"jobs under way: {count}, whose nobody can tell"


def _names(cloud: Cloud) -> list[str]:
    """Return the names of the reply queues of this lab's clients.

    Another lab's own queues may begin alike: where its `response_queue` is such a name, there is a
    dead-letter queue to it, which no client's queue has; and what begins with it is that lab's.
    """
    prefix = reply_queue_name(cloud.settings, "")
    found = queues.names(cloud, prefix)
    lab = set(lab_queues.names(cloud.settings))
    lab |= {dead_letters_of(name) for name in lab}
    others = [source_of(name) for name in found if is_of_dead_letters(name) and name not in lab]
    theirs = tuple(f"{name}-" for name in others)
    return [
        name
        for name in found
        if name not in lab
        and name not in others
        and not name.startswith(theirs)
        and is_client_id(name.removeprefix(prefix))
    ]


@dataclass(frozen=True)
class _Limits:
    """What lets a queue stay.

    Attributes:
        own: this machine's clients.
        days: days since it was made; None: it may be of any age, and nothing else counts.
        under_way: jobs that wait or that a worker has: nobody can tell whose.
    """

    own: Collection[str]
    days: float | None = None
    under_way: int = 0


def _own_clients(cloud: Cloud, *, in_use: bool) -> Collection[str]:
    """Return this machine's clients: all that it had, or those that wait or that a program has."""
    waiting: set[str] = set()
    if has_ledger(cloud):
        with contextlib.closing(open_ledger(cloud)) as ledger:
            waiting = ledger.waiting_clients()
    own = set(slots.known(cloud.home))
    free = {slot.client for slot in slots.idle(cloud.home, own)} if in_use else set()
    return waiting | (own - free)


def _count_under_way(cloud: Cloud) -> int:
    total = 0
    for queue in lab_queues.requests(cloud.settings):
        with contextlib.suppress(MissingResourceError):
            total += Queue(cloud, queue.name).counts().all
    return total


def _judged(cloud: Cloud, limits: _Limits, name: str) -> ReplyQueue | None:
    """Return a queue as it is to be told; None where it has just gone."""
    client = name.removeprefix(reply_queue_name(cloud.settings, ""))
    try:
        found = Queue(cloud, name).attributes(
            "look at the queue", *queues.COUNTS, *_TIMES, _REDRIVE
        )
    except MissingResourceError:
        return None
    touched = max(number_in(found.get(name, ""), 0.0) for name in _TIMES)
    one = ReplyQueue(name, client, touched, Counts.of(found).all)
    return replace(one, kept=_why_kept(one, limits, has_redrive=bool(found.get(_REDRIVE))))


def _why_kept(one: ReplyQueue, limits: _Limits, *, has_redrive: bool) -> str:
    """Return why a queue stays; empty where its client is gone, or it is meant by its name."""
    if one.held:
        return _held_text(one.held)
    if one.client in limits.own:
        return "of this machine"
    if limits.days is None:
        return ""
    if has_redrive:
        return "has a redrive policy: no client made it"
    if not one.touched:
        return "of unknown age"
    if one.touched > utc.seconds() - limits.days * DAY:
        return f"younger than {limits.days:g} days"
    if limits.under_way:
        return _under_way_text(limits.under_way)
    return ""
