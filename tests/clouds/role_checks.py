"""Asks a service that enforces IAM whether each role may do what the table of roles says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud.roles import ROLES
from tests.clouds.account import Account
from tests.clouds.tour import BUCKET
from tests.support import role_table

#: What says that a call is not allowed.
_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "403", "UnauthorizedOperation", "AuthorizationError"}
)

#: A receipt that no message has.
_RECEIPT = "of-no-message"

#: Calls of SQS by their action, on a queue's address and name; those of S3, on a key.
_SQS: Mapping[str, Callable[[Any, str, str], Any]] = {
    "sqs:SendMessage": lambda q, url, _: q.send_message(QueueUrl=url, MessageBody="x"),
    "sqs:ReceiveMessage": lambda q, url, _: q.receive_message(QueueUrl=url, WaitTimeSeconds=0),
    "sqs:DeleteMessage": lambda q, url, _: q.delete_message(QueueUrl=url, ReceiptHandle=_RECEIPT),
    "sqs:ChangeMessageVisibility": lambda q, url, _: q.change_message_visibility(
        QueueUrl=url, ReceiptHandle=_RECEIPT, VisibilityTimeout=0
    ),
    "sqs:CreateQueue": lambda q, _, name: q.create_queue(QueueName=name),
    "sqs:SetQueueAttributes": lambda q, url, _: q.set_queue_attributes(
        QueueUrl=url, Attributes={"DelaySeconds": "0"}
    ),
    "sqs:GetQueueUrl": lambda q, _, name: q.get_queue_url(QueueName=name),
    "sqs:GetQueueAttributes": lambda q, url, _: q.get_queue_attributes(
        QueueUrl=url, AttributeNames=["QueueArn"]
    ),
    "sqs:PurgeQueue": lambda q, url, _: q.purge_queue(QueueUrl=url),
    "sqs:DeleteQueue": lambda q, url, _: q.delete_queue(QueueUrl=url),
    "sqs:ListQueues": lambda q, _, __: q.list_queues(),
}
_S3: Mapping[str, Callable[[Any, str], Any]] = {
    "s3:GetObject": lambda s, key: s.get_object(Bucket=BUCKET, Key=key),
    "s3:PutObject": lambda s, key: s.put_object(Bucket=BUCKET, Key=key, Body=b"1"),
    "s3:DeleteObject": lambda s, key: s.delete_object(Bucket=BUCKET, Key=f"{key}-not-there"),
    "s3:GetBucketPolicy": lambda s, _: s.get_bucket_policy(Bucket=BUCKET),
    "s3:PutBucketPolicy": lambda s, _: s.put_bucket_policy(Bucket=BUCKET, Policy="{}"),
    "s3:GetBucketNotification": lambda s, _: s.get_bucket_notification_configuration(Bucket=BUCKET),
    "s3:PutBucketVersioning": lambda s, _: s.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    ),
    "s3:DeleteBucket": lambda s, _: s.delete_bucket(Bucket=BUCKET),
    "s3:ListBucket": lambda s, _: s.head_bucket(Bucket=BUCKET),
}

#: Who is asked, and the roles of the table that each has.
WHO: Mapping[str, frozenset[str]] = {
    "anna" if role.name == "client" else role.name: frozenset({role.name}) for role in ROLES
}


def failures(
    root: Account, people: Mapping[str, Account], has: Mapping[str, frozenset[str]] = WHO
) -> tuple[int, list[str]]:
    """Try the table; return how many checks were made, and those that went otherwise than it says.

    Everything that is named is there before, so that a denial is none of what is not there.
    """
    address = root.url("requestQueue").removesuffix("requestQueue")
    for name in {name for _, name, _ in role_table.QUEUES if name}:
        root.sqs.create_queue(QueueName=name)
    for key in {key for _, key, _ in role_table.OBJECTS if key}:
        root.s3.put_object(Bucket=BUCKET, Key=key, Body=b"1")
    tried = [
        *(
            (
                f"{action} {name}",
                who,
                lambda one, a=action, n=name: _SQS[a](one.sqs, address + n, n),
            )
            for action, name, who in role_table.QUEUES
        ),
        *(
            (f"{action} {key}", who, lambda one, a=action, k=key: _S3[a](one.s3, k))
            for action, key, who in role_table.OBJECTS
        ),
        *(
            (
                f"list {prefix!r}",
                who,
                lambda one, p=prefix: one.s3.list_objects_v2(Bucket=BUCKET, Prefix=p),
            )
            for prefix, who in role_table.LISTINGS
        ),
    ]
    wrong, count = [], 0
    for what, who, call in tried:
        for person, roles in has.items():
            count += 1
            allowed = is_allowed(call, people[person])
            if allowed == roles.isdisjoint(who.split()):
                wrong.append(f"{person} {'may' if allowed else 'may not'}: {what}")
    return count, wrong


def is_allowed(call: Callable[[Account], Any], person: Account) -> bool:
    """Return whether a call is allowed: whatever else is wrong with it is told only then."""
    try:
        call(person)
    except ClientError as error:
        return str(error.response["Error"].get("Code")) not in _DENIED
    return True
