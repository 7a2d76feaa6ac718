"""What protects the bucket: private, encrypted, versioned, reached over TLS only.

Each protection is looked at before it is set, so that a run without effect can say which it would
set. Who may set but not look sets it again, which changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import code_of
from labapp.cloud.policies import read, with_statement
from labapp.cloud.session import Cloud

#: What S3 says where a thing was never set, and where one may not look.
_UNSET = frozenset(
    {
        "NoSuchPublicAccessBlockConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchBucketPolicy",
        *("AccessDenied", "AccessDeniedException", "403"),
    }
)

_BLOCKS: Any = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True)
class Protection:
    """One protection of the bucket.

    Attributes:
        name: what it is called.
        verb: what setting it does to the bucket, as an error says it.
        is_set: whether the bucket has it, by the bucket's name.
        set: gives it to the bucket.
        applies: whether it makes sense on a cloud.
    """

    name: str
    verb: str
    is_set: Callable[[Cloud, str], bool]
    set: Callable[[Cloud, str], None]
    applies: Callable[[Cloud], bool] = lambda cloud: True


def protect(cloud: Cloud, protection: Protection, *, there: bool, dry: bool) -> bool | None:
    """Give the bucket a protection that it lacks; with `dry` only say whether it would be given.

    A bucket that was not `there` before lacks all.

    Returns:
        Whether it was lacking; None where this store has no such thing.

    Raises:
        ClientError: it cannot be had.
    """
    try:
        lacking = not (there and _is_set(cloud, protection))
        if lacking and not dry:
            protection.set(cloud, cloud.bucket_name)
    except ClientError as error:
        # Stores other than Amazon's need not have versions, nor has the local one by its address.
        if code_of(error) != "NotImplemented" or not cloud.place.endpoint:
            raise
        return None
    return lacking


def _is_set(cloud: Cloud, protection: Protection) -> bool:
    """Return whether the bucket has a protection; one that may not be looked at counts as lacking.

    Raises:
        ClientError: the bucket cannot be asked.
    """
    try:
        return protection.is_set(cloud, cloud.bucket_name)
    except ClientError as error:
        if code_of(error) not in _UNSET:
            raise
        return False


def _is_private(cloud: Cloud, name: str) -> bool:
    found: Any = cloud.s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    return all(found.get(block) for block in _BLOCKS)


def _block_public_access(cloud: Cloud, name: str) -> None:
    cloud.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_BLOCKS)


def _is_encrypted(cloud: Cloud, name: str) -> bool:
    """Return whether what is stored is encrypted: with a key of the owner's own, perhaps."""
    cloud.s3.get_bucket_encryption(Bucket=name)
    return True


def _encrypt(cloud: Cloud, name: str) -> None:
    rule: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    cloud.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _is_versioned(cloud: Cloud, name: str) -> bool:
    return cloud.s3.get_bucket_versioning(Bucket=name).get("Status") == "Enabled"


def _version(cloud: Cloud, name: str) -> None:
    cloud.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def _deny_without_tls(cloud: Cloud, name: str) -> dict[str, Any]:
    arn = f"arn:{cloud.s3.meta.partition}:s3:::{name}"
    return {
        "Sid": "DenyWithoutTLS",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _policy(cloud: Cloud, name: str) -> dict[str, Any]:
    try:
        return read(cloud.s3.get_bucket_policy(Bucket=name)["Policy"], name)
    except ClientError as error:
        if code_of(error) != "NoSuchBucketPolicy":
            raise
        return {}


def _requires_tls(cloud: Cloud, name: str) -> bool:
    policy = _policy(cloud, name)
    return bool(with_statement(policy, _deny_without_tls(cloud, name)) == policy)


def _require_tls(cloud: Cloud, name: str) -> None:
    """Refuse requests without TLS, beside whatever the bucket's policy says already."""
    after = with_statement(_policy(cloud, name), _deny_without_tls(cloud, name))
    cloud.s3.put_bucket_policy(Bucket=name, Policy=json.dumps(after))


PROTECTIONS = (
    Protection("no public access", "block public access to", _is_private, _block_public_access),
    Protection("encryption", "encrypt", _is_encrypted, _encrypt),
    # The local cloud would keep the body of every version in memory, for as long as it lives.
    Protection("versioning", "version", _is_versioned, _version, lambda cloud: not cloud.is_local),
    # An emulator has no TLS, and would lock us out.
    Protection(
        "TLS only",
        "require TLS for",
        _requires_tls,
        _require_tls,
        lambda cloud: not cloud.place.endpoint.startswith("http:"),
    ),
)
