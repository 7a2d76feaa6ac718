"""Starts the three programs in terminals, on a local cloud of their own that ends with the test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from labapp import settings
from labapp.cloud.bucket import Bucket
from labapp.cloud.embedded import launcher
from labapp.cloud.session import Cloud, local_home
from labapp.jobs import lab
from labapp.programs.menus import remembered
from labapp.worker import local_workers
from tests.support.terminal import ROOT, Spawn, Terminal
from tests.support.terminal import terminal as terminal


class Open(Protocol):
    """What the fixture `opened` gives: opens a program, such as `client.py`, in a terminal."""

    def __call__(
        self,
        program: str,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        color: str = "",
        data: str = "",
        **environment: str,
    ) -> Terminal: ...


@pytest.fixture(autouse=True)
def greeted() -> None:
    """Have everybody greeted before; tests of the welcome have a fixture of this name instead."""
    for program in ("client", "admin"):
        remembered.remember(f"greeted by {program}", "yes")


@pytest.fixture
def bucket(opened: Open) -> Bucket:
    """Start the local cloud; return its bucket."""
    cloud = programs_cloud()
    lab.require(cloud)
    return Bucket(cloud)


@pytest.fixture
def opened(terminal: Spawn, tmp_path: Path) -> Iterator[Open]:
    folders = {name: os.environ[name] for name in ("LABAPP_DATA_DIR", "LABAPP_CONFIG_DIR")}

    def open_program(
        program: str,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        color: str = "",
        data: str = "",
        **environment: str,
    ) -> Terminal:
        argv: list[str | Path] = [sys.executable, ROOT / program, *arguments]
        env = {**folders, "LABAPP_PORT": "4700", "LABAPP_USER": "anna", "COLORTERM": color}
        env |= {"LABAPP_DATA_DIR": data} if data else {}
        env |= environment
        return terminal(argv, columns=columns, rows=rows, env=env, cwd=tmp_path)

    yield open_program
    local_workers.stop_background(local_home())
    launcher.stop(local_home())


def programs_cloud() -> Cloud:
    """Return the cloud of the programs that `opened` opens, as their user sees it."""
    return Cloud(settings.load({"port": 4700, "user": "anna"}).settings)


def open_folder(screen: Terminal, folder: Path) -> None:
    """Go from the client's first menu to the pictures of a folder."""
    screen.wait_for("Pictures")
    screen.send("2")
    screen.wait_for("f folder")
    screen.send("f")
    screen.wait_for("Folder:")
    screen.send("\x15", str(folder), "enter")
