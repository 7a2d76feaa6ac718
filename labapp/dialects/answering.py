"""The messages that answer a request, by a dialect's block: always such as SQS takes."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from labapp.dialects import limits
from labapp.dialects.facts import Facts, text_of
from labapp.dialects.filling import chosen, filled, shown, told
from labapp.dialects.messages import Answer, Done, Incoming
from labapp.dialects.patterns import fits_name
from labapp.dialects.rules import AttributeText, Block, ReplyRule, Text
from labapp.errors import RefusedError
from labapp.message_attribute import Attribute

#: The group of a reply where neither its block nor its request has one.
GROUP = "labapp"

#: The status of what was done.
_DONE = "done"


def facts_of(block: Block, message: Incoming, done: Done) -> Facts:
    """Return what can be told of a request that was done."""
    separators, number = block.work.separators, block.number
    known = Facts(message, separators, done, number=number, status=_DONE)
    if block.pick is None:
        return known
    # Which knows nothing of a choice: it is what the choice is made by.
    pick = partial(filled, block.pick, known, block, "pick")
    return Facts(message, separators, done, number=number, pick=pick, status=_DONE)


def ordinary(done: Done) -> str:
    """Return what plain clients are answered: the sentence, or the key of the result."""
    return done.summary.sentence() if done.summary else done.result or _DONE


def answers(block: Block, message: Incoming, done: Done) -> tuple[Answer, ...]:
    """Return the messages that answer a request that was done.

    Raises:
        RefusedError: the message lacks something that they tell, or they would be too large.
    """
    known = facts_of(block, message, done)
    found: list[Answer] = []
    for place, rule in enumerate(block.replies):
        body = limits.sendable(filled(rule.body, known, block, "body")) or ordinary(done)
        attributes = {
            name: one
            for name, text in rule.attributes.items()
            if (one := _attribute(name, text, known, block)) is not None
        }
        attributes |= _echoes(rule, message, attributes)
        if (size := limits.size(body, attributes)) > limits.MOST_BYTES:
            raise told(_too_large(size), block, "body")
        answer = _addressed(Answer(rule.queue or block.answer, body, attributes), message, place)
        if answer.group:
            group = _optional(rule.group, known, block, "group")
            unique = _optional(rule.deduplication, known, block, "deduplication")
            answer = _in_order(answer, group, unique)
            if any(one.deduplication == answer.deduplication for one in found):
                answer = _in_order(answer, "", f"{answer.deduplication}-{place}")
        found.append(answer)
    return tuple(found)


def refusals(block: Block, message: Incoming, error: str, status: str) -> tuple[Answer, ...]:
    """Return the messages that answer one that was refused, or failed: `status`; `error` is why.

    Of what the block says of it, what needs a result, or lacks something, is left out.
    """
    rule = block.refusal
    known = Facts(message, block.work.separators, number=block.number, status=status, error=error)

    def if_known(text: Text | None, key: str) -> str:
        with contextlib.suppress(RefusedError):
            return _optional(text, known, block, key)
        return ""

    body = limits.sendable(if_known(rule.body, "error") or error) or status
    attributes: dict[str, Attribute] = {}
    for name, text in rule.attributes.items():
        with contextlib.suppress(RefusedError):
            if one := _attribute(name, text, known, block):
                attributes[name] = one
    attributes |= _echoes(rule, message, attributes)
    while attributes and limits.size(body, attributes) > limits.MOST_BYTES:
        attributes.popitem()
    if len(body) > limits.MOST_BYTES // 4:  # so many may be too many bytes
        body = body.encode()[: limits.MOST_BYTES].decode(errors="ignore")
    answer = _addressed(Answer(rule.queue or block.answer, body, attributes), message, 0)
    if answer.group:
        group = if_known(rule.group, "group")
        answer = _in_order(answer, group, if_known(rule.deduplication, "deduplication"))
    return (answer,)


def _too_large(size: int) -> RefusedError:
    return RefusedError(
        f"the answer would have {size:,} bytes; SQS takes {limits.MOST_BYTES:,}",
        "Send less of what it repeats.",
    )


def _optional(text: Text | None, known: Facts, block: Block, key: str) -> str:
    """Return a text that a block may have, filled; empty where it has none."""
    return filled(text, known, block, key) if text else ""


def _attribute(name: str, rule: AttributeText, known: Facts, block: Block) -> Attribute | None:
    """Return an attribute of a reply; None where it is empty, which SQS takes none of."""
    try:
        one = _filled_attribute(rule, known)
    except RefusedError as error:
        raise told(error, block, f"attributes.{name}") from None
    if not one.value:
        return None
    if not limits.takes(name, one):
        unfit = RefusedError(
            f"{shown(text_of(one))} cannot be sent as a {one.type}",
            f"A Number has at most {limits.MOST_DIGITS} digits, and nothing else.",
        )
        raise told(unfit, block, f"attributes.{name}")
    return one


def _filled_attribute(rule: AttributeText, known: Facts) -> Attribute:
    """Return an attribute as it would be sent; one of the request that stands alone, as it came."""
    template = chosen(rule.text, known)
    came = template.lone.read(known) if template.lone else None
    if isinstance(came, Attribute) and (not rule.type or came.type == rule.type):
        return came
    text = limits.sendable(template.fill(known))
    kind = rule.type or "String"
    if kind.startswith("Binary"):
        value = came.value if isinstance(came, Attribute) else text
        return Attribute(kind, value if isinstance(value, bytes) else text.encode())
    return Attribute(kind, text.strip() if kind.startswith("Number") else text)


def _echoes(
    rule: ReplyRule, message: Incoming, own: Mapping[str, Attribute]
) -> dict[str, Attribute]:
    """Return the request's attributes that a reply repeats, as many as it has room for."""
    found: dict[str, Attribute] = {}
    room = limits.MOST_ATTRIBUTES - len(own)
    for name, one in message.attributes.items() if rule.echo else ():
        is_asked = name not in own and any(fits_name(pattern, name) for pattern in rule.echo)
        if is_asked and len(found) < room and limits.takes(name, one):
            found[name] = one
    return found


def _addressed(answer: Answer, message: Incoming, place: int) -> Answer:
    """Return a reply with what a FIFO queue needs, where it goes to one: as the request has it."""
    if not answer.queue.endswith(limits.FIFO):
        return answer
    group, unique = limits.group(message.group), limits.deduplication(f"{message.id}-{place}")
    return replace(answer, group=group or GROUP, deduplication=unique)


def _in_order(answer: Answer, group: str, unique: str) -> Answer:
    """Return a reply with the group and the deduplication id that are given."""
    return replace(
        answer,
        group=limits.group(group.strip()) or answer.group,
        deduplication=limits.deduplication(unique.strip()) or answer.deduplication,
    )
