"""List the pictures of a dataset with their label files, a page at a time, beginning anywhere.

Where keys begin with a hash they lie in random order, so that the first page behind a random point
is a random set already: what is chosen from it is chosen as well as if all were listed. The rest
follows while somebody labels.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry
from labapp.dataset import listing
from labapp.dataset.label_parts import gather
from labapp.labels.layout import IMAGES, Layout
from labapp.labels.object_keys import HASH_DIGITS

#: Keys in a page of ListObjectsV2.
PAGE = 1_000


class Pages:
    """One listing of a dataset, once round; what fails may be called again, and goes on.

    Args:
        bucket: where it lies.
        layout: how.
        rng: where chance comes from.
    """

    def __init__(self, bucket: Bucket, layout: Layout, rng: random.Random) -> None:
        self._bucket = bucket
        self._layout = layout
        digits = f"{rng.getrandbits(4 * HASH_DIGITS):0{HASH_DIGITS}x}"
        #: The key that the listing begins behind, and ends with.
        self._start = IMAGES + digits if layout.has_own_names else ""
        self._after = self._start
        self._is_round = not self._start
        self._labels = _Labels(bucket, layout)
        self._looked_at = 0
        #: Whether all is listed.
        self.is_over = False

    def next(self) -> list[tuple[str, Entry | None]]:
        """Return the pictures of the next page, each with what is listed of its label file.

        It may be empty though more follow.

        Raises:
            CloudError: the bucket cannot be listed.
        """
        layout = self._layout
        if not layout.is_by_name and not self._labels.read_on():
            return []
        listed = listing.entries(self._bucket, layout.images, layout.not_pictures, self._after)
        page = [entry.key for entry in itertools.islice(listed, PAGE)]
        keys = [key for key in page if layout.is_picture_key(key)]
        if self._is_round and self._start:
            keys = [key for key in keys if key <= self._start]
        files = {key: layout.label_key(key) for key in keys}
        if layout.is_by_name and files:
            self._labels.read_between(min(files.values()), max(files.values()))
        self._move_on(page)
        return [(key, self._labels.of(file)) for key, file in files.items()]

    def _move_on(self, page: list[str]) -> None:
        self._looked_at += len(page)
        is_last = len(page) < PAGE or page[-1] <= self._after
        self._after = page[-1] if page else self._after
        if self._is_round:
            is_past = bool(self._start) and self._after > self._start
            self.is_over = is_last or is_past or self._looked_at >= bounds.DATASET
        elif is_last:
            self._is_round, self._after = True, ""
            self._labels.begin_anew()


class _Labels:
    """What is listed of label files, read on as far as it is wanted."""

    def __init__(self, bucket: Bucket, layout: Layout) -> None:
        self._bucket = bucket
        self._layout = layout
        self._found: dict[str, list[Entry]] = {}
        self._listed: Iterator[Entry] | None = None
        self._held: Entry | None = None
        self._after: str | None = None
        self._count = 0
        self._is_whole = False

    def of(self, file: str) -> Entry | None:
        """Return what is listed of a label file with its parts; None where there is none."""
        # By name each picture has a file of its own, which nobody asks for again.
        take: Callable[..., list[Entry] | None]
        take = self._found.pop if self._layout.is_by_name else self._found.get
        found = take(file, None)
        return gather(found)[file] if found else None

    def begin_anew(self) -> None:
        """Begin at the first of all label files."""
        self._listed = self._held = self._after = None

    def read_on(self) -> bool:
        """Read another page; return whether all are read."""
        if not self._is_whole:
            self._is_whole = not self._read(lambda key: False, PAGE)
        return self._is_whole

    def read_between(self, first: str, last: str) -> None:
        """Read on to the last of some label files, beginning at their first if nothing is read."""
        if self._after is None:
            # A picture whose name begins as that of the first may have its label file before. What
            # a listing starts after is not in it, but any beginning of a key stands before it.
            head = first[: len(first) - len(self._layout.label_tail)]
            self._after = head[:-1]
        self._read(lambda key: key >= f"{last}/")  # behind the parts of the last, `<last>.`

    def _read(self, is_beyond: Callable[[str], bool], most: int = bounds.LISTED) -> bool:
        """Read entries until one is beyond; return whether any may be left."""
        for _ in range(most):
            entry = self._held or self._next()
            self._held = None
            if entry is None or self._count >= bounds.DATASET:
                return False
            if is_beyond(entry.key):
                self._held = entry
                return True
            file = self._layout.whole_file_key(entry.key)
            if self._layout.is_label_key(file):
                self._found.setdefault(file, []).append(entry)
        return True

    def _next(self) -> Entry | None:
        if self._listed is None:  # at first, and again after an error
            layout, after = self._layout, self._after or ""
            self._listed = listing.entries(
                self._bucket, layout.label_head, layout.not_labels, after
            )
        try:
            entry = next(self._listed, None)
        except BaseException:
            self._listed = None
            raise
        if entry is not None:
            self._after = entry.key
            self._count += 1
        return entry
