"""The one place that talks to Amazon S3: one bucket, its objects, and who wrote them last.

Keys are text, bodies are bytes; larger things travel as files. A conditional write answers None
where somebody else was quicker, since that is a case its callers live with, not an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud.session import Cloud
from labapp.cloud.small_put import SmallPut
from labapp.cloud.translate import speaking, status_of

#: The first line of a text is what people open in a browser: say that it is UTF-8.
TEXT = "text/plain; charset=utf-8"

#: Statuses of a conditional write that lost: the object changed (412), or is changing (409).
_LOST = frozenset({409, 412})


@dataclass(frozen=True)
class Entry:
    """One object in a listing: its key, bytes, ETag and time of the last write (UTC)."""

    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class Stored:
    """One object as read: its bytes, its ETag, its type and what was noted of it."""

    body: bytes
    etag: str
    content_type: str
    metadata: Mapping[str, str]


class Bucket:
    """The bucket named by the settings.

    Every method raises CloudError or one of its kinds; what is not there raises
    MissingResourceError.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._small = SmallPut(cloud)

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self.cloud.bucket_name

    def put_text(self, key: str, text: str) -> None:
        """Store a small text, at the least cost."""
        body = text.encode()
        if not self._small.put(key, body, TEXT):
            self.put(key, body, TEXT)

    def put(
        self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> str:
        """Store an object, over what may be there; return its ETag."""
        with speaking(f"write s3://{self.name}/{key}"):
            answer = self.cloud.s3.put_object(
                Bucket=self.name,
                Key=key,
                Body=body,
                ContentType=content_type,
                Metadata=metadata or {},
            )
        return answer["ETag"]

    def put_if(self, key: str, body: bytes, content_type: str, etag: str | None) -> str | None:
        """Store an object only if it is still what was read.

        Args:
            key: the object's key.
            body: its new bytes.
            content_type: its type.
            etag: the ETag that was read; None: the object must not exist yet.

        Returns:
            The new ETag, or None where the object has changed meanwhile: read it again.
        """
        condition: Any = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        with speaking(f"write s3://{self.name}/{key}"):
            try:
                answer = self.cloud.s3.put_object(
                    Bucket=self.name, Key=key, Body=body, ContentType=content_type, **condition
                )
            except ClientError as error:
                if status_of(error) in _LOST:
                    return None
                raise
        return answer["ETag"]

    def get(self, key: str) -> Stored:
        """Read an object whole."""
        with speaking(f"read s3://{self.name}/{key}"):
            answer = self.cloud.s3.get_object(Bucket=self.name, Key=key)
            body = answer["Body"].read()
        return Stored(
            body, answer["ETag"], answer.get("ContentType", ""), answer.get("Metadata", {})
        )

    def list(self, prefix: str, after: str = "") -> Iterator[Entry]:
        """Yield the objects below `prefix` by key, those behind `after` only."""
        pages = self.cloud.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=prefix, StartAfter=after
        )
        rest = iter(pages)
        while True:
            with speaking(f"list s3://{self.name}/{prefix}"):
                page = next(rest, None)
            if page is None:
                return
            for item in page.get("Contents", ()):
                yield Entry(item["Key"], item["Size"], item["ETag"], item["LastModified"])

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there counts as deleted."""
        with speaking(f"delete s3://{self.name}/{key}"):
            self.cloud.s3.delete_object(Bucket=self.name, Key=key)
