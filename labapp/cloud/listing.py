"""Pages of a listing of a bucket: by the direct way, and from where that ends by botocore's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labapp.cloud.aws_errors import translated

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: botocore's names of what a listing is asked for.
_THEIRS = {"delimiter": "Delimiter", "prefix": "Prefix", "start-after": "StartAfter"}


@dataclass(frozen=True)
class Page:
    """One page of a listing.

    Attributes:
        objects: the objects, as botocore names their parts.
        folders: the beginnings that keys have in common.
        following: the token by which the next page is asked for; empty where there is none.
    """

    objects: list[dict[str, Any]]
    folders: list[str]
    following: str = ""


def pages(cloud: Cloud, bucket: str, owner: str, asked: Mapping[str, str]) -> Iterator[Page]:
    """Yield the pages of a listing, in order; the first keys of one may have been on the last.

    Args:
        cloud: where the bucket is.
        bucket: its name.
        owner: the account that it must be of; empty for any.
        asked: `prefix`, `start-after` and `delimiter`, as ListObjectsV2 has them.

    Raises:
        CloudError: it cannot be listed.
    """
    after, following = asked["start-after"], ""
    while True:
        token = {"continuation-token": following} if following else {}
        page = cloud.direct_s3.list((bucket, owner), {**asked, **token})
        if page is None or (following and page.following == following):
            break
        yield page
        if not page.following:
            return
        following = page.following
        keys = (one["Key"] for one in page.objects[-1:])
        after = max([after, *keys, *page.folders[-1:]])
    yield from _long_way(cloud, bucket, {**asked, "start-after": after})


def _long_way(cloud: Cloud, bucket: str, asked: Mapping[str, str]) -> Iterator[Page]:
    given: dict[str, Any] = {_THEIRS[name]: value for name, value in asked.items()}
    rest = iter(cloud.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, **given))
    while True:
        with translated(f"list s3://{bucket}/{asked['prefix']}"):
            page: Any = next(rest, None)
        if page is None:
            return
        folders = [one["Prefix"] for one in page.get("CommonPrefixes", ())]
        yield Page(page.get("Contents", []), folders)
