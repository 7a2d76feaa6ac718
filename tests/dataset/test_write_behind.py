"""Answers on their way: kept on this machine, sent in order, none lost by an end or an outage."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from labapp import utc
from labapp.dataset import label_writer, write_behind
from labapp.dataset.unsent import Unsent, count_left, leftovers, send_leftovers
from labapp.dataset.write_behind import MOST, WriteBehind
from labapp.errors import ForbiddenError, LabappError, SessionEndedError
from labapp.files import private
from labapp.labels import label_file
from labapp.labels.label_file import Entry, Label
from tests.dataset.dataset_kit import MemoryBucket, label_file_of, nothing, stock
from tests.support.waiting import until


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryBucket:
    monkeypatch.setattr(label_writer, "pause", nothing)
    monkeypatch.setattr(write_behind, "delay", lambda attempt: 0.01)
    return MemoryBucket(tmp_path)


class Gate:
    """Lets writes through, holds them up, or refuses them."""

    def __init__(self, bucket: MemoryBucket) -> None:
        self.is_open = threading.Event()
        self.is_open.set()
        self.error: LabappError | None = None
        self._put_if = bucket.put_if
        bucket.put_if = self._gated  # type: ignore[method-assign]

    def _gated(self, *arguments: Any, **named: Any) -> Any:
        assert self.is_open.wait(60)
        if self.error is not None:
            raise self.error
        return self._put_if(*arguments, **named)


@pytest.fixture
def gate(bucket: MemoryBucket) -> Iterator[Gate]:
    found = Gate(bucket)
    yield found
    found.is_open.set()


def said(label: Label = Label.ONE, who: str = "ana") -> Entry:
    return label_file.answer(label, utc.now(), who, str(ULID()))


def ids(bucket: MemoryBucket, key: str) -> list[str]:
    return [entry.answer_id for entry in label_file_of(bucket, key).entries]


def test_what_is_kept_is_sent_in_its_order_and_leaves_nothing_here(bucket: MemoryBucket) -> None:
    (key,) = stock(bucket, 1)
    told: list[tuple[str, Entry]] = []
    first, second = said(), said(Label.ZERO)
    undone = label_file.retraction(second, utc.now(), str(ULID()))
    with WriteBehind(bucket, replaced=lambda key, before: told.append((key, before))) as writer:
        for entry in (first, second, undone):
            writer.keep(key, entry)
        assert writer.flush(60) == 0
    assert ids(bucket, key) == [one.answer_id for one in (first, second, undone)]
    assert [(key, before.answer_id) for key, before in told] == [(key, first.answer_id)]
    assert list((bucket.cloud.home / "unsent").iterdir()) == []


def test_no_more_than_a_few_are_on_their_way(bucket: MemoryBucket, gate: Gate) -> None:
    keys = stock(bucket, MOST)
    gate.is_open.clear()
    with WriteBehind(bucket) as writer:
        for key in keys:
            assert writer.has_room
            writer.keep(key, said())
        assert not writer.wait_for_room(0.01)
        gate.is_open.set()
        assert writer.wait_for_room(60)
        assert writer.flush(60) == 0


def test_of_one_picture_all_goes_in_its_order_and_no_other_waits_for_it(
    bucket: MemoryBucket,
) -> None:
    slow, quick = stock(bucket, 2)
    held, first, undone = threading.Event(), said(), said(Label.ZERO)
    bucket.before_put = lambda place, _: held.wait(60) if quick[7:20] not in place else None
    with WriteBehind(bucket) as writer:
        writer.keep(slow, first)
        writer.keep(slow, label_file.retraction(first, utc.now(), str(ULID())))
        writer.keep(quick, undone)
        until(lambda: writer.unsent == 2, "the other picture's answer")
        assert ids(bucket, quick) == [undone.answer_id]
        held.set()
        assert writer.flush(60) == 0
    assert [one.label.value for one in label_file_of(bucket, slow).entries] == ["1", "-"]


def test_who_leaves_in_an_outage_does_not_wait(bucket: MemoryBucket, gate: Gate) -> None:
    (key,) = stock(bucket, 1)
    gate.error = SessionEndedError("the session ended", "")
    told: list[bool] = []
    with WriteBehind(bucket, changed=lambda: told.append(writer.problem is not None)) as writer:
        writer.keep(key, said())
        until(lambda: True in told, "the trouble to be told")
        assert writer.close(60) == 1


def test_what_is_prepared_before_an_answer_is_sent_may_fail_for_a_while(
    bucket: MemoryBucket,
) -> None:
    (key,) = stock(bucket, 1)
    troubles = [SessionEndedError("the cloud is stopped", ""), None]

    def start_cloud() -> None:
        if trouble := troubles.pop(0):
            raise trouble

    with WriteBehind(bucket, prepare=start_cloud) as writer:
        writer.keep(key, said())
        assert writer.flush(60) == 0
    assert troubles == []


def test_an_outage_is_told_and_outlived(bucket: MemoryBucket, gate: Gate) -> None:
    (key,) = stock(bucket, 1)
    gate.error = SessionEndedError("the session ended", "Begin another.")
    with WriteBehind(bucket) as writer:
        writer.keep(key, said())
        until(lambda: writer.problem is not None, "the problem")
        gate.error = None
        writer.try_now()
        assert writer.flush(60) == 0
        assert writer.problem is None
    assert len(ids(bucket, key)) == 1


def test_what_is_refused_comes_back_and_holds_nothing_up(bucket: MemoryBucket, gate: Gate) -> None:
    refused, taken = stock(bucket, 2)
    failed: list[Unsent] = []

    def told(one: Unsent) -> None:
        gate.error = None
        failed.append(one)

    gate.error = ForbiddenError("no", "Ask.")
    with WriteBehind(bucket, told) as writer:
        writer.keep(refused, said())
        until(lambda: bool(failed), "what failed")
        writer.keep(taken, said())
        assert writer.flush(60) == 0
    assert [(one.key, str(one.error)) for one in failed] == [(refused, "no. Ask.")]
    assert (len(ids(bucket, taken)), leftovers(bucket)) == (1, [])


def test_what_an_ended_program_has_not_sent_the_next_one_sends(
    bucket: MemoryBucket, gate: Gate
) -> None:
    keys = stock(bucket, 3)
    gate.error = SessionEndedError("the session ended", "")
    writer = WriteBehind(bucket)
    with writer:
        for key in keys:
            writer.keep(key, said())
        assert leftovers(bucket) == [], "they are in hand"
        assert writer.close(0) == 3
    assert len(leftovers(bucket)) == 1
    with pytest.raises(SessionEndedError):
        send_leftovers(bucket)
    gate.error = None
    assert send_leftovers(bucket).sent == 3
    assert send_leftovers(bucket).sent == 0
    assert [len(ids(bucket, key)) for key in keys] == [1, 1, 1]


def test_what_was_sent_though_it_stands_there_still_is_not_doubled(
    bucket: MemoryBucket, gate: Gate
) -> None:
    (key,) = stock(bucket, 1)
    entry = said()
    gate.error = SessionEndedError("the session ended", "")
    writer = WriteBehind(bucket)
    with writer:
        writer.keep(key, entry)
        writer.close(0)
    gate.error = None
    label_writer.record(bucket, key, entry)
    (path,) = leftovers(bucket)
    path.write_bytes(path.read_bytes() + b"images/x.jpg 1 2026-11-21T10:0")  # a crash in the middle
    assert send_leftovers(bucket).sent == 1
    assert ids(bucket, key) == [entry.answer_id]


def test_a_leftover_that_the_bucket_never_takes_is_told_and_forgotten(
    bucket: MemoryBucket, gate: Gate
) -> None:
    keys = stock(bucket, 2)
    gate.error = SessionEndedError("the session ended", "")
    with WriteBehind(bucket) as writer:
        for key in keys:
            writer.keep(key, said())
        writer.close(0)
    gate.error = ForbiddenError("no", "")
    found = send_leftovers(bucket)
    assert (found.sent, [one.key for one in found.refused]) == (0, keys)
    assert leftovers(bucket) == []


def test_a_full_disk_keeps_nothing_half(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = stock(bucket, 1)
    write, room = os.write, [20]

    def full(descriptor: int, data: bytes) -> int:
        return write(descriptor, data[: room[0]])

    with WriteBehind(bucket) as writer:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(LabappError, match=os.strerror(errno.ENOSPC)):
            writer.keep(key, said())
        room[0] = 1_000
        entry = said()
        writer.keep(key, entry)
        assert writer.flush(60) == 0
    assert ids(bucket, key) == [entry.answer_id]


def test_what_was_sent_is_forgotten_though_something_is_always_on_its_way(
    bucket: MemoryBucket, gate: Gate
) -> None:
    first, second, third = stock(bucket, 3)
    waits = threading.Event()
    bucket.before_put = lambda place, _: waits.wait(60) if third[7:20] in place else None
    last = said()
    writer = WriteBehind(bucket)
    with writer:
        writer.keep(third, last)
        for key in (first, second):
            writer.keep(key, said())
        until(lambda: writer.unsent == 1, "the other answers")
        assert writer.close(0) == 1
    waits.set()
    assert count_left(bucket) == 1
    assert send_leftovers(bucket).sent == 1
    assert ids(bucket, third) == [last.answer_id]


def test_an_unforeseen_error_is_told_and_ends_no_thread(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = stock(bucket, MOST + 1)
    told: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda ended: told.append(str(ended.exc_value)))
    failed: list[Unsent] = []

    def fail(one: Unsent) -> None:
        failed.append(one)
        raise ValueError("in telling")

    troubles = [ValueError("in sending")] * MOST

    def prepare() -> None:
        if troubles:
            raise troubles.pop()

    with WriteBehind(bucket, fail, prepare=prepare) as writer:
        for key in keys[:MOST]:
            writer.keep(key, said())
        assert writer.flush(60) == 0
        writer.keep(keys[MOST], said())
        assert writer.flush(60) == 0
    assert {one.key for one in failed} == {*keys[:MOST]}
    assert sorted(told) == ["in sending"] * MOST + ["in telling"] * MOST
    assert len(ids(bucket, keys[MOST])) == 1


def test_who_has_ended_leaves_the_lock_of_the_next_alone(bucket: MemoryBucket, gate: Gate) -> None:
    (key,) = stock(bucket, 1)
    gate.error = SessionEndedError("the session ended", "")
    with WriteBehind(bucket) as writer:
        writer.keep(key, said())
        writer.close(0)
        (path,) = leftovers(bucket)
        with private.lock(path.with_suffix(".lock")):
            writer.close(0)
            assert leftovers(bucket) == []


def test_a_lock_that_cannot_be_taken_is_told(
    bucket: MemoryBucket, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = stock(bucket, 1)
    gate.error = SessionEndedError("the session ended", "")
    with WriteBehind(bucket) as writer:
        writer.keep(key, said())
        writer.close(0)

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(LabappError, match="cannot read"):
        send_leftovers(bucket)
    monkeypatch.undo()
    assert count_left(bucket) == 1
