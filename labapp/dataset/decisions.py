"""What an admin has decided of a dataset, changed by compare-and-swap in its small objects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from labapp.cloud import bounds
from labapp.cloud.bucket import TEXT, Bucket
from labapp.dataset import layouts
from labapp.dataset.calls import ATTEMPTS, FIRST, MOST, pause, with_retries
from labapp.errors import CloudError, MissingResourceError, RefusedError


def text_of(bucket: Bucket, key: str) -> str:
    """Return the text of such an object; empty where there is none.

    Raises:
        RefusedError: it is no text.
        CloudError: it cannot be read.
    """
    return read(bucket, key)[0]


def change(
    bucket: Bucket, key: str, edit: Callable[[str], str], most: int = bounds.DECISIONS
) -> str:
    """Change such an object, so that nothing another changes meanwhile is lost; return its text.

    Args:
        bucket: where it lies.
        key: its key.
        edit: makes the new text of the one that is there, empty where there is none. It is called
            again for each attempt.
        most: bytes that it may have.

    Raises:
        RefusedError: this layout is read only, what is there is no text, or what would be has too
            many bytes.
        CloudError: the bucket cannot be read or written, or others changed it each time.
    """
    layouts.writable(bucket)
    for attempt in range(1, ATTEMPTS + 1):
        before, etag = read(bucket, key, most)
        after = edit(before)
        if after == before:
            return after
        body = after.encode()
        if len(body) > most:
            raise RefusedError(f"{key} would have more than {most:,} bytes", "Make it smaller.")
        if with_retries(partial(bucket.put_if, key, body, TEXT, etag)) is not None:
            return after
        pause(attempt, FIRST, MOST)
    raise CloudError(f"{key} was changed by others each time", "Try again in a moment.")


def read(bucket: Bucket, key: str, most: int = bounds.DECISIONS) -> tuple[str, str | None]:
    """Return the text of such an object and its ETag; errors as of `text_of`.

    Empty and None where there is none. `most` is how many bytes of it are read.
    """
    try:
        found = with_retries(lambda: bucket.get(key, most))
    except MissingResourceError:
        return "", None
    try:
        return found.body.decode(), found.etag
    except UnicodeDecodeError:
        raise RefusedError(f"{key} is not text in UTF-8", "Write it anew.") from None
