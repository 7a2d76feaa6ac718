"""Each permission that a program needs, tried by a call that harms nothing.

A call is made such that the service cannot do anything of it: an empty batch, a receipt that nobody
has, an object that cannot be there. Amazon looks at permissions before it looks at such faults, so
any other answer than that it is forbidden says that it is allowed; where no such call is known, the
finding says that it was not tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import from_response, translated
from labapp.cloud.doctor import probe
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CredentialsError, ForbiddenError, MissingResourceError

#: A receipt that no message has.
_RECEIPT = "labapp-doctor-has-no-message"

#: Stands for the queue on which the user is answered.
OWN = "own reply queue"

#: How a permission was found: given, refused, or not to be told.
GIVEN, REFUSED, UNTOLD = "given", "refused", "not tried"

#: Makes a call that needs a permission on a queue, or below a prefix, and does nothing else.
Attempt = Callable[[Cloud, str], object]


def _queue_url(cloud: Cloud, queue: str) -> object:
    return cloud.sqs.get_queue_url(QueueName=queue)


def _attributes(cloud: Cloud, queue: str) -> object:
    url = Queue(cloud, queue).url
    return cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])


def _send(cloud: Cloud, queue: str) -> object:
    return cloud.sqs.send_message_batch(QueueUrl=Queue(cloud, queue).url, Entries=[])


def _receive(cloud: Cloud, queue: str) -> object:
    """Ask for no message at all, which SQS refuses; who gives one all the same has it back."""
    url = Queue(cloud, queue).url
    answer: Any = cloud.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=0, VisibilityTimeout=0, WaitTimeSeconds=0
    )
    return answer


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


def _put(cloud: Cloud, prefix: str) -> object:
    """Begin an upload by parts and give it up: no object is made, and nobody is told of one."""
    name, key = cloud.bucket_name, probe.new_key(prefix)
    begun = cloud.s3.create_multipart_upload(Bucket=name, Key=key)
    try:
        return begun
    finally:
        cloud.s3.abort_multipart_upload(Bucket=name, Key=key, UploadId=begun["UploadId"])


def _remove(cloud: Cloud, prefix: str) -> object:
    """Delete an object that is not there; the marker of it in a versioned bucket goes too."""
    name, key = cloud.bucket_name, probe.new_key(prefix)
    answer: Any = cloud.s3.delete_object(Bucket=name, Key=key)
    if marker := answer.get("VersionId"):
        try:
            cloud.s3.delete_object(Bucket=name, Key=key, VersionId=marker)
        except ClientError:  # s3:DeleteObjectVersion is another's; a lifecycle rule takes markers
            return answer
    return answer


#: How each permission is tried.
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
    "s3:DeleteObject": _remove,
}

#: What it means not to have one.
MEANINGS: Mapping[str, str] = {
    "sqs:GetQueueUrl": "the queue is not found",
    "sqs:GetQueueAttributes": "messages are not counted, and the redrive policy is not known",
    "sqs:SendMessage": "nothing can be sent there: no job, no answer, no dead letter",
    "sqs:ReceiveMessage": "no message is received there",
    "sqs:DeleteMessage": "what is done is not deleted: it comes again, and is done again, until it"
    " lies among the dead letters",
    "sqs:ChangeMessageVisibility": "a job that takes longer than the visibility timeout is done"
    " twice, and jobs are not handed back",
    "sqs:CreateQueue": "no reply queue can be made, so that nobody is answered",
    "sqs:ListQueues": "the clients' reply queues are not listed",
    "sqs:PurgeQueue": "a queue cannot be purged",
    "s3:ListBucket": "nothing is listed, and what is not there looks as if it were forbidden",
    "s3:GetObject": "nothing is read there",
    "s3:PutObject": "nothing is stored there",
    "s3:DeleteObject": "what is no longer needed stays there",
}


@dataclass(frozen=True)
class Need:
    """Permissions that a task needs.

    Attributes:
        task: what cannot be done without, as people call it.
        action: the action of IAM.
        on: the queues, or the prefixes of the bucket, that it is needed on; none where it is of
            nothing in particular.
        remedy: how it is given.
    """

    task: str
    action: str
    on: Sequence[str]
    remedy: str = ""


def look_at_need(patient: Patient, need: Need) -> Iterator[Finding]:
    """Tell whether a permission is given, on each thing that it is needed on.

    Raises:
        CloudError: the service does not answer.
    """
    check = f"{need.action} ({need.task})"
    attempt = ATTEMPTS.get(need.action)
    if attempt is None:
        yield Finding(check, "note", "not tried: there is no call of it that harms nothing")
        return
    own = patient.lab.replies(patient.cloud)
    things = [one for one in (own if one == OWN else one for one in need.on) if one]
    if not things and need.on:
        yield Finding(check, "note", "not tried: there is no reply queue of this machine yet")
        return
    found = {one: _try(patient, attempt, need.action, one) for one in things or [""]}
    refused = [one for one, how in found.items() if how == REFUSED]
    untold = [one for one, how in found.items() if how == UNTOLD]
    if refused:
        told = f"denied on {', '.join(one or 'everything' for one in refused)}"
        meaning = MEANINGS.get(need.action, "")
        yield Finding(check, "broken", told, meaning, _remedy(patient, need))
    if untold:
        yield Finding(check, "note", f"not tried on {', '.join(untold)}: it is not there")
    if not (refused or untold):
        yield Finding(check, "holds", f"allowed on {', '.join(things) or 'everything'}")


def _try(patient: Patient, attempt: Attempt, action: str, on: str) -> str:
    """Return how a permission was found on one thing."""
    doing = f"try {action} on {on}"
    try:
        with translated(doing):
            try:
                attempt(patient.cloud, on)
            except ClientError as error:
                told = from_response(error, doing)
                if isinstance(told, ForbiddenError):
                    return REFUSED
                if isinstance(told, CredentialsError):
                    raise
                missing = isinstance(told, MissingResourceError)
                return UNTOLD if missing and action.startswith("sqs:") else GIVEN
    except ForbiddenError:  # the queue's address was asked for on the way
        return REFUSED if action == "sqs:GetQueueUrl" else UNTOLD
    except MissingResourceError:
        return UNTOLD
    return GIVEN


def _remedy(patient: Patient, need: Need) -> str:
    who = f" of {patient.arn}" if patient.arn else ""
    return f"Have {need.action} allowed there in the policy{who}. {need.remedy}".rstrip()
