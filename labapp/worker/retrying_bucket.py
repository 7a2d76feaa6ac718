"""The bucket as jobs use it: each call is retried through its own outage.

Were a whole job waited out at once, one lost upload would have its picture processed again, and
the first job after an outage would keep everybody else from asking for as long as it takes. What is
not in the bucket is an answer here, not an error: `OutageGuard` takes a missing thing for a cloud
that has lost its state, and would wait for it. What is refused is waited out as well, unless it is
about that one object: then it is the job's own fault.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry, Head
from labapp.errors import CloudError, MissingResourceError, TooLargeError
from labapp.worker.handlers import Caller
from labapp.worker.refusals import WRITING, Deed
from labapp.worker.reports import PREFIX

#: Seconds for which a reading that is refused is waited for, where it cannot be told whether that
#: is so of this one object or of all.
LONGEST = 300.0

#: Objects among which a report is looked for: one page of a listing.
_LOOKED_AT = 1000

T = TypeVar("T")


class RetryingBucket:
    """A bucket's objects, by way of a caller; until one is given, each call is made once.

    `queue` is the one whose jobs use it. Every method raises CloudError for what no waiting mends.
    """

    def __init__(self, bucket: Bucket, queue: str = "") -> None:
        self._bucket = bucket
        self._queue = queue
        #: Keys of what was found, and fetched, last: in another lab's bucket are no reports.
        self._read_well = self._fetched_well = ""
        self.call: Caller = _once

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self.call(lambda: self._bucket.name)

    def head(self, key: str) -> Head | None:
        """Ask for an object's size, type and metadata; None where there is none."""

        def ask() -> Head | None:
            try:
                return self._bucket.head(key)
            except MissingResourceError:
                return None

        found = self.call(self._reading("look for pictures", ask, self._may_look))
        self._read_well = key if found else self._read_well
        return found

    def download(self, key: str, path: Path, most: int | None = None) -> bool:
        """Fetch an object of at most `most` bytes into a file; return whether there was one.

        Raises:
            TooLargeError: it has more.
        """

        def fetch() -> bool:
            try:
                self._bucket.download(key, path, most=most)
            except MissingResourceError:
                return False
            self._fetched_well = key
            return True

        return self.call(self._reading("read pictures", fetch, self._may_read))

    def read(self, key: str, most: int, what: str = "objects") -> bytes | None:
        """Read an object of at most `most` bytes; None where there is none.

        `what` is what it is called where that is refused.

        Raises:
            TooLargeError: it has more.
        """

        def fetch() -> bytes | None:
            try:
                found = self._bucket.get(key, most).body
            except MissingResourceError:
                return None
            self._fetched_well = key
            return found

        return self.call(self._reading(f"read {what}", fetch, self._may_read))

    def put_text(self, key: str, text: str) -> None:
        """Store a small text, over what may be there."""
        self._write(key, partial(self._bucket.put_text, key, text))

    def upload(
        self, source: Path | bytes, key: str, content_type: str, facts: Mapping[str, str]
    ) -> None:
        """Store a file or bytes, with what is to be noted of them."""
        if isinstance(source, bytes):
            self._write(key, partial(self._bucket.put, key, source, content_type, facts))
        else:
            self._write(key, partial(self._bucket.upload, source, key, content_type, facts))

    def upload_if(
        self,
        source: Path | bytes,
        key: str,
        content_type: str,
        facts: Mapping[str, str],
        etag: str | None,
    ) -> bool:
        """Store a file or bytes where there is still what was read (see `Bucket.put_if`)."""
        to = self._bucket

        def store() -> bool:
            if isinstance(source, bytes):
                return to.put_if(key, source, content_type, etag, facts) is not None
            return to.upload_if(source, key, content_type, facts, etag)

        return self._write(key, store)

    def _write(self, key: str, store: Callable[[], T]) -> T:
        return self.call(Deed(self._queue, f"write {key.partition('/')[0]}/", store, WRITING))

    def remove_probe(self, key: str) -> None:
        """Delete what a doctor put there; one that may not be deleted stays, and keeps nobody."""
        with contextlib.suppress(CloudError):
            self._bucket.delete(key)

    def list(self, prefix: str, most: int) -> list[Entry]:
        """Return the first `most` objects below `prefix` by key."""
        return self.call(
            Deed(self._queue, "list", lambda: list(islice(self._bucket.list(prefix), most)))
        )

    def _reading(self, what: str, action: Callable[[], T], may: Callable[[], object]) -> Deed[T]:
        """Return a reading that waits while all of its kind are refused."""

        def others_pass() -> bool:
            try:
                return bool(may())
            except TooLargeError:  # by what came of it: that it may be read
                return True
            except CloudError:
                return False

        return Deed(self._queue, what, action, is_own=others_pass, longest=LONGEST)

    def _may_look(self) -> object:
        """Look for something that is there; raises CloudError where that is refused too."""
        key = self._read_well or self._report()
        return key and self._bucket.head(key)

    def _may_read(self) -> object:
        """Read something small that is there; raises CloudError where that is refused too."""
        key = self._fetched_well or self._report()
        try:
            return key and self._bucket.get(key, bounds.REPORT)
        except MissingResourceError:  # taken away since, which says nothing
            self._fetched_well = ""
            return False

    def _report(self) -> str:
        """Return the key of a worker's report, which is small; empty where there is none."""
        first = islice(self._bucket.list(PREFIX), _LOOKED_AT)
        return next((entry.key for entry in first if entry.size <= bounds.REPORT), "")


def _once(action: Callable[[], T], /) -> T:
    return action()
