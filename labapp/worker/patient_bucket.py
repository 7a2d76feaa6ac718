"""The bucket as jobs use it: each call waits out its own trouble.

Were a whole job waited out at once, one lost upload would have its picture processed again, and
the first job after an outage would keep everybody else from asking for as long as it takes. What is
not in the bucket is an answer here, not an error: `Patience` takes a missing thing for a cloud that
has lost its state, and would wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from labapp.cloud.bucket import Bucket, Entry, Head
from labapp.errors import MissingResourceError

T = TypeVar("T")


class Caller(Protocol):
    """A way to call the cloud, such as `Patience.call`: does an action as often as it takes."""

    def __call__(self, action: Callable[[], T], /) -> T:
        """Do the action and return what it returns."""
        ...


class PatientBucket:
    """A bucket's objects, by way of a caller; until one is given, each call is made once.

    Every method raises CloudError for what no waiting mends.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
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

        return self.call(ask)

    def download(self, key: str, path: Path) -> bool:
        """Fetch an object into a file; return whether there was one."""

        def fetch() -> bool:
            try:
                self._bucket.download(key, path)
            except MissingResourceError:
                return False
            return True

        return self.call(fetch)

    def upload(self, path: Path, key: str, content_type: str, facts: Mapping[str, str]) -> None:
        """Store a file, with what is to be noted of it."""
        self.call(partial(self._bucket.upload, path, key, content_type, facts))

    def list(self, prefix: str) -> list[Entry]:
        """Return the objects below `prefix` by key."""
        return self.call(lambda: list(self._bucket.list(prefix)))


def _once(action: Callable[[], T], /) -> T:
    return action()
