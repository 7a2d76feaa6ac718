"""Put pictures into the dataset: checked, named by their bytes, never twice, never over another.

Any number of people may upload at once. Each picture is looked for by its hash, stored only if its
key is free, and looked for again: of two who stored the same bytes under different names at the
same moment, everyone who sees both keeps the same one. So a rerun after an interruption stores only
what is missing, and memory holds a bounded number of bytes however many files there are.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from labapp.cloud.bucket import Bucket, Entry
from labapp.dataset import layouts
from labapp.dataset.calls import never, parallel_map, with_retries
from labapp.dataset.label_parts import parts_of
from labapp.dataset.named_upload import NamedPlaces
from labapp.dataset.removal import Returning
from labapp.dataset.statistics import SHA256
from labapp.errors import JobFailedError, MissingResourceError, RefusedError, os_errors_as
from labapp.labels.object_keys import content_name, digits
from labapp.pictures.limits import Limits

#: Pictures in hand at once: each is three or four calls, and mostly waits for the network.
THREADS = 16

#: Pictures with one hash that are looked at: uploads leave one of them.
_MOST_SAME = 100

#: Bytes of files held in memory at once; a larger file waits until it is alone.
BYTES_IN_HAND = 64_000_000

#: Pictures decoded at once at most: one has up to 150 MB of pixels within the usual limits.
DECODERS = min(4, os.cpu_count() or 1)


class State(StrEnum):
    """What became of a file."""

    ADDED = "added"
    THERE = "already there"
    REFUSED = "refused"
    LEFT = "not added"


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        path: the file.
        state: whether it was added, was there, or is not taken.
        key: the picture's key, whoever stored it; empty when refused.
        reason: why it was refused, and what to do; else empty.
        labels: lines of labels that came back, as it was taken out of the dataset before.
    """

    path: Path
    state: State
    key: str = ""
    reason: str = ""
    labels: int = 0


class Uploader:
    """Uploads to one bucket.

    Args:
        bucket: where the pictures go.
        limits: what is taken.
        moved: told of bytes that are through, in threads: each file's size in all, also of those
            that were there already or are refused.
        dry: only say what would become of each file: all is checked, and nothing is stored.
    """

    def __init__(
        self,
        bucket: Bucket,
        limits: Limits,
        moved: Callable[[int], None] | None = None,
        *,
        dry: bool = False,
    ) -> None:
        self._bucket = bucket
        self._limits = limits
        self._moved = moved or (lambda octets: None)
        self._room = _Room(BYTES_IN_HAND)
        self._decoders = threading.BoundedSemaphore(DECODERS)
        # Of equal files among ours, the second finds what the first stored. By the hash's first two
        # digits: few wait for another picture, and memory does not grow.
        self._turns = [threading.Lock() for _ in range(256)]
        #: In a dry run, the keys that a run would have stored by now, by their hashes.
        self._would: dict[str, str] | None = {} if dry else None
        self._layout = layouts.of(bucket)
        self._named = NamedPlaces(bucket, self._layout, self._would)
        self._returning: Returning | None = None

    def upload(self, files: Iterable[Path], stop: Callable[[], bool] = never) -> Iterator[Outcome]:
        """Upload files, side by side, until `stop` says so; yield what became of each as it comes.

        Raises:
            RefusedError: this layout is read only.
            CloudError: the cloud refuses or cannot be reached; what is stored stays, and the same
                call does the rest.
        """
        self._returning = Returning(self._bucket, dry=self._would is not None)
        return parallel_map(self._one, files, THREADS, stop)

    def _one(self, path: Path) -> Outcome:
        told = _Counter(self._moved)
        size = 0
        try:
            size = _size(path, self._limits)
            with self._room.taken(size):
                data = _read(path, size)
                with self._decoders:
                    kind = _decode(data, path, self._limits)
                return self._store(data, path, kind, told)
        except RefusedError as error:
            return Outcome(path, State.REFUSED, reason=str(error))
        finally:
            told.all_of(size)

    def _store(self, data: bytes, path: Path, kind: str, told: _Counter) -> Outcome:
        digest = hashlib.sha256(data).hexdigest()
        key = self._layout.images + content_name(digest, path.name)
        with self._turns[int(digest[:2], 16)]:
            if self._layout.has_own_names:
                found, own = with_retries(lambda: self._put(key, data, kind, digest, told))
            else:
                found, own = with_retries(lambda: self._named.put(path.name, data, kind, told))
            back = self._returning.give_back(found) if self._returning else 0
        is_ours = own and (found == key or not self._layout.has_own_names)
        state = State.ADDED if is_ours else State.THERE
        return Outcome(path, state, found, labels=back)

    def _put(
        self, key: str, data: bytes, kind: str, digest: str, told: _Counter
    ) -> tuple[str, bool]:
        """Store a picture unless it is there; return its key, and whether we stored it."""
        if same := self._same(digest, len(data)):
            return _first(same).key, False
        if self._would is not None:
            return self._pretend(key, digest, self._would)
        # A store that heeds no condition keeps the second of two who come in the same moment: under
        # one key they have the same bytes.
        stored = self._bucket.put_if(key, data, kind, None, {SHA256: digest}, told)
        same = self._same(digest, len(data))
        if not any(entry.key == key for entry in same) and stored is None:
            raise _key_taken(key)
        return self._settle(same).key if same else key, stored is not None

    def _pretend(self, key: str, digest: str, would: dict[str, str]) -> tuple[str, bool]:
        """Return what `_put` would, for a picture that is not there yet."""
        if digest in would:
            return would[digest], False
        try:
            self._bucket.head(key)
        except MissingResourceError:
            would[digest] = key
            return key, True
        raise _key_taken(key)

    def _same(self, digest: str, size: int) -> list[Entry]:
        """List the pictures that have these very bytes, under whatever names."""
        listed = itertools.islice(
            self._bucket.list(f"{self._layout.images}{digits(digest)}-"), _MOST_SAME
        )
        return [each for each in listed if each.size == size and self._has(each.key, digest)]

    def _has(self, key: str, digest: str) -> bool:
        """Tell whether a picture has this hash in full; the key holds a quarter of it."""
        try:
            return self._bucket.head(key).metadata.get(SHA256, digest) == digest
        except MissingResourceError:
            return False

    def _settle(self, same: list[Entry]) -> Entry:
        """Of equal pictures keep the first and delete the others; return the first.

        All who look see the same order, and whoever stored last sees them all, so one is left in
        the end and never none. One that has labels by now is not touched.
        """
        first = _first(same)
        for entry in same:
            if entry != first and not self._is_labelled(entry.key):
                self._bucket.delete(entry.key)
        return first

    def _is_labelled(self, key: str) -> bool:
        file = self._layout.label_key(key)
        try:
            if self._bucket.head(file).size > 0:
                return True
        except MissingResourceError:
            pass
        return bool(parts_of(self._bucket, file))


def _key_taken(key: str) -> RefusedError:
    return RefusedError(f"another picture has the key {key}", "Rename the file, then upload it.")


def _first(same: list[Entry]) -> Entry:
    return min(same, key=lambda entry: (entry.modified, entry.key))


def _size(path: Path, limits: Limits) -> int:
    with _reading(path):
        status = path.stat()
    if not path.is_file():
        raise RefusedError(f"{path.name} is not a file", "Name a picture's file.")
    most = limits.source_bytes
    if status.st_size > most:
        raise RefusedError(
            f"{path.name} has {status.st_size / 1e6:,.1f} MB; at most {most / 1e6:g} MB are taken",
            "Upload it smaller, or as JPEG.",
        )
    return status.st_size


def _decode(data: bytes, path: Path, limits: Limits) -> str:
    """Decode the whole picture, in a process of its own; return its media type."""
    from labapp.pictures.looks import checked_format

    try:
        return f"image/{checked_format(data, path.name, limits)}"
    except JobFailedError as error:  # what crashes a decoder is no picture to label
        raise RefusedError(error.message, error.remedy) from error


def _read(path: Path, size: int) -> bytes:
    # One byte more tells of a file that grows; asking for many more would set them aside.
    with _reading(path), path.open("rb") as file:
        data = file.read(size + 1)
    if len(data) != size:
        raise RefusedError(
            f"{path.name} changes while it is read", "Upload it when it is complete."
        )
    return data


def _reading(path: Path) -> AbstractContextManager[None]:
    return os_errors_as(RefusedError, f"cannot read {path}", "Name a picture's file.")


class _Counter:
    """Tells of one file's bytes, each once, however often they are sent."""

    def __init__(self, moved: Callable[[int], None]) -> None:
        self._moved = moved
        self._told = 0

    def __call__(self, octets: int) -> None:
        self._told += octets
        self._moved(octets)

    def all_of(self, size: int) -> None:
        """Tell of the bytes that were not sent: the file was there, or is refused."""
        if size != self._told:
            self._moved(size - self._told)


class _Room:
    """A number of bytes that threads share; what is more than all of it goes alone."""

    def __init__(self, size: int) -> None:
        self._free = self._size = size
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, wanted: int) -> Iterator[None]:
        """Hold so many bytes for a while, once they are free."""
        wanted = min(wanted, self._size)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= wanted)
            self._free -= wanted
        try:
            yield
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()
