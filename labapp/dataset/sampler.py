"""Choose pictures for an annotator: at random, never one that this annotator has answered.

What was answered stands in the label files alone, so an answer given on another machine counts too.
But only the label files of pictures that are about to be shown are read: a picture without one
cannot have been answered, and one whose file says so is passed over for the next in the draw, which
leaves the draw as fair as if all had been read.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry
from labapp.dataset.cache import Cache
from labapp.dataset.label_parts import gather
from labapp.dataset.label_reader import LabelFiles
from labapp.labels.effective import labels_of
from labapp.labels.label_file import LabelFile
from labapp.labels.object_keys import IMAGES, LABELS, is_picture_key, label_key, whole_file_key
from labapp.labels.sampling import estimated_answers, random_pool, shuffled

#: Pictures up to which all are listed, and the draw is exact: five pages of ListObjectsV2. Of more,
#: a random stretch of keys is listed.
EXACT = 5_000

#: Keys in a page of ListObjectsV2.
_PAGE = 1_000

#: Label files looked into at once, beyond the pictures that are still wanted.
_AHEAD = 28


@dataclass(frozen=True)
class Draw:
    """Pictures to show to an annotator.

    Attributes:
        keys: the pictures, in the order to show them in.
        skipped: those among them that this annotator has skipped before; they come last.
        wanted: how many were asked for; with fewer keys there are no more.
    """

    keys: tuple[str, ...]
    skipped: frozenset[str]
    wanted: int

    @property
    def is_short(self) -> bool:
        """Whether there were fewer unanswered pictures than were asked for."""
        return len(self.keys) < self.wanted


class Sampler:
    """Draws pictures out of one bucket; keep one for as long as the program runs.

    Args:
        bucket: the bucket.
        cache: what is remembered between runs; the bucket's own unless given.
        rng: where chance comes from.
        exact: pictures up to which all are listed.
    """

    def __init__(
        self,
        bucket: Bucket,
        cache: Cache | None = None,
        rng: random.Random | None = None,
        exact: int = EXACT,
    ) -> None:
        self._bucket = bucket
        self._files = LabelFiles(bucket, cache)
        self._rng = rng or random.Random()
        self._exact = exact
        self._is_large = False

    def close(self) -> None:
        """Close the cache; a draw that a thread is still at ends, and is of no use."""
        self._files.close()

    def draw(self, annotator: str, count: int = 4) -> Draw:
        """Draw pictures that this annotator (a token) has not answered, the least answered first.

        Skipped pictures come back, but only after all the others.

        Raises:
            CloudError: the bucket cannot be read.
        """
        taken: list[str] = []
        skipped: list[str] = []
        for keys, labels in self._pools():
            sizes = {key: estimated_answers(entry.size) for key, entry in labels.items()}
            order = shuffled(keys, self._rng, sizes)
            self._sift(order, labels, annotator, count, taken, skipped)
            if len(taken) == count or self._files.is_closed:
                break
        again = skipped[: count - len(taken)]
        return Draw((*taken, *again), frozenset(again), count)

    def _sift(
        self,
        order: Sequence[str],
        labels: Mapping[str, Entry],
        annotator: str,
        count: int,
        taken: list[str],
        skipped: list[str],
    ) -> None:
        """Take pictures in their order until there are enough, looking into their label files."""
        rest = iter(order)
        while len(taken) < count:
            part = list(itertools.islice(rest, count - len(taken) + _AHEAD))
            if not part:
                return
            files = self._files.read(labels[key] for key in part if key in labels)
            if self._files.is_closed:
                return  # what was not read would count as not answered
            for key in part:
                if key in labels and labels[key].size and label_key(key) not in files:
                    continue  # too large to be read, and no answer to it would be taken
                found = labels_of(key, files.get(label_key(key), LabelFile()))
                if found.skipped_by(annotator):
                    skipped.append(key)
                elif not found.answered_by(annotator) and len(taken) < count:
                    taken.append(key)

    def _pools(self) -> Iterator[tuple[Sequence[str], Mapping[str, Entry]]]:
        """Yield sets of pictures to draw from, with what is listed of their label files.

        The one set of all pictures where they are few; else one random stretch after another until
        there is nothing left. Whoever asks for another has looked at all of the last.
        """
        if not self._is_large:
            first = list(itertools.islice(self._bucket.list(IMAGES), self._exact + 1))
            self._is_large = len(first) > self._exact
            if not self._is_large:
                keys = [entry.key for entry in first if is_picture_key(entry.key)]
                listed = itertools.islice(self._bucket.list(LABELS), bounds.LISTED)
                yield keys, self._labels_of(keys, listed)
                return
        seen: set[str] = set()
        while pool := random_pool(self._page, self._rng, answered=seen):
            seen.update(pool)
            keys = [key for key in pool if is_picture_key(key)]
            yield keys, self._labels_of(keys, self._label_stretch(keys))

    def _page(self, after: str) -> list[str]:
        return [e.key for e in itertools.islice(self._bucket.list(IMAGES, after), _PAGE)]

    def _labels_of(self, keys: Sequence[str], listed: Iterable[Entry]) -> dict[str, Entry]:
        """Pair pictures with what is listed of their label files."""
        by_label = {label_key(key): key for key in keys}
        ours = (entry for entry in listed if whole_file_key(entry.key) in by_label)
        return {by_label[key]: entry for key, entry in gather(ours).items()}

    def _label_stretch(self, keys: Sequence[str]) -> Iterator[Entry]:
        """List the label files of a stretch of pictures, which may go on at the first of all."""
        turn = next((i for i, (a, b) in enumerate(itertools.pairwise(keys), 1) if b < a), 0)
        for part in (keys[:turn], keys[turn:]):
            labels = sorted(label_key(key) for key in part)
            if labels:
                yield from itertools.islice(self._between(labels[0], labels[-1]), bounds.LISTED)

    def _between(self, first: str, last: str) -> Iterator[Entry]:
        # What a listing starts after is not in it, but any beginning of a key stands before it.
        for entry in self._bucket.list(LABELS, first[:-1]):
            if whole_file_key(entry.key) > last and not entry.key.startswith(f"{last}."):
                return
            yield entry
