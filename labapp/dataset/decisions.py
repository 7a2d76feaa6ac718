"""What an admin has decided of a dataset, changed by compare-and-swap in its small objects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from labapp.cloud import bounds
from labapp.cloud.bucket import TEXT, Bucket
from labapp.dataset import layouts
from labapp.dataset.calls import ATTEMPTS, FIRST, MOST, pause, with_retries
from labapp.errors import CloudError, MissingResourceError, RefusedError, TooLargeError


def text_of(bucket: Bucket, key: str, most: int = bounds.DECISIONS) -> str:
    """Return the text of such an object, of so many bytes at most; empty where there is none.

    Raises:
        RefusedError: it is no text.
        CloudError: it cannot be read.
    """
    return _read(bucket, key, most)[0]


def change(
    bucket: Bucket, key: str, edit: Callable[[str], str], most: int = bounds.DECISIONS
) -> str:
    """Change such an object, so that nothing another changes meanwhile is lost; return its text.

    Args:
        bucket: where it lies.
        key: its key.
        edit: makes the new text of the one that is there, empty where there is none. It is called
            again for each attempt.
        most: bytes that it may have, before and after.

    Raises:
        RefusedError: this layout is read only, or what is there is no text.
        TooLargeError: it has too many bytes, or would have.
        CloudError: the bucket cannot be read or written, or others changed it each time.
    """
    layouts.writable(bucket)
    for attempt in range(1, ATTEMPTS + 1):
        before, etag = _read(bucket, key, most)
        after = edit(before)
        if after == before:
            return after
        if len(after.encode()) > most:
            raise TooLargeError(f"{key} would have more than {most:,} bytes", "Shorten it.")
        if with_retries(partial(bucket.put_if, key, after.encode(), TEXT, etag)) is not None:
            return after
        pause(attempt, FIRST, MOST)
    raise CloudError(f"{key} was changed by others each time", "Try again in a moment.")


def _read(bucket: Bucket, key: str, most: int) -> tuple[str, str | None]:
    try:
        found = with_retries(lambda: bucket.get(key, most))
    except MissingResourceError:
        return "", None
    try:
        return found.body.decode(), found.etag
    except UnicodeDecodeError:
        raise RefusedError(f"{key} is not text in UTF-8", "Write it anew.") from None
