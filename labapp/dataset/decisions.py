"""What an admin has decided of a dataset, changed by compare-and-swap in its small objects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from labapp.cloud import bounds
from labapp.cloud.bucket import TEXT, Bucket
from labapp.dataset import layouts
from labapp.dataset.calls import ATTEMPTS, FIRST, MOST, pause, with_retries
from labapp.errors import CloudError, MissingResourceError, RefusedError, TooLargeError
from labapp.files.text import decode_text
from labapp.labels.decided_file import NEWER

_Said = TypeVar("_Said")

#: What is to be done where such an object cannot be read, unless there is something better.
MEND = "Mend it there with a tool of S3, or delete it and decide anew."


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
    except TooLargeError as error:
        raise TooLargeError(error.message, MEND) from None
    try:
        return decode_text(found.body), found.etag  # people edit it, with Windows' tools too
    except UnicodeDecodeError:
        raise RefusedError(f"{key} in the bucket is not text in UTF-8", MEND) from None


def said(key: str, text: str, of_text: Callable[[str], _Said], remedy: str = MEND) -> _Said:
    """Return what the text of such an object says.

    Args:
        key: the object's key, which an error names.
        text: its text.
        of_text: reads it.
        remedy: what is to be done where it cannot.

    Raises:
        RefusedError: it cannot be read.
    """
    try:
        return of_text(text)
    except RefusedError as error:
        newer = f"{NEWER} " if error.remedy.startswith(NEWER) else ""
        told = f"{key} in the bucket cannot be read: {error.message}"
        raise RefusedError(told, newer + remedy) from None
