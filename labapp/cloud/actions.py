"""The actions of IAM that calls take, so that a refusal can say what to ask for.

Source: "Actions, resources, and condition keys" for Amazon S3 and Amazon SQS, in AWS's Service
Authorization Reference. Most calls have an action of their own name; a batch has that of the single
call. Those of the services that a fleet is made with are known by the policies that give them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

#: The actions of calls whose names do not tell them.
_OTHERS = {
    "GetCallerIdentity": ("sts:GetCallerIdentity",),
    "ListBuckets": ("s3:ListAllMyBuckets",),
    "HeadBucket": ("s3:ListBucket",),
    "ListObjects": ("s3:ListBucket",),
    "ListObjectsV2": ("s3:ListBucket",),
    "HeadObject": ("s3:GetObject",),
    "CreateMultipartUpload": ("s3:PutObject",),
    "UploadPart": ("s3:PutObject",),
    "CompleteMultipartUpload": ("s3:PutObject",),
    "CopyObject": ("s3:GetObject", "s3:PutObject"),
    "UploadPartCopy": ("s3:GetObject", "s3:PutObject"),
    "DeleteObjects": ("s3:DeleteObject",),
    "ListMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "ListObjectVersions": ("s3:ListBucketVersions",),
    "GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "GetBucketNotificationConfiguration": ("s3:GetBucketNotification",),
    "PutBucketNotificationConfiguration": ("s3:PutBucketNotification",),
    "GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "DeleteBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "GetObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
}

#: What stands at the end of the names of S3's and of SQS's other calls, each by its own word.
_S3_THINGS = ("Object", "Bucket", "Upload", "Versioning", "Policy", "Location", "Tagging")
_SQS_THINGS = ("Queue", "Queues", "QueueUrl", "QueueAttributes", "Message", "MessageVisibility")

#: What a batch of SQS is called beside the single call.
_BATCH = "Batch"

#: The calls that S3 answers alike where the object is not there and one may not list the bucket.
_READS = frozenset({"GetObject", "HeadObject"})

#: Where everything that labapp needs is written down.
POLICIES = "'python admin.py cloud policies' prints what each role needs"


def actions_of(operation: str) -> tuple[str, ...]:
    """Return the actions that a call takes, by its name as botocore has it; none if unknown."""
    if operation in _OTHERS:
        return _OTHERS[operation]
    single = operation.removesuffix(_BATCH)
    if single.endswith(_SQS_THINGS):
        return (f"sqs:{single}",)
    if action := _of_a_fleet().get(operation):
        return (action,)
    if operation.endswith(_S3_THINGS):
        return (f"s3:{operation}",)
    return ()


@functools.cache
def _of_a_fleet() -> Mapping[str, str]:
    """Return the actions of other services than S3 and SQS, by their calls.

    Of two services' calls of one name, the admin's counts: labapp makes that one itself, while the
    deployer's is CloudFormation's doing.
    """
    from labapp.cloud import roles

    found: dict[str, str] = {}
    for role in ("admin", "instance", "deployer"):
        for action in roles.actions(role):
            service, _, call = action.partition(":")
            if service not in ("s3", "sqs"):
                found.setdefault(call, action)
    return found


def lacking(operation: str) -> str:
    """Return what to put behind a refusal, as `; it takes s3:GetObject`; empty if unknown."""
    actions = actions_of(operation)
    return f"; it takes {' and '.join(actions)}" if actions else ""


def remedy(operation: str) -> str:
    """Return what to do about a call that was refused."""
    if not (actions := actions_of(operation)):
        return "Ask for the permission, or use another profile."
    # An object that is not there is refused too, to whom S3 may not tell that.
    unsure = " If that is given, it is not there any more." if operation in _READS else ""
    return f"Ask for {' and '.join(actions)} on it: {POLICIES}. Or use another profile.{unsure}"
