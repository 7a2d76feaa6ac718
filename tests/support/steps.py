"""Steps taken one after the other with the real programs, each told as it ends: `ok` or why not."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import psutil

from tests.support.leftovers import left_processes

TOP = Path(__file__).resolve().parents[2]

#: Seconds that one command may take.
LIMIT = 90
#: Seconds within which all must have ended after the last step.
PATIENCE = 10
#: Characters of what a failed command said.
MOST_TOLD = 300


class StepError(Exception):
    """What did not hold."""


class Carrier(Protocol):
    """What runs a program of the project."""

    def run(
        self, arguments: Sequence[str], variables: dict[str, str], folder: Path, limit: int
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one in a folder, with variables added to its environment."""

    def path(self, path: Path) -> str:
        """Return a path as programs there call it."""

    def found(self, told: str, folder: Path) -> Path:
        """Return the path here of what a program that ran in a folder told."""

    def left(self, folder: Path) -> list[str]:
        """Return what still runs for a folder, a line each."""

    def end(self, folder: Path) -> None:
        """End that."""


class Here:
    """The Python that runs this, on this machine."""

    def run(
        self, arguments: Sequence[str], variables: dict[str, str], folder: Path, limit: int
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one in a folder, with variables added to its environment."""
        # Files, since the cloud and the worker that stay in the background may keep pipes open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
            ended = subprocess.run(
                [sys.executable, *arguments],
                check=False,
                cwd=folder,
                env={**clean_environment(), **variables},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=told,
                timeout=limit,
            )
            out.seek(0)
            told.seek(0)
            return subprocess.CompletedProcess(
                ended.args, ended.returncode, out.read(), told.read()
            )

    def path(self, path: Path) -> str:
        """Return a path as programs there call it."""
        return str(path)

    def found(self, told: str, folder: Path) -> Path:
        """Return the path here of what a program that ran in a folder told."""
        return folder / told

    def left(self, folder: Path) -> list[str]:
        """Return what still runs for a folder, a line each."""
        return [str(process) for process in left_processes(folder)]

    def end(self, folder: Path) -> None:
        """End that."""
        for process in left_processes(folder):
            with contextlib.suppress(psutil.Error):
                process.kill()


def clean_environment() -> dict[str, str]:
    """Return this process's environment without any setting of labapp's or of AWS's."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("LABAPP_", "AWS_"))}


class Steps:
    """Steps in a folder of their own, in which a copy of the project is.

    A line for each step, `ok` or `FAILS: why`. A step that leans on a failed one is not tried, and
    fails.

    Attributes:
        done: how many steps were taken.
        held: how many of them held.
        failed: why each of the others did not, by its title.
    """

    #: What a step that does not hold may raise.
    failures: ClassVar[tuple[type[Exception], ...]] = (StepError, subprocess.TimeoutExpired)

    def __init__(self, carrier: Carrier, folder: Path, variables: dict[str, str]) -> None:
        self.carrier, self.folder = carrier, folder
        self.project = folder / "project"
        self.variables = {
            "LABAPP_DATA_DIR": carrier.path(folder / "data"),
            "LABAPP_CONFIG_DIR": carrier.path(folder / "config"),
            "LABAPP_USER": "tourist",
            **variables,
        }
        self.done = self.held = 0
        self.failed: dict[str, str] = {}
        copy_project(self.project)

    def end(self) -> None:
        """End whatever still runs."""
        self.carrier.end(self.folder)

    def step(
        self, title: str, step: Callable[..., None], *arguments: str, needs: Sequence[str] = ()
    ) -> None:
        """Take a step, unless one that it needs has failed."""
        self.done += 1
        began = time.monotonic()
        try:
            lacking = ", ".join(need for need in needs if need in self.failed)
            expect(not lacking, f"not tried without {lacking}")
            step(*arguments)
            self.held += 1
            verdict = "ok"
        except self.failures as failure:
            self.failed[title] = str(failure)
            verdict = f"FAILS: {failure}"
        print(f"{title}: {verdict} ({time.monotonic() - began:.1f} s)", flush=True)

    def json(self, *arguments: str, code: int = 0, limit: int = LIMIT, **variables: str) -> Any:
        """Run a command, and return the document on its standard output."""
        written = self.command(*arguments, "--json", code=code, limit=limit, **variables)
        try:
            return json.loads(written.decode("utf-8"))
        except ValueError as error:
            raise StepError(f"not JSON in UTF-8: {error}: {written[:80]!r}") from None

    def command(
        self, *arguments: str, code: int = 0, limit: int = LIMIT, **variables: str
    ) -> bytes:
        """Run one of the programs, in the project's copy, and return what it wrote."""
        ended = self.ended(*arguments, limit=limit, **variables)
        if ended.returncode != code:
            told = " ".join((ended.stderr or ended.stdout).decode("utf-8", "replace").split())
            told = told if len(told) <= MOST_TOLD else f"…{told[1 - MOST_TOLD :]}"
            raise StepError(f"{' '.join(arguments)}: exit code {ended.returncode}: {told}")
        return ended.stdout

    def ended(
        self, *arguments: str, limit: int = LIMIT, **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one of the programs to whatever end."""
        return self.carrier.run(arguments, {**self.variables, **variables}, self.project, limit)

    def nothing_left(self) -> None:
        """Expect that nothing runs any more."""
        until = time.monotonic() + PATIENCE
        while left := self.carrier.left(self.folder):
            expect(time.monotonic() < until, f"still run: {' | '.join(left)}")
            time.sleep(0.1)


def expect(holds: bool, why: str) -> None:
    """Go on if it holds.

    Raises:
        StepError: it does not.
    """
    if not holds:
        raise StepError(why)


def copy_project(target: Path) -> None:
    """Copy what the programs need: neither tests nor anything hidden."""
    target.mkdir(parents=True)
    for part in TOP.iterdir():
        if part.is_dir() and part.name != "tests" and not part.name.startswith("."):
            shutil.copytree(part, target / part.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif part.suffix in {".py", ".txt"}:
            shutil.copy(part, target)
