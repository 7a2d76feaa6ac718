"""The gold pictures of a bucket, which an admin names: see `labels.gold`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.dataset import counting, decisions, layouts, stored_pictures
from labapp.dataset.calls import READERS, parallel_map
from labapp.dataset.removal import is_like, is_pattern
from labapp.dataset.statistics import named, no_picture
from labapp.errors import MissingResourceError
from labapp.labels.classes import LabelClass
from labapp.labels.gold import KEY, Gold, of_text, to_text
from labapp.labels.layout import Layout


def of(bucket: Bucket) -> Gold:
    """Return the gold pictures of a bucket.

    Raises:
        RefusedError: what is kept there cannot be read.
        CloudError: the bucket cannot be read.
    """
    return counting.gold_of(bucket)


def pictures(bucket: Bucket, words: Sequence[str]) -> list[str]:
    """Find pictures that are there, by key, name or patterns of these; return their keys.

    Raises:
        MissingResourceError: a word names none.
        CloudError: the bucket cannot be read.
    """
    layout = layouts.of(bucket)
    if any(map(is_pattern, words)):
        return _named([each.key for each in stored_pictures.list_pictures(bucket)], words, layout)
    asked = dict.fromkeys(words)
    found = dict(
        parallel_map(lambda word: (word, stored_pictures.find(bucket, word)), asked, READERS)
    )
    return [*dict.fromkeys(found[word] for word in asked)]


def _named(there: Sequence[str], words: Iterable[str], layout: Layout) -> list[str]:
    """Return those of some keys that words name."""
    known, found = set(there), dict[str, None]()
    for word in words:
        if layout.whole_key(word) in known or not is_pattern(word):
            found[named(there, word, layout)] = None
            continue
        keys = [key for key in there if is_like(key, word, layout)]
        if not keys:
            raise no_picture(word)
        found |= dict.fromkeys(keys)
    return [*found]


def add(
    bucket: Bucket, keys: Sequence[str], label_class: LabelClass, *, dry: bool = False
) -> Mapping[str, int | None]:
    """Make pictures that are there gold, or gold of another class.

    Args:
        bucket: the bucket.
        keys: the pictures', as `pictures` finds them.
        label_class: what they are.
        dry: whether only to see what would become of them.

    Returns:
        For each key the code that it had; None for one that was no gold.

    Raises:
        RefusedError: this layout is read only, there are too many, or what is kept there cannot be
            read.
        CloudError: the bucket cannot be read or written.
    """
    before: dict[str, int | None] = {}

    def edited(gold: Gold) -> Gold:
        before.update({key: gold.codes.get(key) for key in keys})
        return gold.with_more(keys, label_class)

    _change(bucket, edited, dry=dry)
    return before


def remove(bucket: Bucket, words: Sequence[str], *, dry: bool = False) -> Mapping[str, int | None]:
    """Have pictures be gold no more, whether they are still there or not.

    Args:
        bucket: the bucket.
        words: keys or names of gold pictures, or patterns of these.
        dry: as of `add`.

    Returns:
        The code of each that is none any more, by its key.

    Raises:
        MissingResourceError: a word names no gold picture.
        RefusedError: as of `add`.
        CloudError: as of `add`.
    """
    layout = layouts.of(bucket)
    before: dict[str, int | None] = {}

    def named(gold: Gold) -> Sequence[str]:
        try:
            return _named([*gold.codes], words, layout)
        except MissingResourceError as error:
            raise MissingResourceError(
                error.message.replace("picture", "gold picture").removesuffix(" to label"),
                "'admin.py gold' lists those that are.",
            ) from None

    def edited(gold: Gold) -> Gold:
        if not before:  # a try before this one may have come in, and there are none of them then
            before.update({key: gold.codes[key] for key in named(gold)})
        return Gold({key: code for key, code in gold.codes.items() if key not in before})

    _change(bucket, edited, dry=dry)
    return before


def _change(bucket: Bucket, edit: Callable[[Gold], Gold], *, dry: bool) -> None:
    def edited(text: str) -> str:
        return to_text(edit(decisions.said(KEY, text, of_text)))

    layouts.writable(bucket)
    if dry:
        edited(decisions.read(bucket, KEY, bounds.GOLD)[0])
    else:
        decisions.change(bucket, KEY, edited, bounds.GOLD)
