"""The pictures of the dataset: list them, fetch one, take one out of it.

Taking a picture out deletes its bytes only. Its answers are moved to `removed/`, by steps that lose
none of them even if somebody answers the picture in the same moment.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from labapp.cloud import bounds
from labapp.cloud.bucket import TEXT, Bucket, Entry
from labapp.dataset import layouts, listing
from labapp.dataset.calls import with_retries
from labapp.dataset.label_parts import (
    check_parts,
    clear_part,
    move_lines,
    parts_of,
    read_file,
    read_whole,
)
from labapp.dataset.statistics import named, no_picture
from labapp.errors import LabappError, MissingResourceError, TooLargeError, os_errors_as
from labapp.files.private import replacing
from labapp.labels.layout import LABELS, REMOVED, Layout

#: Where those among them are kept that are too large to be read.
UNREAD = f"{REMOVED}too-large/"


def list_pictures(bucket: Bucket) -> Iterator[Entry]:
    """Yield what is listed of the pictures of the dataset, by key."""
    return listing.pictures(bucket, layouts.of(bucket))


def find(bucket: Bucket, key: str) -> str:
    """Return the key of a picture that is there; the leading `images_prefix` may be left out.

    Its readable name, which screens show, does too where no other picture has it; the pictures are
    listed for that only where there is no such key.

    Raises:
        MissingResourceError: there is none.
        UsageError: several have that name.
        CloudError: the bucket cannot be read.
    """
    layout = layouts.of(bucket)
    whole = layout.whole_key(key)
    if layout.is_picture_key(whole):
        with contextlib.suppress(MissingResourceError):
            bucket.head(whole)
            return whole
    if not (layout.has_own_names and layout.name_of(key)):
        raise no_picture(key)
    return named((each.key for each in list_pictures(bucket)), key, layout)


def find_removable(bucket: Bucket, key: str) -> tuple[str, int | None]:
    """Find what `remove` would take away, also a label file whose picture is gone.

    Returns:
        The whole key, and the lines of its label file; None where it is too large to be read.

    Raises:
        MissingResourceError: there is neither.
        CloudError: the bucket cannot be read.
    """
    layout = layouts.of(bucket)
    whole = layout.whole_key(key)
    lines: int | None = 0
    if layout.is_picture_key(whole):
        try:
            text = with_retries(lambda: read_whole(bucket, layout.label_key(whole)))
            lines = len(text.splitlines())
        except TooLargeError:
            lines = None
    if lines == 0 and (found := find(bucket, whole)) != whole:  # it was a name
        return find_removable(bucket, found)
    return whole, lines


def remove(bucket: Bucket, key: str) -> str:
    """Take a picture out of the dataset; its answers are kept below `removed/`.

    Done again after an interruption, it does what is missing. Also clears away the label file of a
    picture that another program deleted. One that other pictures share stays as it is.

    Returns:
        Where its label file is kept; empty where it had no labels.

    Raises:
        UsageError: the key is not one of a picture of this layout.
        RefusedError: this layout is read only.
        CloudError: the cloud refuses, or cannot be reached.
    """
    layout = layouts.writable(bucket)
    place, aside = layout.label_key(key), layout.aside_key(key)
    # First the picture, so that it is shown to nobody while its labels move.
    with_retries(lambda: bucket.delete(key))
    kept = ""
    if _is_shared(bucket, layout, key, place):
        return kept
    while True:
        kept = _move_parts(bucket, place, aside) or kept
        try:
            lines, etag = with_retries(lambda: read_file(bucket, place))
            if etag is None or not lines:
                return kept
            if with_retries(bucket.heeds_conditions):
                _keep(bucket, aside, lines)
            else:  # a part undoes nothing that another puts aside in the same moment
                move_lines(bucket, place, lines, aside)
            kept = aside
        except TooLargeError:
            kept = _move_unread(bucket, place)
            continue
        # Emptied, unless somebody added a line meanwhile, and so counts as none. Not deleted: not
        # every store heeds a conditional DELETE.
        put_if(bucket, place, b"", etag)


def _is_shared(bucket: Bucket, layout: Layout, key: str, place: str) -> bool:
    """Tell whether another picture has the same label file, as its template says no ending."""
    stem = key.rpartition(".")[0]
    if layout.picture_key(place) or not stem:
        return False
    others = itertools.islice(bucket.list(f"{stem}."), bounds.LISTED)
    return any(
        one.key != key and layout.is_picture_key(one.key) and layout.label_key(one.key) == place
        for one in others
    )


def _move_parts(bucket: Bucket, place: str, aside: str) -> str:
    """Put the parts of a label file aside; return where, or nothing where there are none.

    They are never changed, so no condition is needed.
    """
    found = with_retries(lambda: parts_of(bucket, place))
    try:
        check_parts(place, found)
    except TooLargeError:
        aside = _unread(place)
    for part in found:
        try:
            lines, etag = with_retries(partial(read_file, bucket, part.key))
        except TooLargeError:
            aside = _move_unread(bucket, part.key)
            continue
        if etag is not None:
            move_lines(bucket, part.key, lines, aside)
            clear_part(bucket, part.key)
    return aside if found else ""


def _unread(place: str) -> str:
    """Name a place for what is too large: one from which it comes back to no picture."""
    from ulid import ULID  # takes 16 ms, and hardly a listing meets such a file

    return f"{UNREAD}{ULID()}-{place.removeprefix(LABELS)}"


def _move_unread(bucket: Bucket, place: str) -> str:
    """Put a label file aside whose lines are too many to be read, for somebody to look at.

    It has a name by which it comes back to no picture: nobody could read it there either.
    """
    aside = _unread(place)
    head = with_retries(lambda: bucket.head(place))
    with_retries(lambda: bucket.copy(place, aside))
    put_if(bucket, place, b"", head.etag)
    return aside


def _keep(bucket: Bucket, aside: str, lines: bytes) -> None:
    """Add a label file's lines to those kept before, unless they are there already."""
    while True:
        before, etag = with_retries(lambda: read_file(bucket, aside))
        if before == lines or before.endswith(b"\n" + lines):
            return  # an earlier removal was interrupted after this step
        mended = before if not before or before.endswith(b"\n") else before + b"\n"
        if len(mended) + len(lines) > bounds.LABELS:
            raise TooLargeError(f"the label file {aside} would have too many bytes")
        if put_if(bucket, aside, mended + lines, etag):
            return


def put_if(bucket: Bucket, place: str, body: bytes, etag: str | None) -> bool:
    """Store a text if it is still what was read; tell whether it was, and so is stored."""
    with contextlib.suppress(MissingResourceError):  # it was deleted meanwhile
        return with_retries(lambda: bucket.put_if(place, body, TEXT, etag)) is not None
    return False


def fetch(bucket: Bucket, key: str, folder: Path) -> Path:
    """Fetch one picture into a folder, unless it is there; return its file, named as the key is.

    Raises:
        MissingResourceError: the picture is not there.
        CloudError: it cannot be fetched.
        LabappError: the file cannot be written.
    """
    layout = layouts.of(bucket)
    path = folder / layout.local_file_name(key)
    if _is_whole(path, layout.hash_part(key)):
        return path
    remedy = "Set LABAPP_DATA_DIR to a folder that you may write in."
    # Two rounds of one program may fetch the same picture at once: whoever leaves does not wait.
    try:
        with os_errors_as(LabappError, f"cannot write {path}", remedy), replacing(path) as part:
            with_retries(lambda: bucket.download(key, part, most=bounds.PICTURE))
    except MissingResourceError:
        raise no_picture(key) from None
    return path


def _is_whole(path: Path, digits: str) -> bool:
    """Tell whether a file holds the bytes that a key names by the digits of their hash."""
    if not digits:
        return False
    try:
        with path.open("rb") as file:
            is_whole = hashlib.file_digest(file, "sha256").hexdigest().startswith(digits)
    except OSError:
        return False
    if is_whole:
        with contextlib.suppress(OSError):
            path.touch()  # the youngest are kept
    return is_whole
