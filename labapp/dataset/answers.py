"""What an annotator says of a picture, kept as the bucket's layout has it.

In labapp's own each is a line with a name, a time and an id (see `label_writer`). In a lab's own
layout it is a bare code that the lab's programs read too: a skip is kept on this machine only, to
change an answer is to put another code in its place, and to undo one is to take away a code that
says the same. Who answered what there, this machine remembers (see `own_answers`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from ulid import ULID

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.dataset import counting, label_writer, layouts
from labapp.dataset.own_answers import OwnAnswers
from labapp.errors import LabappError, RefusedError
from labapp.labels import bare_lines, label_file
from labapp.labels.effective import previous_answer
from labapp.labels.label_file import Entry, Label
from labapp.labels.layout import Layout


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
    layouts.writable(bucket)
    entry = label_file.answer(label, utc.now(), annotator, str(ULID()))
    write(bucket, key, entry, replaces)
    return entry


def write(
    bucket: Bucket,
    key: str,
    entry: Entry,
    replaces: Callable[[Entry], object] = lambda before: None,
    undone: Entry | None = None,
) -> None:
    """Keep what was said of a picture, once, however often it is called with the same entry.

    Arguments are as of `answer`; `entry` may also flag the picture as broken, or take back what
    was said, which is `undone` where this machine may not know of it.

    Raises:
        RefusedError: also where the layout is read only, or cannot hold such an entry.
    """
    layout = layouts.writable(bucket)
    if not layout.is_own:
        _write_bare(bucket, layout, key, entry, replaces, undone)
        return
    before = previous_answer(label_writer.record(bucket, key, entry), entry)
    with contextlib.suppress(LabappError):  # it spares a look later, no more
        OwnAnswers(bucket).keep(key, entry)
    if before is not None:
        replaces(before)


def _write_bare(
    bucket: Bucket,
    layout: Layout,
    key: str,
    entry: Entry,
    replaces: Callable[[Entry], object],
    undone: Entry | None,
) -> None:
    """Do as `write` in a lab's own layout."""
    said = OwnAnswers(bucket)
    known, place = said.of(key), layout.label_key(key)
    lines = known.file.entries if known else ()
    if any(one.answer_id == entry.answer_id for one in lines):
        return
    if entry.label is Label.RETRACTION:
        undone = next((one for one in lines if one.answer_id == entry.retracts), undone)
        stands = known is None or undone in known.answers
        if undone is not None and undone.is_answer and stands:
            before = previous_answer(known.file, undone) if known else None
            _exchange(bucket, place, undone, before, entry.answer_id)
        said.keep(key, entry)
        return
    if not (entry.is_answer or entry.label is Label.SKIP):
        raise RefusedError(
            "a lab's own layout holds answers only",
            "Tell the lab's own people, or use labapp's own layout.",
        )
    before = said.standing(entry.annotator).get(key)
    if entry.is_answer:
        _exchange(bucket, place, before, entry, entry.answer_id)
    said.keep(key, entry)
    if before is not None and entry.is_answer:
        replaces(before)


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
    entry = answer(bucket, key, label, before.annotator, but_for(before, replaces))
    if layouts.of(bucket).is_own:  # in a lab's, it was taken back with the answer
        undo(bucket, key, before)
    return entry


def but_for(before: Entry, replaces: Callable[[Entry], object]) -> Callable[[Entry], object]:
    """Return what tells `replaces` of each entry but one, that is known."""

    def told(found: Entry) -> None:
        if found.answer_id != before.answer_id:
            replaces(found)

    return told


def undo(bucket: Bucket, key: str, undone: Entry) -> None:
    """Take back an answer, a skip or a flag; as `label_writer.undo`."""
    entry = label_file.retraction(undone, utc.now(), str(ULID()))
    write(bucket, key, entry, undone=undone)


def _exchange(
    bucket: Bucket, place: str, before: Entry | None, after: Entry | None, mark: str
) -> None:
    """Put the code of an answer into a label file in place of another's, or either alone.

    By `mark` it is done once, however often it is tried.
    """
    codes = counting.scheme_of(bucket).codes if before else frozenset[int]()

    def edit(existing: bytes) -> bytes | None:
        less = bare_lines.taken(existing, before.label, codes) if before else None
        body = existing if less is None else less  # the lab's programs may have taken it away
        return bare_lines.added(body, after.label) if after else body

    label_writer.change(bucket, place, edit, mark=mark)
