"""Small objects of S3 by the direct way: written, read and looked at.

Whatever is neither plain success nor a condition that does not hold is not handled here: the caller
then takes botocore's way, where retries, redirects and the meaning of errors are its business. All
three may be repeated, so that loses nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from labapp.cloud.abilities import Ability
from labapp.cloud.aws_errors import not_there
from labapp.cloud.direct.answers import Answer
from labapp.cloud.direct.sending import UNSIGNED, Asked, Sender

if TYPE_CHECKING:
    from labapp.cloud.listing import Page
    from labapp.cloud.session import Cloud

#: The header by which an object is stored only where there is none.
NEW = {"if-none-match": "*"}

#: What became of an object, by S3's status: it is stored; a condition does not hold; or who knows.
STORED, LOST, UNSURE = 200, 412, 0

#: Bytes of the largest object that is written this way: larger ones cost more than the way to them.
MOST_WRITTEN = 1_048_576

#: The same of one that is written whole at a worker's end of the network: a picture's result. By
#: this way 3.5 MB cost half of botocore's CPU time.
MOST_PUT = 8 * MOST_WRITTEN

#: Objects that are on their way at once at most, each on a connection of its own.
AT_ONCE = 10

#: Bytes from which a body is not signed, where the store takes that: TLS keeps it whole, or
#: loopback does.
_UNSIGNED_FROM = 8_192

#: Bytes of an answer that holds no object.
_MOST_WORDS = 1_048_576

#: How S3 says that an object is not there, in words that need no reader of XML.
_NO_KEY = re.compile(rb"<Code>NoSuchKey</Code>\s*<Message>([ -%'-;=?-~]+)</Message>")

#: Bytes of a page of a listing: a thousand keys of 1,024 bytes, each in three signs.
_MOST_LISTED = 8 * 1024 * 1024

#: What begins the headers of what was noted of an object.
_NOTED = "x-amz-meta-"

#: The header that names the account which the bucket must be of.
_OWNER = "x-amz-expected-bucket-owner"


@dataclass(frozen=True)
class Object:
    """An object to be written.

    Attributes:
        key: its key.
        body: its bytes.
        content_type: its type.
        headers: what else S3 is told: metadata, and `NEW` to replace nothing.
    """

    key: str
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Put:
    """What became of an object that was to be written: `STORED`, `LOST` or `UNSURE`; its ETag."""

    status: int
    etag: str = ""


@dataclass(frozen=True)
class Got:
    """An object as read, or as HEAD tells of it: then without its bytes."""

    body: bytes = field(repr=False)
    size: int
    etag: str
    content_type: str
    metadata: Mapping[str, str]


def noted(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return the headers by which S3 notes something of an object."""
    return {_NOTED + name: value for name, value in metadata.items()}


class DirectS3:
    """The objects of one cloud's buckets; shared by threads."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._senders: dict[str, Sender] = {}

    def put(
        self,
        bucket: tuple[str, str],
        key: str,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> Put:
        """Store `body` under `key`; arguments as of `Object`, the bucket as of `put_all`."""
        return self.put_all(bucket, [Object(key, body, content_type, headers or {})])[0]

    def put_all(self, bucket: tuple[str, str], objects: Sequence[Object]) -> list[Put]:
        """Store objects, so many at once that all wait about as long as one.

        Args:
            bucket: its name, and the account that it must be of, or none.
            objects: what is to be stored.
        """
        sender, found = self._sender(bucket[0]), []
        for start in range(0, len(objects), AT_ONCE):
            asked = [self._put(bucket[1], one) for one in objects[start : start + AT_ONCE]]
            given = iter(sender.send_all([one for one in asked if one], most=_MOST_WORDS))
            found += [_stored(next(given) if one else None) for one in asked]
        return found

    def get(self, bucket: tuple[str, str], key: str, most: int) -> Got | None:
        """Read an object of at most so many bytes; None: take the long way.

        Raises:
            MissingResourceError: it is not there.
        """
        answer = self._look("GET", bucket, key, most)
        if answer and answer.status == 404 and (found := _NO_KEY.search(answer.body)):
            raise not_there(f"read s3://{bucket[0]}/{key}", "NoSuchKey", found[1].decode())
        return _got(answer, len(answer.body)) if answer and answer.status == 200 else None

    def head(self, bucket: tuple[str, str], key: str) -> Got | None:
        """Look at an object without reading it; as `get`."""
        answer = self._look("HEAD", bucket, key, 0)
        if answer and answer.status == 404:  # it has no words; botocore has HTTP's own
            raise not_there(f"find s3://{bucket[0]}/{key}", "404", "Not Found")
        size = answer.headers.get("content-length", "") if answer else ""
        if answer is None or answer.status != 200 or not size.isdecimal():
            return None
        return _got(answer, int(size))

    def _look(self, method: str, bucket: tuple[str, str], key: str, most: int) -> Answer | None:
        asked = _asked(method, bucket[1], key, {})
        return self._sender(bucket[0]).send(asked, most=most) if asked else None

    def is_there(self, bucket: tuple[str, str]) -> bool | None:
        """Tell whether a bucket is there, and of that account; None: take the long way."""
        answer = self._look("HEAD", bucket, "", _MOST_WORDS)
        return {200: True, 404: False}.get(answer.status) if answer else None

    def list(self, bucket: tuple[str, str], asked: Mapping[str, str]) -> Page | None:
        """Return a page of a listing; None: take the long way.

        Args:
            bucket: as of `put`.
            asked: parameters of ListObjectsV2, as its address has them.
        """
        from labapp.cloud import listed_keys  # takes 3 ms

        given = {"encoding-type": "url", "list-type": "2", **asked}
        try:
            query = "&".join(f"{name}={quote(given[name], safe='')}" for name in sorted(given))
        except UnicodeError:
            return None
        headers = {_OWNER: bucket[1]} if bucket[1] else {}
        request = Asked("GET", "", headers, query=query)
        answer = self._sender(bucket[0]).send(request, most=_MOST_LISTED)
        return listed_keys.read(answer.body) if answer and answer.status == 200 else None

    def _sender(self, name: str) -> Sender:
        sender = self._senders.get(name)
        if sender is None:
            sender = self._senders.setdefault(name, Sender(self._cloud, "s3", name))
        return sender

    def _put(self, owner: str, one: Object) -> Asked | None:
        """Return the request that stores an object; None where botocore is to."""
        body, lacks = one.body, self._cloud.abilities.lacks
        if len(body) > MOST_PUT:
            return None
        told = {"content-type": one.content_type, **one.headers}
        if lacks(Ability.NO_CHECKSUM):
            made = hashlib.md5(body, usedforsecurity=False).digest()
            told["content-md5"] = base64.b64encode(made).decode()
        signed = len(body) < _UNSIGNED_FROM or lacks(Ability.UNSIGNED)
        return _asked("PUT", owner, one.key, told, body, "" if signed else UNSIGNED)


def _asked(
    method: str,
    owner: str,
    key: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    body_digest: str = "",
) -> Asked | None:
    try:
        path = quote(key)
    except UnicodeError:
        return None
    told = {**headers, _OWNER: owner} if owner else headers
    return Asked(method, path, told, body, body_digest)


def _stored(answer: Answer | None) -> Put:
    """Return what became of an object by the answer to its PUT."""
    if answer is None or answer.status != STORED:
        return Put(LOST if answer and answer.status == LOST else UNSURE)
    etag, words = answer.headers.get("etag", ""), answer.body.strip()
    if words and (b"<Error" in words or not words.startswith(b"<")):
        return Put(UNSURE)  # S3 may begin to answer before it knows that it failed
    return Put(STORED if etag else UNSURE, etag)


def _got(answer: Answer, size: int) -> Got | None:
    headers = answer.headers
    if "etag" not in headers:
        return None
    metadata = {
        name.removeprefix(_NOTED): value
        for name, value in headers.items()
        if name.startswith(_NOTED)
    }
    return Got(answer.body, size, headers["etag"], headers.get("content-type", ""), metadata)
