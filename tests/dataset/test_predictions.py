"""Predictions lie in the bucket, are fetched once, and count as no answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud import bounds
from labapp.dataset import counting, predictions
from labapp.dataset.cache import Cache
from labapp.dataset.statistics import Statistics
from labapp.errors import RefusedError
from labapp.labels.export import FORMATS, export_files
from labapp.labels.export.format import Labels
from labapp.labels.predictions import KEY, Prediction, Predictions
from labapp.labels.summary import summarise
from tests.dataset.dataset_kit import START, MemoryBucket, answer, stock

SURE = Predictions({"images/a.jpg": Prediction(1, 0.75)})


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    return MemoryBucket(tmp_path)


def test_they_are_fetched_once_and_again_when_they_have_changed(bucket: MemoryBucket) -> None:
    assert not predictions.of(bucket)
    predictions.change(bucket, lambda before: SURE)
    bucket.calls.clear()
    assert [predictions.of(bucket) for _ in range(3)] == [SURE] * 3
    assert bucket.calls == {"head": 3, "get": 1}
    predictions.change(bucket, lambda before: before.with_more({"b": Prediction(0)}))
    assert len(predictions.of(bucket)) == 2


def test_a_copy_that_a_disk_damaged_is_fetched_anew(bucket: MemoryBucket, tmp_path: Path) -> None:
    predictions.change(bucket, lambda before: SURE)
    predictions.of(bucket)
    (copy,) = tmp_path.glob("*.predictions")
    copy.write_bytes(copy.read_bytes()[:-3])
    assert predictions.of(bucket) == SURE
    assert predictions.of(bucket) == SURE


def test_what_cannot_be_read_is_told_and_can_be_cleared_away(bucket: MemoryBucket) -> None:
    bucket.put(KEY, b"nonsense", "text/plain")
    with pytest.raises(RefusedError, match="--remove"):
        predictions.of(bucket)
    predictions.clear(bucket)
    assert not predictions.of(bucket)


def test_more_than_can_be_kept_is_refused(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "PREDICTIONS", 20)
    with pytest.raises(RefusedError, match="more than 20 bytes"):
        predictions.change(bucket, lambda before: SURE)


def test_they_are_no_answers(bucket: MemoryBucket, tmp_path: Path) -> None:
    """Statistics and exports are the same with predictions and without, and never read them."""
    keys = stock(bucket, 3)
    answer(bucket, keys[0], "ana1", "bo0")

    def seen() -> object:
        look = Statistics(bucket, Cache(tmp_path / "cache")).look()
        labels = Labels(look.pictures, "b", now=START)
        files = {
            name: {file: "".join(text) for file, text in export_files(each, labels).items()}
            for name, each in FORMATS.items()
        }
        figures = summarise(look.pictures, target=3, now=START)
        return figures, look.pictures, look.without_picture, files, counting.of(bucket)

    before = seen()
    predictions.change(bucket, lambda _: Predictions({key: Prediction(1, 0.5) for key in keys}))
    read = list[str]()
    bucket.before_get = read.append
    assert seen() == before
    assert KEY not in read
