"""S3 event notifications: a queue is told of what is dropped in the bucket, without a client.

S3 keeps one document for all of a bucket's notifications, and a queue one policy for all who may
send to it: what others put there is kept.
"""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import code_of, status_of, translated
from labapp.cloud.policies import read, with_statement
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.waits import delay

#: The name of our statement in a queue's policy.
STATEMENT = "LabappDrop"

#: Seconds that a queue's new policy may take until S3 sees it, as SQS's documentation says.
PROPAGATION = 60.0

#: Seconds between two attempts while it does not, the first and the most.
RETRY, LONGEST_RETRY = 1.0, 10.0

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


def notify(cloud: Cloud, queue_name: str, prefix: str, *, dry: bool = False) -> bool:
    """Have S3 tell a queue of what is dropped below a prefix; return whether it did not before.

    The prefix has its slash at the end. With `dry` it is only looked, and nothing changed.

    Raises:
        CloudError: it cannot be had; or another rule of the bucket's, which tells somebody else,
            takes the same objects.
    """
    queue = Queue(cloud, queue_name)
    if not dry:
        admit(cloud, queue_name)
    elif not queue.exists():
        return True
    target = queue.arn
    name = cloud.bucket_name
    with translated(f"read the notifications of the bucket {name}"):
        found: Any = cloud.s3.get_bucket_notification_configuration(Bucket=name)
    kept: Any = {part: found[part] for part in _PARTS if part in found}
    rules = list(kept.get("QueueConfigurations", ()))
    if any(rule["QueueArn"] == target and _takes(rule, prefix) for rule in rules):
        return False
    if dry:
        return True
    ours = {
        "Id": f"labapp-{prefix.rstrip('/')}",  # such as labapp-drop
        "QueueArn": target,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
    }
    others = [rule for rule in rules if rule.get("Id") != ours["Id"]]
    kept["QueueConfigurations"] = [*others, ours]
    _put(cloud, name, kept)
    return True


def _takes(rule: Any, ours: str) -> bool:
    """Return whether a rule takes objects below our prefix: S3 allows no second one for them."""
    filters = rule.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    prefixes = [one["Value"] for one in filters if one["Name"].lower() == "prefix"]
    prefix = prefixes[0] if prefixes else ""
    created = any(event.startswith("s3:ObjectCreated:") for event in rule["Events"])
    return created and (ours.startswith(prefix) or prefix.startswith(ours))


def _put(cloud: Cloud, name: str, notifications: Any) -> None:
    """Set the notifications, which S3 refuses until it sees that the queue lets it in."""
    until = time.monotonic() + PROPAGATION
    with translated(f"set the notifications of the bucket {name}"):
        for attempt in itertools.count(1):
            try:
                cloud.s3.put_bucket_notification_configuration(
                    Bucket=name, NotificationConfiguration=notifications
                )
            except ClientError as error:
                pause = delay(attempt, RETRY, LONGEST_RETRY, steady=1.0)
                if not _not_yet(error) or time.monotonic() + pause > until:
                    raise
                time.sleep(pause)
            else:
                return


def _not_yet(error: ClientError) -> bool:
    text = str(error.response.get("Error", {}).get("Message", ""))
    return code_of(error) == "InvalidArgument" and "Unable to validate the following" in text


def admit(cloud: Cloud, queue_name: str, *, dry: bool = False) -> bool:
    """Let the bucket's events into a queue; return whether they were not before.

    A queue that was made anew has lost its policy. Arguments and errors as for `notify`.
    """
    queue = Queue(cloud, queue_name)
    if dry and not queue.exists():
        return True
    arn = queue.arn
    doing = "set the policy of the queue"
    with translated(f"{doing} {queue.name}"):
        policy = read(queue.attributes(doing, "Policy").get("Policy", ""), queue.name)
        partition = cloud.s3.meta.partition
        bucket_arn = f"arn:{partition}:s3:::{cloud.bucket_name}"
        condition = {"ArnEquals": {"aws:SourceArn": bucket_arn}}
        if owner := _owner(cloud, arn.split(":")[_ACCOUNT]):
            # The name of a bucket that was deleted is anybody's, and an ARN of S3 names no account.
            condition["StringEquals"] = {"aws:SourceAccount": owner}
        statement = {
            "Sid": STATEMENT,
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": condition,
        }
        if (after := with_statement(policy, statement)) == policy:
            return False
        if not dry:
            attributes: Any = {"Policy": json.dumps(after)}
            cloud.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes=attributes)
        return True


def _owner(cloud: Cloud, account: str) -> str:
    """Return the account of the bucket; empty where it is not the one given, and so not known.

    Raises:
        ClientError: it cannot be asked.
    """
    if cloud.bucket_owner or cloud.is_local:
        return cloud.bucket_owner or account
    try:
        cloud.s3.head_bucket(Bucket=cloud.bucket_name, ExpectedBucketOwner=account)
    except ClientError as error:
        if status_of(error) == FORBIDDEN:
            return ""
        if status_of(error) != MISSING:  # one that is still to be made will be ours
            raise
    return account
