"""What is said of a disk that takes nothing."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from labapp import settings
from labapp.cloud.embedded import disk as embedded_disk
from labapp.cloud.embedded.disk import Disk, look, remedy, sentence
from labapp.programs.shell import exits


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


def test_the_systems_own_words_are_told_where_there_are_some(tmp_path: Path) -> None:
    home = tmp_path / "local"
    told = sentence(OSError(errno.EACCES, "Permission denied", "x"), home)
    assert told == f"the disk of the local cloud cannot be written: {home}: Permission denied"
    assert sentence(OSError("odd"), home).endswith(": odd")


@pytest.mark.skipif(os.name != "posix", reason="asks the platform otherwise")
class TestStatvfs:
    """What the platform says of a file system, as `statvfs` has it."""

    @pytest.mark.parametrize(
        ("files", "free", "none_left"),
        [(1000, 0, True), (1, 0, True), (1000, 1, False), (0, 0, False)],
        ids=["used up", "one in all", "one left", "made as needed"],
    )
    def test_a_disk_is_without_inodes_where_it_has_some_and_none_is_free(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int, free: int,
        none_left: bool,
    ) -> None:  # fmt: skip
        found = SimpleNamespace(f_files=files, f_ffree=free)
        monkeypatch.setattr(os, "statvfs", lambda home: found)
        told = sentence(error(errno.ENOSPC), tmp_path / "local")
        assert ("can hold no more files" in told) is none_left

    def test_where_the_platform_does_not_tell_it_is_full_without_a_reason(
        self, tmp_path: Path
    ) -> None:
        home = tmp_path / "gone" / "local"
        assert sentence(error(errno.ENOSPC), home) == f"the disk of the local cloud is full: {home}"

    @pytest.mark.parametrize(("user", "trouble"), [(0, False), (1000, True)])
    def test_what_is_set_aside_for_root_is_roots_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, trouble: bool
    ) -> None:
        found = SimpleNamespace(f_bfree=100, f_bavail=2, f_frsize=4096, f_files=9, f_ffree=9)
        monkeypatch.setattr(os, "statvfs", lambda home: found)
        monkeypatch.setattr(os, "geteuid", lambda: user)
        assert bool(look(tmp_path)) is trouble

    @pytest.mark.parametrize(("free", "trouble"), [(15, True), (16, False)])
    def test_less_than_64_kib_is_full(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, trouble: bool
    ) -> None:
        found = SimpleNamespace(f_bfree=free, f_bavail=free, f_frsize=4096, f_files=9, f_ffree=9)
        monkeypatch.setattr(os, "statvfs", lambda home: found)
        assert bool(look(tmp_path)) is trouble


def test_a_disk_that_takes_a_name_but_no_bytes_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        """A file on a disk that has no block left."""

        def write(self, data: object) -> int:
            raise error(errno.ENOSPC)

    monkeypatch.setattr(
        embedded_disk, "open", lambda path, *_, **__: Full(path, "w"), raising=False
    )
    assert look(tmp_path).startswith("this machine's disk is full")
    assert list(tmp_path.iterdir()) == []


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
    caplog.set_level("INFO")
    disk = Disk(tmp_path)
    assert disk.trouble() == ""
    for _ in range(3):
        disk.note_refusal(error(errno.ENOSPC), 1_000_000)
    disk.note_refusal(error(errno.ENOSPC))
    assert caplog.text.count("is full") == 1
    assert "is full" in disk.trouble()
    assert "again" not in caplog.text
    free = 2_000_000
    assert disk.trouble() == ""
    free = 500_000
    assert disk.trouble() == ""
    assert caplog.text.count("the disk takes what is written again") == 1


def test_a_program_that_cannot_write_beside_the_cloud_says_what_the_cloud_says() -> None:
    home = settings.data_dir() / "local"
    told = exits.what_failed(error(errno.ENOSPC, home / "workers" / "12.json"))
    assert told.startswith(f"the disk of the local cloud is full: {home}. Make room")
    elsewhere = exits.what_failed(error(errno.ENOSPC, home.parent / "x"))
    assert "local cloud" not in elsewhere
