"""Write down answers: append a line to a picture's label file by compare-and-swap.

The file is read with its ETag and stored only if it still has that ETag; whoever was slower reads
again. So of any number of people answering one picture at once each line comes in, without a lock.
On a store that heeds no conditions each line is put beside the file instead (see `label_parts`). An
answer has an id made once: if the network fails after the write, trying again finds the id there
and that is success.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from labapp import utc
from labapp.cloud import bounds
from labapp.cloud.bucket import TEXT, Bucket
from labapp.dataset import layouts
from labapp.dataset.calls import ATTEMPTS, FIRST, MOST, pause, with_retries
from labapp.dataset.label_parts import add_part, check_size, read_file
from labapp.errors import CloudError, MissingResourceError, RefusedError, UnreachableError
from labapp.labels import label_file
from labapp.labels.effective import previous_answer
from labapp.labels.label_file import (
    ANY_CODE,
    Entry,
    Label,
    LabelFile,
    append,
    parse_label_file,
)
from labapp.labels.layout import Layout

#: Seconds before the first repetition of a lost race, and between any two, at most. Of those who
#: race one always wins, and a round takes some 20 ms on AWS, so 64 writers are through in seconds.
_FIRST_RACE, _MOST_RACE = 0.02, 1.0

#: Lost races after which it is asked whether the store lets any write through: of the few who
#: answer one picture at once nobody loses so many.
_DOUBTFUL = 20

#: Seconds after which losing every race is no bad luck, but a store that does not keep the rules.
PATIENCE = 300.0

#: What is noted of an object in a lab's own layout: the ids of the last changes to it.
_MARKS, _MOST_MARKS = "labapp-changes", 8


def answer(
    bucket: Bucket,
    key: str,
    label: Label,
    annotator: str,
    replaces: Callable[[Entry], object] = lambda before: None,
) -> Entry:
    """Write down an answer or a skip, given now.

    Args:
        bucket: where the label files lie.
        key: the picture's key.
        label: the code of a class, or `SKIP`.
        annotator: the name as typed, or a token.
        replaces: told of an answer of the same person that counted until now, and does no more.

    Returns:
        What was written, which `undo` takes.

    Raises:
        RefusedError: the name has no letter or digit.
        UnreachableError: the cloud does not answer; whether the line came in is not known.
        CloudError: the cloud refuses.
    """
    entry = label_file.answer(label, utc.now(), annotator, _new_id())
    before = previous_answer(record(bucket, key, entry), entry)
    if before is not None:
        replaces(before)
    return entry


def _new_id() -> str:
    from ulid import ULID  # takes 16 ms, and who only reads statistics writes nothing

    return str(ULID())


def undo(bucket: Bucket, key: str, undone: Entry) -> Entry:
    """Take back an answer or a skip, as `answer` returned it, by a line; return that line.

    Raises:
        RefusedError: `undone` is a bare line or a retraction.
        CloudError: as in `answer`.
    """
    entry = label_file.retraction(undone, utc.now(), _new_id())
    record(bucket, key, entry)
    return entry


def record(bucket: Bucket, key: str, entry: Entry) -> LabelFile:
    """Append an entry to a picture's label file, once, whatever happens meanwhile.

    May be called again with the same entry after any error: by its id it is never written twice.

    Returns:
        The label file as it was stored with the entry.

    Raises:
        UsageError: the key is not one of a picture of this layout.
        RefusedError: the entry cannot be written as a line.
        TooLargeError: the file has more than a label file may, or would have.
        UnreachableError: the cloud did not answer several times in a row.
        CloudError: the cloud refuses, or the file never held still.
    """
    place = layouts.of(bucket).label_key(key)
    body = change(bucket, place, lambda existing: append(existing, entry))
    return parse_label_file(body, ANY_CODE)


def change(
    bucket: Bucket,
    place: str,
    edit: Callable[[bytes], bytes | None],
    *,
    has_parts: bool = False,
    mark: str = "",
) -> bytes:
    """Add to a label file, so that nothing another adds meanwhile is lost; return it as it is now.

    By compare-and-swap, where whoever was slower reads it again; or else by a part beside it.

    Args:
        bucket: where it lies.
        place: its own key.
        edit: makes new bytes of those that are there, empty where there are none, or None where
            nothing is to be done. It is called again for each attempt.
        has_parts: whether it is known to have parts, with which `edit` is to see it.
        mark: an id of what is added, where its lines have none: it is noted of the object, so that
            a write that came in though it seemed lost is not done again.

    Raises:
        RefusedError: this layout is read only; or a lab's own, on a store that heeds no conditions.
        TooLargeError: it has more than a label file may, or would have.
        UnreachableError: the cloud did not answer several times in a row.
        CloudError: the cloud refuses, or the file never held still.
    """
    layout = layouts.writable(bucket)
    if has_parts or not with_retries(bucket.heeds_conditions):
        return _add_part(bucket, layout, place, edit)
    until = time.monotonic() + PATIENCE
    lost = failed = 0
    while True:
        try:
            stored = _try(bucket, place, edit, mark)
        except UnreachableError:
            failed += 1
            if failed == ATTEMPTS:
                raise
            pause(failed, FIRST, MOST)
            continue
        if stored is not None:
            return stored
        failed, lost = 0, lost + 1
        if lost == _DOUBTFUL and not bucket.heeds_conditions(anew=True):
            return _add_part(bucket, layout, place, edit)
        if time.monotonic() >= until:
            raise CloudError(
                f"the label file {place} changed each of {lost} times that a line was added",
                "Does this store heed If-Match? Amazon S3 and the local cloud do.",
            )
        pause(lost, _FIRST_RACE, _MOST_RACE)


def _add_part(
    bucket: Bucket, layout: Layout, place: str, edit: Callable[[bytes], bytes | None]
) -> bytes:
    if not layout.is_own:  # a lab's programs know of no parts
        raise RefusedError(
            f"{place} is left as it is: this store heeds no If-Match, so that an answer given in"
            " the same moment would be lost",
            "Write to it with the lab's own programs, or move the bucket to Amazon S3.",
        )
    return add_part(bucket, place, edit)


def _try(
    bucket: Bucket, place: str, edit: Callable[[bytes], bytes | None], mark: str = ""
) -> bytes | None:
    """Try once; None where somebody else was quicker."""
    if mark:
        return _try_marked(bucket, place, edit, mark)
    existing, etag = read_file(bucket, place)
    return _stored(bucket, place, existing, edit(existing), etag, TEXT, None)


def _try_marked(
    bucket: Bucket, place: str, edit: Callable[[bytes], bytes | None], mark: str
) -> bytes | None:
    """Try once, unless the object says that what is marked so is in; what else it says stays."""
    try:
        found = bucket.get(place, bounds.LABELS)
    except MissingResourceError:
        return _stored(bucket, place, b"", edit(b""), None, TEXT, {_MARKS: mark})
    marks = found.metadata.get(_MARKS, "").split()
    if mark in marks:
        return found.body
    metadata = {**found.metadata, _MARKS: " ".join([*marks, mark][-_MOST_MARKS:])}
    kind = found.content_type or TEXT
    return _stored(bucket, place, found.body, edit(found.body), found.etag, kind, metadata)


def _stored(
    bucket: Bucket,
    place: str,
    existing: bytes,
    body: bytes | None,
    etag: str | None,
    kind: str,
    metadata: Mapping[str, str] | None,
) -> bytes | None:
    """Store what became of a label file if it is still what was read; None where it is not."""
    if body is None:
        return existing
    check_size(place, body)
    try:
        stored = bucket.put_if(place, body, kind, etag, metadata)
    except MissingResourceError:
        if etag is None:
            raise
        return None  # S3 answers so when the file is deleted between reading and writing
    return None if stored is None else body
