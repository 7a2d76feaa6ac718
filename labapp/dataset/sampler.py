"""Choose pictures for an annotator: at random, never one that this annotator has answered.

What was answered stands in the label files alone, so an answer given on another machine counts too.
But only the label files of pictures that are about to be shown are read: a picture without one
cannot have been answered, and one whose file says so is passed over for the next in the draw, which
leaves the draw as fair as if all had been read.
"""

from __future__ import annotations

import itertools
import random
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket, Entry
from labapp.dataset import counting, layouts, listing
from labapp.dataset.cache import Cache
from labapp.dataset.label_parts import gather
from labapp.dataset.label_reader import LabelFiles
from labapp.dataset.own_answers import OwnAnswers
from labapp.labels.effective import Counting, labels_of
from labapp.labels.label_file import LabelFile
from labapp.labels.sampling import (
    BARE_BYTES,
    LINE_BYTES,
    estimated_answers,
    random_pool,
    shuffled,
)

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
        self._layout = layouts.of(bucket)
        self._said = OwnAnswers(bucket)
        #: How answers count there, as it was at the first draw.
        self._counting: Counting | None = None
        self._is_large = False
        #: Keys that hold no hash, and so are no random order: listed once, and begun anywhere.
        self._listed: list[str] = []

    @property
    def counting(self) -> Counting:
        """How answers count there, as it was at the first draw."""
        if self._counting is None:
            self._counting = counting.of(self._bucket)
            self._files.read_as(self._counting.scheme)
        return self._counting

    def close(self) -> None:
        """Close the cache; a draw that a thread is still at ends, and is of no use."""
        self._files.close()

    def draw(self, annotator: str, count: int = 4, without: Collection[str] = frozenset()) -> Draw:
        """Draw pictures that this annotator (a token) has not answered, the least answered first.

        Those that are named `without` are left out. Skipped pictures come back, but only after all
        the others. In a lab's layout, where no answer says whose it is, those count that this
        machine remembers.

        Raises:
            CloudError: the bucket cannot be read.
        """
        taken: list[str] = []
        skipped: list[str] = []
        rules = self.counting
        for keys, labels in self._pools():
            files = {key: self._layout.label_key(key) for key in keys}
            line = LINE_BYTES if self._layout.is_own else BARE_BYTES
            sizes = {
                key: estimated_answers(labels[file].size, line)
                for key, file in files.items()
                if file in labels
            }
            order = shuffled((key for key in keys if key not in without), self._rng, sizes)
            self._sift(order, labels, rules, annotator, count, taken, skipped)
            if len(taken) == count or self._files.is_closed:
                break
        again = skipped[: count - len(taken)]
        return Draw((*taken, *again), frozenset(again), count)

    def _sift(
        self,
        order: Sequence[str],
        labels: Mapping[str, Entry],
        rules: Counting,
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
            of = {key: self._layout.label_key(key) for key in part}
            files = self._files.read(labels[file] for file in of.values() if file in labels)
            if self._files.is_closed:
                return  # what was not read would count as not answered
            for key, file in of.items():
                if file in labels and labels[file].size and file not in files:
                    continue  # too large to be read, and no answer to it would be taken
                found = self._said.of(key) or labels_of(
                    key, files.get(file, LabelFile()), counting=rules
                )
                if found.skipped_by(annotator):
                    skipped.append(key)
                elif not found.answered_by(annotator) and len(taken) < count:
                    taken.append(key)

    def _pools(self) -> Iterator[tuple[Sequence[str], Mapping[str, Entry]]]:
        """Yield sets of pictures to draw from, with what is listed of their label files, by key.

        The one set of all pictures where they are few; else one random stretch after another until
        there is nothing left. Whoever asks for another has looked at all of the last.
        """
        if not self._is_large:
            found = (one.key for one in listing.pictures(self._bucket, self._layout))
            keys = list(itertools.islice(found, self._exact + 1))
            self._is_large = len(keys) > self._exact
            if not self._is_large:
                listed = listing.label_files(self._bucket, self._layout)
                yield keys, self._labels_of(keys, itertools.islice(listed, bounds.LISTED))
                return
            if not self._layout.has_own_names:
                self._listed = [*keys, *itertools.islice(found, bounds.LISTED)]
        seen: set[str] = set()
        start = self._rng.choice(self._listed) if self._listed else ""
        while pool := random_pool(self._page, self._rng, answered=seen, start=start):
            seen.update(pool)
            keys = [key for key in pool if self._layout.is_picture_key(key)]
            yield keys, self._labels_of(keys, self._label_stretch(keys))

    def _page(self, after: str) -> list[str]:
        if self._listed:
            place = bisect_right(self._listed, after)
            return self._listed[place : place + _PAGE]
        listed = self._bucket.list(self._layout.images, after)
        return [e.key for e in itertools.islice(listed, _PAGE)]

    def _labels_of(self, keys: Sequence[str], listed: Iterable[Entry]) -> dict[str, Entry]:
        """Return what is listed of the label files of pictures, by their own keys."""
        wanted = {self._layout.label_key(key) for key in keys}
        return gather(one for one in listed if self._layout.whole_file_key(one.key) in wanted)

    def _label_stretch(self, keys: Sequence[str]) -> Iterator[Entry]:
        """List the label files of a stretch of pictures, which may go on at the first of all."""
        turn = next((i for i, (a, b) in enumerate(itertools.pairwise(keys), 1) if b < a), 0)
        for part in (keys[:turn], keys[turn:]):
            labels = sorted(self._layout.label_key(key) for key in part)
            if labels:
                yield from itertools.islice(self._between(labels[0], labels[-1]), bounds.LISTED)

    def _between(self, first: str, last: str) -> Iterator[Entry]:
        layout = self._layout
        # What a listing starts after is not in it, but any beginning of a key stands before it.
        listed = listing.entries(self._bucket, layout.label_head, layout.not_labels, first[:-1])
        for entry in listed:
            if layout.whole_file_key(entry.key) > last and not entry.key.startswith(f"{last}."):
                return
            yield entry
