"""Recording: nothing lost, nothing doubled, whoever writes and whatever the network does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import TEXT, Bucket
from labapp.dataset import answers, calls, label_writer
from labapp.errors import CloudError, MissingResourceError, UnreachableError, UsageError
from labapp.labels.effective import labels_of, overwritten_answers
from labapp.labels.label_file import Entry, Label
from tests.dataset.dataset_kit import MemoryBucket, label_file_of, nothing

KEY = "images/0a1b2c3d4e5f6071-lunch.jpg"
PLACE = "labels/0a1b2c3d4e5f6071-lunch.jpg.txt"
AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
ENTRY = Entry(Label.ONE, AT, "ana", "id1")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_writer, "pause", nothing)
    monkeypatch.setattr(calls, "pause", nothing)


def troubled(home: Path, events: list[str]) -> MemoryBucket:
    """Give a bucket whose PUTs go wrong as told: before the write, after it, or by another's."""
    bucket = MemoryBucket(home)

    def before(key: str, _: bytes) -> None:
        event = events.pop(0) if events else "fine"
        bucket.after_put = after if event == "after" else nothing
        if event == "before":
            raise UnreachableError("the network fails before the write")
        if event == "gone":
            raise MissingResourceError("deleted between reading and writing")
        if event == "other":
            stored = bucket.objects.get(key)
            bucket.write(key, (stored[0] if stored else b"") + b"0\n")

    def after(_: str) -> None:
        raise UnreachableError("the network fails after the write")

    bucket.before_put = before
    return bucket


def test_the_first_answer_makes_the_file_and_the_next_is_added_to_it(bucket: Bucket) -> None:
    first = label_writer.answer(bucket, KEY, Label.ONE, "Ana Gil")
    second = label_writer.answer(bucket, KEY, Label.ZERO, "bo")
    lines = bucket.get(PLACE).body.decode().splitlines()
    assert lines[0].split()[0::2] == ["1", "Ana_Gil"]
    assert [line.split()[-1] for line in lines] == [first.answer_id, second.answer_id]
    assert label_file_of(bucket, KEY).entries[1].label is Label.ZERO


def test_what_others_wrote_is_kept_to_the_byte(bucket: Bucket) -> None:
    old = b"\xef\xbb\xbf1\r\nwhat is this\n\xff\xfe\n0"
    bucket.put(PLACE, old, TEXT)
    label_writer.record(bucket, KEY, ENTRY)
    assert bucket.get(PLACE).body == old + b"\n1 2026-11-21T10:00:00Z ana id1\n"


def test_an_answer_that_is_recorded_again_is_there_once(bucket: Bucket) -> None:
    for _ in range(3):
        label_writer.record(bucket, KEY, ENTRY)
    assert bucket.get(PLACE).body.count(b"\n") == 1


def test_who_answers_again_under_one_name_is_told_what_no_longer_counts(bucket: Bucket) -> None:
    told: list[Entry] = []
    skipped = label_writer.answer(bucket, KEY, Label.SKIP, "ana", told.append)
    first = label_writer.answer(bucket, KEY, Label.ONE, "Ana", told.append)
    label_writer.answer(bucket, KEY, Label.ONE, "bo", told.append)
    assert (skipped.is_answer, told) == (False, [])
    label_writer.answer(bucket, KEY, Label.SKIP, "ana", told.append)
    assert told == []
    second = label_writer.answer(bucket, KEY, Label.ZERO, "ana", told.append)
    assert [one.answer_id for one in told] == [first.answer_id]
    label_writer.undo(bucket, KEY, second)
    label_writer.undo(bucket, KEY, first)
    label_writer.answer(bucket, KEY, Label.ZERO, "ana", told.append)
    assert len(told) == 1


def test_an_answer_that_its_annotator_changes_is_taken_back_and_nothing_is_told(
    bucket: Bucket,
) -> None:
    told: list[Entry] = []
    first = label_writer.answer(bucket, KEY, Label.ONE, "ana")
    second = answers.revise(bucket, KEY, Label.ZERO, first, told.append)
    file = label_file_of(bucket, KEY)
    assert (told, overwritten_answers(file)) == ([], [])
    assert [one.answer_id for one in labels_of(KEY, file).answers] == [second.answer_id]
    meanwhile = label_writer.answer(bucket, KEY, Label.ONE, "ana")
    answers.revise(bucket, KEY, Label.ZERO, second, told.append)
    assert [one.answer_id for one in told] == [meanwhile.answer_id]


def test_undo_takes_an_answer_back_and_revising_supersedes_it(bucket: Bucket) -> None:
    given = label_writer.answer(bucket, KEY, Label.ONE, "ana")
    label_writer.undo(bucket, KEY, given)
    assert labels_of(KEY, label_file_of(bucket, KEY)).answers == ()
    label_writer.answer(bucket, KEY, Label.ONE, "ana")
    label_writer.answer(bucket, KEY, Label.ZERO, "ana")
    (standing,) = labels_of(KEY, label_file_of(bucket, KEY)).answers
    assert standing.label is Label.ZERO
    assert len(label_file_of(bucket, KEY).entries) == 4


@pytest.mark.parametrize(
    "script",
    [
        ("after",),
        ("before",),
        ("other", "after"),
        ("after", "other"),
        ("before", "other", "after"),
        ("gone",),
        ("other",) * 70,
    ],
)
def test_an_answer_comes_in_once_whatever_goes_wrong(
    tmp_path: Path, script: tuple[str, ...]
) -> None:
    events = [*script]
    bucket = troubled(tmp_path, events)
    if script == ("gone",):
        bucket.write(PLACE, b"")
    file = label_writer.record(bucket, KEY, ENTRY)
    body = bucket.objects[PLACE][0]
    assert body.count(b"id1") == 1
    assert body.count(b"0\n") == script.count("other") - events.count("other")
    assert "id1" in file


def test_an_outage_is_told_after_a_few_attempts_and_the_same_entry_may_be_tried_again(
    tmp_path: Path,
) -> None:
    bucket = troubled(tmp_path, [*["before"] * calls.ATTEMPTS, "after"])
    with pytest.raises(UnreachableError):
        label_writer.record(bucket, KEY, ENTRY)
    assert bucket.calls["get"] == calls.ATTEMPTS
    label_writer.record(bucket, KEY, ENTRY)
    assert bucket.objects[PLACE][0].count(b"id1") == 1


def test_a_store_that_never_holds_still_is_told_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_writer, "PATIENCE", 0.0)
    with pytest.raises(CloudError, match="changed each of"):
        label_writer.record(troubled(tmp_path, ["other"] * 9), KEY, ENTRY)


def test_a_key_that_names_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        label_writer.answer(MemoryBucket(tmp_path), "labels/a.jpg", Label.SKIP, "ana")


def test_many_threads_on_one_picture_lose_nothing(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_if, one_at_a_time = Bucket.put_if, threading.Lock()

    def at_once(*given: Any, **named: Any) -> str | None:
        with one_at_a_time:  # S3 compares and swaps in one step; moto, in process, in two
            return put_if(*given, **named)

    monkeypatch.setattr(Bucket, "put_if", at_once)

    def one(number: int) -> str:
        return label_writer.answer(bucket, KEY, Label(str(number % 2)), f"ana{number}").answer_id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(one, range(24)))
    file = label_file_of(bucket, KEY)
    assert {entry.answer_id for entry in file.entries} == ids
    assert (len(ids), file.duplicates, file.unreadable) == (24, 0, 0)
