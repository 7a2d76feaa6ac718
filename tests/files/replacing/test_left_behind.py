"""Hidden files that a killed program left in a folder are cleared away; no other file is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from labapp.files import replacing


def test_what_is_old_and_ours_goes(tmp_path: Path) -> None:
    old, young = replacing.within(tmp_path), replacing.within(tmp_path)
    others = [tmp_path / name for name in (".abc.part", "photo.part", f"{'0' * 32}.part")]
    for path in (old, young, *others):
        path.write_bytes(b"x")
    before = time.time() - replacing.LEFT_BEHIND - 10
    for path in (old, *others):
        os.utime(path, (before, before))
    folder = replacing.within(tmp_path)
    folder.mkdir()
    os.utime(folder, (before, before))
    replacing.sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([young, folder, *others])


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_no_folder_is_no_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    replacing.sweep(tmp_path / name)
