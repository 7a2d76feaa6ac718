"""All queues of a lab: those of the kinds of jobs, as settings name them, and those of its dialect.

Who needs to know which there are asks here. The dialect's file is read anew for each question, so
that a program that runs for long tells of it as it is now; but a worker keeps the one that it began
with. Without one nothing of it is loaded.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labapp.cloud.queue_names import FIFO
from labapp.jobs import kinds
from labapp.jobs.kind import JobKind
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.picture_kind import PICTURES
from labapp.settings import Settings

if TYPE_CHECKING:
    from labapp.dialects.rules import Block, Dialect


#: The dialects that are kept, by the settings that choose them.
_kept: dict[str, Dialect] = {}


@dataclass(frozen=True)
class LabQueue:
    """One queue of a lab.

    Attributes:
        name: its name.
        takes_requests: whether workers receive jobs from it; else it holds answers to be fetched by
            labs' own clients.
        kind: whose jobs these are where a dialect says nothing else of them; None where the dialect
            alone names the queue, and where it is one of answers.
        is_by_settings: whether a setting, or a kind itself, names it.
        attributes: those that it is made with beside labapp's own, as SQS calls them.
        waits: whether a lab's client makes it, and labapp leaves it alone until then.
    """

    name: str
    takes_requests: bool
    kind: JobKind | None = None
    is_by_settings: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)
    waits: bool = False

    @property
    def is_fifo(self) -> bool:
        """Whether it is a FIFO queue, which SQS knows by its name."""
        return self.name.endswith(FIFO)


def dialect_of(settings: Settings) -> Dialect | None:
    """Return the dialect that is chosen; None for none.

    Raises:
        SettingError: it is not there, or something in it is wrong.
    """
    if not settings.dialect:
        return None
    if kept := _kept.get(settings.dialect):
        return kept
    from labapp.dialects import loading

    return loading.chosen(settings.dialect)


@contextlib.contextmanager
def kept_dialect(settings: Settings) -> Iterator[None]:
    """Have all of this program go by the dialect as it is now, whatever becomes of its file.

    Raises:
        SettingError: as of `dialect_of`.
    """
    if dialect := dialect_of(settings):
        _kept[settings.dialect] = dialect
    try:
        yield
    finally:
        _kept.pop(settings.dialect, None)


def all_queues(settings: Settings) -> tuple[LabQueue, ...]:
    """Return every queue of the lab, each once, those of settings first.

    Raises:
        SettingError: something in the dialect is wrong.
    """
    return queues_with(dialect_of(settings), settings)


def queues_with(dialect: Dialect | None, settings: Settings) -> tuple[LabQueue, ...]:
    """Return every queue of a lab that has this dialect, or none; else as of `all_queues`."""
    owners = {kind.request_queue_name(settings): kind for kind in kinds.all_kinds()}
    by_settings = dict.fromkeys(kinds.queue_names(settings))
    blocks = dialect.blocks if dialect else ()
    rules = dialect.queues if dialect else {}
    inbound = {*owners, *(request_queue_of(block, settings) for block in blocks)}
    named = [
        name
        for block in blocks
        for name in (request_queue_of(block, settings), *answer_queues_of(block, settings))
    ]
    found = []
    for name in dict.fromkeys((*by_settings, *named)):
        rule = rules.get(name)
        found.append(
            LabQueue(
                name,
                name in inbound,
                owners.get(name),
                name in by_settings,
                rule.attributes if rule else {},
                bool(rule and rule.wait),
            )
        )
    return tuple(found)


def names(settings: Settings) -> tuple[str, ...]:
    """Return the names of all queues of the lab; errors as of `all_queues`."""
    return tuple(queue.name for queue in all_queues(settings))


def requests(settings: Settings) -> tuple[LabQueue, ...]:
    """Return the queues that workers receive jobs from; errors as of `all_queues`."""
    return tuple(queue for queue in all_queues(settings) if queue.takes_requests)


def buckets(settings: Settings) -> tuple[str, ...]:
    """Return the buckets that the dialect names, beside the lab's own, each once.

    Raises:
        SettingError: something in the dialect is wrong.
    """
    dialect = dialect_of(settings)
    blocks = dialect.blocks if dialect else ()
    named = (name for block in blocks for name in (block.bucket, block.result_bucket))
    return tuple(dict.fromkeys(name for name in named if name and name != settings.bucket))


def kind_of(block: Block) -> JobKind:
    """Return the kind of job that a dialect's block asks for."""
    return NUMBERS if block.is_numbers else PICTURES


def request_queue_of(block: Block, settings: Settings) -> str:
    """Return the name of the queue of a block's requests: that of its kind, if it names none."""
    return block.queue or kind_of(block).request_queue_name(settings)


def answer_queues_of(block: Block, settings: Settings) -> tuple[str, ...]:
    """Return the names of the queues that a block answers on, each once; refusals are answers."""
    own = block.answer or kind_of(block).plain_replies_name(settings)
    return tuple(dict.fromkeys(rule.queue or own for rule in (*block.replies, block.refusal)))
