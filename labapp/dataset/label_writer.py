"""Write down answers: append a line to a picture's label file by compare-and-swap.

The file is read with its ETag and stored only if it still has that ETag; whoever was slower reads
again. So of any number of people answering one picture at once each line comes in, without a lock.
An answer has an id made once: if the network fails after the write, trying again finds the id there
and that is success.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ulid import ULID

from labapp import utc
from labapp.cloud import bounds
from labapp.cloud.bucket import TEXT, Bucket
from labapp.dataset.calls import ATTEMPTS, FIRST, MOST, pause
from labapp.errors import CloudError, MissingResourceError, TooLargeError, UnreachableError
from labapp.labels import label_file
from labapp.labels.effective import previous_answer
from labapp.labels.label_file import Entry, Label, LabelFile, append, parse_label_file
from labapp.labels.object_keys import label_key

#: Seconds before the first repetition of a lost race, and between any two, at most. Of those who
#: race one always wins, and a round takes some 20 ms on AWS, so 64 writers are through in seconds.
_FIRST_RACE, _MOST_RACE = 0.02, 1.0

#: What to do about a label file that is too large.
_REMEDY = (
    "No picture has so many answers. An admin puts it aside with 'admin.py images remove KEY', and"
    " uploads the picture again."
)

#: Seconds after which losing every race is no bad luck, but a store that does not keep the rules.
PATIENCE = 300.0


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
        label: `POSITIVE`, `NEGATIVE` or `SKIP`.
        annotator: the name as typed, or a token.
        replaces: told of an answer of the same person that counted until now, and does no more.

    Returns:
        What was written, which `undo` takes.

    Raises:
        RefusedError: the name has no letter or digit.
        UnreachableError: the cloud does not answer; whether the line came in is not known.
        CloudError: the cloud refuses.
    """
    entry = label_file.answer(label, utc.now(), annotator, str(ULID()))
    before = previous_answer(record(bucket, key, entry), entry)
    if before is not None:
        replaces(before)
    return entry


def revise(
    bucket: Bucket,
    key: str,
    label: Label,
    before: Entry,
    replaces: Callable[[Entry], object] = lambda before: None,
) -> Entry:
    """Answer a picture anew, and take the answer back that is known and meant to be changed.

    In this order, so that an answer counts at any time. `before` is the answer that is changed,
    `replaces` is told of another one of the same person, given meanwhile; all else as of `answer`.
    """

    def told(found: Entry) -> None:
        if found.answer_id != before.answer_id:
            replaces(found)

    entry = answer(bucket, key, label, before.annotator, told)
    undo(bucket, key, before)
    return entry


def undo(bucket: Bucket, key: str, undone: Entry) -> Entry:
    """Take back an answer or a skip, as `answer` returned it, by a line; return that line.

    Raises:
        RefusedError: `undone` is a bare line or a retraction.
        CloudError: as in `answer`.
    """
    entry = label_file.retraction(undone, utc.now(), str(ULID()))
    record(bucket, key, entry)
    return entry


def record(bucket: Bucket, key: str, entry: Entry) -> LabelFile:
    """Append an entry to a picture's label file, once, whatever happens meanwhile.

    May be called again with the same entry after any error: by its id it is never written twice.

    Returns:
        The label file as it was stored with the entry.

    Raises:
        UsageError: the key is not one of a picture under `images/`.
        RefusedError: the entry cannot be written as a line.
        TooLargeError: the file has more than a label file may, or would have.
        UnreachableError: the cloud did not answer several times in a row.
        CloudError: the cloud refuses, or the file never held still.
    """
    body = change(bucket, label_key(key), lambda existing: append(existing, entry))
    return parse_label_file(body)


def change(bucket: Bucket, place: str, edit: Callable[[bytes], bytes | None]) -> bytes:
    """Change a text by compare-and-swap: whoever was slower reads it again; return it as it is now.

    `place` is its own key; `edit` makes new bytes of those that are there, empty where there are
    none, or None where nothing is to be done. It is called again for each attempt.

    Raises:
        TooLargeError: it has more than a label file may, or would have.
        UnreachableError: the cloud did not answer several times in a row.
        CloudError: the cloud refuses, or the file never held still.
    """
    until = time.monotonic() + PATIENCE
    lost = failed = 0
    while True:
        try:
            stored = _try(bucket, place, edit)
        except UnreachableError:
            failed += 1
            if failed == ATTEMPTS:
                raise
            pause(failed, FIRST, MOST)
            continue
        if stored is not None:
            return stored
        failed, lost = 0, lost + 1
        if time.monotonic() >= until:
            raise CloudError(
                f"the label file {place} changed each of {lost} times that a line was added",
                "Does this store heed If-Match? Amazon S3 and the local cloud do.",
            )
        pause(lost, _FIRST_RACE, _MOST_RACE)


def read_bytes(bucket: Bucket, place: str) -> tuple[bytes, str | None]:
    """Read a text by its own key; return its bytes and ETag, empty and None where there is none.

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


def _try(bucket: Bucket, place: str, edit: Callable[[bytes], bytes | None]) -> bytes | None:
    """Try once; None where somebody else was quicker."""
    existing, etag = read_bytes(bucket, place)
    body = edit(existing)
    if body is None:
        return existing
    if len(body) > bounds.LABELS:  # nobody would read it any more
        told = f"the label file {place} would have {len(body):,} bytes"
        raise TooLargeError(f"{told}; at most {bounds.LABELS:,} are read", _REMEDY)
    try:
        stored = bucket.put_if(place, body, TEXT, etag)
    except MissingResourceError:
        if etag is None:
            raise
        return None  # S3 answers so when the file is deleted between reading and writing
    return None if stored is None else body
