"""Read many label files: each from memory, from the cache, or else from S3, side by side.

What a listing says decides: a file whose ETag was read before is not read again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry
from labapp.dataset.cache import Cache, cache_path
from labapp.dataset.calls import READERS, never, parallel_map, with_retries
from labapp.dataset.label_parts import has_parts, objects_of, read_file
from labapp.errors import TooLargeError
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.label_file import LabelFile, parse_label_file
from labapp.labels.object_keys import whole_file_key
from labapp.labels.parts import join

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
        holds: whether what was read is held in memory too.
    """

    def __init__(self, bucket: Bucket, cache: Cache | None = None, *, holds: bool = True) -> None:
        self.bucket = bucket
        self.cache = cache or Cache(cache_path(bucket))
        #: Label files read from S3 so far.
        self.fetched = 0
        #: Those of the last reading that had grown too large since they were listed.
        self.too_large: set[str] = set()
        self._held = _Held(DEFAULT_SCHEME.codes)
        self._holds = holds
        self._closed = threading.Event()

    def close(self) -> None:
        """Close the cache, and let a reading that a thread is still at begin nothing more.

        Who leaves a page does not wait for what it reads, and nobody wants the rest of it.
        """
        self._closed.set()
        self.cache.close()

    def read_as(self, scheme: Scheme) -> None:
        """Have answers read by a scheme, which says what codes they may have."""
        if scheme.codes != self._held.codes:
            self._held = _Held(scheme.codes)  # a reading that a thread is at goes on with the other

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
        """Read label files, with their parts.

        Args:
            listed: what `gather` says of them; those too large, one by one, are not read.
            progress: told of the objects that S3 is asked for, once at the start and then for each.
            stop: whether to begin no more of them; what has been read stays in the cache.

        Returns:
            The files by their own keys; one that was deleted meanwhile is empty. Those that are too
            large, or were not begun, since `stop` said so or this was closed, are missing.

        Raises:
            CloudError: one cannot be read; those read before it stay in the cache.
        """
        self.too_large = set()
        wanted = {each.key: each for each in listed if 0 < each.size <= bounds.LABELS}
        held = self._held
        known = ((key, *held.files[key]) for key in wanted.keys() & held.files.keys())
        found = {key: file for key, etag, file in known if etag == wanted[key].etag}
        unknown = {key: each for key, each in wanted.items() if key not in found}
        pending = _Pending(unknown.values(), held)
        for key, body in self.cache.bodies(pending.etags):
            self._take(pending, key, body, found)
        missing = [key for key in pending.etags if key not in pending.done]
        self._fetch(missing, pending, found, progress, stop)
        return found

    def _take(self, pending: _Pending, key: str, body: bytes, found: dict[str, LabelFile]) -> None:
        """Take an object's bytes; once those of all of a label file are there, it is found."""
        if (whole := pending.take(key, body)) is not None:
            file, etag, text = whole
            found[file] = parse_label_file(text, pending.held.codes)
            if etag and self._holds:
                pending.held.files[file] = (etag, found[file])

    def forget_all_but(self, listed: Mapping[str, Entry]) -> None:
        """Let go of files that a whole listing no longer names."""
        files = self._held.files
        for key in files.keys() - listed.keys():
            del files[key]
        self.cache.forget_all_but({one.key for each in listed.values() for one in objects_of(each)})

    def _fetch(
        self,
        keys: list[str],
        pending: _Pending,
        found: dict[str, LabelFile],
        progress: ReadProgress | None,
        stop: Callable[[], bool],
    ) -> None:
        """Read objects from S3."""
        batch: list[tuple[str, str, bytes]] = []
        if progress and keys:
            progress(0, len(keys))
        done = 0
        try:
            for key, body, etag in parallel_map(self._get, keys, READERS, self.or_closed(stop)):
                if whole_file_key(key) in self.too_large:
                    continue
                # What has changed since it was listed is not what the listing's ETag stands for.
                pending.etags[key] = etag or ""
                self._take(pending, key, body, found)
                self.fetched += 1
                if etag:
                    batch.append((key, etag, body))
                if len(batch) == _BATCH:
                    self.cache.keep_bodies(batch)
                    batch = []
                done += 1
                if progress:
                    progress(done, len(keys))
        finally:
            self.cache.keep_bodies(batch)

    def _get(self, key: str) -> tuple[str, bytes, str | None]:
        try:
            return key, *with_retries(lambda: read_file(self.bucket, key))
        except TooLargeError:  # it has grown since it was listed
            self.too_large.add(whole_file_key(key))
            return key, b"", None


class _Held:
    """Label files in memory, by the codes that they were read with, each with its ETag."""

    def __init__(self, codes: Collection[int]) -> None:
        #: The codes that answers may have, by the dataset's scheme.
        self.codes = codes
        self.files: dict[str, tuple[str, LabelFile]] = {}


class _Pending:
    """Label files of which not all objects are read yet; many have only one."""

    def __init__(self, listed: Iterable[Entry], held: _Held) -> None:
        #: Where they go, and how they are read.
        self.held = held
        self._listed = {each.key: each for each in listed}
        objects = (one for each in self._listed.values() for one in objects_of(each) if one.size)
        #: The ETag of each object that is wanted, by its key.
        self.etags = {one.key: one.etag for one in objects}
        #: The keys of those that were taken.
        self.done: set[str] = set()
        self._bodies: dict[str, dict[str, bytes]] = {}

    def take(self, key: str, body: bytes) -> tuple[str, str, bytes] | None:
        """Take an object's bytes; return a label file that is whole by it, else None.

        It has its key, what tells it from any other, as `gather` does, and its bytes.
        """
        self.done.add(key)
        listed = self._listed.get(key)
        if listed is not None and not has_parts(listed):  # as nearly always
            return key, self.etags[key], body
        file = whole_file_key(key)
        listed = self._listed[file]
        objects = objects_of(listed)
        bodies = self._bodies.setdefault(file, {})
        bodies[key] = body
        if len(bodies) < sum(one.size > 0 for one in objects):
            return None
        del self._bodies[file]
        text = bodies.pop(file, b"")
        is_as_listed = all(one.etag == self.etags[one.key] for one in objects if one.size)
        return file, listed.etag if is_as_listed else "", join(text, [*bodies.values()])
