"""What a model predicts of a bucket's pictures: kept there as one object, and read once.

The object may have a hundred thousand lines, so a copy of it is kept on this machine, by its ETag:
who asks again pays one request that brings no bytes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from labapp.cloud import bounds
from labapp.cloud.bucket import TEXT, Bucket
from labapp.dataset import decisions, layouts
from labapp.dataset.cache import cache_path
from labapp.dataset.calls import with_retries
from labapp.errors import MissingResourceError, RefusedError
from labapp.files import private
from labapp.labels import predictions
from labapp.labels.predictions import KEY, Predictions


def of(bucket: Bucket) -> Predictions:
    """Return what is predicted of the pictures of a bucket; nothing where it has no predictions.

    Raises:
        RefusedError: what is kept there cannot be read.
        CloudError: the bucket cannot be read.
    """
    try:
        etag = with_retries(lambda: bucket.head(KEY)).etag
    except MissingResourceError:
        return Predictions()
    copy = _copy_path(bucket)
    kept = _copied(copy, etag)
    if kept is not None:
        return kept
    text, read_at = decisions.read(bucket, KEY, bounds.PREDICTIONS)
    found = _said(text)
    if read_at is not None:
        _keep(copy, read_at, text)
    return found


def change(bucket: Bucket, edit: Callable[[Predictions], Predictions]) -> Predictions:
    """Change what is predicted, so that nothing another changes meanwhile is lost; return it.

    Args:
        bucket: where it lies.
        edit: makes the new predictions of those that are there; called again for each attempt.

    Raises:
        RefusedError: this layout is read only, what is there cannot be read, or there would be
            more than can be kept.
        CloudError: the bucket cannot be read or written.
    """
    made = Predictions()

    def edited(before: str) -> str:
        nonlocal made
        made = edit(_said(before))
        return predictions.to_text(made)

    decisions.change(bucket, KEY, edited, bounds.PREDICTIONS)
    return made


def clear(bucket: Bucket) -> None:
    """Take all predictions away, also where what is there cannot be read; errors as of `change`."""
    layouts.writable(bucket)
    with_retries(lambda: bucket.put(KEY, b"", TEXT))


def _said(text: str) -> Predictions:
    remedy = "'admin.py import --predictions --remove' clears them away."
    return decisions.said(KEY, text, predictions.of_text, remedy)


def _copy_path(bucket: Bucket) -> Path:
    return cache_path(bucket).with_suffix(".predictions")


def _copied(path: Path, etag: str) -> Predictions | None:
    """Return what is kept on this machine; None where it is none of this ETag, or damaged."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        is_whole = head == _head(etag, body)
        return predictions.of_text(body.decode()) if is_whole else None
    except (OSError, UnicodeDecodeError, RefusedError):
        return None


def _keep(path: Path, etag: str, text: str) -> None:
    with contextlib.suppress(OSError), private.replacing(path) as part:  # it costs only time
        body = text.encode()
        part.write_bytes(_head(etag, body) + b"\n" + body)


def _head(etag: str, body: bytes) -> bytes:
    return f"{etag} {len(body)}".encode()
