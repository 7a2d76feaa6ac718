"""The everyday tour: the three programs as their users call them, on this platform or on Windows.

    python -m tests.windows.tour                  # on this Python, whatever the platform
    python -m tests.windows.tour --wine RUN       # on a Windows Python; RUN is what setup.sh left

The project is copied first, so it stays as it is, and the cloud's data lie in a new folder. A line
for each step, `ok` or `FAILS: why`; the last is `N of M`, and the exit code is 0 only if all hold.
A step that leans on a failed one is not tried, and fails. At the end what still runs is ended, so
under wine one tour at a time.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any, Protocol

import psutil

from tests.support.leftovers import left_processes
from tests.support.ports import free_port

TOP = Path(__file__).resolve().parents[2]

#: Seconds that one command may take.
LIMIT = 90
#: Seconds within which all must have ended after the last `cloud stop`.
PATIENCE = 10
#: A name in Latin, Polish and Japanese letters and an emoji: no code page of Windows has them all.
NAME = "Zoë Łukasz 山田 \N{GRINNING FACE}"
ANNOTATOR = "anna"
BLUR = ("--op", "blur:sigma=2")


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
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("LABAPP_", "AWS_"))}
        # Files, since the cloud and the worker that stay in the background may keep pipes open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
            ended = subprocess.run(
                [sys.executable, *arguments],
                check=False,
                cwd=folder,
                env={**clean, **variables},
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

    def left(self, folder: Path) -> list[str]:
        """Return what still runs for a folder, a line each."""
        return [str(process) for process in left_processes(folder)]

    def end(self, folder: Path) -> None:
        """End that."""
        for process in left_processes(folder):
            with contextlib.suppress(psutil.Error):
                process.kill()


class Wine:
    """A Windows Python under wine.

    Args:
        run: the command that setup.sh left.
    """

    def __init__(self, run: Path) -> None:
        self._run = run

    def run(
        self, arguments: Sequence[str], variables: dict[str, str], folder: Path, limit: int
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one in a folder, with variables added to its environment."""
        given = [f"{name}={value}" for name, value in variables.items()]
        return subprocess.run(
            [self._run, "--limit", str(limit), *given, *arguments],
            check=False,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )

    def path(self, path: Path) -> str:
        """Return a path as programs there call it: the machine's root is drive Z."""
        return f"Z:{path}".replace("/", "\\")

    def left(self, folder: Path) -> list[str]:
        """Return what still runs in the whole prefix, a line each."""
        told = subprocess.run([self._run, "--left"], check=False, capture_output=True, text=True)
        return told.stdout.splitlines()

    def end(self, folder: Path) -> None:
        """End that."""
        subprocess.run([self._run, "--end"], check=False, capture_output=True)


class Tour:
    """The steps in their order, in a folder of their own."""

    def __init__(self, carrier: Carrier, folder: Path) -> None:
        self._carrier, self._folder = carrier, folder
        self._project = folder / "project"
        self._port = free_port()
        self._failed: set[str] = set()
        self.done = self.held = 0
        self._key = ""

    def go(self) -> None:
        """Take every step."""
        started = "numbers 1,12,55,4"
        uploaded = "upload of the sample set"
        answered = "answer"
        stopped = "cloud stop"
        again = "numbers again"
        self._step("config", self._config)
        self._step(started, self._numbers, "1,12,55,4")
        self._step("numbers 1 12 55 4, from PowerShell", self._numbers, "1", "12", "55", "4")
        self._step("numbers -1,2 is refused", self._refused)
        self._step(uploaded, self._upload, needs=[started])
        self._step("images --json", self._images, needs=[uploaded])
        self._step(answered, self._answer, needs=[uploaded])
        self._step("stats --json", self._stats, needs=[answered])
        self._step("image images/1.jpg --op blur:sigma=2", self._image, needs=[started])
        self._step("image of a folder of 3", self._folder_of_pictures, needs=[started])
        self._step("image of a name in many scripts", self._odd_picture, needs=[started])
        self._step("jobs --json", self._jobs, needs=[started])
        self._step("queues", self._queues, needs=[started])
        self._step("workers", self._workers, needs=[started])
        self._step(stopped, self._stop, needs=[started])
        self._step(again, self._numbers, "1,12,55,4", needs=[stopped])
        self._step("images --json after the restart", self._images, needs=[uploaded, again])
        self._step("stats --json after the restart", self._stats, needs=[answered, again])
        self._step("export --format csv", self._export, needs=[answered, again])
        self._step("a name in many scripts in --json", self._name)
        self._step("server.py --until-idle", self._until_idle, needs=[again])
        self._step("cloud reset", self._reset, needs=[again])
        self._step("nothing left running", self._nothing_left)

    def end(self) -> None:
        """End whatever still runs."""
        self._carrier.end(self._folder)

    def _step(
        self, title: str, step: Callable[..., None], *arguments: str, needs: Sequence[str] = ()
    ) -> None:
        self.done += 1
        began = time.monotonic()
        try:
            _expect(not self._failed & {*needs}, f"not tried without {self._failed & {*needs}}")
            step(*arguments)
            self.held += 1
            verdict = "ok"
        except (StepError, subprocess.TimeoutExpired) as failure:
            self._failed.add(title)
            verdict = f"FAILS: {failure}"
        print(f"{title}: {verdict} ({time.monotonic() - began:.1f} s)", flush=True)

    def _config(self) -> None:
        settings = self._json("client.py", "config", "--json")
        cloud = settings.get("cloud")
        _expect(cloud is not None and cloud["value"] == "local", f"cloud is {cloud}")

    def _numbers(self, *given: str) -> None:
        answer = self._json("client.py", "numbers", *given, "--json")
        wanted = {"min": 1, "max": 55, "mean": 18, "median": 8, "sum": 72, "count": 4}
        _expect(answer["status"] == "done" and answer["result"] == wanted, f"answered {answer}")

    def _refused(self) -> None:
        self._command("client.py", "numbers", "-1,2", code=3)

    def _upload(self) -> None:
        sent = self._json("admin.py", "upload", "--json", limit=2 * LIMIT)
        _expect(len(sent) == 20, f"{len(sent)} pictures of 20 were sent")

    def _images(self) -> None:
        images = self._json("admin.py", "images", "--json")
        _expect(len(images) == 20, f"{len(images)} pictures of 20 are there")
        wrong = [image["key"] for image in images if not image["key"].startswith("images/")]
        _expect(not wrong, f"keys are not below images/: {wrong[:3]}")

    def _answer(self) -> None:
        images = self._json("admin.py", "images", "--json")
        _expect(bool(images), "there is no picture to answer")
        self._key = images[0]["key"]
        said = self._json("client.py", "answer", self._key, "1", "--annotator", ANNOTATOR, "--json")
        _expect(said.get("label") == 1, f"answered {said}")

    def _stats(self) -> None:
        said = self._json("admin.py", "stats", "--json")
        rows = [row for row in said if row["key"] == self._key]
        _expect(len(rows) == 1, f"{self._key} has {len(rows)} rows")
        counted = (rows[0]["answers"], rows[0]["hot_dog_percent"])
        _expect(counted == (1, 100), f"answers and hot dog % are {counted}")

    def _image(self) -> None:
        self._pictures(1, str(Path("images", "1.jpg")), *BLUR)

    def _folder_of_pictures(self) -> None:
        self._folder_with("three", "1.jpg", "2.jpg", "3.jpg")
        self._pictures(3, "three", "--op", "grayscale", "--out", "small")

    def _odd_picture(self) -> None:
        name = f"{NAME}.jpg"
        self._folder_with("odd names", name)
        self._pictures(1, str(Path("odd names", name)), *BLUR)

    def _folder_with(self, name: str, *files: str) -> None:
        folder = self._project / name
        folder.mkdir()
        for number, file in enumerate(files, 1):
            shutil.copy(self._project / "images" / f"{number}.jpg", folder / file)

    def _pictures(self, count: int, *arguments: str) -> None:
        results = self._json("client.py", "image", *arguments, "--json")
        _expect(len(results) == count, f"{len(results)} results of {count}")
        for result in results:
            _expect(result["status"] == "done", f"{result['path']}: {result['error']}")
            saved = self._saved(result["saved"])
            _expect(saved.is_file(), f"{result['saved']} was not saved")
            _expect(saved.read_bytes()[:2] == b"\xff\xd8", f"{result['saved']} is not a JPEG")

    def _saved(self, told: str) -> Path:
        """Return the path of a result that was told, in the words of who ran it."""
        if isinstance(self._carrier, Here):
            return self._project / told
        path = PureWindowsPath(told)
        whole = path.as_posix().removeprefix(path.drive)
        return Path(whole) if path.drive else self._project / whole

    def _jobs(self) -> None:
        jobs = self._json("client.py", "jobs", "--json")
        done = [job for job in jobs if job["status"] == "done"]
        _expect(len(done) >= 1, f"{len(done)} of {len(jobs)} jobs are done")

    def _queues(self) -> None:
        names = {queue["name"] for queue in self._json("admin.py", "queues", "--json")}
        wanted = {"requestQueue", "responseQueue", "imageInbox", "imageOutbox"}
        _expect(wanted <= names, f"without {sorted(wanted - names)}")
        self._command("admin.py", "queues")

    def _workers(self) -> None:
        _expect(bool(self._json("admin.py", "workers", "--json")), "no worker is at work")

    def _stop(self) -> None:
        self._command("admin.py", "cloud", "stop")

    def _export(self) -> None:
        self._command("admin.py", "export", "--format", "csv", "--out", "labels")
        rows: list[list[str]] = []
        for file in (self._project / "labels").glob("*.csv"):
            with file.open(encoding="utf-8-sig", newline="") as opened:
                rows += csv.reader(opened)
        _expect(any(self._key in row for row in rows), f"{self._key} is not in {len(rows)} rows")

    def _name(self) -> None:
        settings = self._json("client.py", "config", "--json", user=NAME)
        came_back = settings["user"]["value"]
        _expect(came_back == NAME, f"the name came back as {came_back!r}")

    def _until_idle(self) -> None:
        self._command("server.py", "--plain", "--until-idle", "--wait-seconds", "1")

    def _reset(self) -> None:
        self._command("admin.py", "cloud", "reset", "--yes")

    def _nothing_left(self) -> None:
        until = time.monotonic() + PATIENCE
        while left := self._carrier.left(self._folder):
            _expect(time.monotonic() < until, f"still run: {' | '.join(left)}")
            time.sleep(0.1)

    def _json(self, *arguments: str, user: str = "", limit: int = LIMIT) -> Any:
        """Run a command that is to end well, and return the document on its standard output."""
        written = self._command(*arguments, user=user, limit=limit)
        try:
            return json.loads(written.decode("utf-8"))
        except ValueError as error:
            raise StepError(f"not JSON in UTF-8: {error}: {written[:80]!r}") from None

    def _command(self, *arguments: str, code: int = 0, user: str = "", limit: int = LIMIT) -> bytes:
        """Run one of the programs, in the project's copy, and return what it wrote."""
        variables = {
            "LABAPP_DATA_DIR": self._carrier.path(self._folder / "data"),
            "LABAPP_CONFIG_DIR": self._carrier.path(self._folder / "config"),
            "LABAPP_PORT": str(self._port),
            "LABAPP_USER": user or "tourist",
        }
        ended = self._carrier.run(arguments, variables, self._project, limit)
        if ended.returncode != code:
            told = " ".join((ended.stderr or ended.stdout).decode("utf-8", "replace").split())
            told = told if len(told) <= 300 else f"…{told[-299:]}"
            raise StepError(f"{' '.join(arguments)}: exit code {ended.returncode}: {told}")
        return ended.stdout


def _expect(holds: bool, why: str) -> None:
    if not holds:
        raise StepError(why)


@contextlib.contextmanager
def prepared(carrier: Carrier) -> Iterator[Tour]:
    """Yield a tour of a copy of this project; at the end nothing of it runs or is left."""
    with tempfile.TemporaryDirectory(prefix="tour-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        _copy(folder / "project")
        tour = Tour(carrier, folder)
        try:
            yield tour
        finally:
            tour.end()


def _copy(target: Path) -> None:
    """Copy what the programs need: neither tests nor anything hidden."""
    target.mkdir()
    for part in TOP.iterdir():
        if part.is_dir() and part.name != "tests" and not part.name.startswith("."):
            shutil.copytree(part, target / part.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif part.suffix in {".py", ".txt"}:
            shutil.copy(part, target)


def main() -> int:
    """Take the tour."""
    parser = argparse.ArgumentParser(prog="python -m tests.windows.tour", description=__doc__)
    parser.add_argument("--wine", type=Path, metavar="RUN", help="the command that setup.sh left")
    wine: Path | None = parser.parse_args().wine
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with prepared(Wine(wine.resolve()) if wine else Here()) as tour:
        tour.go()
    print(f"{tour.held} of {tour.done}")
    return 0 if tour.held == tour.done else 1


if __name__ == "__main__":
    sys.exit(main())
