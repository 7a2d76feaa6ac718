"""The account that the bucket must be of, told to S3 with every request.

A bucket's name that is derived from our account could be taken by somebody else, who would get our
data. Not everybody may look at the bucket first, so S3 is to refuse what is for another's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import OperationModel

#: The header that names it.
HEADER = "x-amz-expected-bucket-owner"

#: The calls that know no such header.
_OF_NO_BUCKET = frozenset({"CreateBucket", "ListBuckets"})

#: Where a call's bucket is kept until its headers are written.
_BUCKET = "labapp_bucket"


def bucket_of(context: Mapping[str, Any]) -> str:
    """Return the bucket that a call of a client with `attach` is for, of what goes with it."""
    return str(context.get(_BUCKET, ""))


def attach(client: Any, owner: Callable[[str], str]) -> None:
    """Have a client of S3 name the owner of each bucket, empty where it may be anybody's."""

    def note_bucket(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[_BUCKET] = params.get("Bucket", "")

    def name_owner(
        model: OperationModel, params: dict[str, Any], context: Mapping[str, Any], **_: Any
    ) -> None:
        if model.name not in _OF_NO_BUCKET and (account := owner(bucket_of(context))):
            params["headers"][HEADER] = account

    client.meta.events.register("before-parameter-build.s3", note_bucket)
    client.meta.events.register("before-call.s3", name_owner)
