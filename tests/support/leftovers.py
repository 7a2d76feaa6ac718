"""What a test may not leave: a local cloud, a worker in the background, or any other process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

from labapp import settings

#: The port of a user's own cloud, which no test may take.
OWN_PORT = settings.Settings().port


def left_cloud(data: Path) -> str:
    """End what a test left of labapp in its data folder, and say what it was; empty for nothing."""
    home = data / "local"
    if home.is_dir():
        _end_what_was_starting(home)
    if not any(home.glob("workers/*.json")) and not (home / "cloud.json").exists():
        return ""
    from labapp.cloud.embedded import launcher
    from labapp.worker import local_workers

    workers = local_workers.stop_background(home)
    cloud = launcher.stop(home)
    return f"a local cloud in {home}" if cloud else f"workers {workers}" if workers else ""


def _end_what_was_starting(home: Path) -> None:
    """End a cloud that a program was starting when the test ended it: no fixture saw that one."""
    if (home / "cloud.json").exists():
        return
    for process in left_processes(home):
        with contextlib.suppress(psutil.Error):
            process.kill()
            process.wait(10)


def left_processes(folder: Path) -> list[psutil.Process]:
    """Return the processes that work in or for a folder of the tests, or were told of it."""
    return [one for one in psutil.process_iter() if _is_of(one, str(folder))]


def told(processes: list[psutil.Process]) -> str:
    """Return what processes are, each in a line."""
    return "\n".join(line for one in processes for line in _line(one))


def _line(process: psutil.Process) -> Iterator[str]:
    with contextlib.suppress(psutil.Error):
        yield f"{process.pid}: {' '.join(process.cmdline())}"


def _is_of(process: psutil.Process, folder: str) -> bool:
    if process.pid == os.getpid():
        return False
    with contextlib.suppress(psutil.Error):
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if process.ppid() == os.getpid() and "from multiprocessing." in " ".join(process.cmdline()):
            return False  # Python's own helpers, which end with the process that they help
        if any(folder in word for word in process.cmdline()):
            return True
        return bool(process.environ().get("LABAPP_DATA_DIR", "").startswith(folder))
    return False
