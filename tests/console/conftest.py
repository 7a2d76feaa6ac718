"""Starts the demo programs of `demo/` in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.terminal import Spawn, Terminal
from tests.support.terminal import terminal as terminal

DEMO = Path(__file__).with_name("demo")


class Demo(Protocol):
    def __call__(
        self,
        name: str,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
    ) -> Terminal: ...


@pytest.fixture
def demo(terminal: Spawn) -> Demo:
    def start(
        name: str,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
    ) -> Terminal:
        argv: list[str | Path] = [sys.executable, DEMO, name, *arguments]
        return terminal(argv, columns=columns, rows=rows, env=env)

    return start


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a photo that comes with scikit-image to a file; its path."""
    from PIL import Image
    from skimage import data

    path = tmp_path_factory.mktemp("photo") / "astronaut.png"
    pixels = data.astronaut()  # type: ignore[no-untyped-call]
    Image.fromarray(pixels).save(path)
    return str(path)
