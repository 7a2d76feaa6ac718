"""A dialect's blocks in words: what each waits for, what it does, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp.dialects.rules import Choice, Numbers
from labapp.jobs import lab_queues

if TYPE_CHECKING:
    from labapp.dialects.rules import Block, Condition, Picture, ReplyRule, Text
    from labapp.settings import Settings

#: What is said of a block without conditions.
ALWAYS = "always"


@dataclass(frozen=True)
class Described:
    """A block as people read it.

    Attributes:
        name: what the file calls it.
        line: where it begins in the file.
        queue: the queue of its requests.
        when: which messages it is for.
        does: what is done.
        result: the key of what is stored; empty where the block does not say.
        answer: the queues of its replies.
        replies: what they hold.
    """

    name: str
    line: int
    queue: str
    when: str
    does: str
    result: str
    answer: str
    replies: str


def described(block: Block, settings: Settings) -> Described:
    """Return a block in words; queues that it does not name are those of the settings."""
    result = text_of(block.result) if block.result else ""
    bucket = block.result_bucket or block.bucket
    return Described(
        block.name,
        block.line,
        lab_queues.request_queue_of(block, settings),
        " and ".join(map(_condition, block.when)) or ALWAYS,
        _work(block.work),
        f"{bucket}: {result}" if bucket and result else result,
        ", ".join(lab_queues.answer_queues_of(block, settings)),
        "; ".join(map(_reply, block.replies)),
    )


def text_of(text: Text) -> str:
    """Return a text as the file has it; of a choice, what it is by, and what of which value."""
    if not isinstance(text, Choice):
        return text.text
    chosen = [f"{value}: {one.text}" for value, one in text.texts.items()]
    other = [f"else {text.other.text}"] if text.other else []
    return f"by {text.by.text} ({', '.join([*chosen, *other])})"


def _condition(one: Condition) -> str:
    if not one.patterns:
        return f"no {one.fact}"
    if one.patterns == ("*",):
        return f"{one.fact} is there"
    return f"{one.fact} is {' or '.join(one.patterns)}"


def _work(work: Numbers | Picture) -> str:
    if isinstance(work, Numbers):
        of = "the integers of the object" if work.is_object else "the integers of"
        return f"sums up {of} {text_of(work.source)}"
    steps = f": {text_of(work.steps)}" if work.steps else " by the default pipeline"
    more = f", as {text_of(work.format)}" if work.format else ""
    more += f", quality {text_of(work.quality)}" if work.quality else ""
    return f"processes the picture {text_of(work.key)}{steps}{more}"


def _reply(reply: ReplyRule) -> str:
    more = [f"{name}: {text_of(one.text)}" for name, one in reply.attributes.items()]
    more += [f"the request's {', '.join(reply.echo)}"] if reply.echo else []
    return text_of(reply.body) + (f" with {', '.join(more)}" if more else "")
