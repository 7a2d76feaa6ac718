"""A throw-away machine: this one's root, written to in memory only, with a systemd and stubs."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from tests.boot.services import AWS_PORT, GROUP_PORT

HERE = Path(__file__).parent

#: Where stubs lie on the machine: where the shell looks first, and where user-data calls it.
_BIN, _CFN = "usr/local/bin", "opt/aws/bin"

#: Where AWS is, as its own tools are told: the worker's environment stays as the template has it.
CONFIG = f"""\
[default]
endpoint_url = http://127.0.0.1:{AWS_PORT}
services = lane
[services lane]
auto_scaling =
  endpoint_url = http://127.0.0.1:{GROUP_PORT}
"""

#: What systemd brings up: what units stand on, and the bus by which its tools ask it.
TARGET = "[Unit]\nRequires=basic.target dbus.service\nAfter=basic.target dbus.service\n"

#: A shell's environment at an instance's first start.
_ENVIRONMENT = ("PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root")

#: Seconds for systemd to be up, on a machine at work.
_UP = 120.0

#: What a machine has of its own; the network is the lane's.
_APART = ("--mount", "--pid", "--uts", "--ipc", "--cgroup")


class Machine:
    """One throw-away machine, which is up.

    Args:
        folder: where there is none yet, in memory.
        hurried: whether its shell sleeps for a moment only, however long it is to.
    """

    def __init__(self, folder: Path, *, hurried: bool = False) -> None:
        for name in ("root", "upper", "work", "laid"):
            (folder / name).mkdir(parents=True)
        _lay(folder / "laid", hurried)
        argv = ["unshare", *_APART, "--fork", "--kill-child", str(HERE / "init.sh"), str(folder)]
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        self._init = 0
        until = time.monotonic() + _UP
        while self._init == 0 or not self.is_active("lane.target"):
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError("no systemd came up")
            time.sleep(0.2)
            self._init = self._init or _child_of(self._process.pid)

    @property
    def root(self) -> Path:
        """Where its files are, seen from here."""
        return Path(f"/proc/{self._init}/root")

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run something there, as root and by its environment alone."""
        words = ["nsenter", "--target", str(self._init), *_APART, "/usr/bin/env", "-i"]
        return subprocess.run(
            [*words, *_ENVIRONMENT, *argv],
            stdin=subprocess.DEVNULL,
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

    def as_labapp(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of server.py, as the worker's user and by its environment."""
        line = "cd /opt/labapp && env -i $(cat /etc/labapp.env) .venv/bin/python server.py"
        return self.run("runuser", "-u", "labapp", "--", "sh", "-c", f"{line} {command}")

    def health(self) -> subprocess.CompletedProcess[str]:
        """Ask for the health of its worker."""
        return self.as_labapp("health")

    def signal(self, name: str) -> None:
        """Send its worker, and what that started, a signal."""
        self.run("systemctl", "kill", "--signal", name, "labapp")

    def is_active(self, unit: str) -> bool:
        """Tell whether a unit runs."""
        return self.told(unit, "ActiveState") == "active"

    def told(self, unit: str, name: str) -> str:
        """Return what systemd has of a unit."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def log(self, unit: str) -> str:
        """Return the end of what a unit wrote, without dates."""
        return self.run("journalctl", "-u", unit, "-n", "50", "-o", "cat", "--no-pager").stdout

    @property
    def calls(self) -> list[str]:
        """What stubs were called with, in order."""
        path = self.root / "run/lane/calls"
        return path.read_text("utf-8").splitlines() if path.exists() else []

    def end(self) -> None:
        """End it, and whatever runs there."""
        self._process.kill()
        self._process.wait()


def _lay(laid: Path, hurried: bool) -> None:
    """Lay what a machine has that this one has not, by its path there."""
    for stub in (HERE / "stubs").iterdir():
        place = laid / (_CFN if stub.name == "cfn-signal" else _BIN)
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(stub, place / stub.name)
    if hurried:
        sleep = laid / _BIN / "sleep"
        sleep.write_text("#!/bin/bash\nexec /usr/bin/sleep 0.1\n", "utf-8")
        sleep.chmod(0o755)
    for path, text in {
        "etc/fstab": "",
        "etc/systemd/system/lane.target": TARGET,
        "var/lib/labapp/.aws/config": CONFIG,
    }.items():
        (laid / path).parent.mkdir(parents=True, exist_ok=True)
        (laid / path).write_text(text, "utf-8")


def _child_of(pid: int) -> int:
    """Return the one child of a process; 0: there is none yet."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return int(found[0]) if found else 0
