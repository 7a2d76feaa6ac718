"""Folders in which results are saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.errors import UsageError
from labapp.jobs import picture_request


def test_a_folder_for_results_is_made_however_deep_and_may_be_there_already(tmp_path: Path) -> None:
    for _ in range(2):
        picture_request.check_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_why_a_folder_will_not_do_is_told_in_the_systems_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot save in .*file: it is a file"):
        picture_request.check_folder(tmp_path / "file")
    with pytest.raises(UsageError, match=r"cannot save in .*folder: [A-Z]"):
        picture_request.check_folder(tmp_path / "file" / "folder")
