"""What an annotator is shown next: every picture once, skips last, what is said here at once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from labapp.dataset.upcoming import Upcoming
from labapp.errors import CloudError
from labapp.labels.label_file import Entry, Label
from tests.dataset.dataset_kit import START, MemoryBucket, answer, stock


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
