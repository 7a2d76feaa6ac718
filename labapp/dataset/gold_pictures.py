"""The gold pictures of a bucket, which an admin names: see `labels.gold`."""

from __future__ import annotations

from collections.abc import Callable

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.dataset import decisions, layouts
from labapp.dataset.calls import with_retries
from labapp.dataset.statistics import no_picture
from labapp.errors import MissingResourceError
from labapp.labels.classes import LabelClass
from labapp.labels.gold import KEY, Gold, of_text, to_text


def of(bucket: Bucket) -> Gold:
    """Return the gold pictures of a bucket.

    Raises:
        RefusedError: what is kept there cannot be read.
        CloudError: the bucket cannot be read.
    """
    return of_text(decisions.read(bucket, KEY, bounds.GOLD)[0])


def add(bucket: Bucket, key: str, label_class: LabelClass, *, is_dry: bool = False) -> int | None:
    """Make a picture gold, or gold of another class; return the code that it had.

    Args:
        bucket: the bucket.
        key: the picture's.
        label_class: what it is.
        is_dry: whether only to see to it that it could be.

    Raises:
        MissingResourceError: there is no such picture.
        RefusedError: this layout is read only, there are too many, or what is kept there cannot be
            read.
        CloudError: the bucket cannot be read or written.
    """
    check_picture(bucket, key)
    before: dict[str, int | None] = {}

    def edited(text: str) -> str:
        gold = of_text(text)
        before["code"] = gold.codes.get(key)
        return to_text(gold.with_one(key, label_class))

    _change(bucket, edited, is_dry=is_dry)
    return before["code"]


def remove(bucket: Bucket, key: str, *, is_dry: bool = False) -> int:
    """Let a picture be gold no more, whether it is still there or not; return the code it had.

    Raises:
        MissingResourceError: it is no gold picture.
        RefusedError: this layout is read only, or what is kept there cannot be read.
        CloudError: the bucket cannot be read or written.
    """
    before: list[int] = []

    def edited(text: str) -> str:
        gold = of_text(text)
        if key not in gold.codes:
            raise MissingResourceError(
                f"{key!r} is no gold picture", "'admin.py gold' lists those that are."
            )
        before[:] = [gold.codes[key]]
        return to_text(gold.without(key))

    _change(bucket, edited, is_dry=is_dry)
    return before[0]


def check_picture(bucket: Bucket, key: str) -> None:
    """See to it that a key is that of a picture which is there.

    Raises:
        UsageError: no picture has such a key.
        MissingResourceError: there is no such picture.
        CloudError: the bucket cannot be read.
    """
    layouts.of(bucket).label_key(key)
    try:
        with_retries(lambda: bucket.head(key))
    except MissingResourceError:
        raise no_picture(key) from None


def _change(bucket: Bucket, edited: Callable[[str], str], *, is_dry: bool) -> None:
    layouts.writable(bucket)
    if is_dry:
        edited(decisions.read(bucket, KEY, bounds.GOLD)[0])
    else:
        decisions.change(bucket, KEY, edited, bounds.GOLD)
