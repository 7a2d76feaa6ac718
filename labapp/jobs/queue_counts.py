"""How many messages wait in each of the lab's queues, are in flight, or are dead letters."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from labapp.cloud import local_cloud, queue_ages, queues
from labapp.cloud.provision import reply_queue_name
from labapp.cloud.queue_names import dead_letters_of, is_of_dead_letters, source_of
from labapp.cloud.queues import Queue
from labapp.errors import MissingResourceError
from labapp.jobs import lab_queues
from labapp.jobs.wire import quoted

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Tells how long the oldest message has waited of the queues in which so many wait.
Ages: TypeAlias = "Callable[[Cloud, Mapping[str, int]], dict[str, int]]"

#: Characters of a queue's name that an error repeats; those of SQS have 80 at most.
MOST_NAME = 80


@dataclass(frozen=True)
class QueueRow:
    """One queue: how many messages wait, are in flight, are delayed, and are dead letters.

    `dead` is None where the queue has no dead-letter queue; `oldest`, the seconds that the oldest
    message has waited, where that is not known (see `labapp.cloud.queue_ages`).
    """

    name: str
    visible: int
    in_flight: int
    delayed: int
    dead: int | None
    oldest: int | None

    @property
    def held(self) -> int:
        """How many messages a purge deletes."""
        return self.visible + self.in_flight + self.delayed


def queue_names(cloud: Cloud) -> list[str]:
    """Return the names of the lab's queues: its own, then the clients' reply queues."""
    lab = lab_queues.names(cloud.settings)
    replies = queues.names(cloud, reply_queue_name(cloud.settings, ""))
    return list(dict.fromkeys((*lab, *(one for one in replies if not is_of_dead_letters(one)))))


def check_name(cloud: Cloud, name: str) -> None:
    """See to it that a queue, or its dead-letter queue, is the lab's.

    Raises:
        MissingResourceError: it is none; says what there is.
    """
    known = queue_names(cloud)
    if source_of(name) in known:
        return
    near = difflib.get_close_matches(name, known, 1)
    meant = f"Did you mean {near[0]}? " if near else ""
    own = lab_queues.names(cloud.settings)
    lab, clients = ", ".join(own), len(known) - len(own)
    more = f", and {clients} of clients" if clients else ""
    raise MissingResourceError(
        f"{quoted(name, MOST_NAME)} is not a queue of this lab",
        f"{meant}There is {lab}{more}; 'admin.py queues' lists them.",
    )


def queue_rows(cloud: Cloud) -> list[QueueRow]:
    """Return every queue of the lab with its counts; one that has just gone is left out."""
    return _rows(cloud, queue_names(cloud), queue_ages.queue_ages)


def lab_rows(cloud: Cloud) -> list[QueueRow]:
    """Return the queues of jobs and of labs' clients' answers with their counts.

    CloudWatch is not asked for ages: a worker's console looks for as long as the worker runs.
    """
    return _rows(cloud, lab_queues.names(cloud.settings), local_cloud.queue_ages)


def _rows(cloud: Cloud, names: Iterable[str], ages_of: Ages) -> list[QueueRow]:
    lab = lab_queues.names(cloud.settings)
    rows = []
    for name in names:
        try:
            held = Queue(cloud, name).counts()
        except MissingResourceError:
            continue
        dead = _count_dead(cloud, name) if name in lab else None  # a reply queue has none
        rows.append(QueueRow(name, held.visible, held.in_flight, held.delayed, dead, None))
    ages = ages_of(cloud, {row.name: row.visible for row in rows})
    return [replace(row, oldest=ages.get(row.name)) for row in rows]


def _count_dead(cloud: Cloud, name: str) -> int | None:
    try:
        # All of them: those that somebody looks at are hidden for half a minute, and dead as well.
        return Queue(cloud, dead_letters_of(name)).counts().all
    except MissingResourceError:
        return None
