"""Take many pictures out of the dataset, and give back their labels when they return.

A picture is known again by its bytes: what was kept below `removed/` comes back to it under
whatever name it is uploaded, before all that was said of it since.
"""

from __future__ import annotations

import contextlib
import fnmatch
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.dataset import layouts, stored_pictures
from labapp.dataset.calls import READERS, never, parallel_map, with_retries
from labapp.dataset.label_parts import clear_part, move_lines, parts_of, read_file
from labapp.dataset.label_writer import change
from labapp.dataset.statistics import no_picture
from labapp.dataset.stored_pictures import UNREAD
from labapp.errors import TooLargeError
from labapp.labels.layout import REMOVED, Layout
from labapp.labels.merging import put_before
from labapp.labels.object_keys import whole_file_key


@dataclass(frozen=True)
class Removal:
    """A picture that is to be taken out, or was.

    Attributes:
        key: its key.
        lines: the lines of its label file; None where it is too large to be read.
        aside: where these are kept; empty where there are none.
    """

    key: str
    lines: int | None
    aside: str = ""


def removals(bucket: Bucket, words: Sequence[str]) -> list[Removal]:
    """Find what `stored_pictures.remove` would take away, also label files whose pictures are gone.

    Words are keys, whose leading `images_prefix` may be left out, or names that one picture has; or
    patterns of keys or of names, with `*`, `?` or `[…]`.

    Returns:
        Each picture once, in the order named, those of a pattern by key.

    Raises:
        MissingResourceError: a word names nothing.
        CloudError: the bucket cannot be read.
    """
    layout = layouts.of(bucket)
    listed = list(stored_pictures.list_pictures(bucket)) if any(map(is_pattern, words)) else []
    there = {each.key for each in listed}
    found: dict[str, None] = {}
    for word in words:
        whole = layout.whole_key(word)
        if is_pattern(word) and whole not in there:
            keys = [one.key for one in listed if is_like(one.key, word, layout)]
            if not keys:
                raise no_picture(word)
            found |= dict.fromkeys(keys)
        else:
            found[whole] = None
    lines: dict[str, int | None] = {}
    whole_keys: dict[str, str] = {}

    def look(asked: str) -> tuple[str, str, int | None]:
        return asked, *stored_pictures.find_removable(bucket, asked)

    for asked, key, counted in parallel_map(look, found, READERS):
        whole_keys[asked], lines[key] = key, counted

    def aside(key: str) -> str:
        return UNREAD if lines[key] is None else layout.aside_key(key) if lines[key] else ""

    return [
        Removal(key, lines[key], aside(key))
        for key in dict.fromkeys(whole_keys[one] for one in found)
    ]


def is_pattern(word: str) -> bool:
    """Tell whether a word is a pattern of keys and not a key."""
    return any(sign in word for sign in "*?[")


def is_like(key: str, pattern: str, layout: Layout) -> bool:
    """Tell whether a picture's key, or its name, is like a pattern."""
    names = (key, layout.name_of(key), layout.picture_name(key))
    return any(fnmatch.fnmatchcase(name, pattern) for name in names)


def remove_all(
    bucket: Bucket,
    found: Sequence[Removal],
    *,
    dry: bool = False,
    stop: Callable[[], bool] = never,
) -> Iterator[Removal]:
    """Take pictures that `removals` found out of the dataset, side by side.

    With `dry` it only says what would be taken out; `stop` tells whether to take out no other.

    Yields:
        Each picture, once it is out.

    Raises:
        CloudError: as for `stored_pictures.remove`; what was not yielded may be done again.
        RefusedError: this layout is read only.
    """
    layouts.writable(bucket)
    if dry:
        yield from found
        return

    def one(removal: Removal) -> Removal:
        return replace(removal, aside=stored_pictures.remove(bucket, removal.key))

    yield from parallel_map(one, found, READERS, stop)


class Returning:
    """The labels of pictures that were taken out, to be given back to those that return.

    Args:
        bucket: the bucket; what is kept there is listed once.
        dry: only say what would be given back.
    """

    def __init__(self, bucket: Bucket, *, dry: bool = False) -> None:
        self._bucket = bucket
        self._dry = dry
        self._layout = layouts.writable(bucket)
        #: Label files that are kept, and parts of such, by what their pictures' keys begin with.
        self._kept: dict[str, dict[str, None]] = {}
        for entry in itertools.islice(bucket.list(REMOVED), bounds.DATASET):
            file = whole_file_key(entry.key)
            if 0 < entry.size <= bounds.LABELS and (bytes_named := self._layout.hash_aside(file)):
                self._kept.setdefault(bytes_named, {})[file] = None

    def give_back(self, key: str) -> int:
        """Put the labels kept of a picture, under whatever name, in its label file again.

        Return how many lines came back. May be done again after an interruption; what somebody
        wrote meanwhile stays.

        Raises:
            CloudError: the bucket cannot be read or written.
        """
        digits = self._layout.hash_part(key)
        asides = self._kept.get(digits, ()) if digits else ()
        place = self._layout.label_key(key) if asides else ""
        back = 0
        for aside in asides:
            # Those that would make of the label file one that nobody reads stay where they are.
            with contextlib.suppress(TooLargeError):
                back += self._one(aside, place)
            with contextlib.suppress(TooLargeError):
                back += self._parts(aside, place)
        return back

    def _parts(self, aside: str, place: str) -> int:
        """Give back the parts that are kept of a label file; return their lines."""
        back = 0
        for part in with_retries(lambda: parts_of(self._bucket, aside)):
            back += self._move(part.key, place)
        return back

    def _move(self, aside: str, place: str) -> int:
        """Give lines back as a part, which undoes nothing; return how many."""
        kept, etag = with_retries(lambda: read_file(self._bucket, aside))
        if etag is not None and kept and not self._dry:
            move_lines(self._bucket, aside, kept, place)
            if whole_file_key(aside) != aside:
                clear_part(self._bucket, aside)
            else:
                stored_pictures.put_if(self._bucket, aside, b"", etag)
        return len(kept.splitlines())

    def _one(self, aside: str, place: str) -> int:
        lines, back = 0, b""
        if not self._dry and not with_retries(self._bucket.heeds_conditions):
            return self._move(aside, place)
        while True:
            kept, etag = with_retries(lambda: read_file(self._bucket, aside))
            if etag is None or not kept:
                return lines
            # Where somebody has put more there meanwhile, the first of it is back already.
            back = back if kept.startswith(back) else b""
            lines += len(kept.splitlines()) - len(back.splitlines())
            if self._dry:
                return lines
            change(self._bucket, place, partial(_with, kept, back))
            # Emptied and not deleted: only if nobody has put more there meanwhile.
            if stored_pictures.put_if(self._bucket, aside, b"", etag):
                return lines
            back = kept


def _with(kept: bytes, back: bytes, existing: bytes) -> bytes | None:
    """Put lines before those of a label file, which may begin with the first of them."""
    return None if existing.startswith(kept) else put_before(kept, existing.removeprefix(back))
