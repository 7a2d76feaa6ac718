"""Runs a room's own tests against one mutation after another, in forks of a process that is warm.

The tree is copied, so that also programs which a test starts run the mutated file. A mutation is
tried by those tests alone that run its lines, as a first run with coverage has found.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.support.leftovers import left_processes

ROOT = Path(__file__).resolve().parents[2]

#: What is copied: the programs, the package, its tests and what they read.
PARTS = ("admin.py", "client.py", "server.py", "labapp", "tests", "images", "pyproject.toml",
         "README.md", "requirements.txt")  # fmt: skip

#: Where a fork's output goes, below the tree.
OUTPUT = "output.txt"

#: Seconds given to a mutation's tests beyond five times what they take without it.
SPARE_SECONDS = 30.0


@dataclass
class Covered:
    """Which tests run which lines, and how long each takes.

    Attributes:
        lines: for each file, relative to the root, the tests of each line.
        seconds: of each test.
        failed: tests that fail without any mutation.
        killers: for each file, how many of its mutations each test has killed.
    """

    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    killers: dict[str, Counter[str]] = field(default_factory=dict)

    def tests(self, path: str, first: int, last: int) -> list[str]:
        """Return the tests that run any line of a piece, the likeliest to notice first.

        What runs while a file is imported, before any test, is used by all that run the file.
        """
        known = self.lines.get(path, {})
        lines = [line for line in range(first, last + 1) if line in known]
        found = set().union(*(known[line] for line in lines))
        return self._sorted(found, path) if found or not lines else self.tests_of_file(path)

    def tests_of_file(self, path: str) -> list[str]:
        """Return the tests that run any line of a file, the likeliest to notice first."""
        return self._sorted(set().union(*self.lines.get(path, {}).values()), path)

    def tests_named_after(self, path: str) -> list[str]:
        """Return the tests in files that are called as a file is: what runs in other processes."""
        name = f"test_{Path(path).stem}"
        found = {test for test in self.seconds if name in test.partition("::")[0]}
        return self._sorted(found, path)

    def _sorted(self, found: set[str], path: str) -> list[str]:
        """Sort tests: those that killed most of a file's mutations, then the quickest."""
        killers = self.killers.setdefault(path, Counter())
        return sorted(found, key=lambda test: (-killers[test], self.seconds.get(test, 0.0)))


class Tree:
    """A copy of the project whose files are mutated, and in which tests run."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="mutants-"))
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                ignore = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, self.root / part, ignore=ignore)
            else:
                shutil.copy2(source, self.root / part)

    def remove(self) -> None:
        """Delete the copy."""
        shutil.rmtree(self.root, ignore_errors=True)

    def survives(self, path: str, text: str, tests: Sequence[str], seconds: float) -> bool:
        """Tell whether all tests pass with a file's text replaced; a run that hangs does not."""
        place = self.root / path
        whole = place.read_text("utf-8")
        place.write_text(text, "utf-8")
        try:
            return self._run([*tests], seconds) == 0
        finally:
            place.write_text(whole, "utf-8")

    def killer(self) -> str:
        """Return the test that failed last; empty where none said so."""
        output = (self.root / OUTPUT).read_text("utf-8", errors="replace")
        found = re.findall(r"^(?:FAILED|ERROR) (\S+::.*?)(?: - .*)?$", output, re.MULTILINE)
        return found[-1] if found else ""

    def _run(self, tests: list[str], seconds: float) -> int:
        child = os.fork()
        if not child:
            os._exit(_in_fork(self.root, ["-x", *tests]))
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                found, status = os.waitpid(child, os.WNOHANG)
                if found:
                    return os.waitstatus_to_exitcode(status)
                time.sleep(0.01)
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return 1
        finally:
            self._end_what_is_left(child)

    def covered(self, places: Iterable[str]) -> Covered:
        """Run tests once without a mutation; return what they cover."""
        report = self.root / "covered.txt"
        child = os.fork()
        if not child:
            os._exit(_in_fork(self.root, [*places], report))
        os.waitpid(child, 0)
        self._end_what_is_left(child)
        return _read(report)

    def _end_what_is_left(self, child: int) -> None:
        """Kill what a fork's tests have left, clouds in sessions of their own too."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        for process in left_processes(self.root):
            with contextlib.suppress(psutil.Error):
                process.kill()


def warm() -> None:
    """Import what takes time, and nothing of labapp: each fork loads that from its own tree."""
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    sys.dont_write_bytecode = True
    import boto3  # noqa: F401
    import hypothesis  # noqa: F401
    import moto  # noqa: F401
    import numpy  # noqa: F401
    import PIL.Image  # noqa: F401


def _in_fork(root: Path, words: list[str], report: Path | None = None) -> int:
    """Run pytest in this process, which is a fork, with the tree as its project."""
    os.setpgid(0, 0)
    nothing = os.open(root / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor in (1, 2):
        os.dup2(nothing, descriptor)
    os.chdir(root)
    for name in [name for name in sys.modules if name.partition(".")[0] in {"labapp", "tests"}]:
        del sys.modules[name]
    sys.path[:] = [str(root), *(one for one in sys.path if Path(one or ".").resolve() != ROOT)]
    plugins = [_Watcher(report, root)] if report else []
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=no", "-n", "0"]
    quiet += ["--basetemp", str(root / "temp")]  # by which its processes are found
    try:
        return int(pytest.main([*quiet, *words], plugins=plugins))
    except BaseException:  # noqa: BLE001 - a fork must not go on as if it were its parent
        return 3


class _Watcher:
    """Writes which test ran which line, how long each took, and which failed."""

    def __init__(self, report: Path, root: Path) -> None:
        from coverage import Coverage

        self._report, self._root = report, root
        self._coverage = Coverage(data_file=None, source=[str(root / "labapp")])
        self._seconds: dict[str, float] = {}
        self._failed: list[str] = []

    def pytest_sessionstart(self) -> None:
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        self._coverage.switch_context(item.nodeid)
        began = time.monotonic()
        done = yield
        self._seconds[item.nodeid] = time.monotonic() - began
        self._coverage.switch_context("")
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        data = self._coverage.get_data()
        with self._report.open("w", encoding="utf-8") as out:
            for test, seconds in self._seconds.items():
                out.write(f"T\t{seconds:.3f}\t{test}\n")
            for test in self._failed:
                out.write(f"F\t0\t{test}\n")
            for file in data.measured_files():
                path = Path(file).relative_to(self._root)
                for line, tests in data.contexts_by_lineno(file).items():
                    for test in tests:  # none while files are imported
                        out.write(f"{path}\t{line}\t{test}\n")


def _read(report: Path) -> Covered:
    found = Covered()
    for row in report.read_text("utf-8").splitlines():
        what, number, test = row.split("\t", 2)
        if what == "T":
            found.seconds[test] = float(number)
        elif what == "F":
            found.failed.append(test)
        else:
            found.lines.setdefault(what, {}).setdefault(int(number), set()).update(
                [test] * bool(test)
            )
    return found
