"""The account that the bucket must be of, told to S3 with every request.

A bucket's name that is derived from our account could be taken by somebody else, who would get our
data. Not everybody may look at the bucket first, so S3 is to refuse what is for another's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import OperationModel

#: The header that names it.
HEADER = "x-amz-expected-bucket-owner"

#: The calls that know no such header.
_OF_NO_BUCKET = frozenset({"CreateBucket", "ListBuckets"})


def attach(client: Any, owner: Callable[[], str]) -> None:
    """Have a client of S3 name the owner, empty where it may be anybody, from now on."""

    def name_owner(model: OperationModel, params: dict[str, Any], **_: Any) -> None:
        if (account := owner()) and model.name not in _OF_NO_BUCKET:
            params["headers"][HEADER] = account

    client.meta.events.register("before-call.s3", name_owner)
