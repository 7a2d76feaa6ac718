"""Picture jobs are answered here, by the real handler."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.worker.handlers import Handler
from labapp.worker.picture_handler import PictureHandler
from tests.pictures.samples import PNG


@pytest.fixture
def handler(bucket: Bucket) -> Handler:
    """Give what does the jobs of pictures."""
    return PictureHandler(bucket.cloud.settings, bucket)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Give a folder of three equal pictures."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("1.png", "2.png", "10.png"):
        (folder / name).write_bytes(PNG)
    return folder
