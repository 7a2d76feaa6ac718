"""Facts about SQS: how late queues are known, what a minute must pass for, groups, speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.aws.facts import Fact, Found, code_of
from tests.aws.trial import PREFIX, Trial
from tests.support.everyday import LIST

#: Seconds of SQS's rules: a deleted name is free again, a purge may be asked for again.
RULE = 60.0

#: Plain lists that are sent to see how many a second are answered, and how many a batch has.
LISTS, BATCH = 200, 10

#: Codes of SQS, as newer and older clients have them.
DELETED, PURGED = "QueueDeletedRecently", "PurgeQueueInProgress"


def late_queue(trial: Trial) -> Found:
    """Make a queue, and see how long it is not known."""
    sqs, name = trial.account.sqs, trial.names.probe
    url = sqs.create_queue(QueueName=name, tags={PREFIX: trial.names.id})["QueueUrl"]
    named = trial.seconds_until(lambda: passes(lambda: sqs.get_queue_url(QueueName=name)))
    used = trial.seconds_until(
        lambda: passes(lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"]))
    )
    if named is None or used is None:
        return Found(f"not known after {trial.patience:.0f} s", False)
    return Found(f"by name after {named:.1f} s, by address {used:.1f} s later", named <= RULE)


def group(trial: Trial) -> Found:
    """Send a message with a group to a standard queue."""
    sqs, url = trial.account.sqs, trial.account.url(trial.names.probe)
    code = code_of(lambda: sqs.send_message(QueueUrl=url, MessageBody="1", MessageGroupId="client"))
    return Found(code, code == "done")


def purge(trial: Trial) -> Found:
    """Purge a queue twice within a minute."""
    sqs, url = trial.account.sqs, trial.account.url(trial.names.probe)
    codes = [code_of(lambda: sqs.purge_queue(QueueUrl=url)) for _ in range(2)]
    return Found(" then ".join(codes), codes[0] == "done" and PURGED in codes[1])


def deleted(trial: Trial) -> Found:
    """Delete a queue, and see when its name is free again."""
    sqs, name = trial.account.sqs, trial.names.probe
    trial.account.remove_queue(name)
    began = time.monotonic()
    first = code_of(lambda: sqs.create_queue(QueueName=name))
    if DELETED not in first:
        return Found(f"{first} at once", False)
    free = trial.seconds_until(lambda: passes(lambda: sqs.create_queue(QueueName=name)))
    if free is None:
        return Found(f"{first}; not free after {trial.patience:.0f} s", False)
    return Found(f"{first}; free after {time.monotonic() - began:.0f} s", True)


def passes(call: Callable[[], Any]) -> bool:
    """Tell whether a call passes; one that is refused does not."""
    try:
        call()
    except ClientError:
        return False
    return True


def speed(trial: Trial) -> Found:
    """Send plain lists in batches, and count the answers a second; a worker must be at work."""
    account = trial.account
    requests = trial.names.queues["LABAPP_REQUEST_QUEUE"]
    answers = trial.names.queues["LABAPP_RESPONSE_QUEUE"]
    alone = []
    for _ in range(3):
        began = time.monotonic()
        account.send(requests, LIST)
        if trial.seconds_until(lambda: account.take(answers)) is None:
            return Found("no answer: is a worker at work?", None)
        alone.append(time.monotonic() - began)
    url, began = account.url(requests), time.monotonic()
    for first in range(0, LISTS, BATCH):
        entries: Any = [{"Id": str(first + n), "MessageBody": LIST} for n in range(BATCH)]
        account.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    count = 0

    def enough() -> bool:
        nonlocal count
        count += len(account.take(answers))
        return count >= LISTS

    waited = trial.seconds_until(enough)
    rate = count / (time.monotonic() - began)
    words = f"{rate:.0f} a second of {LISTS} in batches; one alone {min(alone) * 1000:.0f} ms"
    return Found(f"{words} with the way there and back", waited is not None)


QUEUE_FACTS = (
    Fact(
        "a queue just made",
        "may be unknown for up to 60 s",
        "CreateQueue, Amazon SQS API Reference",
        late_queue,
        ("sqs:CreateQueue", "sqs:TagQueue", "sqs:GetQueueUrl", "sqs:GetQueueAttributes"),
    ),
    Fact(
        "MessageGroupId on a standard queue",
        "accepted",
        "Amazon SQS fair queues, developer guide",
        group,
        ("sqs:SendMessage",),
    ),
    Fact(
        "a second purge within 60 s",
        f"{PURGED}",
        "PurgeQueue, Amazon SQS API Reference",
        purge,
        ("sqs:PurgeQueue",),
    ),
    Fact(
        "the name of a deleted queue",
        f"{DELETED}, free after 60 s",
        "DeleteQueue, Amazon SQS API Reference",
        deleted,
        ("sqs:DeleteQueue",),
    ),
)

SPEED = Fact(
    "lists a second",
    f"all {LISTS} are answered",
    "labapp's own promise",
    speed,
    ("sqs:ReceiveMessage", "sqs:DeleteMessage"),
)
