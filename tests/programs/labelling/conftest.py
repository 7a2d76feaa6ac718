"""A bucket, a menu and a network for tests of labelling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labapp.dataset import label_writer, write_behind
from labapp.programs.menus import picture_page
from tests.dataset.dataset_kit import MemoryBucket, nothing
from tests.programs.labelling.flow_kit import Menu, Network


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryBucket:
    monkeypatch.setattr(label_writer, "pause", nothing)
    monkeypatch.setattr(write_behind, "delay", lambda attempt: 0.01)
    monkeypatch.setattr(picture_page, "see", lambda menu, path: path)
    return MemoryBucket(tmp_path)


@pytest.fixture
def menu(bucket: MemoryBucket) -> Any:
    return Menu(bucket)


@pytest.fixture
def network(bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    found = Network(bucket, monkeypatch)
    yield found
    found.is_open.set()
