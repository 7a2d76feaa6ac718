"""What a message asks by a dialect's block, and what is answered."""

from __future__ import annotations

from collections.abc import Sequence

from labapp.dialects.messages import Answer, Done, Incoming, PictureAsked
from labapp.dialects.rules import Block

__all__ = ["Answer", "Done", "Incoming", "PictureAsked"]


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
