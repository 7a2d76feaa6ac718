"""Statistics: every picture counted, only what changed read again, a cache that may be lost."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.session import Cloud
from labapp.dataset import mine
from labapp.dataset.cache import FORM, Cache, cache_path
from labapp.dataset.statistics import DatasetSnapshot, Statistics
from labapp.errors import MissingResourceError, UnreachableError
from labapp.labels.layout import OWN
from tests.dataset.dataset_kit import START, MemoryBucket, answer, nothing, stock


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    return MemoryBucket(tmp_path)


def look(bucket: Bucket) -> DatasetSnapshot:
    """Look as a program that has just been started."""
    statistics = Statistics(bucket)
    try:
        return statistics.look()
    finally:
        statistics.close()


def test_every_picture_is_counted_also_without_labels(cloud: Cloud) -> None:
    bucket = Bucket(cloud)
    keys = stock(bucket, 4)
    answer(bucket, keys[0], "ana1", "bo1", "cy0")
    answer(bucket, keys[1], "ana0", "bo1", "cys")
    bucket.put("labels/" + keys[2].removeprefix("images/") + ".txt", b"1\n1\nrubbish\n", TEXT)
    found = look(bucket)
    assert [p.key for p in found.pictures] == keys
    tallies = found.summary(3).tallies
    assert (tallies[0].key, tallies[0].counts) == (keys[0], {1: 2, 0: 1})
    assert [each.consensus for each in tallies] == ["hot dog", "disputed", "hot dog", ""]
    progress = found.summary(3).progress
    assert (progress.decided, progress.disputed, progress.untouched) == (1, 1, 1)
    assert (progress.unreadable_lines, progress.unreadable_files) == (1, 1)


def test_a_second_look_reads_one_listing_and_only_what_changed(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 300)
    for key in keys[:250]:
        answer(bucket, key, "ana1")
    bucket.calls = Counter()
    statistics = Statistics(bucket)
    assert statistics.look().fetched == bucket.calls["get"] == 250
    bucket.calls = Counter()
    assert statistics.look().fetched == 0
    assert bucket.calls == {"list images/": 1, "list labels/": 1}
    answer(bucket, keys[3], "bo0")
    answer(bucket, keys[299], "bo0")
    bucket.calls = Counter()
    found = statistics.look()
    assert bucket.calls == {"list images/": 1, "list labels/": 1, "get": 2}
    assert found.picture(keys[3]).answers[1].annotator == "bo"
    statistics.close()
    bucket.calls = Counter()
    assert look(bucket).pictures == found.pictures  # another run of the program
    assert bucket.calls["get"] == 0


@pytest.mark.parametrize("damage", ["deleted", "garbage", "cut", "other tables", "folder", "empty"])
def test_a_cache_that_is_lost_or_broken_costs_only_time(bucket: MemoryBucket, damage: str) -> None:
    keys = stock(bucket, 60)
    for key in keys:
        answer(bucket, key, "ana1")
    before = look(bucket)
    path = cache_path(bucket)
    data = path.read_bytes()
    path.unlink()
    if damage == "garbage":
        path.write_bytes(b"this is no database, " * 1000)
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "other tables":
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE labels (other INTEGER)")
        db.close()
    elif damage == "folder":
        path.mkdir()
    elif damage == "empty":
        path.touch()
    assert look(bucket).pictures == before.pictures
    bucket.calls = Counter()
    assert look(bucket).pictures == before.pictures
    assert bucket.calls["get"] == (60 if damage == "folder" else 0)


def test_a_cache_that_breaks_while_it_is_used_is_made_anew(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.sqlite3")
    cache.keep_bodies([("labels/a.txt", "e", b"1\n")])
    assert list(cache.bodies({"labels/a.txt": "e"})) == [("labels/a.txt", b"1\n")]
    assert list(cache.bodies({"labels/a.txt": "f"})) == []
    cache._db.execute("DROP TABLE labels")
    assert list(cache.bodies({"labels/a.txt": "e"})) == []
    cache.keep_bodies([("labels/a.txt", "e", b"1\n")])
    assert list(cache.bodies({"labels/a.txt": "e"})) == [("labels/a.txt", b"1\n")]


def test_a_cache_of_before_forms_were_marked_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    cache = Cache(path)
    cache.keep_bodies([("labels/a.txt", "e", b"1\n")])
    cache._db.execute("PRAGMA user_version = 0")
    cache.close()
    for _ in range(2):
        again = Cache(path)
        assert list(again.bodies({"labels/a.txt": "e"})) == [("labels/a.txt", b"1\n")]
        again.close()


def test_a_cache_of_a_newer_labapp_is_neither_used_nor_harmed(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    cache = Cache(path)
    cache.keep_bodies([("labels/a.txt", "e", b"1\n")])
    cache._db.execute(f"PRAGMA user_version = {FORM + 1}")
    cache.close()
    before = path.read_bytes()
    older = Cache(path)
    assert list(older.bodies({"labels/a.txt": "e"})) == []
    older.keep_bodies([("labels/b.txt", "e", b"0\n")])
    assert list(older.bodies({"labels/b.txt": "e"})) == [("labels/b.txt", b"0\n")], "in memory"
    older.close()
    assert path.read_bytes() == before


def test_a_cache_that_is_closed_keeps_in_memory_and_leaves_its_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    cache = Cache(path)
    cache.keep_bodies([("labels/a.txt", "e", b"1\n")])
    cache.close()
    cache.keep_bodies([("labels/b.txt", "e", b"0\n")])
    assert list(cache.bodies({"labels/b.txt": "e"})) == [("labels/b.txt", b"0\n")]
    again = Cache(path)
    wanted = {"labels/a.txt": "e", "labels/b.txt": "e"}
    assert list(again.bodies(wanted)) == [("labels/a.txt", b"1\n")]


def test_progress_is_told_while_files_are_read_and_not_otherwise(bucket: MemoryBucket) -> None:
    for key in stock(bucket, 40):
        answer(bucket, key, "ana1")
    told: list[tuple[int, int]] = []
    statistics = Statistics(bucket)
    statistics.look(lambda done, total: told.append((done, total)))
    assert told == [(done, 40) for done in range(41)]
    told.clear()
    statistics.look(lambda done, total: told.append((done, total)))
    assert told == []


def test_a_look_that_is_interrupted_goes_on_where_it_was(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(key: str) -> None:
        if key == OWN.label_key(keys[150]):
            raise UnreachableError("the network is down")

    monkeypatch.setattr("labapp.dataset.calls.pause", nothing)
    keys = stock(bucket, 200)
    for key in keys:
        answer(bucket, key, "ana1")
    bucket.before_get = fail
    with pytest.raises(UnreachableError):
        look(bucket)
    bucket.before_get = nothing
    bucket.calls = Counter()
    assert look(bucket).summary(1).progress.decided == 200
    assert bucket.calls["get"] < 60


def test_a_look_that_the_user_stops_says_what_was_not_read(bucket: MemoryBucket) -> None:
    for key in stock(bucket, 200):
        answer(bucket, key, "ana1")
    bucket.calls = Counter()
    statistics = Statistics(bucket)
    found = statistics.look(stop=lambda: bucket.calls["get"] >= 50)
    assert 50 <= found.fetched == 200 - found.unread < 200
    rest = statistics.look()
    assert (rest.fetched, rest.unread) == (found.unread, 0)


def test_a_look_whose_page_was_left_ends_and_costs_the_cache_nothing(
    bucket: MemoryBucket,
) -> None:
    keys = stock(bucket, 400)
    for key in keys[:100]:
        answer(bucket, key, "ana1")
    look(bucket)
    for key in keys[100:]:
        answer(bucket, key, "ana1")
    statistics = Statistics(bucket)
    bucket.calls = Counter()
    bucket.before_get = lambda _: statistics.close() if bucket.calls["get"] >= 50 else None
    assert statistics.look().unread > 150
    assert bucket.calls["get"] < 150
    bucket.before_get = nothing
    bucket.calls = Counter()
    assert look(bucket).summary(1).progress.decided == 400
    assert bucket.calls["get"] == 300


def test_a_look_that_is_left_while_it_lists_lists_no_further(bucket: MemoryBucket) -> None:
    bucket.objects = {f"images/{n:08}.jpg": (b"", "", START, {}) for n in range(20_000)}
    statistics = Statistics(bucket)
    bucket.before_entry = lambda _: (
        statistics.close() if bucket.calls["list images/"] >= 5 else None
    )
    statistics.look()
    assert bucket.calls["list images/"] < 10


def test_label_files_without_a_picture_are_reported_and_not_counted(bucket: MemoryBucket) -> None:
    (key,) = stock(bucket, 1)
    answer(bucket, "images/gone.jpg", "ana1")
    bucket.put_if("labels/emptied.jpg.txt", b"", TEXT, None)
    bucket.put_if("labels/notes.md", b"hello", TEXT, None)
    bucket.put_if("labels/", b"", TEXT, None)
    found = look(bucket)
    assert [p.key for p in found.pictures] == [key]
    assert [p.key for p in found.orphans] == ["images/gone.jpg"]


def test_own_answers_are_found_for_revising_latest_first(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 3)
    answer(bucket, keys[0], "ana1", "bo0")
    answer(bucket, keys[2], "anas")
    bucket.put_if(
        f"labels/{keys[1].removeprefix('images/')}.txt", b"0 2099-01-01T00:00:00Z ana x\n", "", None
    )
    own = mine.said(look(bucket), bucket, "ana")
    found = [(key, entry.label.value) for key, entry in own]
    assert found == [(keys[1], "0"), (keys[2], "s"), (keys[0], "1")]


def test_a_name_in_any_case_is_one_person_shown_as_first_typed(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 2)
    answer(bucket, keys[0], "Anna1", "ANNA0")
    answer(bucket, keys[1], "anna1")
    found = look(bucket)
    assert [(one.annotator, one.answers) for one in found.summary(1).annotators] == [("Anna", 2)]
    assert found.summary(1).activity.annotators <= 1
    assert {
        key: entry.annotator for key, entry in mine.said(found, bucket, "aNNa")
    } == dict.fromkeys(keys, "Anna")


def test_hashes_are_read_for_what_has_answers_once(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 3)
    for number, key in enumerate(keys):
        stored = bucket.objects[key]
        bucket.objects[key] = (*stored[:2], START, {"sha256": f"{number:064x}"} if number else {})
    answer(bucket, keys[0], "ana1")
    answer(bucket, keys[1], "ana1")
    statistics = Statistics(bucket)
    for expected in (2, 2):
        found = statistics.with_hashes(statistics.look())
        assert [p.sha256 for p in found.pictures] == ["", f"{1:064x}", ""]
        assert bucket.calls["head"] == expected


def test_hashes_are_read_with_progress_and_can_be_left_half_way(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 300)
    for key in keys:
        answer(bucket, key, "ana1")
        bucket.objects[key] = (*bucket.objects[key][:3], {"sha256": "a" * 64})
    statistics = Statistics(bucket)
    told: list[tuple[int, int]] = []
    found = statistics.with_hashes(
        statistics.look(), lambda *both: told.append(both), lambda: bucket.calls["head"] >= 50
    )
    asked = bucket.calls["head"]
    assert 50 <= asked == 300 - found.unread < 150
    assert told == [(done, 300) for done in range(asked + 1)]
    statistics.close()
    again = Statistics(bucket)
    assert not again.with_hashes(again.look()).unread
    assert bucket.calls["head"] == 300  # those of the first time were kept


def test_a_picture_that_is_not_there_is_said_to_be_so(bucket: MemoryBucket) -> None:
    with pytest.raises(MissingResourceError, match=r"no picture 'images/a\.jpg'"):
        look(bucket).picture("images/a.jpg")
