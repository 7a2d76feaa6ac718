"""Small objects, written and read side by side.

What workers and strangers put beside each other in one prefix is read in order, none beyond its
bound, and what is left out is told. One that is too large, or gone since it was listed, ends no
listing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from labapp.cloud.abilities import Ability
from labapp.cloud.bucket import TEXT
from labapp.cloud.direct.s3 import NEW, STORED, Object, noted
from labapp.errors import MissingResourceError, TooLargeError

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket, Entry, Stored

#: Objects read at once, and objects that are read ahead of who takes them.
READERS, _AHEAD = 32, 96

#: Objects that a sentence names.
_NAMED = 3

#: Told, in a sentence each, of what is left out of a listing, and why.
Tell = Callable[[str], object]


def tell_nobody(_: str) -> None:
    """Tell nobody of what is left out: for who only counts."""


def read(
    bucket: Bucket, entries: Iterable[Entry], most: int, left_out: Tell = tell_nobody
) -> Iterator[tuple[Entry, bytes]]:
    """Yield objects of a listing with their bytes, in the order given, each as soon as it is there.

    Args:
        bucket: where they lie.
        entries: the listing.
        most: bytes that each may have, of `bounds`.
        left_out: told of those that have more.

    Raises:
        CloudError: one cannot be read.
    """
    for entry, stored in read_stored(bucket, entries, lambda _: most, left_out):
        yield entry, stored.body


def read_stored(
    bucket: Bucket,
    entries: Iterable[Entry],
    most: Callable[[Entry], int],
    left_out: Tell = tell_nobody,
) -> Iterator[tuple[Entry, Stored]]:
    """Yield the same with what else is known of each; `most` gives the bytes that one may have."""
    too_large: list[Entry] = []

    def body(entry: Entry) -> Stored | None:
        try:
            if entry.size <= most(entry):
                return bucket.get(entry.key, most(entry))
        except MissingResourceError:
            return None
        except TooLargeError:  # it has grown since
            pass
        too_large.append(entry)
        return None

    rest, pool = iter(entries), ThreadPoolExecutor(READERS)
    try:
        begun = deque((entry, pool.submit(body, entry)) for entry in islice(rest, _AHEAD))
        while begun:
            entry, found = begun.popleft()
            stored = found.result()
            begun.extend((more, pool.submit(body, more)) for more in islice(rest, 1))
            if stored is not None:
                yield entry, stored
    finally:  # who takes no more waits for no more than is on its way
        pool.shutdown(cancel_futures=True)
    if too_large:
        left_out(oversize(too_large, min(map(most, too_large))))


def oversize(entries: list[Entry], most: int) -> str:
    """Say of objects that they are too large to be read, the first few by name and size."""
    named = ", ".join(f"{entry.key} ({entry.size:,} bytes)" for entry in entries[:_NAMED])
    more = f" and {len(entries) - _NAMED:,} more" if len(entries) > _NAMED else ""
    return f"left out, as more than {most:,} bytes are not read: {named}{more}"


class Text(NamedTuple):
    """A small text to be stored: its key, what it says, and what is noted of it.

    One that is `new` is stored only where there is none.
    """

    key: str
    text: str
    metadata: Mapping[str, str] = {}
    new: bool = False


def write(bucket: Bucket, texts: Sequence[Text]) -> list[bool]:
    """Store texts all at once; return which of them are known to be stored.

    The others are for `Bucket.put_text`, which takes its time, and says what is wrong.

    Raises:
        CloudError: the bucket's name cannot be found.
    """
    cloud = bucket.cloud
    if cloud.abilities.lacks(Ability.CONDITIONS) and any(one.new for one in texts):
        return [False] * len(texts)
    objects = []
    for key, text, metadata, new in texts:
        told = noted(metadata)
        objects.append(Object(key, text.encode(), TEXT, told | NEW if new else told))
    puts = cloud.direct_s3.put_all((bucket.name, cloud.bucket_owner), objects)
    return [put.status == STORED for put in puts]
