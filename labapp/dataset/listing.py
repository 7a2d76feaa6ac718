"""List the pictures of the dataset and their label files, page by page, and nothing else.

A lab's own layout may have them at the bucket's root, beside thousands of logs and results: a
listing that comes to what is another's jumps over it, and begins again behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from labapp import waits
from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry
from labapp.dataset import listing_ranges
from labapp.dataset.calls import Threads, never
from labapp.dataset.counting import DECISIONS
from labapp.dataset.label_parts import gather
from labapp.labels.layout import Layout

#: What stands behind every key of a prefix, in the order of a listing.
_LAST = "\U0010ffff"


def pictures(bucket: Bucket, layout: Layout) -> Iterator[Entry]:
    """Yield what is listed of the pictures of the dataset, by key."""
    listed = entries(bucket, layout.images, layout.not_pictures)
    if not layout.is_own:  # among which there may be anything
        listed = islice(listed, bounds.DATASET)
    return (entry for entry in listed if layout.is_picture_key(entry.key))


def label_files(bucket: Bucket, layout: Layout) -> Iterator[Entry]:
    """Yield what is listed of label files, and of their parts, by key."""
    return entries(bucket, layout.label_head, layout.not_labels)


def entries(
    bucket: Bucket, prefix: str, left_out: Sequence[str], after: str = ""
) -> Iterator[Entry]:
    """Yield the objects below a prefix, those behind `after`, without what is below others."""
    others = tuple(left_out)
    while True:
        jump = ""
        for entry in bucket.list(prefix, after):
            if others and entry.key.startswith(others):
                jump = next(one for one in others if entry.key.startswith(one))
                break
            yield entry
        if not jump:
            return
        after = jump + _LAST


@dataclass(frozen=True)
class Listed:
    """What is listed of a dataset.

    Attributes:
        pictures: what is said of each picture, by key.
        labels: the same of label files, each with its parts.
        is_cut: whether there are more of either than are looked at, `bounds.DATASET`.
        decisions: which of `counting.DECISIONS` may be there.
    """

    pictures: Mapping[str, Entry]
    labels: Mapping[str, Entry]
    is_cut: bool
    decisions: frozenset[str]


def everything(bucket: Bucket, layout: Layout, stop: Callable[[], bool] = never) -> Listed:
    """List pictures and label files, at once.

    Once `stop` says so, there is no more than what is listed by then.
    """
    cut: list[bool] = []

    def is_label(key: str) -> bool:
        return layout.is_label_key(layout.whole_file_key(key))

    def sorted_out(
        listed: Iterator[Entry], *kinds: Callable[[str], bool]
    ) -> list[dict[str, Entry]]:
        found: list[dict[str, Entry]] = [{} for _ in kinds]
        sorts = [*zip(found, kinds, strict=True)]
        for number, each in enumerate(listed):
            if number == bounds.DATASET:
                cut.append(True)
            if stop() or number == bounds.DATASET:
                break
            for those, is_one in sorts:
                if is_one(each.key):
                    those[each.key] = each
                    break
        return found

    if layout.label_head.startswith(layout.images):  # one listing has both
        others = [one for one in layout.not_pictures if not layout.label_head.startswith(one)]
        listed = entries(bucket, layout.images, others)
        images, labels = sorted_out(listed, layout.is_picture_key, is_label)
        return Listed(images, gather(labels.values()), bool(cut), frozenset(DECISIONS))
    if layout.is_own:  # where nothing of another's lies, and keys have hashes
        most = bounds.DATASET + 1
        pictures_there = listing_ranges.entries(bucket, layout.images, most, stop)
        labels_there = listing_ranges.entries(bucket, layout.label_head, most, stop)
    else:
        pictures_there = entries(bucket, layout.images, layout.not_pictures)
        labels_there = label_files(bucket, layout)
    with Threads(1) as pool:
        first = pool.submit(lambda: sorted_out(pictures_there, layout.is_picture_key))
        labels, decisions = sorted_out(labels_there, is_label, DECISIONS.__contains__)
        # In a lab's layout the label files lie elsewhere.
        decided = frozenset(decisions if layout.is_own and not cut else DECISIONS)
        return Listed(waits.result(first)[0], gather(labels.values()), bool(cut), decided)
