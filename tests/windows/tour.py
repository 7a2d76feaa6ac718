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
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PureWindowsPath

from labapp.cloud.fleet import artifact
from tests.support.everyday import LIST, NAME, Everyday
from tests.support.ports import free_port
from tests.support.steps import Carrier, Here, expect


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

    def found(self, told: str, folder: Path) -> Path:
        """Return the path here of what a program that ran in a folder told."""
        path = PureWindowsPath(told)
        whole = path.as_posix().removeprefix(path.drive)
        return Path(whole) if path.drive else folder / whole

    def left(self, folder: Path) -> list[str]:
        """Return what still runs in the whole prefix, a line each."""
        told = subprocess.run([self._run, "--left"], check=False, capture_output=True, text=True)
        return told.stdout.splitlines()

    def end(self, folder: Path) -> None:
        """End that."""
        subprocess.run([self._run, "--end"], check=False, capture_output=True)


#: Steps that a short tour leaves out: other tests take them on this platform.
LONG = frozenset(
    {
        *("numbers 1 12 55 4, from PowerShell", "numbers -1,2 is refused", "images --json"),
        *("image images/1.jpg --op blur:sigma=2", "image of a folder of 3", "queues", "workers"),
        *("images --json after the restart", "export --format csv", "server.py --until-idle"),
        *("a name in many scripts in --json", "trace", "watch --json --count 2"),
        *("deploy is for AWS", "the code's zip is the same"),
    }
)


#: Says what a fleet's code is called.
ZIP = "from labapp.cloud.fleet import artifact; print(artifact.build().key)"


class Tour(Everyday):
    """The steps in their order, on the local cloud; all of them, or half."""

    def __init__(self, carrier: Carrier, folder: Path, *, short: bool = False) -> None:
        super().__init__(carrier, folder, {"LABAPP_PORT": str(free_port())})
        self._left_out: frozenset[str] = LONG if short else frozenset()

    def step(
        self, title: str, step: Callable[..., None], *arguments: str, needs: Sequence[str] = ()
    ) -> None:
        """Take a step, unless it is left out or needs one that has failed."""
        if title not in self._left_out:
            super().step(title, step, *arguments, needs=needs)

    def go(self) -> None:
        """Take every step."""
        started = f"numbers {LIST}"
        uploaded = "upload of the sample set"
        answered = "answer"
        stopped = "cloud stop"
        again = "numbers again"
        self.step("config", self._config)
        self.step(started, self.numbers, LIST)
        self.step("numbers 1 12 55 4, from PowerShell", self.numbers, *LIST.split(","))
        self.step("numbers -1,2 is refused", self.refused)
        self.step(uploaded, self.upload, needs=[started])
        self.step("images --json", self.images, needs=[uploaded])
        self.step(answered, self.answer, needs=[uploaded])
        self.step("stats --json", self.stats, needs=[answered])
        self.step("image images/1.jpg --op blur:sigma=2", self.image, needs=[started])
        self.step("image of a folder of 3", self.folder_of_pictures, needs=[started])
        self.step("image of a name in many scripts", self.odd_picture, needs=[started])
        self.step("jobs --json", self.jobs, needs=[started])
        self.step("queues", self.queues, needs=[started])
        self.step("workers", self.workers, needs=[started])
        self.step("trace", self._trace, needs=[started])
        self.step("watch --json --count 2", self._watch, needs=[started])
        self.step("deploy is for AWS", self._deploy)
        self.step("the code's zip is the same", self._zip)
        if isinstance(self.carrier, Wine):
            self.step("guard is for Linux", self._guard)
        self.step(stopped, self._stop, needs=[started])
        self.step(again, self.numbers, LIST, needs=[stopped])
        self.step("images --json after the restart", self.images, needs=[uploaded, again])
        self.step("stats --json after the restart", self.stats, needs=[answered, again])
        self.step("export --format csv", self.export, needs=[answered, again])
        self.step("a name in many scripts in --json", self._name)
        self.step("server.py --until-idle", self._until_idle, needs=[again])
        self.step("cloud reset", self._reset, needs=[again])
        self.step("nothing left running", self.nothing_left)

    def _config(self) -> None:
        cloud = self.json("client.py", "config").get("cloud")
        expect(cloud is not None and cloud["value"] == "local", f"cloud is {cloud}")

    def _trace(self) -> None:
        told = self.json("client.py", "trace")
        lacking = [step["step"] for step in told["steps"] if step["state"] != "done"]
        expect(told["outcome"] == "good" and not lacking, f"without {lacking}: {told['verdict']}")

    def _watch(self) -> None:
        looks = self.command("admin.py", "watch", "--json", "--count", "2").splitlines()
        seen = [json.loads(look) for look in looks]
        expect(len(seen) == 2, f"{len(seen)} looks of 2")
        for lab in seen:
            at_work = [one["worker"] for one in lab["workers"] if one["state"] == "running"]
            expect(len(at_work) == 1 and not lab["trouble"], f"{at_work}: {lab['trouble']}")

    def _deploy(self) -> None:
        self.command("admin.py", "deploy", "plan", code=2)

    def _zip(self) -> None:
        """Have the code zipped there, and here."""
        told = self.command("-c", ZIP).decode().strip()
        key = artifact.build(self.project).key
        expect(told == key, f"{told}, and here {key}")

    def _guard(self) -> None:
        self.command("server.py", "guard", code=2)

    def _stop(self) -> None:
        self.command("admin.py", "cloud", "stop")

    def _name(self) -> None:
        settings = self.json("client.py", "config", LABAPP_USER=NAME)
        came_back = settings["user"]["value"]
        expect(came_back == NAME, f"the name came back as {came_back!r}")

    def _until_idle(self) -> None:
        self.command("server.py", "--plain", "--until-idle", "--wait-seconds", "1")

    def _reset(self) -> None:
        self.command("admin.py", "cloud", "reset", "--yes")


@contextlib.contextmanager
def prepared(carrier: Carrier, *, short: bool = False) -> Iterator[Tour]:
    """Yield a tour of a copy of this project; at the end nothing of it runs or is left."""
    with tempfile.TemporaryDirectory(prefix="tour-", ignore_cleanup_errors=True) as name:
        tour = Tour(carrier, Path(name).resolve(), short=short)
        try:
            yield tour
        finally:
            tour.end()


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
