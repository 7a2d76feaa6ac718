"""Every end-to-end test runs on two emulators, so that no quirk of one is built on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.lab import MINISTACK, MOTO, Lab

collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []


@pytest.fixture(params=[MINISTACK, MOTO])
def lab(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lab]:
    """Give a lab whose cloud is up."""
    yield from _lab(request.param, tmp_path, monkeypatch)


@pytest.fixture
def local_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """Give a lab on the embedded cloud, for what exists there only."""
    yield from _lab(MINISTACK, tmp_path, monkeypatch)


def _lab(emulator: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    lab = Lab(emulator, folder, monkeypatch.setenv)
    try:
        lab.start_cloud()
        yield lab
    finally:
        lab.close()
