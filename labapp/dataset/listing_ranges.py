"""List very many keys in ranges side by side: one page after the other takes the network's time.

Keys that open with a hash lie evenly, so the first page tells how many there are, and ranges of the
hashes are alike long. Where keys are none such it is as right, and only less quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from labapp import waits
from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry
from labapp.dataset.calls import Threads, never
from labapp.labels.object_keys import HASH_DIGITS

#: Keys in a page of a listing (ListObjectsV2).
PAGE = 1_000

#: Ranges listed at once, of which each costs half a page more: two listings stay below the
#: connections of a `Cloud`.
MOST = 16

#: Pages that a range has at least.
_LEAST_PAGES = 4

#: All hashes that there may be.
_HASHES = 16**HASH_DIGITS


def entries(
    bucket: Bucket, prefix: str, most: int = bounds.DATASET, stop: Callable[[], bool] = never
) -> Iterator[Entry]:
    """Yield the objects below a prefix by key, of which most have a hash behind it.

    Args:
        bucket: where they lie.
        prefix: what their keys begin with.
        most: how many are yielded.
        stop: whether to list no more.
    """
    rest = bucket.list(prefix)
    first = list(islice(rest, PAGE))
    yield from first[:most]
    starts = _starts(first, prefix, most)
    if len(first) < PAGE or not starts:
        yield from islice(rest, max(0, most - len(first)))
        return
    with Threads(MOST, "listing") as pool:
        ranges = [
            pool.submit(_between, bucket, prefix, start, end, most, stop)
            for start, end in zip(starts, [*starts[1:], ""], strict=True)
        ]
        left = most - len(first)
        try:
            for each in ranges:
                found = waits.result(each)[: max(0, left)]
                left -= len(found)
                yield from found
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _starts(first: list[Entry], prefix: str, most: int) -> list[str]:
    """Return the keys that ranges begin behind, by the first page; none where one is enough."""
    if len(first) < PAGE:
        return []
    last = first[-1].key
    digits = last.removeprefix(prefix)[:HASH_DIGITS]
    try:
        begin = int(digits, 16)
    except ValueError:
        return []
    pages = (_HASHES - begin) / max(1, begin)
    if len(digits) < HASH_DIGITS or pages * PAGE > most:
        return []
    count = min(MOST, int(pages / _LEAST_PAGES))
    step = (_HASHES - begin) // max(1, count)
    # What a listing starts after is not in it: no key is a hash alone.
    return [last, *(f"{prefix}{begin + n * step:0{HASH_DIGITS}x}" for n in range(1, count))][:count]


def _between(
    bucket: Bucket, prefix: str, start: str, end: str, most: int, stop: Callable[[], bool]
) -> list[Entry]:
    """List the objects behind `start`, up to `end` where it is not empty."""
    found: list[Entry] = []
    for entry in bucket.list(prefix, start):
        if (end and entry.key > end) or len(found) == most or stop():
            break
        found.append(entry)
    return found
