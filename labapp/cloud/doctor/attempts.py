"""Calls that need a permission and harm nothing, whoever makes them and whatever comes of them.

Each is such that the service cannot do anything of it: a message without a body, a receipt that
nobody has, a condition that no object meets, an upload that is given up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import from_response
from labapp.cloud.conditions import NO_ETAG
from labapp.cloud.doctor import probe
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import ForbiddenError

#: Makes a call on a queue, or below a prefix of the bucket.
Attempt = Callable[[Cloud, str], object]

#: A receipt that no message has, and an upload that nobody began.
_RECEIPT = _UPLOAD = "labapp-doctor"

#: Seconds of a delay that SQS takes of no message; 900 are the most.
_LATE = 901


def _queue_url(cloud: Cloud, queue: str) -> object:
    return cloud.sqs.get_queue_url(QueueName=queue)


def _attributes(cloud: Cloud, queue: str) -> object:
    url = Queue(cloud, queue).url
    return cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])


def _send(cloud: Cloud, queue: str) -> object:
    """Send what SQS refuses for each of three reasons, as some services know only one of them.

    An empty batch would be as harmless, but a service that enforces IAM denied it to everybody.
    """
    return cloud.sqs.send_message(
        QueueUrl=Queue(cloud, queue).url,
        MessageBody="",
        DelaySeconds=_LATE,
        MessageAttributes={"doctor": {"DataType": "", "StringValue": "doctor"}},
    )


def _receive(cloud: Cloud, queue: str) -> object:
    """Ask for no message at all, which SQS refuses; one that comes all the same is not hidden."""
    url = Queue(cloud, queue).url
    return cloud.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=0, VisibilityTimeout=0, WaitTimeSeconds=0
    )


def _delete(cloud: Cloud, queue: str) -> object:
    return cloud.sqs.delete_message(QueueUrl=Queue(cloud, queue).url, ReceiptHandle=_RECEIPT)


def _hide(cloud: Cloud, queue: str) -> object:
    url = Queue(cloud, queue).url
    return cloud.sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle=_RECEIPT, VisibilityTimeout=0
    )


def _make(cloud: Cloud, queue: str) -> object:
    """Make a queue that is there, which changes nothing."""
    _queue_url(cloud, queue)
    return cloud.sqs.create_queue(QueueName=queue)


def _list_queues(cloud: Cloud, _: str) -> object:
    return cloud.sqs.list_queues(MaxResults=1)


def _list_objects(cloud: Cloud, prefix: str) -> object:
    return cloud.s3.list_objects_v2(Bucket=cloud.bucket_name, Prefix=prefix, MaxKeys=1)


def _get(cloud: Cloud, prefix: str) -> object:
    return cloud.s3.get_object(Bucket=cloud.bucket_name, Key=probe.new_key(prefix))


def _give_up(cloud: Cloud, prefix: str) -> object:
    return cloud.s3.abort_multipart_upload(
        Bucket=cloud.bucket_name, Key=probe.new_key(prefix), UploadId=_UPLOAD
    )


def _put(cloud: Cloud, prefix: str) -> object:
    """Begin an upload by parts and give it up: no object is made, and nobody is told of one.

    Who may not give it up would leave it: then an object is written on a condition that none meets.
    """
    name, key = cloud.bucket_name, probe.new_key(prefix)
    if _is_forbidden(_give_up, cloud, prefix):
        return put_never(cloud, key)
    begun = cloud.s3.create_multipart_upload(Bucket=name, Key=key)
    return cloud.s3.abort_multipart_upload(Bucket=name, Key=key, UploadId=begun["UploadId"])


def put_never(cloud: Cloud, key: str) -> object:
    """Write an object on a condition that it cannot meet; one that is written all the same goes."""
    answer = cloud.s3.put_object(
        Bucket=cloud.bucket_name, Key=key, Body=probe.BODY, IfMatch=NO_ETAG
    )
    probe.remove(cloud, key)
    return answer


def _remove(cloud: Cloud, prefix: str) -> object:
    """Delete an object that is not there, on a condition, so that no marker is left of it either.

    A store that ignores the condition makes a marker where it keeps versions, which is deleted too.
    """
    name, key = cloud.bucket_name, probe.new_key(prefix)
    answer: Any = cloud.s3.delete_object(Bucket=name, Key=key, IfMatch=NO_ETAG)
    if marker := answer.get("VersionId"):
        with contextlib.suppress(ClientError):  # that is another's right; a lifecycle rule does it
            cloud.s3.delete_object(Bucket=name, Key=key, VersionId=marker)
    return answer


def _is_forbidden(attempt: Attempt, cloud: Cloud, on: str) -> bool:
    try:
        attempt(cloud, on)
    except ClientError as error:
        return isinstance(from_response(error, "try"), ForbiddenError)
    return False


def may_take(cloud: Cloud, queue: str) -> bool:
    """Return whether one may receive a message of a queue, delete it, and give others back."""
    return not any(_is_forbidden(one, cloud, queue) for one in (_receive, _delete, _hide))


#: How each permission is tried; one that is not here has no call that harms nothing.
ATTEMPTS: Mapping[str, Attempt] = {
    "sqs:GetQueueUrl": _queue_url,
    "sqs:GetQueueAttributes": _attributes,
    "sqs:SendMessage": _send,
    "sqs:ReceiveMessage": _receive,
    "sqs:DeleteMessage": _delete,
    "sqs:ChangeMessageVisibility": _hide,
    "sqs:CreateQueue": _make,
    "sqs:ListQueues": _list_queues,
    "s3:ListBucket": _list_objects,
    "s3:GetObject": _get,
    "s3:PutObject": _put,
    "s3:AbortMultipartUpload": _give_up,
    "s3:DeleteObject": _remove,
}
