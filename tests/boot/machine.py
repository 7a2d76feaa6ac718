"""A throw-away machine: this one's root, with whatever is written to it in memory, and stubs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.boot.services import AWS_PORT, GROUP_PORT

STUBS = Path(__file__).parent / "stubs"

#: Where the stubs lie on the machine: where the shell looks first, and where user-data calls it.
_BIN, _CFN = "usr/local/bin", "opt/aws/bin"

#: What stubs note there, and what units write.
NOTED = "run/lane"

#: Where AWS is, as its own tools are told: the worker's environment stays as the template has it.
CONFIG = f"""\
[default]
endpoint_url = http://127.0.0.1:{AWS_PORT}
services = lane
[services lane]
auto_scaling =
  endpoint_url = http://127.0.0.1:{GROUP_PORT}
"""

#: A shell's environment at an instance's first start.
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


class Machine:
    """One throw-away machine.

    Args:
        folder: an empty one in memory.
        hurried: whether its shell sleeps for a moment only, however long it is to.
    """

    def __init__(self, folder: Path, *, hurried: bool = False) -> None:
        self.root = folder / "root"
        for name in ("root", "upper", "work"):
            (folder / name).mkdir(parents=True)
        layers = f"lowerdir=/,upperdir={folder / 'upper'},workdir={folder / 'work'}"
        _run("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        _run("mount", "--rbind", "/dev", str(self.root / "dev"))
        _run("mount", "-t", "proc", "proc", str(self.root / "proc"))
        for name in ("tmp", "run", "var/lib/labapp"):
            path = self.root / name
            path.mkdir(parents=True, exist_ok=True)
            _run("mount", "-t", "tmpfs", "tmpfs", str(path))
        (self.root / NOTED).mkdir()
        self._lay_stubs(hurried)
        self._lay_python()
        config = self.root / "var/lib/labapp/.aws/config"
        config.parent.mkdir()
        config.write_text(CONFIG, "utf-8")

    def _lay_stubs(self, hurried: bool) -> None:
        for stub in STUBS.iterdir():
            place = self.root / (_CFN if stub.name == "cfn-signal" else _BIN)
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(stub, place / stub.name)
        if hurried:
            sleep = self.root / _BIN / "sleep"
            sleep.write_text("#!/bin/bash\nexec /usr/bin/sleep 0.1\n", "utf-8")
            sleep.chmod(0o755)

    def _lay_python(self) -> None:
        """Have `python3.11` be the Python that this runs on, in reach of every user."""
        real = Path(sys.base_prefix, "bin", "python3.11").resolve()
        python = self.root / _BIN / "python3.11"
        python.unlink(missing_ok=True)
        # No link: an environment made by one looks for the library beside that.
        python.write_text(f'#!/bin/sh\nexec {real} "$@"\n', "utf-8")
        python.chmod(0o755)
        for parent in real.parents:
            path = self.root / parent.relative_to("/")
            path.chmod(path.stat().st_mode | 0o555)

    def run(
        self, *argv: str, user: str = "", input: str = "", folder: str = "/"
    ) -> subprocess.CompletedProcess[str]:
        """Run something there, as root or as another, as a unit would: by its environment alone."""
        words = ["chroot", str(self.root), "/usr/bin/env", "-i", f"--chdir={folder}"]
        told = [f"{name}={value}" for name, value in _ENVIRONMENT.items()]
        as_user = ["runuser", "-u", user, "--"] if user else []
        return subprocess.run(
            [*words, *told, *as_user, *argv],
            input=input,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )

    def boot(self, script: str) -> subprocess.CompletedProcess[str]:
        """Have it started for the first time, with what an instance is handed."""
        path = self.root / "run/user-data"
        path.write_text(script, "utf-8")
        path.chmod(0o700)
        return self.run("/run/user-data")

    def health(self) -> subprocess.CompletedProcess[str]:
        """Ask for the health of its worker, as the worker's user and by its environment."""
        line = "env -i $(cat /etc/labapp.env) .venv/bin/python server.py health"
        return self.run("sh", "-c", line, user="labapp", folder="/opt/labapp")

    @property
    def calls(self) -> list[str]:
        """What stubs were called with, in order."""
        path = self.root / NOTED / "calls"
        return path.read_text("utf-8").splitlines() if path.exists() else []

    def log(self, unit: str) -> str:
        """Return what a unit wrote."""
        path = self.root / NOTED / f"{unit}.service.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def unit(self, unit: str) -> tuple[str, int]:
        """Return a unit's state, and its main process; 0: none."""
        said = self.run(
            "systemctl", "show", "--property", "ActiveState", "--property", "MainPID", unit
        )
        told = dict(line.split("=", 1) for line in said.stdout.splitlines())
        return told.get("ActiveState", ""), int(told.get("MainPID", 0))

    def end(self) -> None:
        """End whatever runs there."""
        for pid in self._processes():
            os.kill(pid, signal.SIGKILL)

    def _processes(self) -> Sequence[int]:
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and (entry / "root").readlink() == self.root:
                    found.append(int(entry.name))
            except OSError:  # it has ended
                continue
        return found


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True)
