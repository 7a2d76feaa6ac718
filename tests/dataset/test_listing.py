"""Listings of a lab's layout: no page of what is another's is read but the first."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud import bounds
from labapp.dataset import listing
from labapp.dataset.layouts import layout_of
from labapp.settings import Settings
from tests.dataset.dataset_kit import MemoryBucket


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    bucket = MemoryBucket(tmp_path)
    for number in range(50):
        bucket.write(f"logs/log_{number}.txt", b"")
        bucket.write(f"files/{number}.jpg.txt", b"1")
    for key in ("a.jpg", "g.jpg", "z.jpg", "g.txt", "logs0.jpg"):
        bucket.write(key, b"")
    return bucket


def test_what_is_another_things_is_jumped_over(bucket: MemoryBucket) -> None:
    layout = layout_of(Settings(images_prefix="", labels_key="files/{name}.txt"))
    seen: list[str] = []
    bucket.before_entry = seen.append
    found = [entry.key for entry in listing.pictures(bucket, layout)]
    assert found == ["a.jpg", "g.jpg", "logs0.jpg", "z.jpg"]
    assert len(seen) == 7  # the five, and the first of each folder
    there = listing.everything(bucket, layout)
    assert list(there.pictures) == found
    assert len(there.labels) == 50
    assert not there.is_cut


@pytest.mark.parametrize(
    ("images", "labels"), [("", "files/{name}.txt"), ("x/", "{name}.txt"), ("x/", "y/{stem}")]
)
def test_no_more_is_looked_at_than_what_a_look_may(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch, images: str, labels: str
) -> None:
    for number in range(9):
        bucket.write(f"x/{number}.jpg", b"")
    monkeypatch.setattr(bounds, "DATASET", 5)
    layout = layout_of(Settings(images_prefix=images, labels_key=labels))
    seen: list[str] = []
    bucket.before_entry = seen.append
    assert listing.everything(bucket, layout).is_cut
    assert len(seen) < 20
