"""What a dialect may not say beside these settings: no worker is to take answers for requests.

What is wrong with a file whatever the settings are, `labapp.dialects.checks` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.cloud.queue_names import dead_letters_of, source_of
from labapp.jobs import kinds, lab_queues
from labapp.jobs.lab_queues import answer_queues_of, kind_of, queues_with, request_queue_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from labapp.dialects.rules import Block, Dialect, QueueRule
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
    every = queues_with(dialect, settings)
    known = [one.name for one in every]
    for block in dialect.blocks:
        _check_requests(dialect, block, settings)
        _check_answers(dialect, block, settings, [q.name for q in every if q.takes_requests])
        for name in (request_queue_of(block, settings), *answer_queues_of(block, settings)):
            _check_dead_letters(dialect, block, name, known)
    for rule in dialect.queues.values():
        _check_rule(dialect, rule, known)


def _check_dead_letters(dialect: Dialect, block: Block, name: str, known: Collection[str]) -> None:
    """See to it that a queue of a block is none of dead letters, and can have one for its own."""
    line = block.line_of("queue" if name == block.queue else "answer")
    source, dead = source_of(name), dead_letters_of(name)
    if source in known and name == dead_letters_of(source):
        what = f"{name!r} is the queue of the dead letters of {source!r}"
        raise dialect.fault(line, what, _OF_ITS_OWN)
    if len(dead) > _MOST_NAME:
        what = f"the queue of the dead letters of {name!r} would have a name of {len(dead)}"
        raise dialect.fault(
            line, f"{what} characters", f"Shorten it: SQS takes {_MOST_NAME} characters at most."
        )


def _check_rule(dialect: Dialect, rule: QueueRule, known: Sequence[str]) -> None:
    """See to it that a queue that the file tells how to make is one of the lab, and can be made."""
    if rule.name not in known:
        import difflib  # no start of a program has to wait for it

        near = difflib.get_close_matches(rule.name, known, 1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise dialect.fault(
            rule.line,
            f"no request and no answer goes by the queue {rule.name!r}",
            f"{meant}There is {', '.join(known)}.",
        )


def _check_requests(dialect: Dialect, block: Block, settings: Settings) -> None:
    """See to it that what comes by a block's queue is asked, and asked of this block."""
    name = request_queue_of(block, settings)
    line = block.line_of("queue")
    replies = settings.response_queue + "-"
    if name.startswith(replies):
        raise dialect.fault(
            line,
            f"requests come by {name!r}, where a client {name.removeprefix(replies)!r} would be"
            f" answered, as response_queue is {settings.response_queue!r}",
            f"Give it a name that does not begin with {replies!r}.",
        )
    for kind in kinds.all_kinds():
        if name == kind.plain_replies_name(settings):
            raise dialect.fault(
                line,
                f"requests come by {name!r}, where plain clients are answered, as"
                f" {kind.plain_replies} names it",
                _OF_ITS_OWN,
            )
        owned = name == kind.request_queue_name(settings)
        if owned and not block.when and kind is not kind_of(block):
            raise dialect.fault(
                line,
                f"{block.name} has no `when`, and its queue {name!r} is that of {kind.name}: all"
                f" of these would be taken for {kind_of(block).name}",
                "Say by `when` which messages it is for, or give it another queue.",
            )


def _check_answers(
    dialect: Dialect, block: Block, settings: Settings, requests: Collection[str]
) -> None:
    """See to it that no worker receives what a block answers."""
    for name in answer_queues_of(block, settings):
        if name in requests:
            raise dialect.fault(
                block.line_of("answer"),
                f"{block.name} answers on {name!r}, from which workers take requests",
                _OF_ITS_OWN,
            )
