"""What must exist in the cloud, and how it is made.

`up` makes what is missing and adopts what is there exactly as it is: a lab's own queues keep their
own attributes, a bucket that a setting names its own protection. On the local cloud it is called on
first use; on AWS only by `admin.py cloud up`, so that nothing appears in anybody's account by
accident.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud import notifications
from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.protection import PROTECTIONS, protect
from labapp.cloud.queues import DEAD_LETTER_SUFFIX, Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, CredentialsError, MissingResourceError
from labapp.settings import Settings

#: Seconds for which SQS keeps a message that nobody takes: 4 days, SQS's own default.
RETENTION = 4 * 24 * 3600

#: Seconds for which dead letters are kept: 14 days, the most that SQS allows.
DEAD_LETTER_RETENTION = 14 * 24 * 3600

#: Below this prefix of the bucket, pictures are processed as they arrive.
DROP = notifications.DROP


@dataclass(frozen=True)
class Resource:
    """One thing that must exist: its kind, its name, and whether it was there or was made."""

    kind: str
    name: str
    made: bool


def job_queues(settings: Settings) -> tuple[str, ...]:
    """Return the names of the four queues that hold jobs and plain clients' answers."""
    return (
        settings.request_queue,
        settings.response_queue,
        settings.image_inbox,
        settings.image_outbox,
    )


def reply_queue_name(settings: Settings, client: str) -> str:
    """Return the name of the queue on which `client` is answered."""
    return f"{settings.response_queue}-{client}"


def up(cloud: Cloud, *, dry: bool = False) -> Iterator[Resource]:
    """Make what is missing, one thing after another.

    Args:
        cloud: the cloud.
        dry: only say what would be made: everything is looked at, and nothing is changed.

    Yields:
        Each resource, once it is there.

    Raises:
        CloudError: a resource can neither be found nor made; or the bucket could not be protected
            in every way, which is said last, when all else is there.
    """
    there = _bucket_exists(cloud)
    if not (there or dry):
        _make_bucket(cloud)
    yield Resource("bucket", cloud.bucket_name, not there)
    failed: dict[str, CloudError] = {}
    # One of the derived name is ours alone: what an earlier run could not set is set now.
    if not there or cloud.bucket_owner:
        yield from _protect(cloud, failed, dry=dry, there=there)
    yield from _queues(cloud, dry=dry)
    inbox = cloud.settings.image_inbox
    yield Resource("policy", f"S3 may send to {inbox}", notifications.admit(cloud, dry=dry))
    told = notifications.notify(cloud, dry=dry) if there or not dry else True
    yield Resource("notification", f"{DROP}* to {inbox}", told)
    if failed:
        raise _unprotected(cloud, failed)


def _queues(cloud: Cloud, *, dry: bool) -> Iterator[Resource]:
    for name in job_queues(cloud.settings):
        dead = name + DEAD_LETTER_SUFFIX
        dead_there = Queue(cloud, dead).exists()
        if Queue(cloud, name).exists():
            yield Resource("queue", name, made=False)
            if dead_there:
                yield Resource("dead-letter queue", dead, made=False)
            continue
        if not (dead_there or dry):
            make_queue(cloud, dead, retention=DEAD_LETTER_RETENTION)
        yield Resource("dead-letter queue", dead, not dead_there)
        if not dry:
            make_queue(cloud, name, dead_letters=dead)
        yield Resource("queue", name, made=True)


def missing(cloud: Cloud) -> list[str]:
    """Return the names of what does not exist: bucket and queues."""
    lacking = [n for n in job_queues(cloud.settings) if not Queue(cloud, n).exists()]
    return lacking if _bucket_exists(cloud) else [cloud.bucket_name, *lacking]


def require(cloud: Cloud, *, bucket_only: bool = False) -> None:
    """See to it that all that programs use is there.

    Args:
        cloud: the cloud.
        bucket_only: whether only the bucket will be used, by somebody who may have no leave to ask
            for queues. On the local cloud everybody may do everything, and all is looked for.

    Raises:
        MissingResourceError: on AWS, with the names and the command that makes them.
    """
    if bucket_only and not cloud.is_local:
        lacking = [] if _bucket_exists(cloud) else [cloud.bucket_name]
    else:
        lacking = missing(cloud)
    if lacking and cloud.is_local:
        for _ in up(cloud):
            pass
    elif lacking:
        raise MissingResourceError(
            f"not there in {cloud.place.region}: {', '.join(lacking)}",
            "Run 'python admin.py cloud up', which makes what is missing.",
        )


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


def _bucket_exists(cloud: Cloud) -> bool:
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


def _make_bucket(cloud: Cloud) -> None:
    name, s3 = cloud.bucket_name, cloud.s3
    with translated(f"make the bucket {name}"):
        try:
            if cloud.place.region == "us-east-1":  # which alone takes no location
                s3.create_bucket(Bucket=name)
            else:
                s3.create_bucket(
                    Bucket=name,
                    CreateBucketConfiguration={"LocationConstraint": cloud.place.region},  # type: ignore[typeddict-item]
                )
        except ClientError as error:
            if code_of(error) != "BucketAlreadyOwnedByYou":  # another program was quicker
                raise


def _protect(
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


def _unprotected(cloud: Cloud, failed: dict[str, CloudError]) -> CloudError:
    """Return what to raise where not every protection could be set; all that could be are."""
    first = next(iter(failed.values()))
    empty = "" if cloud.bucket_owner else "delete the bucket while it is empty, "
    return type(first)(
        f"the bucket {cloud.bucket_name} is not protected as it should be, as this failed:"
        f" {', '.join(failed)} it ({first.message})",
        f"Mend that, {empty}and run 'python admin.py cloud up' again.",
    )
