"""What Windows refuses for a moment, because somebody has the file open, is tried again."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.embedded import state
from labapp.cloud.embedded.state import State
from labapp.files import replacing
from tests.support.clock import Clock
from tests.support.in_use import IN_USE, refusing


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(replacing, "time", made)
    return made


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("of", ["replace", "unlink", "rmtree"])
def test_a_reader_who_is_soon_gone_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    where: Any = shutil if of == "rmtree" else Path
    monkeypatch.setattr(where, of, refusing(getattr(where, of), IN_USE, 3))
    file = tmp_path / "folder" / "file"
    replacing.write_text(file, "new")
    assert file.read_text() == "new"
    assert [one.name for one in file.parent.iterdir()] == ["file"]
    if of == "unlink":
        replacing.remove(file)
        assert not file.exists()
    replacing.remove_tree(file.parent)
    assert not file.parent.exists()


def test_one_who_keeps_it_is_waited_for_a_second_and_the_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    file = tmp_path / "file"
    file.write_text("before")
    monkeypatch.setattr(Path, "replace", refusing(Path.replace, IN_USE, 1e9))
    with pytest.raises(PermissionError):
        replacing.write_text(file, "new")
    assert 1 <= clock.passed < 1.5
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_what_no_wait_mends_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        replacing.move(tmp_path / "a", tmp_path / "b")
    assert clock.passed == 0


@pytest.mark.usefixtures("clock")
def test_a_folder_that_is_not_empty_yet_is_removed_once_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OSError(errno.ENOTEMPTY, "The directory is not empty")
    error.winerror = 145  # type: ignore[attr-defined, unused-ignore]
    monkeypatch.setattr(shutil, "rmtree", refusing(shutil.rmtree, error, 3))
    (tmp_path / "folder").mkdir()
    replacing.remove_tree(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


def test_a_file_that_is_just_being_replaced_is_read_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = State(os.getpid(), 4701, 1.5, "5ec7e7")
    state.write_state(tmp_path, kept)
    refusals, true = [True, True], Path.read_bytes

    def refused(path: Path) -> bytes:
        if refusals and refusals.pop():
            raise PermissionError(errno.EACCES, "as Windows says", str(path))
        return true(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert state.read_state(tmp_path) == kept
    assert not refusals
