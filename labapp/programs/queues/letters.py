"""Dead letters of the lab's queues: gathered here for commands and screens alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from labapp.cloud import queues
from labapp.cloud.queues import DEAD_LETTER_SUFFIX, Queue
from labapp.jobs import dead_letters, kinds
from labapp.jobs.wire import quoted
from labapp.programs.jobs.waiting import utc

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.jobs.dead_letters import DeadLetter

#: Characters of a body that a table shows.
MOST_BODY = 60


#: Dead letters of each queue that are looked at, unless told otherwise.
MOST = 1_000


def all_letters(
    cloud: Cloud, name: str | None = None, most: int = MOST
) -> list[tuple[str, DeadLetter]]:
    """Return each dead letter with the queue it came from; of one queue, or of all.

    Args:
        cloud: where the queues are.
        name: the one queue that is meant; None: all of the lab's.
        most: letters of each queue at most (see `is_cut`).
    """
    if name:
        names = [_source(name)]
    else:
        present = set(queues.names(cloud))
        lab = kinds.queue_names(cloud.settings)
        names = [one for one in lab if one + DEAD_LETTER_SUFFIX in present]
    dead = [Queue(cloud, one + DEAD_LETTER_SUFFIX) for one in names]
    with ThreadPoolExecutor() as pool:  # each look takes a second to be sure that it saw all
        looks = list(pool.map(lambda queue: dead_letters.look(queue, most), dead))
    return [(one, letter) for one, found in zip(names, looks, strict=True) for letter in found]


def is_cut(found: list[tuple[str, DeadLetter]], most: int = MOST) -> bool:
    """Tell whether a queue may have more dead letters than `most`, which were looked at."""
    return max(Counter(queue for queue, _ in found).values(), default=0) >= most


def cut_note(most: int = MOST) -> str:
    """Return what to say where `is_cut`."""
    return f"only {most:,} dead letters of a queue are shown"


def redrive(
    cloud: Cloud, name: str, ids: Collection[str] = (), reason: str = "", *, dry: bool = False
) -> Iterator[DeadLetter]:
    """Send a queue's dead letters back to it; yields each once it is back."""
    source = _source(name)
    dead = Queue(cloud, source + DEAD_LETTER_SUFFIX)
    return dead_letters.redrive(dead, Queue(cloud, source), ids, reason, dry=dry)


def discard(
    cloud: Cloud, name: str, ids: Collection[str] = (), reason: str = "", *, dry: bool = False
) -> Iterator[DeadLetter]:
    """Delete a queue's dead letters for good; yields each once it is deleted."""
    dead = Queue(cloud, _source(name) + DEAD_LETTER_SUFFIX)
    return dead_letters.discard(dead, ids, reason, dry=dry)


def hidden(cloud: Cloud, name: str) -> int:
    """Return how many of a queue's dead letters are hidden now, as somebody looks at them."""
    return Queue(cloud, _source(name) + DEAD_LETTER_SUFFIX).counts().in_flight


def row(queue: str, letter: DeadLetter) -> tuple[str | int, ...]:
    """Return a letter as a row in a pipe; its times are UTC there."""
    first, last = utc(letter.first), utc(letter.last)
    body = quoted(letter.body, MOST_BODY)
    return queue, letter.id, letter.reason, letter.receives, first, last, body


def fields(queue: str, letter: DeadLetter, state: str = "") -> dict[str, Any]:
    """Return a letter as `admin.py queues dead --json` has it, and what became of it."""
    times = {"first": utc(letter.first), "last": utc(letter.last)}
    known = {"queue": _source(queue), **asdict(letter), **times}
    return {**known, "state": state} if state else known


def _source(name: str) -> str:
    """Return the queue whose dead letters are meant, whichever of the two was named."""
    return name.removesuffix(DEAD_LETTER_SUFFIX)
