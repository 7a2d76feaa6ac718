"""The end of a bucket: every version of every object in it, and then the bucket itself.

S3 deletes no bucket that has anything in it, and a bucket that keeps versions has what was deleted
long ago. Nothing of it can be had again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labapp.cloud import boto
from labapp.cloud.aws_errors import NO_BUCKET_CODES, code_of, translated
from labapp.errors import CloudError

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Versions that one request deletes at most.
AT_ONCE = 1_000


def remove(cloud: Cloud) -> Iterator[int]:
    """Delete the lab's bucket with all that is in it.

    Yields:
        After each request, how many versions it deleted.

    Raises:
        CloudError: something may not be deleted, or has come meanwhile; what went is gone.
    """
    name = cloud.bucket_name
    with translated(f"empty the bucket {name}"):
        try:
            for found in _versions(cloud, name):
                _delete(cloud, name, found)
                yield len(found)
            for page in cloud.s3.get_paginator("list_multipart_uploads").paginate(Bucket=name):
                for one in page.get("Uploads", ()):
                    cloud.s3.abort_multipart_upload(
                        Bucket=name, Key=one["Key"], UploadId=one["UploadId"]
                    )
            cloud.s3.delete_bucket(Bucket=name)
        except boto.ClientError as error:
            if code_of(error) not in NO_BUCKET_CODES:
                raise


def folders(cloud: Cloud, prefix: str = "") -> list[str]:
    """Return what lies in the bucket right below a prefix: keys, and folders with their slash.

    Raises:
        CloudError: it cannot be listed.
    """
    found: list[str] = []
    with translated(f"list the bucket {cloud.bucket_name}"):
        pages = cloud.s3.get_paginator("list_objects_v2").paginate(
            Bucket=cloud.bucket_name, Prefix=prefix, Delimiter="/"
        )
        try:
            for page in pages:
                found += [one["Prefix"] for one in page.get("CommonPrefixes", ())]
                found += [one["Key"] for one in page.get("Contents", ()) if one["Key"] != prefix]
        except boto.ClientError as error:
            if code_of(error) not in NO_BUCKET_CODES:
                raise
    return sorted(found)


def _versions(cloud: Cloud, name: str) -> Iterator[list[dict[str, str]]]:
    """Yield versions and marks of deletion, as many as one request deletes.

    The listing begins anew each time, as what was listed is gone.
    """
    before: list[dict[str, str]] = []
    while True:
        answer: Any = cloud.s3.list_object_versions(Bucket=name, MaxKeys=AT_ONCE)
        listed = [*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())]
        found = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
        if not found:
            return
        if found == before:
            raise CloudError(
                f"the bucket {name} keeps what is deleted", "Empty it with the store's own tools."
            )
        before = found
        yield found


def _delete(cloud: Cloud, name: str, found: list[dict[str, str]]) -> None:
    objects: Any = {"Objects": found, "Quiet": True}
    answer = cloud.s3.delete_objects(Bucket=name, Delete=objects)
    if errors := answer.get("Errors"):
        first = errors[0]
        raise CloudError(
            f"cannot delete {first.get('Key', '')} of {name}: {first.get('Message', '')}"
            f" ({first.get('Code', '')})",
            "What went is gone; mend what it says, and run the same command again.",
        )
