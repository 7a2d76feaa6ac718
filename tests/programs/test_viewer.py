"""A picture is handed to the viewer of each platform, and never what its name says it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labapp import private
from labapp.programs import viewer
from tests.dataset.dataset_kit import picture_bytes


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note what is opened, and how, instead of opening it."""
    found: list[Any] = []
    monkeypatch.setattr(os, "startfile", found.append, raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "Popen", lambda words, **_: found.append(words))
    return found


@pytest.mark.parametrize("name", ["a.bat", "a.exe", "a.hta", "a.lnk", "a.command", "a.desktop"])
@pytest.mark.parametrize(
    ("platform", "opener"), [("win32", ""), ("darwin", "open"), ("linux", "xdg-open")]
)
def test_each_platform_opens_a_copy_that_ends_as_its_bytes_are(
    name: str,
    platform: str,
    opener: str,
    opened: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / name).write_bytes(picture_bytes(1))
    monkeypatch.setattr(sys, "platform", platform)
    viewer.show_picture(tmp_path / name, "png", tmp_path / "viewing")
    copy = tmp_path / "viewing" / "a.png"
    assert opened == [[f"/usr/bin/{opener}", str(copy)] if opener else copy]


def test_a_picture_that_a_viewer_still_has_open_is_shown_again(
    opened: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.jpg").write_bytes(picture_bytes(1))
    viewer.show_picture(tmp_path / "a.jpg", "png", tmp_path / "viewing")
    monkeypatch.setattr(private, "replacing", refuse)
    viewer.show_picture(tmp_path / "a.jpg", "png", tmp_path / "viewing")
    assert len(opened) == 2
