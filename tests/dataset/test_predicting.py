"""Predictions come in by picture, the latest row of each, and go; what is not named stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.dataset import importing, predicting, predictions
from labapp.dataset.importing import State
from labapp.errors import RefusedError
from labapp.labels.importing import Fault
from labapp.labels.predictions import KEY, Prediction
from labapp.settings import Settings
from tests.dataset.dataset_kit import MemoryBucket, stock


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    return MemoryBucket(tmp_path)


def put_in(
    bucket: MemoryBucket, folder: Path, text: str, *, dry: bool = False
) -> list[importing.Outcome]:
    path = folder / "model.csv"
    path.write_text(text)
    rows, _ = importing.rows_of([path], predicted=True)
    return predicting.put_in(bucket, rows, dry=dry)


def test_each_picture_has_the_latest_row_and_others_keep_theirs(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    key, other = stock(bucket, 2)
    name = key.rpartition("-")[2]
    first = put_in(bucket, tmp_path, f"name,label,score\n{other},0,0.123456789\n{key},1,0.5\n")
    assert [one.state for one in first] == [State.ADDED] * 2
    text = f"name,label,score\n{name},1,0.5\n{name},0,0.6\n{other},0,0.123456789\nx,1,\n{key},7,\n"
    dry = put_in(bucket, tmp_path, text, dry=True)
    assert predictions.of(bucket).of(key) == Prediction(1, 0.5)
    done = put_in(bucket, tmp_path, text)
    assert done == dry
    assert [one.state for one in done] == [
        *(State.OUTDONE, State.REPLACED, State.THERE), *(State.REFUSED, State.REFUSED),
    ]  # fmt: skip
    assert [one.fault for one in done[3:]] == [Fault.PICTURE, Fault.CLASS]
    assert predictions.of(bucket).by_key == {
        key: Prediction(0, 0.6),
        other: Prediction(0, 0.123457),
    }


def test_one_object_is_written_however_many_rows_there_are(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    keys = stock(bucket, 50)
    bucket.calls.clear()
    put_in(bucket, tmp_path, "".join(f"{key},1\n" for key in keys))
    assert len(predictions.of(bucket)) == 50
    assert bucket.calls["put"] == 1
    assert bucket.calls["get"] <= 2


def test_they_are_taken_away_also_where_nobody_can_read_them(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    key = stock(bucket, 1)[0]
    put_in(bucket, tmp_path, f"{key},1\n")
    (dry,) = predicting.remove(bucket, dry=True)
    assert (dry.key, dry.state, dry.row.prediction) == (key, State.REMOVED, Prediction(1))
    assert predicting.remove(bucket) == [dry]
    assert predicting.remove(bucket) == []
    bucket.put(KEY, b"\xff", "text/plain")
    assert predicting.remove(bucket) == []
    assert not predictions.of(bucket)


def test_nothing_is_written_in_a_layout_that_is_only_read(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    bucket.cloud.settings = Settings(labels_key="files/{name}.txt")
    with pytest.raises(RefusedError, match="only read"):
        put_in(bucket, tmp_path, "a,1\n")
    with pytest.raises(RefusedError, match="only read"):
        predicting.remove(bucket)


def test_a_device_that_never_ends_is_refused(
    bucket: MemoryBucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_BYTES", 1_000)
    path = tmp_path / "model.csv"
    path.write_bytes(b"x" * 1_001)
    with pytest.raises(RefusedError, match="more than 1,000 bytes"):
        importing.rows_of([path])
    monkeypatch.setattr(importing, "_written", lambda path: None)  # as if its size were 0
    with pytest.raises(RefusedError, match="more than 1,000 bytes"):
        importing.rows_of([path])
