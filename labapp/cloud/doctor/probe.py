"""An object that is put in the bucket to see what comes of it, and removed however that ends.

In a versioned bucket a deleted object leaves its version and a marker. Both are removed by their
ids where that is allowed; else a lifecycle rule takes them, and the finding says so.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from labapp.cloud.aws_errors import OBJECT_CODES, code_of, from_response
from labapp.cloud.session import Cloud
from labapp.errors import CredentialsError

#: What is in a probe: it says what it is to whoever finds one.
BODY = b"A probe of labapp's doctor. It can be deleted.\n"

#: The id of a version that no object has.
_NO_VERSION = "doctor"

#: How the name of a probe begins.
NAME = "doctor-"


def new_key(prefix: str) -> str:
    """Return a key below a prefix, or as of a pattern such as `labels/*.txt`, that is nobody's."""
    before, _, behind = prefix.partition("*")
    return f"{before}{NAME}{secrets.token_hex(8)}{behind}"


@contextmanager
def removed_after(cloud: Cloud, key: str) -> Iterator[None]:
    """Remove an object with all its versions when the block ends, however it does."""
    try:
        yield
    finally:
        remove(cloud, key)


def remove(cloud: Cloud, key: str) -> None:
    """Remove an object and all its versions, as far as that is allowed."""
    name = cloud.bucket_name
    with contextlib.suppress(ClientError, BotoCoreError):
        found: Any = cloud.s3.list_object_versions(Bucket=name, Prefix=key)
        versions = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
        for one in versions:
            if one["Key"] == key:
                cloud.s3.delete_object(Bucket=name, Key=key, VersionId=one["VersionId"])
        if versions:
            return
    with contextlib.suppress(ClientError, BotoCoreError):
        if not is_gone(cloud, key):  # a second marker would be one more to be left
            cloud.s3.delete_object(Bucket=name, Key=key)


def leaves_nothing(cloud: Cloud, key: str) -> bool:
    """Return whether an object that is put there can be removed whole, versions and all."""
    name = cloud.bucket_name
    try:
        if not cloud.s3.get_bucket_versioning(Bucket=name).get("Status"):
            return True
        cloud.s3.list_object_versions(Bucket=name, Prefix=key, MaxKeys=1)
        cloud.s3.delete_object(Bucket=name, Key=key, VersionId=_NO_VERSION)
    except ClientError as error:
        told = from_response(error, "delete a version")
        return not isinstance(told, CredentialsError)  # that there is none is what is hoped for
    except BotoCoreError:
        return False
    return True


def is_gone(cloud: Cloud, key: str) -> bool:
    """Return whether an object is known not to be there, whatever versions of it are left."""
    try:
        cloud.s3.head_object(Bucket=cloud.bucket_name, Key=key)
    except ClientError as error:
        return code_of(error) in OBJECT_CODES
    except BotoCoreError:
        pass
    return False
