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


def test_a_consent_is_for_the_dialects_file_too_as_it_is_now(tmp_path: Path) -> None:
    folder, config = tmp_path / "lab", tmp_path / "config"
    folder.mkdir()
    dialect = folder / "lab.toml"
    asks = {"dialect": "lab.toml"}

    def is_trusted() -> bool:
        return settings_file.folder_file(folder / "labapp.toml", b"1", asks, config).trusted

    dialect.write_text("[[request]]", "utf-8")
    settings_file.trust(
        settings_file.folder_file(folder / "labapp.toml", b"1", asks, config), config
    )
    assert is_trusted()
    dialect.write_text('[[request]]\nbucket = "elsewhere"', "utf-8")
    assert not is_trusted(), "it says where data goes"
    dialect.unlink()
    assert not is_trusted()
    dialect.write_text("[[request]]", "utf-8")
    assert is_trusted()
    name = {"dialect": "pairs"}
    ships = settings_file.folder_file(folder / "labapp.toml", b"1", name, config)
    plain = settings_file.folder_file(folder / "labapp.toml", b"1", ASKS, config)
    assert ships.digest == plain.digest, "one that ships has no file there"
