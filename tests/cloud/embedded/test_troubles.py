"""Whoever asks how the local cloud is hears what of its files could not be read."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from labapp.cloud.embedded import troubles
from labapp.files import replacing


def test_where_all_could_be_read_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert troubles.damage(tmp_path) == ""
    (tmp_path / "state").mkdir()
    troubles.note_left_out(tmp_path, [])
    assert troubles.damage(tmp_path) == ""
    assert list((tmp_path / "state").iterdir()) == []


def test_what_was_left_out_is_told_until_a_start_leaves_nothing_out(tmp_path: Path) -> None:
    first, second = tmp_path / "é", tmp_path / "b"
    troubles.note_left_out(tmp_path, [first])
    told = f"an object could not be read and is left out: {first}"
    assert troubles.damage(tmp_path) == told
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["left-out.json"]
    troubles.note_left_out(tmp_path, [second, first])
    told = f"2 objects could not be read and are left out, such as {second}"
    assert troubles.damage(tmp_path) == told
    troubles.note_left_out(tmp_path, [])
    assert troubles.damage(tmp_path) == ""


@pytest.mark.parametrize("text", ["", "[1]", "7", "[1, 2, 3]"])
def test_a_note_that_cannot_be_read_itself_keeps_nobody_from_asking(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "left-out.json").write_text(text)
    assert troubles.damage(tmp_path) == ""


def test_a_full_disk_keeps_no_cloud_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(replacing, "write_text", full)
    troubles.note_left_out(tmp_path, [tmp_path / "a"])
    assert troubles.damage(tmp_path) == ""


def test_copies_that_were_set_aside_are_told_of_one_by_one_and_of_a_journals_the_last(
    tmp_path: Path,
) -> None:
    journal, bucket = tmp_path / "state", tmp_path / "buckets/000000000000/b-lab"
    for folder in (journal, bucket):
        folder.mkdir(parents=True)
    for day in ("20260102", "20260101"):
        (journal / f"queues.journal.damaged-{day}T000000Z").touch()
    (bucket / "bucket.json.damaged-20260101T000000Z").touch()
    troubles.note_left_out(tmp_path, [tmp_path / "x"])
    assert troubles.damage(tmp_path).split("; ") == [
        "some changes of the queues could not be read",
        f"what was there is in {journal / 'queues.journal.damaged-20260102T000000Z'}",
        "the settings of the bucket lab could not be read",
        f"what was there is in {bucket / 'bucket.json.damaged-20260101T000000Z'}",
        f"an object could not be read and is left out: {tmp_path / 'x'}",
    ]
