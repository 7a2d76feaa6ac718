"""Recording: queues are watched for a while, and a first dialect is proposed of what was seen.

One action for the command and for the page of the menu; each shows what it sees in its own way.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from labapp import utc
from labapp.console import figures
from labapp.dialects.names import queue_fault
from labapp.errors import CloudError, LabappError, RefusedError, UsageError
from labapp.files import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from labapp.cloud.session import Cloud
    from labapp.jobs.watched_queue import Seen, Watched
    from labapp.progress import Progress
    from labapp.settings import Settings

#: Seconds for which queues are watched, unless told otherwise, and at most.
SECONDS, MOST_SECONDS = 60, 3600

#: What is said of a record without a foreign request.
NOTHING = "no request of another program came: send one while the queues are watched"

#: What each look costs, said before the first.
COST = "a look at a message counts as one receive, and hides it until a worker is there, or the end"


@dataclass
class Record:
    """What was seen.

    Attributes:
        workers: the most workers that were at work at a time; None where that cannot be told.
        queues: the queues, each with its counts.
        requests: the foreign requests, as they came.
        done: how many the workers did meanwhile, by the logs; None where nobody could look.
    """

    workers: int | None = None
    queues: Sequence[Watched] = ()
    requests: list[Seen] = field(default_factory=list)
    done: int | None = None

    @property
    def own(self) -> int:
        """How many requests of our own were seen."""
        return sum(one.own for one in self.queues)


def queue_names(settings: Settings) -> list[str]:
    """Return the names of the queues that workers of this lab take requests from."""
    from labapp.jobs import lab_queues

    return [one.name for one in lab_queues.requests(settings)]


def check_name(name: str) -> None:
    """See to it that a queue may be called so.

    Raises:
        UsageError: none is.
    """
    if fault := queue_fault(name, takes_requests=False):
        raise UsageError(f"{name!r} is no name of a queue: {fault}", "Name one that SQS knows.")


def make_missing(cloud: Cloud, names: Sequence[str], tell: Callable[[str], object]) -> None:
    """Make the queues that are not there, on the local cloud: else a client finds none to ask.

    Raises:
        CloudError: one cannot be made.
    """
    if not cloud.is_local:
        return
    from labapp.cloud import new_queues
    from labapp.cloud.queues import Queue

    for name in names:
        if not Queue(cloud, name).exists():
            new_queues.make(cloud, name)
            tell(f"{name} was not there: it is made, so that a client can send to it")


def run(
    cloud: Cloud,
    names: Sequence[str],
    seconds: int,
    progress: Progress,
    found: Record,
    seen: Callable[[Seen], object],
    tell: Callable[[str], object],
) -> None:
    """Watch queues until the time is over, or `progress` stopped.

    Args:
        cloud: where they are.
        names: theirs.
        seconds: for how long.
        progress: told of each second.
        found: is given what is seen, as it comes.
        seen: told of each foreign request.
        tell: told in a sentence of what is in the way.

    Raises:
        CloudError: a queue cannot be watched.
    """
    from labapp.jobs import watch
    from labapp.worker import reports

    make_missing(cloud, names, tell)
    began = utc.seconds()
    workers = partial(reports.count_or_none, cloud)
    with watch.Watch(cloud, names, tell, workers) as watching:
        found.queues = watching.queues
        for one in watching.requests(seconds, progress.stopped, progress.moved):
            found.requests.append(one)
            seen(one)
    found.workers = watching.workers
    if found.workers:
        with contextlib.suppress(CloudError):  # who watches need not be let read logs
            found.done = watch.done_since(cloud, began)


def summary(found: Record) -> str:
    """Return in a line what was seen, and what was not."""
    told = [figures.plural(len(found.requests), "foreign request") + " seen"]
    if found.own:
        told.append(f"{figures.count(found.own)} of labapp's own, or events of S3")
    if found.done is not None:
        told.append(f"{figures.count(found.done)} done by workers meanwhile, by the logs")
    return ", ".join(told)


def warnings(found: Record) -> list[str]:
    """Return what is to be told of messages that were, or soon are, looked at too often."""
    told = []
    for one in found.queues:
        if one.most is None or one.receives < one.most - 1:
            continue
        seen = f"{one.name}: received {one.receives} of {one.most} times"
        if one.last:
            told.append(
                f"{seen} {_are(one.last)}, and cannot be sent anew as it came: if the next receive "
                "puts it in the dead letters, 'admin.py queues redrive "
                f"{one.name}' sends it back"
            )
        if one.anew:
            told.append(
                f"{seen} {_are(one.anew)}: sent anew as it came, under another message id, as the "
                "next receive would have put it in the dead letters"
            )
        if not one.last and not one.anew:
            told.append(
                f"{seen}, by now, is a message of it: a worker has the last receive. Start one, or "
                "purge what is only tried, before it is looked at again"
            )
    return told


def _are(count: int) -> str:
    return f"{'is' if count == 1 else 'are'} {figures.plural(count, 'message')}"


def proposal(found: Record, settings: Settings) -> str:
    """Return the text of a first file for what was seen; empty where nothing was."""
    if not found.requests:
        return ""
    from labapp.dialects import proposals
    from labapp.dialects.messages import Incoming
    from labapp.jobs import kinds

    seen = []
    for one in found.requests:
        message = one.message
        incoming = Incoming(message.id, message.body, message.typed, message.group)
        seen.append(proposals.Seen(one.queue, incoming))
    of = {kind.request_queue_name(settings): kind.name for kind in kinds.all_kinds()}
    answers = {kind.name: kind.plain_replies_name(settings) for kind in kinds.all_kinds()}
    return proposals.propose(seen, of, answers)


def check_free(path: Path, *, force: bool) -> None:
    """See to it that nothing is written over that nobody meant.

    Raises:
        RefusedError: something is there.
    """
    if path.is_dir():
        raise RefusedError(f"{path} is a folder", "Name a file, such as mylab.toml.")
    if path.exists() and not force:
        raise RefusedError(f"{path} exists already", "Name another, or replace it with --force.")


def write(path: Path, text: str) -> None:
    """Write a proposal to a file.

    Raises:
        LabappError: there is nothing to be written.
    """
    if not text:
        raise LabappError(f"nothing was written to {path}: {NOTHING}", "Say --seconds for longer.")
    replacing.write_text(path, text)
