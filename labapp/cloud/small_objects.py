"""Small objects of a listing, read side by side.

What workers and strangers put beside each other in one prefix is read in order, none beyond its
bound, and what is left out is told. One that is too large, or gone since it was listed, ends no
listing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

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
