"""What the dataset's tests share: pictures, and a bucket in memory that counts its calls."""

from __future__ import annotations

import hashlib
import io
import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry, Head, Stored
from labapp.dataset import label_writer
from labapp.dataset.cache import Cache
from labapp.dataset.label_parts import read_whole
from labapp.dataset.upcoming import Shown, Upcoming
from labapp.errors import MissingResourceError, TooLargeError
from labapp.labels.label_file import Label, LabelFile, parse_label_file
from labapp.labels.layout import IMAGES, OWN
from labapp.labels.object_keys import content_name
from labapp.settings import Settings

START = datetime(2026, 11, 21, 10, tzinfo=UTC)


def picture_bytes(number: int, kind: str = "PNG", side: int = 12) -> bytes:
    """Make a small picture that no other number gives."""
    out = io.BytesIO()
    colour = (number % 256, number // 256 % 256, 7)
    Image.new("RGB", (side, side), colour).save(out, kind)
    return out.getvalue()


def write_pictures(folder: Path, numbers: range) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number}.png" for number in numbers]
    for path, number in zip(paths, numbers, strict=True):
        path.write_bytes(picture_bytes(number))
    return paths


def stock(bucket: Bucket, count: int) -> list[str]:
    """Put pictures into a bucket; return their keys in order."""
    keys = []
    for number in range(count):
        data = str(number).encode()
        keys.append(IMAGES + content_name(hashlib.sha256(data).hexdigest(), f"{number}.jpg"))
        assert bucket.put_if(keys[-1], data, "image/jpeg", None)
    return sorted(keys)


def answer(bucket: Bucket, key: str, *words: str) -> None:
    """Write down answers: `ana1` ana says hot dog, `bo0` bo says other, `cys` cy skips."""
    for word in words:
        label_writer.answer(bucket, key, Label(word[-1]), word[:-1])


def label_file_of(bucket: Bucket, key: str) -> LabelFile:
    """Return the label file of a picture as it is now."""
    return parse_label_file(read_whole(bucket, OWN.label_key(key)))


def shown(bucket: Bucket, who: str, most: int = 99, cache: Cache | None = None) -> list[Shown]:
    """Return what an annotator is shown one after the other, where nothing is said of it."""
    with Upcoming(bucket, who, rng=random.Random(1), cache=cache) as upcoming:
        return [one for one in itertools.islice(iter(upcoming.take, None), most) if one]


def nothing(*_: object) -> None:
    """Do nothing, as the hooks of a bucket do until a test has one do something."""


class MemoryBucket(Bucket):
    """A bucket in this process that keeps S3's rules for conditions, order and listings.

    What a test makes happen, it puts in a hook: `before_...` and `after_...` are called with the
    key, around the call of that name; `before_entry` before each entry of a listing.
    """

    def __init__(self, home: Path) -> None:
        self.before_entry: Callable[[str], object] = nothing
        self.before_get: Callable[[str], object] = nothing
        self.before_put: Callable[[str, bytes], object] = nothing
        self.after_put: Callable[[str], object] = nothing
        self.after_copy: Callable[[str], object] = nothing
        self.after_download: Callable[[str], object] = nothing
        self.cloud: Any = SimpleNamespace(home=home, settings=Settings())
        self.objects: dict[str, tuple[bytes, str, datetime, Mapping[str, str]]] = {}
        self.calls: Counter[str] = Counter()
        self.keep_bodies = True
        #: Whether conditions are heeded; where they are not, that is known as well.
        self.heeds = True
        self._ticks = itertools.count()
        self._guard = threading.Lock()

    @property
    def name(self) -> str:
        return "memory"

    def list(self, prefix: str, after: str = "") -> Iterator[Entry]:
        rest = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        for place, key in enumerate(rest):
            self.calls[f"list {prefix}"] += place % 1000 == 0
            found = self.objects.get(key)
            if found:
                self.before_entry(key)
                yield Entry(key, len(found[0]), found[1], found[2])

    def get(self, key: str, most: int = bounds.ANYTHING) -> Stored:
        self.before_get(key)
        self.calls["get"] += 1
        body, etag, _, metadata = self._find(key)
        if len(body) > most:
            raise TooLargeError(f"{key} has {len(body)} bytes")
        return Stored(body, etag, "", metadata)

    def copy(self, key: str, to: str) -> None:
        self.calls["copy"] += 1
        self.objects[to] = self.objects[key]
        self.after_copy(key)

    def head(self, key: str) -> Head:
        self.calls["head"] += 1
        body, etag, _, metadata = self._find(key)
        return Head(len(body), etag, "", metadata)

    def put_if(
        self,
        key: str,
        body: Any,
        content_type: str,
        etag: str | None,
        metadata: Mapping[str, str] | None = None,
        moved: Callable[[int], None] | None = None,
    ) -> str | None:
        self.before_put(key, body)
        self.calls["put"] += 1
        with self._guard:
            known = self.objects.get(key)
            if self.heeds and (known[1] if known else None) != etag:
                return None
            written = self.write(key, body if self.keep_bodies else b"", metadata)
        if moved:
            moved(len(body))
        self.after_put(key)
        return written

    def put(
        self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> str:
        self.before_put(key, body)
        self.calls["put"] += 1
        with self._guard:
            written = self.write(key, body, metadata)
        self.after_put(key)
        return written

    def heeds_conditions(self, *, anew: bool = False) -> bool:
        self.calls["asked anew"] += anew
        return self.heeds

    def write(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> str:
        """Store an object as somebody else does, seen by no hook; return its ETag."""
        tick = next(self._ticks)
        self.objects[key] = (body, f'"{tick}"', START + timedelta(seconds=tick), metadata or {})
        return f'"{tick}"'

    def delete(self, key: str) -> None:
        self.calls["delete"] += 1
        self.objects.pop(key, None)

    def download(
        self,
        key: str,
        path: Path,
        moved: Callable[[int], None] | None = None,
        most: int | None = None,
    ) -> None:
        body = self._find(key)[0]
        if most is not None and len(body) > most:
            raise TooLargeError(f"{key} has {len(body)} bytes")
        path.write_bytes(body)
        if moved:
            moved(len(body))
        self.after_download(key)

    def _find(self, key: str) -> tuple[bytes, str, datetime, Mapping[str, str]]:
        if key not in self.objects:
            raise MissingResourceError(f"no {key}")
        return self.objects[key]
