"""Polls of a queue, as the service takes them: of as many messages, for as long, with its words.

Amazon gives ten messages at once and waits for 20 seconds. What a service refuses of that is asked
for less, until it takes it, and so from then on.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from labapp.cloud import boto
from labapp.cloud.abilities import Abilities, Ability
from labapp.cloud.queue_batches import GROUP, Refusal

#: What a message is asked to tell of itself.
_TOLD = ["ApproximateReceiveCount", "SentTimestamp", "ApproximateFirstReceiveTimestamp"]

#: Seconds after which a service that refuses long polls is asked again.
PAUSE = 1.0


def receive(
    sqs: Any,
    url: str,
    limit: int,
    wait: int,
    hide: Mapping[str, int],
    abilities: Abilities,
    *,
    groups: bool = False,
) -> Any:
    """Ask once for messages; return the answer.

    Args:
        sqs: the client.
        url: the queue's address.
        limit: most messages to take.
        wait: seconds to wait for the first one.
        hide: the visibility timeout, where one is named.
        abilities: what the service is known to take.
        groups: whether each message is asked for its group, which matters on FIFO queues.

    Raises:
        ClientError: the service refuses, however little is asked of it.
    """
    told = [*_TOLD, GROUP] if groups else _TOLD
    while True:
        most, longest = min(limit, abilities.receive_limit), min(wait, abilities.longest_wait)
        every = abilities.lacks(Ability.QUEUE_ATTRIBUTES)
        try:
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=most,
                WaitTimeSeconds=longest,
                AttributeNames=["All"] if every else told,
                MessageAttributeNames=["All"],
                **hide,
            )
        except boto.ClientError as error:
            if not _asks_less(Refusal.of(error), most, longest, abilities):
                raise
            continue
        if wait and not longest and not answer.get("Messages"):
            threading.Event().wait(PAUSE)  # a poll that comes back at once must not be all we do
        return answer


def _asks_less(refusal: Refusal, most: int, longest: int, abilities: Abilities) -> bool:
    """Have less asked for, by what was refused; return whether there is less to ask for."""
    if not (refusal.is_of_parameters or refusal.code == "ReadCountOutOfRange"):
        return False
    if most > 1 and (refusal.code == "ReadCountOutOfRange" or "maxnumberofm" in refusal.text):
        abilities.receive_limit = most // 2
        abilities.note(Ability.FULL_BATCHES, holds=False)
        return True
    if longest and "waittimeseconds" in refusal.text:
        abilities.longest_wait = longest // 2
        abilities.note(Ability.LONG_POLLS, holds=False)
        return True
    if refusal.code == "InvalidAttributeName" and not abilities.lacks(Ability.QUEUE_ATTRIBUTES):
        abilities.note(Ability.QUEUE_ATTRIBUTES, holds=False)
        return True
    return False
