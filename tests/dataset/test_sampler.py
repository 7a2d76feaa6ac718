"""Sampling from the bucket: never what was answered, from any machine, uniform, few calls."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset import label_writer
from labapp.dataset import sampler as sample_room
from labapp.dataset.cache import Cache
from labapp.dataset.counting import KEYS
from labapp.dataset.sampler import Sampler
from labapp.labels import sampling
from labapp.labels.label_file import Label
from tests.dataset.dataset_kit import MemoryBucket, answer, stock
from tests.labels.test_sampling import assert_uniform


def sampler(bucket: Bucket, folder: Path, name: str = "one", exact: int = 5000) -> Sampler:
    cache = Cache(folder / f"{name}.sqlite3")
    return Sampler(bucket, cache, random.Random(1), exact)


def test_an_annotator_sees_every_picture_once_on_two_machines_in_turn(
    cloud: Cloud, tmp_path: Path
) -> None:
    bucket = Bucket(cloud)
    keys = stock(bucket, 22)
    machines = [sampler(bucket, tmp_path, "one"), sampler(bucket, tmp_path, "two")]
    seen: list[str] = []
    sizes = []
    for place in range(7):
        draw = machines[place % 2].draw("ana", 4)
        assert draw.is_short == (len(draw.keys) < 4)
        sizes.append(len(draw.keys))
        for key in draw.keys:
            label_writer.answer(bucket, key, Label.ONE, "ana")
        seen += draw.keys
    assert sizes == [4, 4, 4, 4, 4, 2, 0]
    assert sorted(seen) == keys


def test_others_answers_hide_nothing_but_come_later(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 8)
    for key in keys[:5]:
        answer(bucket, key, "bo1")
    draw = sampler(bucket, tmp_path).draw("ana", 8)
    assert sorted(draw.keys) == keys
    assert set(draw.keys[:3]) == set(keys[5:])


def test_skipped_pictures_come_last_and_are_named(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 6)
    answer(bucket, keys[0], "anas")
    answer(bucket, keys[1], "anas", "ana1")
    answer(bucket, keys[2], "bos")
    draw = sampler(bucket, tmp_path).draw("ana", 6)
    assert draw.keys[-1] == keys[0]
    assert draw.skipped == {keys[0]}
    assert set(draw.keys) == {*keys} - {keys[1]}


def test_an_answer_that_was_undone_makes_the_picture_unseen_again(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    room = sampler(bucket, tmp_path)
    given = label_writer.answer(bucket, key, Label.ZERO, "ana")
    assert room.draw("ana").keys == ()
    label_writer.undo(bucket, key, given)
    assert room.draw("ana").keys == (key,)


def test_a_name_in_other_case_is_not_asked_again_and_undoes_its_own_answer(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    room = sampler(bucket, tmp_path)
    given = label_writer.answer(bucket, key, Label.ZERO, "Anna Gil")
    assert room.draw("ANNA_GIL").keys == ()
    label_writer.undo(bucket, key, replace(given, annotator="anna_gil"))
    assert room.draw("ANNA_GIL").keys == (key,)


@pytest.mark.parametrize("exact", [5000, 100])
def test_a_draw_whose_page_was_left_ends(tmp_path: Path, exact: int) -> None:
    bucket = MemoryBucket(tmp_path)
    for key in stock(bucket, 600):
        answer(bucket, key, "ana1")
    bucket.calls = Counter()
    room = sampler(bucket, tmp_path, exact=exact)
    bucket.before_get = lambda _: room.close() if bucket.calls["get"] >= 40 else None
    assert room.draw("ana").keys == ()
    assert bucket.calls["get"] < 150


def test_the_draw_is_uniform_among_the_unanswered(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 20)
    for key in keys[:6]:
        answer(bucket, key, "ana1")
    for key in keys[6:]:  # as many answers as the others, so that none goes first
        answer(bucket, key, "bo1")
    room = sampler(bucket, tmp_path)
    drawn = [key for _ in range(700) for key in room.draw("ana", 4).keys]
    assert_uniform(drawn, keys[6:])


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[MemoryBucket, list[str]]:
    """Make a bucket that is treated as too large to list: 90 pictures in pages of 10."""
    monkeypatch.setattr(sample_room, "_PAGE", 10)
    monkeypatch.setattr(sampling.random_pool, "__kwdefaults__", {"answered": (), "pool": 12})
    bucket = MemoryBucket(tmp_path)
    return bucket, stock(bucket, 90)


def test_in_a_large_bucket_too_every_picture_is_seen_once(
    tmp_path: Path, large: tuple[MemoryBucket, list[str]]
) -> None:
    bucket, keys = large
    room = sampler(bucket, tmp_path, exact=20)
    seen: list[str] = []
    while drawn := room.draw("ana", 4).keys:
        assert len(drawn) == 4 or len(seen) + len(drawn) == len(keys)
        for key in drawn:
            answer(bucket, key, "ana0")
        seen += drawn
    assert sorted(seen) == keys


def test_in_a_large_bucket_too_skipped_pictures_come_last(
    tmp_path: Path, large: tuple[MemoryBucket, list[str]]
) -> None:
    bucket, keys = large
    for key in keys[:89]:
        answer(bucket, key, "anas")
    for _ in range(5):
        draw = sampler(bucket, tmp_path, exact=20).draw("ana", 2)
        assert draw.keys[0] == keys[89]
        assert draw.skipped == {draw.keys[1]}


def test_the_labels_of_a_stretch_that_goes_round_the_end_are_found(
    tmp_path: Path, large: tuple[MemoryBucket, list[str]]
) -> None:
    bucket, keys = large
    for key in keys:
        answer(bucket, key, "bo1")
    room = sampler(bucket, tmp_path, exact=20)
    for start in (0, 40, 85):
        stretch = [*keys[start:], *keys[:start]][:12]
        assert {entry.key for entry in room._label_stretch(stretch)} >= {
            f"labels/{key.removeprefix('images/')}.txt" for key in stretch
        }


def test_of_a_large_bucket_only_a_few_pages_are_listed(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    stock(bucket, 8000)
    room = sampler(bucket, tmp_path, exact=2000)
    room.draw("ana", 4)
    assert bucket.calls["list images/"] <= 3 + 2
    bucket.calls = Counter()
    room.draw("ana", 4)
    assert bucket.calls["list images/"] <= 2
    assert bucket.calls["list labels/"] <= 2
    assert bucket.calls["get"] == 0


def test_only_the_label_files_of_what_may_be_shown_are_read_and_each_once(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 300)
    for key in keys:
        answer(bucket, key, "bo1")
    bucket.calls = Counter()
    sampler(bucket, tmp_path).draw("ana", 4)
    first = bucket.calls["get"] - len(KEYS)  # a round begins by what an admin has decided
    assert 4 <= first <= 4 + sample_room._AHEAD
    for _ in range(40):
        sampler(bucket, tmp_path).draw("ana", 4)  # the same seed: the same draw, from the cache
    assert bucket.calls["get"] == first + 41 * len(KEYS)


def test_what_other_programs_put_there_is_offered_too(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    for key in ("images/", "images/cat.jpg", "images/more/", "images/more/dog.jpg"):
        bucket.put_if(key, b"x", "", None)
    assert set(sampler(bucket, tmp_path).draw("ana", 4).keys) == {
        "images/cat.jpg",
        "images/more/dog.jpg",
    }
