"""How a bucket and queues are made; `labapp.jobs.lab` says which a lab needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.protection import PROTECTIONS, protect
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, CredentialsError
from labapp.settings import Settings

#: Seconds for which SQS keeps a message that nobody takes: 4 days, SQS's own default.
RETENTION = 4 * 24 * 3600

#: Seconds for which dead letters are kept: 14 days, the most that SQS allows.
DEAD_LETTER_RETENTION = 14 * 24 * 3600


@dataclass(frozen=True)
class Resource:
    """One thing that must exist: its kind, its name, and whether it was there or was made."""

    kind: str
    name: str
    made: bool


def reply_queue_name(settings: Settings, client: str) -> str:
    """Return the name of the queue on which `client` is answered."""
    return f"{settings.response_queue}-{client}"


def make_queue(
    cloud: Cloud, name: str, *, dead_letters: str = "", retention: int = RETENTION
) -> None:
    """Make a queue: long polling, encrypted at rest, with its dead letters' queue if one is named.

    A queue of that name that is there already, with whatever attributes, is left as it is.
    """
    settings = cloud.settings
    attributes = {
        "ReceiveMessageWaitTimeSeconds": str(settings.wait_seconds),
        "VisibilityTimeout": str(settings.visibility_timeout),
        "MessageRetentionPeriod": str(retention),
        "SqsManagedSseEnabled": "true",
    }
    if dead_letters:
        redrive = {
            "deadLetterTargetArn": Queue(cloud, dead_letters).arn,
            "maxReceiveCount": settings.max_receives,
        }
        attributes["RedrivePolicy"] = json.dumps(redrive)
    with translated(f"make the queue {name}"):
        try:
            cloud.sqs.create_queue(QueueName=name, Attributes=attributes)  # type: ignore[arg-type]
        except ClientError as error:
            if code_of(error) not in {"QueueAlreadyExists", "QueueNameExists"}:
                raise


def bucket_exists(cloud: Cloud) -> bool:
    """Return whether the bucket is there, and ours if it has to be.

    Raises:
        CredentialsError: it may not be used; or somebody else took the name that is derived from
            our account, and would get our data.
    """
    name, owner = cloud.bucket_name, cloud.bucket_owner
    ours: Any = {"ExpectedBucketOwner": owner} if owner else {}
    with translated(f"find the bucket {name}"):
        try:
            cloud.s3.head_bucket(Bucket=name, **ours)
        except ClientError as error:
            if code_of(error) in {"404", "NoSuchBucket", "NotFound"}:
                return False
            if owner and code_of(error) == "403":
                raise CredentialsError(
                    f"the bucket {name} belongs to another account than {owner}, or you may not"
                    " list it",
                    "Ask for s3:ListBucket, or name a bucket of yours with --bucket.",
                ) from error
            raise
    return True


def make_bucket(cloud: Cloud) -> None:
    """Make the bucket; one that another program of ours made meanwhile will do."""
    name, region = cloud.bucket_name, cloud.place.region
    where: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    with translated(f"make the bucket {name}"):
        try:  # us-east-1 alone takes no location
            cloud.s3.create_bucket(Bucket=name, **({} if region == "us-east-1" else where))
        except ClientError as error:
            if code_of(error) != "BucketAlreadyOwnedByYou":  # another program was quicker
                raise


def protect_bucket(
    cloud: Cloud, failed: dict[str, CloudError], *, dry: bool, there: bool
) -> Iterator[Resource]:
    """Give the bucket the protections that it lacks; what could not be set is put in `failed`."""
    name = cloud.bucket_name
    for one in PROTECTIONS:
        if not one.applies(cloud):
            continue
        try:
            with translated(f"{one.verb} the bucket {name}"):
                lacking = protect(cloud, one, there=there, dry=dry)
        except CloudError as error:
            failed[one.verb] = error
        else:
            if lacking is not None:
                yield Resource("protection", one.name, lacking)


def protection_error(cloud: Cloud, failed: dict[str, CloudError]) -> CloudError:
    """Return what to raise where not every protection could be set; all that could be are."""
    first = next(iter(failed.values()))
    empty = "" if cloud.bucket_owner else "delete the bucket while it is empty, "
    return type(first)(
        f"the bucket {cloud.bucket_name} is not protected as it should be, as this failed:"
        f" {', '.join(failed)} it ({first.message})",
        f"Mend that, {empty}and run 'python admin.py cloud up' again.",
    )
