"""What a cloud's answers decide runs on two emulators, so that no quirk of one is built on.

What signals and processes decide, or what is decided before anything is sent, runs on one:
`on_one_cloud`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.lab import MINISTACK, Lab, MotoServer

collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []

MOTO = "moto"


@pytest.fixture(scope="session")
def moto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    """Give moto's server, which its first lab starts."""
    server = MotoServer(tmp_path_factory.mktemp("moto"))
    yield server
    server.kill()


@pytest.fixture(params=[MINISTACK, MOTO])
def lab(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lab]:
    """Give a lab whose cloud is up."""
    moto = request.getfixturevalue("moto_server") if request.param == MOTO else None
    yield from _lab(tmp_path, monkeypatch, moto)


@pytest.fixture
def local_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """Give a lab on the embedded cloud: for what exists there only."""
    yield from _lab(tmp_path, monkeypatch, None)


def _lab(folder: Path, monkeypatch: pytest.MonkeyPatch, moto: MotoServer | None) -> Iterator[Lab]:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    lab = Lab(folder, monkeypatch.setenv, moto)
    try:
        lab.start_cloud()
        yield lab
    finally:
        lab.close()
