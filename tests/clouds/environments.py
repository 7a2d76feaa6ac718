"""Environments of services that are not labapp's own: a venv or a folder of npm's for each."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

#: Seconds that an installation may take.
LIMIT = 900

#: The file that is written last: an installation that was cut short is made anew.
_COMPLETE = "complete"


class InstallError(Exception):
    """An environment cannot be made here: what is lacking, or what the installer said."""


def python_with(cache: Path, name: str, requirements: Sequence[str]) -> Path:
    """Return the Python of an environment that has packages of PyPI, which is made if need be."""
    folder = cache / name
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if _is_there(folder, requirements):
        return python
    venv.create(folder, with_pip=True)
    _run([str(python), "-m", "pip", "install", "--quiet", *requirements], folder)
    _done(folder, requirements)
    return python


def node_with(cache: Path, name: str, packages: Sequence[str]) -> Path:
    """Return the folder in which npm installed packages, which is made if need be.

    Raises:
        InstallError: there is no npm, or it fails.
    """
    folder = cache / name
    if _is_there(folder, packages):
        return folder
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise InstallError(f"{name} needs node and npm, which are not here")
    folder.mkdir(parents=True)
    _run([npm, "install", "--no-fund", "--no-audit", "--ignore-scripts", *packages], folder)
    _done(folder, packages)
    return folder


def _is_there(folder: Path, wanted: Sequence[str]) -> bool:
    """Tell whether a folder has all that is wanted; remove it where it has something else."""
    complete = folder / _COMPLETE
    if complete.is_file() and complete.read_text("utf-8").splitlines() == [*wanted]:
        return True
    shutil.rmtree(folder, ignore_errors=True)
    return False


def _done(folder: Path, wanted: Sequence[str]) -> None:
    (folder / _COMPLETE).write_text("\n".join(wanted), "utf-8")


def _run(argv: Sequence[str], folder: Path) -> None:
    done = subprocess.run(
        argv, check=False, cwd=folder, capture_output=True, text=True, timeout=LIMIT
    )
    if done.returncode:
        raise InstallError(f"{' '.join(argv[1:])}: {(done.stderr or done.stdout)[-500:]}")
