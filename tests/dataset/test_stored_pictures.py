"""Pictures: listed, fetched ahead and kept, removed without losing an answer."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.dataset import gold_pictures, stored_pictures
from labapp.dataset.removal import Returning, removals
from labapp.dataset.statistics import Statistics
from labapp.errors import MissingResourceError, UsageError
from labapp.labels.label_file import parse_label_file
from labapp.labels.layout import OWN
from tests.dataset.dataset_kit import MemoryBucket, answer, stock


def kept(bucket: Bucket, key: str) -> Counter[str]:
    """Return who answered a picture, by the lines that are kept aside."""
    body = bucket.get(f"removed/{key.removeprefix('images/')}.txt").body
    return Counter(entry.annotator for entry in parse_label_file(body).entries)


def test_pictures_are_listed_by_key_and_folders_are_not(bucket: Bucket) -> None:
    keys = stock(bucket, 3)
    bucket.put("images/", b"", "")
    listed = list(stored_pictures.list_pictures(bucket))
    assert [each.key for each in listed] == keys
    assert {OWN.picture_name(each.key) for each in listed} == {"0.jpg", "1.jpg", "2.jpg"}


def test_a_key_is_found_with_or_without_its_prefix(bucket: Bucket) -> None:
    (key,) = stock(bucket, 1)
    assert (
        stored_pictures.find(bucket, key)
        == stored_pictures.find(bucket, key.removeprefix("images/"))
        == key
    )
    for wrong in ("images/no.jpg", "images/", "", "labels/a.txt"):
        with pytest.raises(MissingResourceError, match="no picture"):
            stored_pictures.find(bucket, wrong)


def test_a_picture_is_found_by_the_name_that_screens_show_where_it_alone_has_it(
    tmp_path: Path,
) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = [
        f"images/{name}" for name in (f"{'a' * 16}-a.jpg", f"{'b' * 16}-b.jpg", f"{'c' * 16}-b.jpg")
    ]
    for key in keys:
        bucket.put(key, b"", "")
    answer(bucket, keys[0], "ana1", "bo0")
    look = Statistics(bucket).look()
    for word in ("a.jpg", "images/a.jpg"):
        assert stored_pictures.find(bucket, word) == look.key_of(word) == keys[0]
        assert stored_pictures.find_removable(bucket, word) == (keys[0], 2)
        assert [each.key for each in removals(bucket, [word, keys[0]])] == [keys[0]]
        assert gold_pictures.pictures(bucket, [word, keys[1]]) == keys[:2]
    with pytest.raises(UsageError, match="2 pictures are called"):
        stored_pictures.find(bucket, "b.jpg")
    with pytest.raises(MissingResourceError, match="no picture"):
        look.key_of("c.jpg")


def test_a_removed_picture_is_gone_its_answers_are_kept_and_no_longer_counted(
    bucket: Bucket,
) -> None:
    keys = stock(bucket, 2)
    answer(bucket, keys[0], "ana1", "bo0")
    assert stored_pictures.find_removable(bucket, keys[0]) == (keys[0], 2)
    aside = stored_pictures.remove(bucket, keys[0])
    assert aside == f"removed/{keys[0].removeprefix('images/')}.txt"
    assert kept(bucket, keys[0]) == {"ana": 1, "bo": 1}
    look = Statistics(bucket).look()
    assert [p.key for p in look.pictures] == keys[1:]
    assert look.orphans == ()
    with pytest.raises(MissingResourceError):
        stored_pictures.find_removable(bucket, keys[0])


def test_removing_again_after_uploading_again_keeps_both_sets_of_answers(bucket: Bucket) -> None:
    (key,) = stock(bucket, 1)
    answer(bucket, key, "ana1")
    stored_pictures.remove(bucket, key)
    stock(bucket, 1)
    assert Statistics(bucket).look().picture(key).answers == ()
    answer(bucket, key, "bo1")
    stored_pictures.remove(bucket, key)
    stored_pictures.remove(bucket, key)
    assert kept(bucket, key) == {"ana": 1, "bo": 1}


def test_a_picture_without_labels_leaves_nothing_behind(bucket: Bucket) -> None:
    (key,) = stock(bucket, 1)
    assert stored_pictures.remove(bucket, key) == ""
    assert list(bucket.list("removed/")) == []


def test_labels_of_a_picture_that_another_program_deleted_can_be_put_aside(bucket: Bucket) -> None:
    (key,) = stock(bucket, 1)
    answer(bucket, key, "ana1")
    bucket.delete(key)
    assert stored_pictures.find_removable(bucket, key) == (key, 1)
    stored_pictures.remove(bucket, key)
    assert kept(bucket, key) == {"ana": 1}


def test_an_answer_in_the_moment_of_removal_is_not_lost(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    answer(bucket, key, "ana1")
    late = iter(range(1, 6))

    def somebody_answers(to: str, body: bytes) -> None:
        """Have one more answer at every step of the removal, as long as there are any."""
        if not (to == OWN.label_key(key) and body) and (number := next(late, None)):
            answer(bucket, key, f"late{number}1")

    bucket.before_put = somebody_answers
    stored_pictures.remove(bucket, key)
    left = Counter(
        e.annotator for e in parse_label_file(bucket.get(OWN.label_key(key)).body).entries
    )
    people = {"ana", *(f"late{n}" for n in range(1, 6))}
    assert set(kept(bucket, key)) | set(left) == people
    assert set(kept(bucket, key).values()) == {1}


@pytest.mark.parametrize("lines", [b"1\n0\n", b"1 2026-11-21T10:00:00Z ana id-1\n1\n"])
def test_lines_that_come_back_in_a_race_are_counted_and_put_back_once(
    tmp_path: Path, lines: bytes
) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    bucket.put_if(OWN.aside_key(key), lines, "text/plain", None)
    more = [b"0 2026-11-21T11:00:00Z bo id-2\n"]

    def one_joins(to: str, body: bytes) -> None:
        """Put one more line aside in the moment in which the others are given back."""
        if to.startswith("removed/") and not body and more:
            bucket.write(to, bucket.get(to).body + more.pop())

    bucket.before_put = one_joins
    assert Returning(bucket).give_back(key) == 3
    assert bucket.get(OWN.label_key(key)).body == lines + b"0 2026-11-21T11:00:00Z bo id-2\n"
    assert bucket.get(OWN.aside_key(key)).body == b""


def test_a_key_that_names_no_picture_cannot_be_removed(bucket: Bucket) -> None:
    with pytest.raises(UsageError):
        stored_pictures.remove(bucket, "labels/a.txt")


def test_a_file_that_has_the_keys_hash_is_not_fetched_again_and_a_broken_one_is(
    tmp_path: Path,
) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    path = stored_pictures.fetch(bucket, key, tmp_path / "kept")
    del bucket.objects[key]
    assert stored_pictures.fetch(bucket, key, tmp_path / "kept") == path
    path.write_bytes(b"")
    with pytest.raises(MissingResourceError, match="no picture"):
        stored_pictures.fetch(bucket, key, tmp_path / "kept")
    stock(bucket, 1)
    assert stored_pictures.fetch(bucket, key, tmp_path / "kept").read_bytes() == b"0"
