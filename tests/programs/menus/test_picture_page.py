"""A picture is handed to the viewer of the platform, as often as it is asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from labapp.files import private
from labapp.programs.menus import picture_page
from tests.dataset.dataset_kit import picture_bytes


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note what is opened, and how, instead of opening it."""
    found: list[Any] = []
    monkeypatch.setattr(os, "startfile", found.append, raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "Popen", lambda words, **_: found.append(words))
    return found


def test_a_picture_that_a_viewer_still_has_open_is_shown_again(
    opened: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.jpg").write_bytes(picture_bytes(1))
    picture_page.show_picture(tmp_path / "a.jpg", "png", tmp_path / "viewing")
    monkeypatch.setattr(private, "replacing", refuse)
    picture_page.show_picture(tmp_path / "a.jpg", "png", tmp_path / "viewing")
    assert len(opened) == 2
