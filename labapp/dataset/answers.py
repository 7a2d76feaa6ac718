"""What an annotator says of a picture, kept as the bucket's layout has it.

In labapp's own each is a line with a name, a time and an id (see `label_writer`). In a lab's own
layout it is a bare code that the lab's programs read too: a skip is kept on this machine only, to
change an answer is to put another code in its place, and to undo one is to take away a code that
says the same. Who answered what there, this machine remembers (see `own_answers`).
"""

from __future__ import annotations

from collections.abc import Callable

from ulid import ULID

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.dataset import label_writer, layouts
from labapp.dataset.own_answers import OwnAnswers
from labapp.dataset.statistics import DatasetSnapshot
from labapp.labels import bare_lines, label_file
from labapp.labels.effective import previous_answer
from labapp.labels.label_file import Entry, Label


def answer(
    bucket: Bucket,
    key: str,
    label: Label,
    annotator: str,
    replaces: Callable[[Entry], object] = lambda before: None,
) -> Entry:
    """Keep an answer or a skip, given now; all else is as of `label_writer.answer`.

    Raises:
        RefusedError: also where the layout is read only.
    """
    layout = layouts.writable(bucket)
    if layout.is_own:
        return label_writer.answer(bucket, key, label, annotator, replaces)
    said, entry = OwnAnswers(bucket), label_file.answer(label, utc.now(), annotator, str(ULID()))
    before = said.standing(entry.annotator).get(key)
    if entry.is_answer:
        _exchange(bucket, layout.label_key(key), before, entry)
    said.keep(key, entry)
    if before is not None and entry.is_answer:
        replaces(before)
    return entry


def revise(
    bucket: Bucket,
    key: str,
    label: Label,
    before: Entry,
    replaces: Callable[[Entry], object] = lambda before: None,
) -> Entry:
    """Answer a picture anew in place of a known answer; as `label_writer.revise`."""
    if layouts.writable(bucket).is_own:
        return label_writer.revise(bucket, key, label, before, replaces)
    told = label_writer.but_for(before, replaces)
    return answer(bucket, key, label, before.annotator, told)


def undo(bucket: Bucket, key: str, undone: Entry) -> None:
    """Take back an answer or a skip, as `answer` returned it; as `label_writer.undo`."""
    layout = layouts.writable(bucket)
    if layout.is_own:
        label_writer.undo(bucket, key, undone)
        return
    entry = label_file.retraction(undone, utc.now(), str(ULID()))
    said = OwnAnswers(bucket)
    known = said.of(key)
    stands = known is None or any(one.answer_id == undone.answer_id for one in known.answers)
    if undone.is_answer and stands:
        before = previous_answer(known.file, undone) if known else None
        _exchange(bucket, layout.label_key(key), undone, before)
    said.keep(key, entry)


def given(look: DatasetSnapshot, bucket: Bucket, annotator: str) -> list[tuple[str, Entry]]:
    """Return key and answer of all pictures that an annotator (a token) has answered."""
    if look.layout.is_own:
        return look.answers_of(annotator)
    standing = OwnAnswers(bucket).standing(annotator)
    return [(key, entry) for key, entry in standing.items() if key in look.listed]


def _exchange(bucket: Bucket, place: str, before: Entry | None, after: Entry | None) -> None:
    """Put the code of an answer into a label file in place of another's, or either alone."""

    def edit(existing: bytes) -> bytes | None:
        less = bare_lines.taken(existing, before.label) if before else None
        body = existing if less is None else less  # the lab's programs may have taken it away
        return bare_lines.added(body, after.label) if after else body

    label_writer.change(bucket, place, edit, mark=str(ULID()))
