"""A consent is found again under any name that a disk has for the same folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from labapp import settings_file

ASKS = {"profile": "other"}


@pytest.mark.skipif(sys.platform == "win32", reason="a link plays the folder in other letters")
@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_a_folder_in_other_letters_is_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    folder, config = tmp_path / "Lab", tmp_path / "config"
    folder.mkdir()
    file = settings_file.folder_file(folder / "labapp.toml", b"1", ASKS, config)
    settings_file.trust(file, config)
    # As a disk that knows no case has it: another name, the same folder.
    (tmp_path / "LAB").symlink_to(folder)
    monkeypatch.setattr(settings_file, "_resolved", lambda path: path)
    monkeypatch.setattr(sys, "platform", platform)
    other = tmp_path / "LAB" / "labapp.toml"
    assert settings_file.folder_file(other, b"1", ASKS, config).trusted
    assert not settings_file.folder_file(other, b"2", ASKS, config).trusted, (
        "its content counts as ever"
    )
    assert not settings_file.folder_file(tmp_path / "labapp.toml", b"1", ASKS, config).trusted
    assert settings_file.distrust(other, config)
    monkeypatch.undo()
    assert not settings_file.folder_file(folder / "labapp.toml", b"1", ASKS, config).trusted
