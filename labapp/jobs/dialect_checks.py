"""What a dialect may not say beside these settings: no worker is to take answers for requests.

What is wrong with a file whatever the settings are, `labapp.dialects.checks` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.cloud.queue_names import dead_letters_of, source_of
from labapp.jobs import kinds, lab_queues
from labapp.jobs.lab_queues import answer_queues_of, kind_of, queues_with, request_queue_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from labapp.dialects.rules import Block, Dialect, Fault, QueueRule
    from labapp.settings import Settings

#: What helps where two things have one queue.
_OF_ITS_OWN = "Give each queue a name of its own."

#: Characters of a queue's name at most, that of its dead letters' queue too.
_MOST_NAME = 80


def check(settings: Settings) -> None:
    """See to it that the queues of settings and dialect are such that each message finds its way.

    Raises:
        SettingError: they are not; or the dialect is not there, or something in it is wrong.
    """
    kinds.check_queues(settings)
    if dialect := lab_queues.dialect_of(settings):
        check_dialect(dialect, settings)


def check_dialect(dialect: Dialect, settings: Settings) -> None:
    """See to it that a dialect can be used with these settings, whose own queues are right.

    Raises:
        SettingError: it cannot; names file and line.
    """
    for fault in faults(dialect, settings):
        raise dialect.fault(fault.line, fault.what, fault.remedy)


def faults(dialect: Dialect, settings: Settings) -> Iterator[Fault]:
    """Yield all that keeps a dialect from being used with these settings."""
    every = queues_with(dialect, settings)
    known = [one.name for one in every]
    inbound = [one.name for one in every if one.takes_requests]
    for block in dialect.blocks:
        yield from _of_requests(block, settings)
        yield from _of_answers(block, settings, inbound)
        for name in (request_queue_of(block, settings), *answer_queues_of(block, settings)):
            yield from _of_dead_letters(block, name, known)
    yield from faults_of_rules(dialect, settings)


def faults_of_rules(dialect: Dialect, settings: Settings) -> Iterator[Fault]:
    """Yield what is wrong with how queues are to be made, beside these settings."""
    known = [one.name for one in queues_with(dialect, settings)]
    for rule in dialect.queues.values():
        yield from _of_rule(rule, known)


def _of_requests(block: Block, settings: Settings) -> Iterator[Fault]:
    """Tell where what comes by a block's queue is not asked, or not asked of this block."""
    from labapp.dialects.rules import Fault

    name, line = request_queue_of(block, settings), block.line_of("queue")
    replies = settings.response_queue + "-"
    if name.startswith(replies):
        yield Fault(
            line,
            f"requests come by {name!r}, where a client {name.removeprefix(replies)!r} would be"
            f" answered, as response_queue is {settings.response_queue!r}",
            f"Give it a name that does not begin with {replies!r}.",
        )
    for kind in kinds.all_kinds():
        if name == kind.plain_replies_name(settings):
            what = f"requests come by {name!r}, where plain clients are answered, as"
            yield Fault(line, f"{what} {kind.plain_replies} names it", _OF_ITS_OWN)
        owned = name == kind.request_queue_name(settings)
        if owned and not block.when and kind is not kind_of(block):
            yield Fault(
                line,
                f"{block.name} has no `when`, and its queue {name!r} is that of {kind.name}: all"
                f" of these would be taken for {kind_of(block).name}",
                "Say by `when` which messages it is for, or give it another queue.",
            )


def _of_answers(block: Block, settings: Settings, inbound: Collection[str]) -> Iterator[Fault]:
    """Tell where workers would receive what a block answers."""
    from labapp.dialects.rules import Fault

    for name in answer_queues_of(block, settings):
        if name in inbound:
            what = f"{block.name} answers on {name!r}, from which workers take requests"
            yield Fault(_line_of_answer(block, name), what, _OF_ITS_OWN)


def _line_of_answer(block: Block, name: str) -> int:
    """Return the line where a block names a queue to answer on."""
    if name != block.answer:
        for reply in block.replies:
            if reply.queue == name and reply.line:
                return reply.line
    return block.line_of("answer")


def _of_dead_letters(block: Block, name: str, known: Collection[str]) -> Iterator[Fault]:
    """Tell where a queue of a block is one of dead letters, or can have none for its own."""
    from labapp.dialects.rules import Fault

    line = block.line_of("queue") if name == block.queue else _line_of_answer(block, name)
    source, dead = source_of(name), dead_letters_of(name)
    if source in known and name == dead_letters_of(source):
        what = f"{name!r} is the queue of the dead letters of {source!r}"
        yield Fault(line, what, _OF_ITS_OWN)
    if len(dead) > _MOST_NAME:
        what = f"the queue of the dead letters of {name!r} would have a name of {len(dead)}"
        remedy = f"Shorten it: SQS takes {_MOST_NAME} characters at most."
        yield Fault(line, f"{what} characters", remedy)


def _of_rule(rule: QueueRule, known: Sequence[str]) -> Iterator[Fault]:
    """Tell where the file says how to make a queue that is none of the lab."""
    if rule.name not in known:
        import difflib  # no start of a program has to wait for it

        from labapp.dialects.rules import Fault

        near = difflib.get_close_matches(rule.name, known, 1)
        meant = f"Did you mean {near[0]}? " if near else ""
        what = f"no request and no answer goes by the queue {rule.name!r}"
        yield Fault(rule.line, what, f"{meant}There is {', '.join(known)}.")
