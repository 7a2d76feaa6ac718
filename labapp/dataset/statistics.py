"""What the labels of the whole bucket say: one listing, and of the label files only what changed.

`labels.summary`, `tally`, `sorting` and `export` draw every figure and table from a
`DatasetSnapshot`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from labapp import utc
from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.cloud.bucket import Entry as Listed
from labapp.cloud.small_objects import oversize
from labapp.dataset import collector, layouts, listing
from labapp.dataset import counting as counts
from labapp.dataset.cache import Cache
from labapp.dataset.calls import READERS, never, parallel_map, with_retries
from labapp.dataset.label_parts import has_parts
from labapp.dataset.label_reader import LabelFiles, ReadProgress, split_by_size
from labapp.errors import MissingResourceError, TooLargeError, UsageError
from labapp.labels.classes import Scheme
from labapp.labels.effective import (
    AS_WRITTEN,
    Counting,
    PictureLabels,
    as_first_typed,
    labels_of,
)
from labapp.labels.gold import Gold
from labapp.labels.label_file import LabelFile
from labapp.labels.layout import OWN, Layout
from labapp.labels.summary import Summary, summarise

#: What pictures carry in their metadata: the digest of their bytes, all 64 digits.
SHA256 = "sha256"

#: Label files without a picture that are read.
MOST_ORPHANS = 1_000

#: Where nobody has named a gold picture.
NO_GOLD = Gold()


@dataclass(frozen=True)
class DatasetSnapshot:
    """The dataset and its labels at one moment.

    Attributes:
        at: when the listing was read, UTC.
        listed: what the listing says of each picture, by key.
        pictures: every picture with what counts on it, by key, those without labels included.
        orphans: label files with lines whose picture is not there (deleted by another program).
        fetched: label files that had to be read from S3 for it.
        left_out: label files that are too large to be read; their pictures are left out too.
        more_orphans: label files without a picture beyond the first, which are not read.
        is_cut: whether there are more pictures, or label files, than are listed.
        unread: label files (of `with_hashes`: hashes too) that were not read, since the caller
            wanted to stop; their pictures seem to have none, so figures are of use only at 0.
        layout: where they lie.
        counting: how answers count there.
        written: the pictures once more, with names as label files have them.
        in_parts: pictures whose label files have lines beside them.
        gold: its gold pictures.
    """

    at: datetime
    listed: Mapping[str, Listed]
    pictures: tuple[PictureLabels, ...]
    orphans: tuple[PictureLabels, ...]
    fetched: int
    unread: int = 0
    left_out: tuple[Listed, ...] = ()
    more_orphans: int = 0
    is_cut: bool = False
    layout: Layout = OWN
    counting: Counting = AS_WRITTEN
    written: tuple[PictureLabels, ...] = ()
    in_parts: frozenset[str] = frozenset()
    gold: Gold = NO_GOLD

    @property
    def scheme(self) -> Scheme:
        """What is asked there, and the classes there are."""
        return self.counting.scheme

    @property
    def left_out_line(self) -> str:
        """What to say of the label files that are left out; empty where none is."""
        told = []
        if self.left_out:
            told.append(f"label files {oversize(list(self.left_out), bounds.LABELS)}")
            if not self.layout.why_read_only:
                told.append("'admin.py images remove KEY' puts one aside")
        if self.is_cut:
            told.append(f"no more than {bounds.DATASET:,} keys of a kind are looked at")
        return "; ".join(told)

    @property
    def without_picture(self) -> int:
        """How many label files there are whose picture is not there."""
        return len(self.orphans) + self.more_orphans

    @collector.rarely()
    def summary(self, target: int) -> Summary:
        """Draw up all figures, of the moment of the look; `target` as of `summarise`."""
        return summarise(
            self.pictures,
            target=target,
            now=self.at,
            layout=self.layout,
            gold=self.gold.by(self.scheme),
        )

    def picture(self, key: str) -> PictureLabels:
        """Return one picture.

        Raises:
            MissingResourceError: there is none with this key.
            TooLargeError: its label file is left out.
        """
        left_out = {each.key for each in self.left_out}
        if self.layout.is_picture_key(key) and self.layout.label_key(key) in left_out:
            raise TooLargeError(self.left_out_line)
        for picture in self.pictures:
            if picture.key == key:
                return picture
        raise no_picture(key)

    def key_of(self, word: str) -> str:
        """Return the key that a word names, for `picture`; errors as of `named`."""
        key = self.layout.whole_key(word)
        left_out = {each.key for each in self.left_out}
        if self.layout.is_picture_key(key) and self.layout.label_key(key) in left_out:
            return key
        return named((picture.key for picture in self.pictures), word, self.layout)

    def as_written(self, key: str) -> PictureLabels:
        """Return one picture with names as its label file has them; errors as of `picture`."""
        found = self.picture(key)
        return next((one for one in self.written if one.key == key), found)

    def with_picture(self, picture: PictureLabels) -> DatasetSnapshot:
        """Return the look with other labels of one picture, as its label file says them."""
        written = tuple(picture if one.key == picture.key else one for one in self.written)
        return replace(self, written=written, pictures=as_first_typed(written))


class Statistics:
    """Looks at the labels of one bucket; keep one for as long as the program runs.

    Args:
        bucket: the bucket.
        cache: what is remembered between runs; the bucket's own unless given.
    """

    def __init__(self, bucket: Bucket, cache: Cache | None = None) -> None:
        self.bucket = bucket
        self._files = LabelFiles(bucket, cache)

    def close(self) -> None:
        """Close the cache; a look that a thread is still at ends, with the rest unread."""
        self._files.close()

    @collector.rarely()
    def look(
        self, progress: ReadProgress | None = None, stop: Callable[[], bool] = never
    ) -> DatasetSnapshot:
        """Look at all labels: one listing of pictures, one of label files, and what changed.

        Args:
            progress: told of label files read from S3 and how many there are to read, in the
                caller's thread; not at all where nothing is to be read.
            stop: whether to read no more of them.

        Raises:
            CloudError: the bucket cannot be read; what was read stays in the cache.
        """
        at, layout = utc.now(), layouts.of(self.bucket)
        there = listing.everything(self.bucket, layout, self._files.or_closed(never))
        counting = counts.of(self.bucket, there.decisions)
        self._files.read_as(counting.scheme)
        images, listed = there.pictures, there.labels
        files_of = {key: layout.label_key(key) for key in sorted(images)}
        paired = set(files_of.values())
        before = self._files.fetched
        within, beyond = split_by_size(listed.values())
        orphans = [each for each in within if each.size and each.key not in paired]
        if more := {each.key for each in orphans[MOST_ORPHANS:]}:
            within = [each for each in within if each.key not in more]
        files = self._files.read(within, progress, stop)
        self._files.forget_all_but(listed)
        beyond += [listed[key] for key in self._files.too_large if key in listed]
        left_out = {entry.key for entry in beyond}
        wanted = [each.key for each in within if each.size and each.key not in left_out]
        pictures = tuple(
            labels_of(key, files.get(file, _NONE), counting=counting)
            for key, file in files_of.items()
            if not left_out or file not in left_out
        )
        lost = [each.key for each in orphans[:MOST_ORPHANS] if _has_lines(files, each.key, layout)]
        return DatasetSnapshot(
            at,
            images,
            as_first_typed(pictures),
            tuple(
                labels_of(layout.picture_key(label) or label, files[label])
                for label in sorted(lost)
            ),
            fetched=self._files.fetched - before,
            unread=sum(label not in files for label in wanted),
            left_out=tuple(beyond),
            more_orphans=len(more),
            is_cut=there.is_cut,
            layout=layout,
            counting=counting,
            written=pictures,
            in_parts=frozenset(k for k, file in files_of.items() if has_parts(listed.get(file))),
            gold=counts.gold_of(self.bucket, there.decisions),
        )

    def with_hashes(
        self,
        look: DatasetSnapshot,
        progress: ReadProgress | None = None,
        stop: Callable[[], bool] = never,
    ) -> DatasetSnapshot:
        """Return the look with the SHA-256 of each picture that has answers.

        It stands in the picture's metadata, which no listing gives (a key has a quarter of it):
        one call for each picture the first time, none after that. One that another program put
        there has none and stays without.

        Args:
            look: what `look` returned.
            progress: as of `look`, of pictures asked for.
            stop: as of `look`; those known by then stay in the cache, as after an error.

        Raises:
            CloudError: the bucket cannot be read.
        """
        answered = {p.key: look.listed[p.key].etag for p in look.pictures if p.answers}
        hashes = self._files.cache.hashes(answered)
        missing = [key for key in answered if key not in hashes]
        rows = []
        if progress and missing:
            progress(0, len(missing))
        try:
            for key, sha256 in parallel_map(
                self._hash, missing, READERS, self._files.or_closed(stop)
            ):
                hashes[key] = sha256
                rows.append((key, answered[key], sha256))
                if progress:
                    progress(len(rows), len(missing))
        finally:
            self._files.cache.keep_hashes(rows)
        pictures = tuple(replace(p, sha256=hashes.get(p.key, "")) for p in look.pictures)
        return replace(look, pictures=pictures, unread=look.unread + len(missing) - len(rows))

    def _hash(self, key: str) -> tuple[str, str]:
        try:
            head = with_retries(lambda: self.bucket.head(key))
        except MissingResourceError:
            return key, ""
        return key, head.metadata.get(SHA256, "")


_NONE = LabelFile()


def _has_lines(files: Mapping[str, LabelFile], key: str, layout: Layout) -> bool:
    """Tell whether a file was read, and is a label file: in a lab's layout it may be any text."""
    return key in files and (layout.is_own or bool(files[key].entries))


def named(keys: Iterable[str], word: str, layout: Layout) -> str:
    """Return the one of some keys that a word is, or whose picture's readable name it is.

    Raises:
        MissingResourceError: there is none.
        UsageError: several pictures have that name.
    """
    whole, name = layout.whole_key(word), layout.name_of(word)
    found = []
    for key in keys:
        if key == whole:
            return key
        if layout.picture_name(key) == name:
            found.append(key)
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} pictures are called {name!r}",
            f"Say the key of one: {found[0]}, or {found[1]}.",
        )
    if not found:
        raise no_picture(word)
    return found[0]


def no_picture(key: str) -> MissingResourceError:
    """Return the error for a key that names no picture."""
    return MissingResourceError(
        f"there is no picture {key!r} to label", "'admin.py images' lists what there is."
    )
