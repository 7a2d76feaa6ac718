"""Folders in which results are saved."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from labapp.errors import UsageError
from labapp.files import replacing
from labapp.jobs import picture_request


def test_a_folder_for_results_is_made_however_deep_and_may_be_there_already(tmp_path: Path) -> None:
    for _ in range(2):
        picture_request.check_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_who_looks_into_the_folder_meanwhile_sees_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = replacing.remove

    def looking(path: Path) -> None:
        seen.extend(one.name for one in tmp_path.iterdir())
        real(path)

    monkeypatch.setattr(replacing, "remove", looking)
    picture_request.check_folder(tmp_path)
    assert [name[0] for name in seen] == ["."]


def test_a_folder_in_which_no_file_may_be_made_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def refused(path: Path, **_: object) -> None:
        tried.append(path.name)
        raise PermissionError(errno.EACCES, "Access is denied")

    monkeypatch.setattr(Path, "touch", refused)
    with pytest.raises(UsageError, match="Access is denied"):
        picture_request.check_folder(tmp_path)
    assert len(tried) == 1


def test_why_a_folder_will_not_do_is_told_in_the_systems_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot save in .*file: it is a file"):
        picture_request.check_folder(tmp_path / "file")
    with pytest.raises(UsageError, match=r"cannot save in .*folder: [A-Z]"):
        picture_request.check_folder(tmp_path / "file" / "folder")
