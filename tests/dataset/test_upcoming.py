"""What an annotator is shown next: every picture once, skips last, what is said here at once."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

import pytest

from labapp.dataset import label_writer
from labapp.dataset.upcoming import Progress, Upcoming
from labapp.errors import CloudError, RefusedError
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.label_file import Entry, Label
from labapp.labels.layout import OWN
from tests.dataset.dataset_kit import START, MemoryBucket, answer, stock
from tests.support.waiting import until


def said(label: Label) -> Entry:
    return Entry(label, START, "ana", "id1")


def upcoming(bucket: MemoryBucket) -> Upcoming:
    return Upcoming(bucket, "ana", rng=random.Random(1))


def all_of(pictures: Upcoming) -> list[str]:
    found = []
    while shown := pictures.take(20):
        found.append(shown.key)
    return found


def test_every_picture_comes_once_and_none_that_was_answered(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 30)
    answer(bucket, keys[3], "ana1")
    with upcoming(bucket) as pictures:
        found = all_of(pictures)
    assert sorted(found) == [*keys[:3], *keys[4:]]


def test_what_is_skipped_comes_back_after_all_others_again_and_again(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 3)
    with upcoming(bucket) as pictures:
        for _ in range(2):
            for _ in keys:
                shown = pictures.take(20)
                assert shown
                pictures.said(shown.key, said(Label.SKIP))
        shown = pictures.take(20)
        assert shown is not None
        assert shown.is_again


def test_what_is_given_back_comes_next(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 12)
    with upcoming(bucket) as pictures:
        first, second = pictures.take(20), pictures.take(20)
        assert first is not None
        assert second is not None
        pictures.said(first.key, said(Label.ONE))
        assert pictures.progress.mine == 1
        pictures.give_back(first.key)
        assert pictures.progress.mine == 0
        assert pictures.peek(1) == (first.key,)
        rest = all_of(pictures)
    assert rest[0] == first.key
    assert sorted([*rest, second.key]) == keys


def test_a_draw_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    fails = [True]

    def fail(_: str) -> None:
        if fails:
            fails.pop()
            raise CloudError("gone")

    bucket.before_entry = fail
    with upcoming(bucket) as pictures:
        with pytest.raises(CloudError):
            pictures.take(20)
        shown = pictures.take(20)
        assert shown is not None
        assert shown.key == key


def test_what_is_said_of_a_picture_that_is_ready_takes_it_out(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 6)
    with upcoming(bucket) as pictures:
        first = pictures.take(20)
        (following,) = pictures.peek(1)
        pictures.said(following, said(Label.ONE))
        assert first is not None
        assert sorted([first.key, following, *all_of(pictures)]) == keys


def test_what_is_passed_over_never_comes_again(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 5)
    with upcoming(bucket) as pictures:
        first = pictures.take(20)
        assert first is not None
        pictures.said(first.key, said(Label.ONE))
        pictures.pass_over(first.key)
        assert pictures.progress.mine == 0
        (following,) = pictures.peek(1)
        pictures.pass_over(following)
        assert sorted([*all_of(pictures), first.key, following]) == keys


def test_what_was_uploaded_or_taken_back_elsewhere_comes_where_nothing_was_left(
    tmp_path: Path,
) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 3)
    answer(bucket, keys[0], "ana1")
    with upcoming(bucket) as pictures:
        assert sorted(all_of(pictures)) == keys[1:]
        bucket.write(f"labels/{keys[0][7:]}.txt", b"")
        bucket.write("images/new.jpg", b"x")
        assert sorted(all_of(pictures)) == sorted([keys[0], "images/new.jpg"])
        assert all_of(pictures) == []


def test_how_much_is_mine_counts_what_is_said_here_once(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 12)
    for key in keys[:7]:
        answer(bucket, key, "ana1")
    with upcoming(bucket) as pictures:
        assert len(all_of(pictures)) == 5
        deadline = time.monotonic() + 20
        while not pictures.progress.is_exact and time.monotonic() < deadline:
            time.sleep(0.01)
        assert pictures.progress == Progress(7, 12, is_exact=True)
        for key in keys[:8]:
            pictures.said(key, said(Label.ONE))
        assert pictures.progress.mine == 8
        pictures.give_back(keys[0])
        assert pictures.progress.mine == 7


def test_a_bucket_that_nobody_can_read_tells_of_it_where_classes_are_asked_for(
    tmp_path: Path,
) -> None:
    bucket = MemoryBucket(tmp_path)
    stock(bucket, 1)
    bucket.write("labels/classes.toml", b"question = 1")
    with upcoming(bucket) as pictures:
        for _ in range(2):
            with pytest.raises(RefusedError):
                pictures.take(20)
            with pytest.raises(RefusedError):
                _ = pictures.counting
        bucket.delete("labels/classes.toml")
        with contextlib.suppress(RefusedError):  # it may have been tried a moment before
            pictures.take(20)
        assert pictures.counting.scheme == DEFAULT_SCHEME


def test_how_much_is_mine_follows_what_is_taken_back_and_removed_elsewhere(
    tmp_path: Path,
) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 12)
    for key in keys[:3]:
        answer(bucket, key, "ana1")
    with upcoming(bucket) as pictures:
        first = all_of(pictures)
        here, unsent = first[0], first[1]
        for key in (here, unsent):
            pictures.said(key, said(Label.ONE))
        given = label_writer.answer(bucket, here, Label.ONE, "ana")
        pictures.kept(here)
        assert pictures.progress.mine == 5
        # On another terminal:
        label_writer.undo(bucket, here, given)
        bucket.write(OWN.label_key(keys[0]), b"")
        for key in (keys[1], OWN.label_key(keys[1])):
            bucket.delete(key)
        assert sorted(all_of(pictures)) == sorted([here, keys[0]])
        until(lambda: pictures.progress == Progress(2, 11, is_exact=True), "the count")
