"""Read many label files: each from memory, from the cache, or else from S3, side by side.

What a listing says decides: a file whose ETag was read before is not read again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry
from labapp.dataset.cache import Cache, cache_path
from labapp.dataset.calls import READERS, never, parallel_map, with_retries
from labapp.dataset.label_writer import read_bytes
from labapp.errors import TooLargeError
from labapp.labels.label_file import LabelFile, parse_label_file

#: Files read from S3 before they are put into the cache: an interrupted first look loses no more.
_BATCH = 500

#: Bytes of all label files that one look reads: more than a million answers, which take five times
#: as much memory. Where there are more, the largest files are left out.
MOST = 100_000_000

#: Told how many label files have been read from S3, and how many there are to read.
ReadProgress = Callable[[int, int], None]


def split_by_size(listed: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Part label files in those that are read and those that are left out, as they are too large.

    Too large is one that has more than any has, and as many of the largest as are beyond what all
    together may have.
    """
    within: list[Entry] = []
    beyond: list[Entry] = []
    for entry in listed:
        (within if entry.size <= bounds.LABELS else beyond).append(entry)
    excess = sum(entry.size for entry in within) - MOST
    if excess > 0:
        within.sort(key=lambda entry: entry.size)
        while excess > 0:
            beyond.append(within.pop())
            excess -= beyond[-1].size
    return within, beyond


class LabelFiles:
    """The label files of one bucket; keep one for as long as the program runs.

    Args:
        bucket: where they lie.
        cache: what is remembered between runs; the bucket's own unless given.
    """

    def __init__(self, bucket: Bucket, cache: Cache | None = None) -> None:
        self.bucket = bucket
        self.cache = cache or Cache(cache_path(bucket))
        #: Label files read from S3 so far.
        self.fetched = 0
        #: Those of the last reading that had grown too large since they were listed.
        self.too_large: set[str] = set()
        self._known: dict[str, tuple[str, LabelFile]] = {}
        self._closed = threading.Event()

    def close(self) -> None:
        """Close the cache, and let a reading that a thread is still at begin nothing more.

        Who leaves a page does not wait for what it reads, and nobody wants the rest of it.
        """
        self._closed.set()
        self.cache.close()

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is read."""
        return self._closed.is_set()

    def or_closed(self, stop: Callable[[], bool]) -> Callable[[], bool]:
        """Return what tells to stop when `stop` does, and once this is closed."""
        return lambda: self.is_closed or stop()

    def read(
        self,
        listed: Iterable[Entry],
        progress: ReadProgress | None = None,
        stop: Callable[[], bool] = never,
    ) -> dict[str, LabelFile]:
        """Read label files.

        Args:
            listed: what a listing says of them; those too large, one by one, are not read.
            progress: told of those that S3 is asked for, once at the start and then for each.
            stop: whether to begin no more of them; what has been read stays in the cache.

        Returns:
            The files by their own keys; one that was deleted meanwhile is empty. Those that are too
            large, or were not begun, since `stop` said so or this was closed, are missing.

        Raises:
            CloudError: one cannot be read; those read before it stay in the cache.
        """
        self.too_large = set()
        etags = {each.key: each.etag for each in listed if 0 < each.size <= bounds.LABELS}
        known = ((key, *self._known[key]) for key in etags.keys() & self._known.keys())
        found = {key: file for key, etag, file in known if etag == etags[key]}
        unknown = {key: etag for key, etag in etags.items() if key not in found}
        for key, body in self.cache.bodies(unknown):
            found[key] = self._remember(key, unknown[key], body)
        missing = [key for key in unknown if key not in found]
        return found | self._fetch(missing, progress, stop)

    def forget_all_but(self, keys: Mapping[str, object]) -> None:
        """Let go of files that a whole listing no longer names."""
        for key in self._known.keys() - keys.keys():
            del self._known[key]
        self.cache.forget_all_but(keys)

    def _fetch(
        self, keys: list[str], progress: ReadProgress | None, stop: Callable[[], bool]
    ) -> dict[str, LabelFile]:
        """Read files from S3."""
        found: dict[str, LabelFile] = {}
        batch: list[tuple[str, str, bytes]] = []
        if progress and keys:
            progress(0, len(keys))
        try:
            for key, body, etag in parallel_map(self._get, keys, READERS, self.or_closed(stop)):
                if key in self.too_large:
                    continue
                found[key] = self._remember(key, etag, body) if etag else LabelFile()
                self.fetched += 1
                if etag:
                    batch.append((key, etag, body))
                if len(batch) == _BATCH:
                    self.cache.keep_bodies(batch)
                    batch = []
                if progress:
                    progress(len(found), len(keys))
        finally:
            self.cache.keep_bodies(batch)
        return found

    def _get(self, key: str) -> tuple[str, bytes, str | None]:
        try:
            return key, *with_retries(lambda: read_bytes(self.bucket, key))
        except TooLargeError:  # it has grown since it was listed
            self.too_large.add(key)
            return key, b"", None

    def _remember(self, key: str, etag: str, body: bytes) -> LabelFile:
        file = parse_label_file(body)
        self._known[key] = (etag, file)
        return file
