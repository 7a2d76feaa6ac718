"""A picture's bytes come to a child beside its task, in memory that it cannot change."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labapp.pictures import looks, task_files
from labapp.pictures.limits import USUAL

LINUX = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="has no files in memory")


@pytest.fixture(scope="module")
def noise() -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (700, 700, 3), np.uint8)
    Image.fromarray(pixels).save(file := io.BytesIO(), "PNG")
    assert len(file.getvalue()) > task_files.LEAST_BESIDE
    return file.getvalue()


@LINUX
def test_what_comes_beside_a_task_can_be_read_alone() -> None:
    data = os.urandom(task_files.LEAST_BESIDE)
    task = looks._Check(data, "a.png", USUAL)
    travels, (beside,) = task_files.apart(task)
    with pytest.raises(PermissionError):
        os.write(beside, b"x")
    for size in (1, 2 * len(data)):
        with pytest.raises(PermissionError):
            os.ftruncate(beside, size)
    assert isinstance(travels, task_files.Beside)
    assert not travels.task.data
    assert travels.joined([beside, 77]) == (task, [77])


def test_few_bytes_travel_with_their_task() -> None:
    task = looks._Check(b"few", "a.png", USUAL)
    assert task_files.apart(task) == (task, [])


@pytest.mark.parametrize("has_memory", [True, False])
def test_a_look_is_the_same_either_way_and_leaves_no_file_open(
    has_memory: bool, noise: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    if not has_memory:
        monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    path = tmp_path / "noise.png"
    path.write_bytes(noise)
    assert looks.checked_format(noise, "noise.png") == "png"  # begins what lasts
    before = _open_files()
    seen = looks.see(path, 700)
    assert seen.copy is not None
    assert np.array_equal(seen.copy, looks.preview(noise, 700))
    assert _open_files() == before


def _open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0
