"""Lines of label files that are kept on this machine, each behind its picture's key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import quote, unquote_to_bytes

from labapp.cloud.bucket import Bucket
from labapp.dataset import layouts
from labapp.labels.label_file import Entry, format_line, parse_line


def name_of(bucket: Bucket) -> str:
    """Return what a bucket and its layout are called in names of files: some digits."""
    layout = layouts.of(bucket)
    named = "\n".join((bucket.name, layout.images, layout.labels))
    return hashlib.sha256(named.encode(errors="replace")).hexdigest()[:16]


def line_of(key: str, entry: Entry) -> bytes:
    """Return the line of what was said of a picture."""
    return quote(key, safe="/").encode() + b" " + format_line(entry)


def parted(line: bytes) -> tuple[str, bytes]:
    """Return the key of a line, and the line of a label file behind it."""
    key, _, said = line.partition(b" ")
    return unquote_to_bytes(key).decode(errors="replace"), said


def entries(lines: Iterable[bytes]) -> list[tuple[str, Entry]]:
    """Return what lines say; one that a crash has cut short is passed over."""
    found = ((key, parse_line(said)) for key, said in map(parted, lines))
    return [(key, entry) for key, entry in found if entry is not None]
