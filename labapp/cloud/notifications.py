"""S3 event notifications: a queue is told of what is dropped in the bucket, without a client.

S3 keeps one document for all of a bucket's notifications, and a queue one policy for all who may
send to it: what others put there is kept.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from labapp.cloud import boto
from labapp.cloud.abilities import Ability
from labapp.cloud.aws_errors import status_of, translated
from labapp.cloud.patience import (
    PATIENT,
    Early,
    NotShownError,
    Patience,
    never,
    until_bucket_is_known,
    until_queue_is_known,
)
from labapp.cloud.policies import read, with_statement
from labapp.cloud.queues import Queue
from labapp.cloud.s3_dialect import has_no_such_call
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, MissingResourceError

#: The name of our statement in a queue's policy.
STATEMENT = "LabappDrop"

#: What admitting the bucket does to a queue, as an error says it.
_ADMITTING = "set the policy of the queue"

#: The place of the account in an ARN.
_ACCOUNT = 4

#: HTTP statuses by which S3 says that a bucket is another's, or not there: HEAD has no words.
FORBIDDEN, MISSING = 403, 404

#: The parts of a bucket's notification document.
_PARTS = (
    "TopicConfigurations",
    "QueueConfigurations",
    "LambdaFunctionConfigurations",
    "EventBridgeConfiguration",
)


def notify(
    cloud: Cloud, queue_name: str, prefix: str, *, dry: bool = False, patience: Patience = PATIENT
) -> bool | None:
    """Have S3 tell a queue of what is dropped below a prefix.

    The prefix has its slash at the end. With `dry` it is only looked, and nothing changed. What was
    set is read back, unless the cloud is the local one.

    Returns:
        Whether it did not before; None where this store tells no queue, or none of that region.

    Raises:
        CloudError: it cannot be had, or is not there after all patience; or another rule of the
            bucket's, which tells somebody else, takes the same objects.
    """
    where, here, s3 = cloud.abilities.bucket_region, cloud.place.region, cloud.place.endpoints.s3
    if where and where != here and s3.is_amazons:
        cloud.abilities.tell(
            f"S3 tells only queues of its own region, and the bucket is in {where}: what is put in"
            f" {prefix} waits for nobody"
        )
        return None
    try:
        return _notify(cloud, queue_name, prefix, dry=dry, patience=patience)
    except CloudError as error:
        forgotten = isinstance(error, NotShownError)
        if s3.is_amazons or not (forgotten or has_no_such_call(error.__cause__)):
            raise
    cloud.abilities.note(Ability.NOTIFICATIONS, holds=False)
    return None


def _notify(cloud: Cloud, queue_name: str, prefix: str, *, dry: bool, patience: Patience) -> bool:
    queue = Queue(cloud, queue_name)
    if not dry:
        admit(cloud, queue_name, patience=patience)
    elif not queue.exists():
        return True
    target, kept = _arn(queue, patience), _rules(cloud)
    if _is_told(kept, target, prefix):
        return False
    if dry:
        return True
    _tell(cloud, kept, target, prefix, patience)
    return True


def _tell(cloud: Cloud, kept: Any, target: str, prefix: str, patience: Patience) -> None:
    """Add our rule to the bucket's, and read it back."""
    name = cloud.bucket_name
    ours = {
        "Id": f"labapp-{prefix.rstrip('/')}",  # such as labapp-drop
        "QueueArn": target,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
    }
    others = [rule for rule in kept.get("QueueConfigurations", ()) if rule.get("Id") != ours["Id"]]
    kept["QueueConfigurations"] = [*others, ours]
    put = partial(
        cloud.s3.put_bucket_notification_configuration, Bucket=name, NotificationConfiguration=kept
    )
    with translated(f"set the notifications of the bucket {name}"):
        # S3 refuses them until it sees that the queue lets it in.
        patience.retry(put, until_bucket_is_known(name))

    def is_told() -> bool:
        return _is_told(_rules(cloud), target, prefix)

    if not cloud.is_local:
        taken = f"S3 took the notification of {prefix} for the bucket {name}"
        means = "nobody is told of what is dropped there; all else works without it"
        patience.show(is_told, f"S3 shows the notification of {prefix}", taken, means)


def _arn(queue: Queue, patience: Patience) -> str:
    """Return a queue's ARN, which may only just have been made."""
    return patience.retry(lambda: queue.arn, _early(queue))


def _early(queue: Queue) -> Early:
    return until_queue_is_known(queue.name) if queue.is_new else never


def _rules(cloud: Cloud) -> Any:
    """Return the bucket's notifications: of all kinds, as S3 takes them again."""
    name = cloud.bucket_name
    with translated(f"read the notifications of the bucket {name}"):
        found: Any = cloud.s3.get_bucket_notification_configuration(Bucket=name)
    return {part: found[part] for part in _PARTS if part in found}


def _is_told(rules: Any, target: str, prefix: str) -> bool:
    found = rules.get("QueueConfigurations", ())
    return any(rule["QueueArn"] == target and _takes(rule, prefix) for rule in found)


def _takes(rule: Any, ours: str) -> bool:
    """Return whether a rule takes objects below our prefix: S3 allows no second one for them."""
    filters = rule.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    prefixes = [one["Value"] for one in filters if one["Name"].lower() == "prefix"]
    prefix = prefixes[0] if prefixes else ""
    created = any(event.startswith("s3:ObjectCreated:") for event in rule["Events"])
    return created and (ours.startswith(prefix) or prefix.startswith(ours))


def admit(
    cloud: Cloud, queue_name: str, *, dry: bool = False, patience: Patience = PATIENT
) -> bool:
    """Let the bucket's events into a queue; return whether they were not before.

    A queue that was made anew has lost its policy. Arguments and errors as for `notify`.
    """
    queue = Queue(cloud, queue_name)
    if dry and not queue.exists():
        return True
    arn = _arn(queue, patience)
    with translated(f"{_ADMITTING} {queue.name}"):
        statement = _statement(cloud, arn)
    policy = patience.retry(lambda: _policy(queue), _early(queue))
    if (after := with_statement(policy, statement)) == policy:
        return False
    if dry:
        return True
    attributes: Any = {"Policy": json.dumps(after)}
    change = partial(cloud.sqs.set_queue_attributes, QueueUrl=queue.url, Attributes=attributes)
    with translated(f"{_ADMITTING} {queue.name}"):
        patience.retry(change, _early(queue))

    def is_admitted() -> bool:
        try:
            found = _policy(queue)
        except MissingResourceError:  # one that is new is not known to all of SQS's servers at once
            return False
        return with_statement(found, statement) == found

    if not cloud.is_local:
        taken = f"SQS took the policy of the queue {queue.name}"
        shown = f"SQS shows the policy of {queue.name}"
        patience.show(is_admitted, shown, taken, "S3 may not be let in")
    return True


def _statement(cloud: Cloud, arn: str) -> dict[str, Any]:
    """Return what lets the bucket's events into the queue of an ARN."""
    bucket_arn = f"arn:{cloud.s3.meta.partition}:s3:::{cloud.bucket_name}"
    condition = {"ArnEquals": {"aws:SourceArn": bucket_arn}}
    if owner := _owner(cloud, arn.split(":")[_ACCOUNT]):
        # The name of a bucket that was deleted is anybody's, and an ARN of S3 names no account.
        condition["StringEquals"] = {"aws:SourceAccount": owner}
    return {
        "Sid": STATEMENT,
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": condition,
    }


def _policy(queue: Queue) -> dict[str, Any]:
    return read(queue.attributes(_ADMITTING, "Policy").get("Policy", ""), queue.name)


def _owner(cloud: Cloud, account: str) -> str:
    """Return the account of the bucket; empty where it is not the one given, and so not known.

    Raises:
        ClientError: it cannot be asked.
    """
    if cloud.bucket_owner or cloud.is_local:
        return cloud.bucket_owner or account
    try:
        cloud.s3.head_bucket(Bucket=cloud.bucket_name, ExpectedBucketOwner=account)
    except boto.ClientError as error:
        if status_of(error) == FORBIDDEN:
            return ""
        if status_of(error) != MISSING:  # one that is still to be made will be ours
            raise
    return account
