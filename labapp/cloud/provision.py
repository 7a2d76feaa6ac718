"""How the bucket is made and protected; `labapp.jobs.lab` says what is needed.

The bucket is private, encrypted, versioned, and reached over TLS only. Each protection is looked at
before it is set, so that a run without effect can say which it would set. Who may set but not look
sets it again, which changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from labapp.cloud import boto
from labapp.cloud.aws_errors import (
    NO_BUCKET_CODES,
    PERMISSION_CODES,
    REGION_CODES,
    code_of,
    from_response,
    translated,
)
from labapp.cloud.credential_errors import is_one_right
from labapp.cloud.patience import (
    HASTY,
    PATIENT,
    Early,
    NotShownError,
    Patience,
    until_bucket_is_free,
    until_bucket_is_known,
)
from labapp.cloud.policies import read, with_statement
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError
from labapp.settings import Settings

#: What S3 says where a thing was never set.
NEVER_SET = frozenset(
    {
        "NoSuchPublicAccessBlockConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchBucketPolicy",
    }
)

_BLOCKS: Any = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True)
class Resource:
    """One thing that must exist: its kind, its name, and whether it was there or was made.

    What was made `anew` was there before, and was otherwise. What is `lacking` this store has not.
    What is `awaited` is not there, as a lab's own client is to make it.
    """

    kind: str
    name: str
    made: bool
    anew: bool = False
    lacking: bool = False
    awaited: bool = False


def had(kind: str, name: str, made: bool | None) -> Resource:
    """Return what is told of a thing that a store may not have: then `made` is None."""
    return Resource(kind, name, made=bool(made), lacking=made is None)


def reply_queue_name(settings: Settings, client: str) -> str:
    """Return the name of the queue on which `client` is answered."""
    return f"{settings.response_queue}-{client}"


def bucket_exists(cloud: Cloud) -> bool:
    """Return whether the bucket is there, and ours if it has to be.

    Raises:
        ForbiddenError: it may not be listed; or somebody else took the name that is derived from
            our account. All other requests name the owner too, so that nobody gets our data.
        CredentialsError: it may not be used.
    """
    name, owner = cloud.bucket_name, cloud.bucket_owner
    if (is_there := cloud.direct_s3.is_there((name, owner))) is not None:
        return is_there
    ours: Any = {"ExpectedBucketOwner": owner} if owner else {}
    with translated(f"find the bucket {name}"):
        try:
            cloud.s3.head_bucket(Bucket=name, **ours)
        except boto.ClientError as error:
            if code_of(error) in NO_BUCKET_CODES:
                return False
            told = from_response(error, "look")
            if type(told) is not ForbiddenError:
                raise
            if cloud.place.endpoints.s3.is_plain and not cloud.is_local:
                raise ForbiddenError(
                    f"the bucket {name} may not be listed at {cloud.place.endpoints.s3.url}, which"
                    " is without TLS",
                    "If its policy lets nobody in without TLS, as 'cloud up' sets it, give an"
                    " address of https; else ask for s3:ListBucket.",
                ) from error
            if owner and not is_one_right(told.message):
                raise ForbiddenError(
                    f"the bucket {name} belongs to another account than {owner}, or you may not"
                    " list it",
                    "Ask for s3:ListBucket, or name a bucket of yours with --bucket.",
                ) from error
            raise
    return True


def make_bucket(cloud: Cloud, patience: Patience = PATIENT) -> bool:
    """Make the bucket; return whether that was done, or another program of ours was quicker.

    Raises:
        CloudError: it cannot be made; or S3 does not know it after all patience.
    """
    name, region = cloud.bucket_name, cloud.place.region
    where: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    where = {} if region == "us-east-1" else where  # us-east-1 alone takes no location
    made = True
    with translated(f"make the bucket {name}"):
        try:
            patience.retry(lambda: _create(cloud, where), until_bucket_is_free(name))
        except boto.ClientError as error:
            if code_of(error) != "BucketAlreadyOwnedByYou":
                raise
            made = False
    if not cloud.is_local:
        known = f"S3 knows the bucket {name}"
        patience.show(lambda: bucket_exists(cloud), known, f"S3 made the bucket {name}")
    return made


def _create(cloud: Cloud, where: Any) -> None:
    """Make the bucket once; where a store has no such region, without naming one."""
    name = cloud.bucket_name
    try:
        cloud.s3.create_bucket(Bucket=name, **where)
    except boto.ClientError as error:
        # Stores that have no regions, or others, say so of one that is named.
        unknown = code_of(error) in REGION_CODES and not cloud.place.endpoints.s3.is_amazons
        if not (where and unknown):
            raise
        cloud.s3.create_bucket(Bucket=name)


def protect_bucket(
    cloud: Cloud,
    failed: dict[str, CloudError],
    *,
    dry: bool,
    there: bool,
    patience: Patience = PATIENT,
) -> Iterator[Resource]:
    """Give the bucket the protections that it lacks; what could not be set is put in `failed`.

    A store other than Amazon's that takes one and forgets it has no such thing; as it has shown
    what it is, no other is waited for.
    """
    name = cloud.bucket_name
    for one in PROTECTIONS:
        if not one.applies(cloud):
            continue
        try:
            with translated(f"{one.verb} the bucket {name}"):
                lacking = protect(cloud, one, there=there, dry=dry, patience=patience)
        except NotShownError as error:
            if cloud.place.endpoints.s3.is_amazons:
                failed[one.verb] = error
                continue
            patience = HASTY
            yield had("protection", one.name, None)
        except CloudError as error:
            failed[one.verb] = error
        else:
            yield had("protection", one.name, lacking)


def protection_error(cloud: Cloud, failed: dict[str, CloudError]) -> CloudError:
    """Return what to raise where not every protection could be set; all that could be are."""
    first = next(iter(failed.values()))
    empty = "" if cloud.bucket_owner else "delete the bucket while it is empty, "
    return type(first)(
        f"the bucket {cloud.bucket_name} is not protected as it should be, as this failed:"
        f" {', '.join(failed)} it ({first.message})",
        f"Mend that, {empty}and run 'python admin.py cloud up' again.",
    )


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


def protect(
    cloud: Cloud,
    protection: Protection,
    *,
    there: bool,
    dry: bool,
    patience: Patience = PATIENT,
) -> bool | None:
    """Give the bucket a protection that it lacks; with `dry` only say whether it would be given.

    A bucket that was not `there` before lacks all. What was given is read back, unless the cloud is
    the local one or it may not be looked at.

    Returns:
        Whether it was lacking; None where this store has no such thing.

    Raises:
        ClientError: it cannot be had.
        NotShownError: it was set, and is not there after all patience.
    """
    name = cloud.bucket_name
    early = until_bucket_is_free(name) if there else until_bucket_is_known(name)
    try:
        lacking = not (there and _is_set(cloud, protection))
        if lacking and not dry:
            patience.retry(lambda: protection.set(cloud, name), early)
            _read_back(cloud, protection, early, patience)
    except boto.ClientError as error:
        # Stores other than Amazon's need not have versions, nor has the local one by its address.
        if code_of(error) != "NotImplemented" or cloud.place.endpoints.s3.is_amazons:
            raise
        return None
    return lacking


def _read_back(cloud: Cloud, protection: Protection, early: Early, patience: Patience) -> None:
    if cloud.is_local:
        return

    def holds() -> bool:
        try:
            return protection.is_set(cloud, cloud.bucket_name)
        except boto.ClientError as error:
            # Who may set and not look has to believe it.
            return code_of(error) not in NEVER_SET and not early(error)

    taken = f"S3 took '{protection.name}' for the bucket {cloud.bucket_name}"
    patience.show(holds, f"S3 shows {protection.name}", taken)


def _is_set(cloud: Cloud, protection: Protection) -> bool:
    """Return whether the bucket has a protection; one that may not be looked at counts as lacking.

    Raises:
        ClientError: the bucket cannot be asked.
    """
    try:
        return protection.is_set(cloud, cloud.bucket_name)
    except boto.ClientError as error:
        if code_of(error) not in NEVER_SET | PERMISSION_CODES:
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
    except boto.ClientError as error:
        if code_of(error) != "NoSuchBucketPolicy":
            raise
        return {}


def requires_tls(cloud: Cloud, name: str) -> bool:
    """Return whether the bucket's policy lets nobody in without TLS."""
    policy = _policy(cloud, name)
    return bool(with_statement(policy, _deny_without_tls(cloud, name)) == policy)


def _require_tls(cloud: Cloud, name: str) -> None:
    """Refuse requests without TLS, beside whatever the bucket's policy says already."""
    after = with_statement(_policy(cloud, name), _deny_without_tls(cloud, name))
    cloud.s3.put_bucket_policy(Bucket=name, Policy=json.dumps(after))


def is_locked_out(cloud: Cloud) -> bool:
    """Tell whether S3 is asked without TLS for a bucket whose policy lets nobody in without.

    A store that heeds such a policy refuses everything; one that does not shows it.
    """
    if cloud.is_local or not cloud.place.endpoints.s3.is_plain:
        return False
    try:
        return requires_tls(cloud, cloud.bucket_name)
    except (
        boto.BotoCoreError,
        boto.ClientError,
        CloudError,
    ):  # who may not read it has other troubles
        return False


PROTECTIONS = (
    Protection("no public access", "block public access to", _is_private, _block_public_access),
    Protection("encryption", "encrypt", _is_encrypted, _encrypt),
    # The local cloud would keep the body of every version in memory, for as long as it lives.
    Protection("versioning", "version", _is_versioned, _version, lambda cloud: not cloud.is_local),
    # Where S3 is asked without TLS, we would be locked out ourselves.
    Protection(
        "TLS only",
        "require TLS for",
        requires_tls,
        _require_tls,
        lambda cloud: not cloud.place.endpoints.s3.is_plain,
    ),
)
