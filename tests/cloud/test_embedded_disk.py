"""What is said of a disk that takes nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from labapp import settings
from labapp.cloud import embedded_disk
from labapp.cloud.embedded_disk import Disk, look, remedy, sentence
from labapp.programs import endings


def error(number: int, path: Path | None = None) -> OSError:
    return OSError(number, os.strerror(number), str(path) if path else None)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk of the local cloud is full"),
        (errno.EDQUOT, "the disk of the local cloud is full (your quota"),
        (errno.EFBIG, "the disk of the local cloud is full (a file"),
        (errno.EROFS, "the disk of the local cloud is read-only"),
        (errno.EACCES, "the disk of the local cloud cannot be written"),
        (errno.EIO, "the disk of the local cloud cannot be written"),
    ],
)
def test_each_kind_of_failed_write_names_disk_folder_and_remedy(
    tmp_path: Path, number: int, words: str
) -> None:
    home = tmp_path / "local"
    told = sentence(error(number), home)
    assert told.startswith(words)
    assert str(home) in told
    assert "LABAPP_DATA_DIR" in remedy(told)
    assert remedy(told).startswith("Make room") is ("is full" in told)


def test_what_this_machine_keeps_of_amazon_is_not_called_the_local_cloud(tmp_path: Path) -> None:
    told = sentence(error(errno.ENOSPC), tmp_path / "aws-eu-west-1-01234567")
    assert told.startswith("this machine's disk is full")


def test_a_disk_without_inodes_is_full_although_bytes_are_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_disk, "_no_inodes", lambda home: True)
    assert "can hold no more files" in sentence(error(errno.ENOSPC), tmp_path / "local")


def test_a_disk_with_room_has_no_trouble_and_nothing_is_left_on_it(tmp_path: Path) -> None:
    assert look(tmp_path) == ""
    assert list(tmp_path.iterdir()) == []
    assert look(tmp_path / "never-there") == ""


def test_the_trouble_lasts_until_there_is_room_for_what_was_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    free = 500_000
    monkeypatch.setattr(embedded_disk, "_free", lambda home: free)
    disk = Disk(tmp_path)
    assert disk.trouble() == ""
    for _ in range(3):
        disk.refused(error(errno.ENOSPC), 1_000_000)
    assert caplog.text.count("is full") == 1
    assert "is full" in disk.trouble()
    free = 2_000_000
    assert disk.trouble() == ""
    free = 500_000
    assert disk.trouble() == ""


def test_a_program_that_cannot_write_beside_the_cloud_says_what_the_cloud_says() -> None:
    home = settings.data_dir() / "local"
    told = endings.what_failed(error(errno.ENOSPC, home / "workers" / "12.json"))
    assert told.startswith(f"the disk of the local cloud is full: {home}. Make room")
    elsewhere = endings.what_failed(error(errno.ENOSPC, home.parent / "x"))
    assert "local cloud" not in elsewhere
