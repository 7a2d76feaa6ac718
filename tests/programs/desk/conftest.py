"""Pictures, and a desk that is not shown, for the panels of steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.pictures import looks
from tests.pictures.samples import file_of, photo
from tests.support.fake_desk import FakeDesk


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    found = [tmp_path / name for name in ("a.png", "b.png", "c.jpg")]
    for number, path in enumerate(found):
        kind = "PNG" if path.suffix == ".png" else "JPEG"
        path.write_bytes(file_of(photo(80, 120, number), kind))
    return found


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    yield FakeDesk()
    looks._sandbox.cache_clear()
