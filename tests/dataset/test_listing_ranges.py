"""Ranges that are listed side by side have all keys of a prefix, each once and in order."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from labapp.dataset import listing_ranges
from tests.benchmarks.large_dataset import LargeBucket


def bucket_of(folder: Path, count: int, prefix: str = "images/") -> LargeBucket:
    """Return a bucket with so many keys, which open with a hash, and a neighbour's."""
    bucket = LargeBucket(folder)
    for number in range(count):
        bucket.write(f"{prefix}{hashlib.sha256(b'%d' % number).hexdigest()[:16]}-{number}.jpg", b"")
    bucket.write("imagez/0.jpg", b"")
    bucket.write("a.jpg", b"")
    return bucket


def keys_of(bucket: LargeBucket, most: int = 10_000) -> list[str]:
    return [entry.key for entry in listing_ranges.entries(bucket, "images/", most)]


@pytest.mark.parametrize("count", [0, 999, 1_000, 1_001, 9_000])
def test_all_keys_come_once_and_in_order(tmp_path: Path, count: int) -> None:
    bucket = bucket_of(tmp_path, count)
    bucket.write("images/zebra.jpg", b"")
    bucket.write("images/.dot", b"")

    wanted = sorted(key for key in bucket.objects if key.startswith("images/"))

    assert keys_of(bucket) == wanted
    pages = max(1, -(-len(wanted) // 1_000))
    assert bucket.calls["list"] <= pages + pages // 4 + 1


def test_keys_without_a_hash_are_listed_one_page_after_the_other(tmp_path: Path) -> None:
    bucket = LargeBucket(tmp_path)
    for number in range(2_500):
        bucket.write(f"images/photo-{number:05}.jpg", b"")

    assert keys_of(bucket) == sorted(bucket.objects)
    assert bucket.calls["list"] == 3


def test_no_more_are_listed_than_are_wanted(tmp_path: Path) -> None:
    bucket = bucket_of(tmp_path, 9_000)

    assert len(keys_of(bucket, most=500)) == 500
    assert len(keys_of(bucket, most=4_000)) == 4_000
    assert bucket.calls["list"] <= 6


def test_a_listing_ends_once_nobody_wants_it(tmp_path: Path) -> None:
    bucket = bucket_of(tmp_path, 9_000)

    found = list(listing_ranges.entries(bucket, "images/", stop=lambda: True))

    assert len(found) == 1_000
