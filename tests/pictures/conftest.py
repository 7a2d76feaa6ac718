"""What the tests of children share: a job that is theirs to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.pictures.limits import Limits
from labapp.pictures.process import PictureTask
from tests.pictures.samples import INVERT, PNG


@pytest.fixture
def task(tmp_path: Path) -> PictureTask:
    """Give the job of inverting a small picture."""
    source = tmp_path / "source"
    source.write_bytes(PNG)
    return PictureTask(source, INVERT, tmp_path / "result", Limits(), "", "cat.png")
