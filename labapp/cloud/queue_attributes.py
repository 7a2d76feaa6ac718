"""A queue's attributes, as far as a service knows them.

Those that stand in for Amazon's know some, and refuse a call that names another. A queue is then
made without encryption of SQS's own, and asked for all that the service has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from labapp.cloud import boto
from labapp.cloud.abilities import Abilities, Ability
from labapp.cloud.aws_errors import reading
from labapp.cloud.queue_batches import Refusal

#: The attribute by which SQS encrypts what lies in a queue with a key of its own.
ENCRYPTED = "SqsManagedSseEnabled"

#: Error codes of an attribute that is not known.
_UNKNOWN = frozenset({"InvalidAttributeName", "InvalidAttributeValue"})


def create(
    sqs: Any, name: str, attributes: dict[str, str], abilities: Abilities, **more: Any
) -> str:
    """Make a queue; return its address. Encryption that is refused is taken from `attributes`.

    What more the call takes, such as tags, is passed on.

    Raises:
        ClientError: it cannot be made.
    """
    try:
        return str(sqs.create_queue(QueueName=name, Attributes=attributes, **more)["QueueUrl"])
    except boto.ClientError as error:
        if ENCRYPTED not in attributes or not _is_for_encryption(Refusal.of(error)):
            raise
    plain = {each: value for each, value in attributes.items() if each != ENCRYPTED}
    url = str(sqs.create_queue(QueueName=name, Attributes=plain, **more)["QueueUrl"])
    del attributes[ENCRYPTED]
    abilities.note(Ability.QUEUE_ATTRIBUTES, holds=False)
    return url


def read(sqs: Any, url: str, names: Iterable[str], abilities: Abilities) -> Mapping[Any, str]:
    """Return those of a queue's attributes, by name, that it has.

    Raises:
        ClientError: it may not be asked.
    """
    wanted = list(names)
    if not abilities.lacks(Ability.QUEUE_ATTRIBUTES):
        try:
            return _ask(sqs, url, wanted)
        except boto.ClientError as error:
            if Refusal.of(error).code not in _UNKNOWN:
                raise
    found = _ask(sqs, url, ["All"])
    abilities.note(Ability.QUEUE_ATTRIBUTES, holds=False)
    return {name: found[name] for name in wanted if name in found}


def _ask(sqs: Any, url: str, names: list[str]) -> Mapping[Any, str]:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
    with reading():
        found: Mapping[Any, str] = answer.get("Attributes", {})
        if not all(isinstance(value, str) for value in found.values()):
            raise TypeError("an attribute that is no text")
    return found


def _is_for_encryption(refusal: Refusal) -> bool:
    if "redrive" in refusal.text or "dead letter" in refusal.text:
        return False
    return refusal.code in _UNKNOWN or (refusal.is_of_parameters and "sse" in refusal.text)
