"""The one place that talks to Amazon S3: one bucket, its objects, and who wrote them last.

Keys are text, bodies are bytes; larger things travel as files. A conditional write answers None
where somebody else was quicker, since that is a case its callers live with, not an error.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from labapp.cloud import boto, bounds, conditions, listing
from labapp.cloud.abilities import Ability
from labapp.cloud.aws_errors import GONE, OBJECT_CODES, code_of, translated
from labapp.cloud.direct.s3 import LOST, MOST_WRITTEN, STORED, noted
from labapp.cloud.listing import Page
from labapp.cloud.s3_dialect import has_no_such_call
from labapp.cloud.session import Cloud
from labapp.errors import (
    CloudError,
    ForbiddenError,
    LabappError,
    MissingResourceError,
    TooLargeError,
    os_errors_as,
)

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef

#: The first line of a text is what people open in a browser: say that it is UTF-8.
TEXT = "text/plain; charset=utf-8"

#: Bytes read from the network at once.
CHUNK = 256 * 1024

#: The headers of conditions, by botocore's names for them.
_CONDITIONS = {"IfNoneMatch": "if-none-match", "IfMatch": "if-match"}

#: What XML cannot hold: some stores answer with what a listing starts after, and fail at it.
_NO_XML = re.compile(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One object in a listing: its key, bytes, ETag and time of the last write (UTC)."""

    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class Head:
    """What there is to know of one object without reading it."""

    size: int
    etag: str
    content_type: str
    metadata: Mapping[str, str]


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
    MissingResourceError, and `get` and `download` raise TooLargeError.

    Of what they take, `metadata` is to be noted of an object: ASCII only, 2 KB in all. `etag` was
    read of an object that must not have changed; None: there must be none yet. `moved` is told of
    bytes as they come or go.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self.cloud.bucket_name

    @property
    def _place(self) -> tuple[str, str]:
        """Its name, and the account that it must be of, or none."""
        return self.name, self.cloud.bucket_owner

    def put_text(
        self,
        key: str,
        text: str,
        metadata: Mapping[str, str] | None = None,
        *,
        new: bool = False,
    ) -> bool:
        """Store a small text, at the least cost; return whether it was, else there is one.

        With `new` it is stored only where there is none.
        """
        body = text.encode()
        if new:
            return self.put_if(key, body, TEXT, None, metadata) is not None
        self.put(key, body, TEXT, metadata)
        return True

    def put(
        self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> str:
        """Store an object, over what may be there; return its ETag."""
        with translated(f"write s3://{self.name}/{key}"):
            return self._put(key, body, content_type, metadata, {}) or ""

    def put_if(
        self,
        key: str,
        body: bytes | IO[bytes],
        content_type: str,
        etag: str | None,
        metadata: Mapping[str, str] | None = None,
        moved: Callable[[int], None] | None = None,
    ) -> str | None:
        """Store bytes, or those of an open file, only if the object is still what was read.

        `moved` is told of bytes, not of a file's, each once. Where the store is known to ignore
        conditions the object is looked at before; somebody may then be quicker by that moment, so
        what must not be lost is not kept this way: see `heeds_conditions`.

        Returns:
            The new ETag, or None where the object has changed or gone meanwhile: read it again.
        """
        if moved and isinstance(body, bytes):
            body = _ReportingBody(body, moved)
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        start = 0 if isinstance(body, bytes) else body.tell()
        with translated(f"write s3://{self.name}/{key}"):
            if not self._ignores_conditions():
                try:
                    return self._put(key, body, content_type, metadata, condition)
                except boto.ClientError as error:
                    if conditions.has_lost(error) and (etag or code_of(error) != "NoSuchKey"):
                        return None
                    if conditions.is_trusted(self.cloud) or not conditions.refuses_header(error):
                        raise
            if self._etag_of(key) != etag:
                return None
            if not isinstance(body, bytes):
                body.seek(start)
            stored = self._put(key, body, content_type, metadata, {})
            # What was refused with the header has passed without it.
            self.cloud.abilities.note(Ability.CONDITIONS, holds=False)
        return stored

    def heeds_conditions(self, *, anew: bool = False) -> bool:
        """Tell whether of several who write an object none overwrites another: `put_if` is sure.

        Found out once, by a small probe where it has to be; `anew` is as of `conditions.heeds`.
        """
        return conditions.heeds(self.cloud, anew=anew)

    def _ignores_conditions(self) -> bool:
        return self.cloud.abilities.lacks(Ability.CONDITIONS)

    def _etag_of(self, key: str) -> str | None:
        """Return an object's ETag; None where there is none."""
        try:
            return self.cloud.s3.head_object(Bucket=self.name, Key=key)["ETag"]
        except boto.ClientError as error:
            if code_of(error) not in OBJECT_CODES:
                raise
            return None

    def _put(
        self,
        key: str,
        body: bytes | IO[bytes],
        kind: str,
        metadata: Mapping[str, str] | None,
        condition: Any,
    ) -> str | None:
        """Store an object; return its ETag, None where its condition is known not to hold."""
        if isinstance(body, bytes):
            told = noted(metadata or {})
            told |= {_CONDITIONS[name]: etag for name, etag in condition.items()}
            put = self.cloud.direct_s3.put(self._place, key, body, kind, told)
            if put.status == STORED or (put.status == LOST and condition):
                return put.etag or None
        answer = self.cloud.s3.put_object(
            Bucket=self.name,
            Key=key,
            Body=body,
            ContentType=kind,
            Metadata=metadata or {},
            **condition,
        )
        return answer["ETag"]

    def get(self, key: str, most: int = bounds.ANYTHING) -> Stored:
        """Read an object whole, unless it has more than `most` bytes; see `bounds`.

        It may have grown since it was listed.
        """
        found = self.cloud.direct_s3.get(self._place, key, most)
        if found:
            return Stored(found.body, found.etag, found.content_type, found.metadata)
        with self._looking("read", key):
            answer = self.cloud.s3.get_object(Bucket=self.name, Key=key)
            self._check_size(key, answer, most)
            body = answer["Body"].read()  # which is never more than was said
            kind, told = answer.get("ContentType", ""), answer.get("Metadata", {})
            return Stored(body, answer["ETag"], kind, told)

    @contextmanager
    def _looking(self, doing: str, key: str) -> Iterator[None]:
        """Translate errors of a reading; what S3 refuses as it is not there raises as missing.

        S3 tells of a missing object only those who may list the whole bucket. Who may list what
        begins alike can find out.
        """
        try:
            with translated(f"{doing} s3://{self.name}/{key}"):
                yield
        except ForbiddenError as refused:
            if self._is_absent(key):
                told = f"cannot {doing} s3://{self.name}/{key}: it is not there"
                raise MissingResourceError(told, GONE) from refused
            raise

    def _is_absent(self, key: str) -> bool:
        """Return whether an object is seen not to be there; False for who may not list."""
        try:
            return next((entry.key for entry in self.list(key)), "") != key
        except CloudError:
            return False

    def _check_size(self, key: str, answer: GetObjectOutputTypeDef, most: int | None) -> None:
        """Refuse what is too large, by the first that comes of it."""
        size = answer["ContentLength"]
        if most is not None and size > most:
            answer["Body"].close()  # what else is on its way is of no use
            told = f"s3://{self.name}/{key} has {size:,} bytes; at most {most:,} are read"
            raise TooLargeError(told)

    def head(self, key: str) -> Head:
        """Ask for an object's size, type and metadata."""
        found = self.cloud.direct_s3.head(self._place, key)
        if found:
            return Head(found.size, found.etag, found.content_type, found.metadata)
        with self._looking("find", key):
            answer = self.cloud.s3.head_object(Bucket=self.name, Key=key)
            kind, told = answer.get("ContentType", ""), answer.get("Metadata", {})
            return Head(answer["ContentLength"], answer["ETag"], kind, told)

    def download(
        self,
        key: str,
        path: Path,
        moved: Callable[[int], None] | None = None,
        most: int | None = None,
    ) -> None:
        """Fetch an object of at most so many bytes into a file; None: of any number."""
        with self._looking("read", key), _local_errors(path):
            answer = self.cloud.s3.get_object(Bucket=self.name, Key=key)
            self._check_size(key, answer, most)
            with path.open("wb") as file:
                for chunk in answer["Body"].iter_chunks(CHUNK):
                    file.write(chunk)
                    if moved:
                        moved(len(chunk))

    def upload(
        self,
        source: Path | bytes,
        key: str,
        content_type: str,
        metadata: Mapping[str, str] | None = None,
        moved: Callable[[int], None] | None = None,
    ) -> None:
        """Store a file, by its path or its bytes.

        Large ones go in parts, of which one that is sent again is told again.
        """
        if isinstance(source, bytes) and len(source) <= MOST_WRITTEN:
            self.put(key, source, content_type, metadata)
            if moved:
                moved(len(source))
            return
        from boto3.s3.transfer import TransferConfig

        extra = {"ContentType": content_type, "Metadata": dict(metadata or {})}
        by_parts = TransferConfig(use_threads=False)  # callers bring their own threads
        how: Any = {"ExtraArgs": extra, "Callback": moved, "Config": by_parts}
        with translated(f"write s3://{self.name}/{key}"):
            if isinstance(source, bytes):
                self.cloud.s3.upload_fileobj(io.BytesIO(source), self.name, key, **how)
                return
            with _local_errors(source):
                self.cloud.s3.upload_file(str(source), self.name, key, **how)

    def upload_if(
        self,
        path: Path,
        key: str,
        content_type: str,
        metadata: Mapping[str, str],
        etag: str | None = None,
    ) -> bool:
        """Store a file in one piece, of which S3 takes 5 GB, as `put_if`; return whether it was."""
        with _local_errors(path), path.open("rb") as file:
            return self.put_if(key, file, content_type, etag, metadata) is not None

    def list(self, prefix: str, after: str = "") -> Iterator[Entry]:
        """Yield the objects below `prefix` by key, those behind `after` only."""
        for page in self._pages(prefix, after):
            for item in page.objects:
                if item["Key"] <= after:  # not every store heeds StartAfter, and it may be cut
                    continue
                after = item["Key"]
                yield Entry(item["Key"], item["Size"], item["ETag"], item["LastModified"])

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield the folders right below `prefix` by name, each with its slash."""
        last = ""
        for page in self._pages(prefix, delimiter="/"):
            for folder in page.folders:
                if folder > last:
                    last = folder
                    yield folder

    def _pages(self, prefix: str, after: str = "", delimiter: str = "") -> Iterator[Page]:
        """Yield the pages of a listing."""
        asked = {"prefix": prefix, "start-after": _NO_XML.split(after)[0]}
        asked |= {"delimiter": delimiter} if delimiter else {}
        return listing.pages(self.cloud, self.name, self.cloud.bucket_owner, asked)

    def copy(self, key: str, to: str) -> None:
        """Copy an object within the bucket; its bytes come here only where the store cannot.

        Of up to 5 GB; where its bytes come here, of `bounds.ANYTHING`.
        """
        with translated(f"copy s3://{self.name}/{key}"):
            try:
                self.cloud.s3.copy_object(
                    Bucket=self.name, Key=to, CopySource={"Bucket": self.name, "Key": key}
                )
                return
            except boto.ClientError as error:
                if not has_no_such_call(error):
                    raise
        self.cloud.abilities.note(Ability.COPIES, holds=False)
        found = self.get(key)
        self.put(to, found.body, found.content_type, found.metadata)

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there counts as deleted."""
        with translated(f"delete s3://{self.name}/{key}"):
            self.cloud.s3.delete_object(Bucket=self.name, Key=key)


class _ReportingBody(io.BytesIO):
    """A body that tells how far it has been read; what a retry reads again is not told again."""

    def __init__(self, body: bytes, moved: Callable[[int], None]) -> None:
        super().__init__(body)
        self._moved = moved
        self._told = 0

    def read(self, size: int | None = None) -> bytes:
        chunk = super().read(size)
        if self.tell() > self._told:
            self._moved(self.tell() - self._told)
            self._told = self.tell()
        return chunk


def _local_errors(path: Path) -> AbstractContextManager[None]:
    """Say of a disk that is full or a file that is gone what it is: no fault of the cloud."""
    remedy = "See to it that it can be read and that the disk has room."
    return os_errors_as(LabappError, f"cannot use the file {path}", remedy)
