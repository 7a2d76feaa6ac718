"""Label files with their parts: gathered from a listing, read as one, and added to.

A part is only ever written by whoever makes it, and never changed, so adding one takes no condition
of any store. Every reader puts parts and file together, whatever store it meets: a bucket may have
been on one that heeds no conditions before.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from labapp.cloud import bounds, small_objects
from labapp.cloud.bucket import TEXT, Bucket, Entry
from labapp.dataset.calls import with_retries
from labapp.errors import ForbiddenError, MissingResourceError, TooLargeError
from labapp.labels.object_keys import part_key, whole_file_key
from labapp.labels.parts import added_lines, join, part_name
from labapp.labels.sampling import LINE_BYTES

#: What to do about a label file that is too large.
_REMEDY = (
    "No picture has so many answers. An admin puts it aside with 'admin.py images remove KEY', and"
    " uploads the picture again."
)


@dataclass(frozen=True, slots=True)
class Gathered(Entry):
    """A label file with parts, as a listing has them: sizes and ETags are those of all of them."""

    objects: tuple[Entry, ...] = ()


def objects_of(listed: Entry) -> tuple[Entry, ...]:
    """Return the objects of a label file: itself, or the file, if it is there, and its parts."""
    return listed.objects if isinstance(listed, Gathered) else (listed,)


def has_parts(listed: Entry | None) -> bool:
    """Tell whether a label file, as it is listed, has lines beside it."""
    return isinstance(listed, Gathered)


def gather(listed: Iterable[Entry]) -> dict[str, Entry]:
    """Return what a listing says of label files, each with its parts, by the files' keys."""
    found: dict[str, Entry] = {}
    parts: dict[str, list[Entry]] = {}
    for each in listed:
        key = whole_file_key(each.key)
        if key != each.key:
            parts.setdefault(key, []).append(each)
        else:
            found[key] = each
    for key, those in parts.items():
        whole = [found[key], *those] if key in found else those
        found[key] = Gathered(
            key,
            # Each costs a call to read: one without a line counts as one with.
            sum(max(each.size, LINE_BYTES) for each in whole if each.size),
            "\n".join(f"{each.key} {each.etag}" for each in whole),
            max(each.modified for each in whole),
            tuple(whole),
        )
    return found


def read_file(bucket: Bucket, place: str) -> tuple[bytes, str | None]:
    """Read a label file without its parts; return its bytes and ETag, empty and None without one.

    Raises:
        TooLargeError: it has more than a label file may.
        CloudError: it cannot be read.
    """
    try:
        found = bucket.get(place, bounds.LABELS)
    except MissingResourceError:
        return b"", None
    except TooLargeError as error:
        raise TooLargeError(error.message, _REMEDY) from None
    return found.body, found.etag


def parts_of(bucket: Bucket, place: str) -> list[Entry]:
    """List the parts of a label file that have lines.

    Raises:
        CloudError: they cannot be listed.
    """
    listed = itertools.islice(bucket.list(f"{place}."), bounds.LISTED)
    return [each for each in listed if each.size and whole_file_key(each.key) == place != each.key]


def check_parts(place: str, found: Sequence[Entry]) -> None:
    """Refuse parts of a label file that are more than are read.

    Raises:
        TooLargeError: they are.
    """
    if sum(max(each.size, LINE_BYTES) for each in found) > bounds.LABELS:
        told = f"the label file {place} has {len(found):,} parts beside it"
        raise TooLargeError(f"{told}; at most {bounds.LABELS:,} bytes of them are read", _REMEDY)


def read_whole(bucket: Bucket, place: str) -> bytes:
    """Read a label file with its parts; errors as of `read_file` and `check_parts`."""
    file, _ = read_file(bucket, place)
    parts = parts_of(bucket, place)
    check_parts(place, parts)
    bodies = [body for _, body in small_objects.read(bucket, parts, bounds.LABELS)]
    return join(file, bodies)


def move_lines(bucket: Bucket, source: str, lines: bytes, to: str) -> None:
    """Put lines beside another label file, as a part that is named by where they come from.

    So doing it again doubles nothing, and what goes to and fro never comes back to the object that
    whoever took it away is about to empty.
    """
    named = part_name(source.encode(errors="replace") + b"\n" + lines, b"")
    with_retries(lambda: bucket.put(part_key(to, named), lines, TEXT))


def clear_part(bucket: Bucket, key: str) -> None:
    """Delete a part whose lines lie elsewhere by now; who may not delete empties it."""
    try:
        with_retries(lambda: bucket.delete(key))
    except ForbiddenError:
        with_retries(lambda: bucket.put(key, b"", TEXT))


def add_part(bucket: Bucket, place: str, edit: Callable[[bytes], bytes | None]) -> bytes:
    """Add to a label file what `edit` makes of it, as a part; return it as it is then.

    Lines that `edit` takes away stay. Done again after any error it doubles nothing.

    Raises:
        TooLargeError: the file has more than a label file may, or would have.
        UnreachableError: the cloud did not answer several times in a row.
        CloudError: the cloud refuses.
    """
    existing = with_retries(lambda: read_whole(bucket, place))
    body = edit(existing)
    if body is None:
        return existing
    check_size(place, body)
    lines = added_lines(body, existing)
    if not lines:
        return existing
    key = part_key(place, part_name(lines, existing))
    with_retries(lambda: bucket.put(key, lines, TEXT))
    return join(existing, [lines])


def check_size(place: str, body: bytes) -> None:
    """Refuse a label file that nobody would read any more.

    Raises:
        TooLargeError: it has too many bytes.
    """
    if len(body) > bounds.LABELS:
        told = f"the label file {place} would have {len(body):,} bytes"
        raise TooLargeError(f"{told}; at most {bounds.LABELS:,} are read", _REMEDY)
