"""What a message asks by a dialect's block, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labapp.dialects.rules import Block
from labapp.message_attribute import Attribute
from labapp.numbers import Summary


@dataclass(frozen=True)
class Incoming:
    """A message as a lab's client sent it.

    Attributes:
        id: the id that SQS gave it.
        body: its text.
        attributes: all its attributes.
        group: its group, on a FIFO queue.
    """

    id: str
    body: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    group: str = ""


@dataclass(frozen=True)
class PictureAsked:
    """A picture that a message asks for: its key, the steps as typed, format and quality."""

    key: str
    steps: tuple[str, ...] | None
    format: str = ""
    quality: int | None = None


@dataclass(frozen=True)
class Done:
    """What came of a request, as its answers tell it.

    Attributes:
        integers: the list, as it came.
        summary: what was found of it; None for a picture.
        source: the key of the picture, or of the object of integers.
        extension: that of the result, with its dot: the source's own where the format is the same.
        result: the key of the result; empty where there is none, or not yet.
    """

    integers: tuple[int, ...] = ()
    summary: Summary | None = None
    source: str = ""
    extension: str = ""
    result: str = ""


@dataclass(frozen=True)
class Answer:
    """One message that answers: its queue's name, and what it holds.

    On a FIFO queue it has a group and a deduplication id; else both are empty.
    """

    queue: str
    body: str
    attributes: Mapping[str, Attribute]
    group: str = ""
    deduplication: str = ""


def block_of(blocks: Sequence[Block], message: Incoming) -> Block | None:
    """Return the first block whose `when` fits a message; None where none does."""
    raise NotImplementedError


def object_key(block: Block, message: Incoming) -> str:
    """Return the key of the object that holds the integers; empty where the message has them."""
    raise NotImplementedError


def integers(block: Block, message: Incoming, content: str = "") -> list[int]:
    """Return the integers that a message asks of, or those in `content`, its object's text."""
    raise NotImplementedError


def picture(block: Block, message: Incoming) -> PictureAsked:
    """Return the picture that a message asks for."""
    raise NotImplementedError


def result_key(block: Block, message: Incoming, done: Done) -> str:
    """Return the key of a result; empty where the block says none."""
    raise NotImplementedError


def content(block: Block, message: Incoming, done: Done) -> str:
    """Return what is written to the object of a numbers block's answer."""
    raise NotImplementedError


def answers(block: Block, message: Incoming, done: Done) -> tuple[Answer, ...]:
    """Return the messages that answer a request that was done."""
    raise NotImplementedError


def refusals(block: Block, message: Incoming, error: str, status: str) -> tuple[Answer, ...]:
    """Return the messages that answer one that was refused, or failed: `status`; `error` is why."""
    raise NotImplementedError
