"""How queues are made, and read back until SQS knows them.

SQS says that a queue is made before all of its servers know of it (see `labapp.cloud.patience`).
Its address is the one that SQS gave then; its ARN is asked for with patience, or made of that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from labapp.cloud import boto, queue_attributes
from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.embedded.state import MADE_BY_LABAPP
from labapp.cloud.patience import (
    AGAIN,
    PATIENT,
    Patience,
    never,
    until_queue_can_be_made,
    until_queue_is_known,
)
from labapp.cloud.policies import read
from labapp.cloud.queue_names import FIFO
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, MissingResourceError

#: Seconds for which SQS keeps a message that nobody takes: 4 days, SQS's own default.
RETENTION = 4 * 24 * 3600

#: Seconds for which dead letters are kept: 14 days, the most that SQS allows.
DEAD_LETTER_RETENTION = 14 * 24 * 3600

#: The attribute of a queue that names where its dead letters go.
_REDRIVE = "RedrivePolicy"

#: The attribute of a queue that names a key of the lab's own, by which it is encrypted.
_KEY = "KmsMasterKeyId"


def make(
    cloud: Cloud,
    name: str,
    own: Mapping[str, str] | None = None,
    *,
    dead_letters: str = "",
    retention: int = RETENTION,
    patience: Patience = PATIENT,
) -> Mapping[str, str] | None:
    """Make a queue: long polling, encrypted at rest, with its dead letters' queue if one is named.

    One whose name says so is a FIFO queue. `own` are attributes of its own, by SQS's names of them:
    they count more than labapp's.

    Returns:
        The attributes that it was given; None where a queue of that name with other attributes is
        there, which is left as it is.

    Raises:
        TooSoonError: one of that name was deleted a moment ago, and `patience` ended before.
        CloudError: it cannot be made.
    """
    queue = Queue(cloud, name)
    attributes = _attributes(cloud, name, own or {}, retention)
    if dead_letters and _REDRIVE not in attributes:
        dead = Queue(cloud, dead_letters)
        early = until_queue_is_known(dead_letters) if dead.is_new else never
        target = patience.retry(lambda: dead.arn, early)
        redrive = {"deadLetterTargetArn": target, "maxReceiveCount": cloud.settings.max_receives}
        attributes[_REDRIVE] = json.dumps(redrive)

    # There, what labapp made gives way to a lab's client.
    mark: Mapping[str, Mapping[str, str]] = {"tags": {MADE_BY_LABAPP: ""}} if cloud.is_local else {}

    def create() -> str:
        return queue_attributes.create(cloud.direct_sqs, name, attributes, cloud.abilities, **mark)

    with translated(f"make the queue {name}"):
        try:
            queue.keep(patience.retry(create, until_queue_can_be_made(name, dead_letters)))
        except boto.ClientError as error:
            if code_of(error) in {"QueueAlreadyExists", "QueueNameExists"}:
                return None
            if code_of(error) != "InvalidParameterValue" or "." not in name.removesuffix(FIFO):
                raise
            raise CloudError(
                f"cannot make the queue {name}: this SQS takes no dot in a name but that of {FIFO}",
                "Call the queue otherwise, in the dialect's file and in the lab's client.",
            ) from error
    return attributes


def _attributes(cloud: Cloud, name: str, own: Mapping[str, str], retention: int) -> dict[str, str]:
    """Return what a queue is made with; `own` counts more."""
    attributes = {
        "ReceiveMessageWaitTimeSeconds": str(cloud.settings.wait_seconds),
        "VisibilityTimeout": str(cloud.settings.visibility_timeout),
        "MessageRetentionPeriod": str(retention),
    }
    if _KEY not in own:  # by which SQS encrypts, instead of its own
        attributes[queue_attributes.ENCRYPTED] = "true"
    if name.endswith(FIFO):
        attributes |= {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    return {**attributes, **own}


def read_back(
    cloud: Cloud, name: str, made: Mapping[str, str], patience: Patience = PATIENT
) -> None:
    """See to it that SQS knows a queue by its name, with the attributes that it was made with.

    The local cloud does so at once, and is not asked.

    Raises:
        CloudError: it does not, after all patience.
    """
    if cloud.is_local:
        return
    queue = Queue(cloud, name)
    lacking = ["name"]

    def known() -> bool:
        nonlocal lacking
        try:
            queue.known_url()
            found = queue.attributes("read back the queue", *made) if made else {}  # type: ignore[arg-type]
        except MissingResourceError:
            lacking = ["name"]
            return False
        lacking = [one for one in made if not _is_kept(cloud, one, found.get(one, ""), made[one])]
        return not lacking

    if not patience.until(known, f"SQS knows {name}"):
        raise CloudError(
            f"the queue {name} was made, but SQS does not show it as it should be after"
            f" {patience.seconds:.0f} seconds: its {', '.join(lacking)} cannot be read back",
            f"{AGAIN} If it lasts, delete the queue.",
        )


def _is_kept(cloud: Cloud, attribute: str, found: str, wanted: str) -> bool:
    """Return whether a queue has an attribute as wanted.

    Services other than Amazon's need not have each; but dead letters have to go somewhere.
    """
    if attribute == _REDRIVE:
        return _redrive(found) == _redrive(wanted)
    if not found and not cloud.place.endpoints.sqs.is_amazons:
        return True
    if wanted.startswith("{"):  # a policy, which SQS may write in its own way
        return read(found, "a queue") == read(wanted, "a queue")
    return found.lower() == wanted.lower()


def _redrive(text: str) -> tuple[str, str]:
    policy = read(text, "a queue")
    return str(policy.get("deadLetterTargetArn", "")), str(policy.get("maxReceiveCount", ""))
