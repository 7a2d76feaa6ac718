"""The ledger of jobs, in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.jobs.ledger import Ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the ledger's path, in a folder that is yet to be made."""
    return tmp_path / "home" / "jobs.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """Give an open ledger without jobs."""
    opened = Ledger(path)
    yield opened
    opened.close()
