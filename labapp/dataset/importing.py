"""Put answers out of files into the label files: none twice, and each where its picture is.

Answers are put in by picture, each label file once, by compare-and-swap. A picture is found by its
key, by its bytes' hash or by its name. Answers to one that is not there, but whose bytes are known,
are kept below `removed/`, from where they come to it when it is uploaded.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from labapp import utc
from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.dataset import counting, layouts
from labapp.dataset.calls import READERS, never, parallel_map, with_retries
from labapp.dataset.label_parts import read_whole
from labapp.dataset.label_writer import change
from labapp.dataset.picture_finder import Pictures, fault_of
from labapp.dataset.stored_pictures import list_pictures
from labapp.errors import LabappError, RefusedError, TooLargeError, UsageError, os_errors_as
from labapp.files import typed_paths
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.effective import Counting
from labapp.labels.export import FORMATS
from labapp.labels.importing import Fault, NoAnswersError, Reading, Row, read
from labapp.labels.label_file import Entry
from labapp.labels.layout import LABELS, REMOVED
from labapp.labels.merging import Given, MergeState, merge
from labapp.labels.object_keys import whole_file_key

#: Bytes of a file that is read: a million answers have some 150 MB.
MOST_BYTES = 1_000_000_000

#: Bytes that are read at once.
_CHUNK = 8 * 1024 * 1024

_WHY = {
    MergeState.CLASH: "an answer that says something else has its id",
    MergeState.WITHDRAWN: "it was withdrawn; 'admin.py annotators restore' takes that back",
}


class State(StrEnum):
    """What became of an answer, or of a prediction."""

    ADDED = "added"
    THERE = "already there"
    KEPT = "kept for its picture"
    REPLACED = "replaced"
    OUTDONE = "outdone by a later row"
    REFUSED = "refused"
    REMOVED = "removed"


@dataclass(frozen=True)
class Outcome:
    """What became of one answer, or of one prediction.

    Attributes:
        path: the file it came from.
        line: its line there, from 1.
        state: whether it was added, was there, waits for its picture, or is not taken.
        key: the picture's key; empty where none was found.
        row: the answer or the prediction as read.
        reason: why it was refused; else empty.
        fault: of which kind the reason is; None where there is none.
    """

    path: Path
    line: int
    state: State
    key: str
    row: Row
    reason: str = ""
    fault: Fault | None = None


def files_of(paths: Sequence[str]) -> list[Path]:
    """Return the files that paths name; of a folder, those in which an export has its answers.

    Raises:
        UsageError: something is not there, or a folder has no such file.
    """
    found: list[Path] = []
    for text in paths:
        those = typed_paths.glob(text)
        if not those:
            raise UsageError(f"there is no file {text}", "Name an export of the labels.")
        for path in those:
            found += _answers_in(path) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def _answers_in(folder: Path) -> list[Path]:
    named = [each.answers for each in FORMATS.values() if each.answers]
    found = [folder / name for name in named if (folder / name).is_file()]
    if not found:
        raise UsageError(f"{folder} has none of {', '.join(named)}", "Name the file of an export.")
    return found


def rows_of(
    files: Iterable[Path],
    scheme: Scheme = DEFAULT_SCHEME,
    annotator: str = "",
    *,
    predicted: bool = False,
) -> tuple[list[tuple[Path, Row]], dict[Path, str]]:
    """Read the answers of all files, before any is put in.

    Args:
        files: where they are.
        scheme: the classes there are.
        annotator: whose those answers are that say nothing of it, as of `Reading`.
        predicted: read predictions, and not answers.

    Returns:
        The answers; and the files that were passed over with what they are, as an export has them
        beside its answers, and `folder/*` names them too.

    Raises:
        RefusedError: a file is of no format that can be read back, or too large; or none of them
            has answers.
        LabappError: a file cannot be read.
    """
    found: list[tuple[Path, Row]] = []
    passed: dict[Path, str] = {}
    files = list(files)
    for path in files:
        reading = Reading(str(path), scheme, annotator, _written(path), predicted)
        try:
            # Nobody else holds its bytes: they go once they are text.
            found += ((path, row) for row in read(_bytes(path), reading))
        except NoAnswersError as error:
            passed[path] = error.message
            if len(passed) == len(files):
                raise
    return found, passed


def octets_of(files: Iterable[Path]) -> int:
    """Return the bytes of files, as far as they can be told."""
    octets = 0
    for path in files:
        with contextlib.suppress(OSError):  # told when it is read
            octets += path.stat().st_size
    return octets


def _written(path: Path) -> datetime:
    """Return when a file was written, which has no more bytes than are read."""
    with _readable(path):
        found = path.stat()
    if found.st_size > MOST_BYTES:
        raise _too_large(path)
    return min(datetime.fromtimestamp(found.st_mtime, UTC), utc.now()).replace(microsecond=0)


def _bytes(path: Path) -> bytes:
    with _readable(path), path.open("rb") as file:
        chunks, octets = [], 0
        while chunk := file.read(_CHUNK):
            chunks.append(chunk)
            octets += len(chunk)
            if octets > MOST_BYTES:  # a pipe or a device does not tell its size
                raise _too_large(path)
        return b"".join(chunks)


def _too_large(path: Path) -> RefusedError:
    return RefusedError(f"{path} has more than {MOST_BYTES:,} bytes", "Split it.")


def _readable(path: Path) -> AbstractContextManager[None]:
    return os_errors_as(LabappError, f"cannot read {path}", "Name a file that can be read.")


def put_in(
    bucket: Bucket,
    rows: Sequence[tuple[Path, Row]],
    *,
    dry: bool = False,
    stop: Callable[[], bool] = never,
) -> Iterator[Outcome]:
    """Put answers that `rows_of` read into the label files.

    With `dry` it only says what would become of each: all is looked at, and nothing is written.
    `stop` tells whether to begin no other picture.

    Yields:
        What became of each answer, those of a picture together; whoever calls it again with the
        same rows adds none twice.

    Raises:
        RefusedError: this layout is read only, or what an admin has decided cannot be read.
        CloudError: the bucket cannot be read or written; what was yielded is in.
    """
    layout = layouts.writable(bucket)
    pictures = Pictures((each.key for each in list_pictures(bucket)), layout)
    by_place: dict[tuple[str, str], list[tuple[Path, Row]]] = {}
    for path, row in rows:
        try:
            found = pictures.place(row)
        except RefusedError as error:
            fault = row.fault or fault_of(error)
            yield Outcome(path, row.line, State.REFUSED, "", row, error.message, fault)
            continue
        by_place.setdefault(found, []).append((path, row))

    rules = counting.of(bucket)
    in_parts = set(_files_with_parts(bucket)) if layout.is_own else set()

    def one(item: tuple[tuple[str, str], list[tuple[Path, Row]]]) -> list[Outcome]:
        (key, place), its = item
        has_parts = place in in_parts
        return list(_put_in_one(bucket, key, place, its, rules, dry=dry, has_parts=has_parts))

    for outcomes in parallel_map(one, by_place.items(), READERS, stop):
        yield from outcomes


def _files_with_parts(bucket: Bucket) -> Iterator[str]:
    """Yield the keys of label files that have parts, also of those kept aside."""
    for prefix in (LABELS, REMOVED):
        for each in itertools.islice(bucket.list(prefix), bounds.DATASET):
            if (file := whole_file_key(each.key)) != each.key:
                yield file


def _put_in_one(
    bucket: Bucket,
    key: str,
    place: str,
    rows: list[tuple[Path, Row]],
    rules: Counting,
    *,
    dry: bool,
    has_parts: bool,
) -> Iterator[Outcome]:
    layout = layouts.of(bucket)
    given = [row.given for _, row in rows if row.given]
    if not layout.is_own:
        given = [Given(Entry(one.entry.label), one.source) for one in given]
    merged: list[MergeState] = []

    def edit(existing: bytes) -> bytes | None:
        nonlocal merged
        body, merged = merge(existing, given, rules)
        return None if body == existing else body

    try:
        if dry:
            edit(with_retries(lambda: read_whole(bucket, place)))
        else:
            change(bucket, place, edit, has_parts=has_parts)
    except TooLargeError as error:  # the answers to other pictures are put in all the same
        for path, row in rows:
            yield Outcome(path, row.line, State.REFUSED, key, row, error.message, Fault.OTHER)
        return
    added = State.KEPT if place == layout.aside_key(key) else State.ADDED
    states = {
        MergeState.ADDED: added,
        MergeState.THERE: State.THERE,
    }
    for (path, row), state in zip(rows, merged, strict=True):
        why = _WHY.get(state, "")
        became = states.get(state, State.REFUSED)
        yield Outcome(path, row.line, became, key, row, why, Fault.OTHER if why else None)
