"""Store a picture in a lab's own layout, under the name of its file.

Names there say nothing of bytes, so only what has the same name is compared. A name that is taken
by other bytes leaves the picture there, and gets the digits of its hash in front.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from labapp.cloud.bucket import Bucket
from labapp.dataset.calls import with_retries
from labapp.dataset.statistics import SHA256
from labapp.errors import MissingResourceError, RefusedError, TooLargeError
from labapp.labels.layout import Layout
from labapp.labels.object_keys import content_name, safe_name
from labapp.pictures.limits import EXTENSIONS


@dataclass(frozen=True)
class NamedPlaces:
    """The keys that a lab's layout has for pictures that are uploaded.

    Attributes:
        bucket: where they go.
        layout: where they lie there.
        would: in a dry run, the digests that a run would have stored by now, by key; else None.
    """

    bucket: Bucket
    layout: Layout
    would: dict[str, str] | None = field(default=None)

    def put(
        self, name: str, data: bytes, kind: str, told: Callable[[int], None]
    ) -> tuple[str, bool]:
        """Store a picture unless it is there; return its key, and whether we stored it.

        Args:
            name: of its file.
            data: its bytes.
            kind: its media type.
            told: told of the bytes that go.

        Raises:
            RefusedError: all its names are taken by others.
        """
        digest = hashlib.sha256(data).hexdigest()
        for key in self._keys(name, digest, kind):
            known = self._digest(key, len(data))
            if known is None and self.would is not None:
                self.would[key] = digest
                return key, True
            if known is None and self.bucket.put_if(key, data, kind, None, {SHA256: digest}, told):
                return key, True
            if (known or self._digest(key, len(data))) == digest:
                return key, False
        raise RefusedError(f"other pictures have the name {name}", "Rename the file.")

    def _keys(self, name: str, digest: str, kind: str) -> Iterator[str]:
        """Yield the keys that a picture may have, the plainest first."""
        ending = EXTENSIONS[kind.removeprefix("image/")]
        for each in (safe_name(name), content_name(digest, name)):
            key = self.layout.images + each
            # Without an ending it would be none of the pictures.
            yield key if self.layout.is_picture_key(key) else key + ending

    def _digest(self, key: str, size: int) -> str | None:
        """Return the SHA-256 of what has a key; empty where its size differs, None for nothing."""
        if self.would and key in self.would:
            return self.would[key]
        try:
            head = with_retries(lambda: self.bucket.head(key))
            if head.size != size:
                return ""
            return head.metadata.get(SHA256) or self._read_digest(key, size)
        except MissingResourceError:
            return None

    def _read_digest(self, key: str, size: int) -> str:
        try:
            found = with_retries(lambda: self.bucket.get(key, size))
        except TooLargeError:  # it has changed since
            return ""
        return hashlib.sha256(found.body).hexdigest()
