"""A dataset listed page by page: every picture once, with its label file, from any point on."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from labapp.cloud.bucket import Entry
from labapp.dataset import layouts, pages
from labapp.dataset.pages import Pages
from labapp.errors import CloudError
from labapp.labels.layout import IMAGES, OWN
from tests.dataset.dataset_kit import MemoryBucket, stock

#: Names whose label files stand in another order than they, as `-` and `!` stand before `.`.
ODD = ("a", "a!", "a-b", "a-b.jpg", "a.txt", "a.txt-b", "a/b", "a0")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE", 7)


def listed(bucket: MemoryBucket, seed: int) -> dict[str, Entry | None]:
    room = Pages(bucket, layouts.of(bucket), random.Random(seed))
    found: list[tuple[str, Entry | None]] = []
    while not room.is_over:
        found += room.next()
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 14, 50])
def test_every_picture_comes_once_with_its_label_file(tmp_path: Path, count: int) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, count)
    for key in keys[::2]:
        bucket.write(OWN.label_key(key), b"1\n")
    for key in keys[::3]:
        bucket.write(f"{OWN.label_key(key)}.{'a' * 20}.part", b"0\n")
    for seed in range(12):
        found = listed(bucket, seed)
        assert sorted(found) == keys
        assert {key for key, entry in found.items() if entry} == {*keys[::2], *keys[::3]}
        assert {found[key].size for key in keys[::6]} <= {128}  # type: ignore[union-attr]


def test_label_files_are_found_that_stand_in_another_order(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    for head in ("0", "77777777", "f"):
        for name in ODD:
            bucket.write(f"{IMAGES}{head}{name}", b"x")
            bucket.write(f"labels/{head}{name}.txt", name.encode())
            bucket.write(f"labels/{head}{name}.txt.{'b' * 20}.part", b"more")
    for seed in range(30):
        found = listed(bucket, seed)
        assert len(found) == 3 * len(ODD)
        for key, entry in found.items():
            assert entry is not None, (seed, key)
            assert entry.key == OWN.label_key(key)
            assert entry.size == 128


def test_it_begins_anywhere(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    stock(bucket, 40)
    firsts = {Pages(bucket, OWN, random.Random(seed)).next()[0][0] for seed in range(30)}
    assert len(firsts) > 10


def test_what_fails_goes_on_where_it_was(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 30)
    for key in keys:
        bucket.write(OWN.label_key(key), b"1\n")
    chance = random.Random(3)

    def fail(_: str) -> None:
        if chance.random() < 0.05:
            raise CloudError("gone")

    bucket.before_entry = fail
    room = Pages(bucket, OWN, random.Random(1))
    found: list[tuple[str, Entry | None]] = []
    failures = 0
    while not room.is_over:
        try:
            found += room.next()
        except CloudError:
            failures += 1
    assert failures > 2
    assert sorted(key for key, _ in found) == keys
    assert all(entry for _, entry in found)


def test_a_page_costs_a_call_and_its_label_files_about_another(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    for key in stock(bucket, 70):
        bucket.write(OWN.label_key(key), b"1\n")
    bucket.calls = Counter()
    listed(bucket, 1)
    assert bucket.calls["list images/"] <= 70 / 7 + 3
    assert bucket.calls["list labels/"] <= 2  # of 1,000 each


def test_a_labs_own_layout_is_listed_label_files_first(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    bucket.cloud.settings = bucket.cloud.settings.__class__(
        images_prefix="pictures/", labels_key="answers/{stem}.txt"
    )
    for number in range(20):
        bucket.write(f"pictures/{number}.jpg", b"x")
        bucket.write(f"answers/{number}.txt", b"1")
    bucket.write("pictures/7.png", b"x")  # shares the label file of 7.jpg
    bucket.write("pictures/notes.txt", b"x")
    found = listed(bucket, 1)
    assert len(found) == 21
    assert all(found.values())
