"""Wherever TMPDIR points, pictures are done; where nothing can be written at all, that is told."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.errors import LabappError
from labapp.files import private
from labapp.pictures import sandbox
from tests.worker.picture_kit import asked, handler, put


def chosen_anew(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have the folder for temporary files chosen as in a new program."""
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.mark.skipif(sys.platform == "win32", reason="its sockets have no names")
def test_a_picture_is_handed_over_however_long_the_name_of_the_folder_is(
    bare_bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 70)
    long.mkdir()
    assert len(str(long)) > 104, "what an address of AF_UNIX has on macOS; 108 on Linux"
    chosen_anew(monkeypatch, long)
    monkeypatch.setattr(sandbox, "FORKS", False)
    put(bare_bucket, "inbox/job-1/a.png")
    work = handler(bare_bucket)
    assert work.work(asked("inbox/job-1/a.png")).status == "done"
    (child,) = work.pictures._sandbox._idle
    assert child.takes_files, "over a socket, which has no name"
    assert tempfile.gettempdir() == str(long)
    assert list(long.iterdir()) == []


def test_where_there_is_no_such_folder_another_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen_anew(monkeypatch, tmp_path / "gone")
    with private.temporary() as folder:
        assert folder.is_dir()
        assert not folder.is_relative_to(tmp_path)


def test_one_that_is_gone_since_it_was_chosen_is_chosen_anew(
    bare_bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "cleared"))
    put(bare_bucket, "inbox/job-1/a.png")
    assert handler(bare_bucket).work(asked("inbox/job-1/a.png")).status == "done"


def test_where_nothing_can_be_written_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", none)
    told = "no folder for temporary files: No usable temporary directory found"
    with pytest.raises(LabappError, match=told) as caught, private.temporary():
        pass
    assert ("TEMP" if sys.platform == "win32" else "TMPDIR") in caught.value.remedy
