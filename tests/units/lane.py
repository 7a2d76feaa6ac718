"""The steps: a worker under a systemd that keeps from it what the units say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from labapp.cloud.fleet import template
from tests.boot.lane import DRAINED, Steps, hold, until
from tests.boot.machine import CONFIG
from tests.boot.services import AWS_PORT
from tests.boot.user_data import BUCKET, REGION
from tests.support.fake_imds import Imds

TOP = Path(__file__).parents[2]
UNITS = Path(template.__file__).parent / "units"

#: What the worker's environment is; it polls shortly, so that one that hangs is soon found unwell.
ENVIRONMENT = f"""\
LABAPP_CLOUD=aws
AWS_REGION={REGION}
LABAPP_BUCKET={BUCKET}
LABAPP_DATA_DIR=/var/lib/labapp
HOME=/var/lib/labapp
FLEET_GROUP=labapp-workers
LABAPP_WAIT_SECONDS=2
LABAPP_GRACE_SECONDS=5
"""

#: What is started, and what of systemd's own is wanted for it.
TARGET = """\
[Unit]
Requires=basic.target dbus.service
After=basic.target dbus.service
Wants=labapp.service labapp-guard.service
"""

#: Seconds for systemd and its units to come up.
UP = 60.0

#: Seconds for the health check to be through with a worker that hangs: three looks, the time
#: that it has to end, and its kill.
HEALED = 240.0

#: Places that a worker may not write to, and those that it may.
CLOSED, OPEN = ("/etc", "/opt/labapp", "/usr", "/var/log", "/root"), ("/var/lib/labapp", "/tmp")

#: One operation of each library that a worker decodes, processes and encodes pictures by.
OPERATIONS = ("blur", "grayscale", "resize:side=100", "clahe")


class Lane:
    """The lane, in its own network and with its own mounts; with `services.running`'s."""

    def __init__(self, imds: Imds, calls: list[dict[str, str]]) -> None:
        self.imds, self.calls = imds, calls
        self.folder = Path("/mnt")
        self.steps = Steps()
        self._first: subprocess.Popen[bytes] | None = None
        os.environ |= {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{AWS_PORT}",
            "AWS_ACCESS_KEY_ID": "lane",
            "AWS_SECRET_ACCESS_KEY": "lane",
            "AWS_REGION": REGION,
            "LABAPP_CLOUD": "aws",
            "LABAPP_BUCKET": BUCKET,
            "LABAPP_DATA_DIR": str(self.folder / "data"),
            "LABAPP_CONFIG_DIR": str(self.folder / "config"),
        }

    def take(self) -> None:
        """Take all steps."""
        step = self.steps.step
        with step("bucket and queues are there"):
            made = self._program("admin.py", "cloud", "up")
            hold(made.returncode == 0, made.stderr)
        with step("systemd starts the worker and its guard"):
            self._start()
        with step("a list is answered, and pictures are, by processes that are confined"):
            self._answered()
        with step("the worker writes to its own folder and to no other"):
            self._kept()
        with step("SIGHUP of its own user has it started anew"):
            self._renewed()
        with step("a worker that hangs is killed by the health check, and started anew"):
            self._healed()
        with step("a drain ends the worker for good, and the group is told"):
            self._drained()

    def end(self) -> None:
        """End all that runs there."""
        if self._first:
            self._first.kill()
            self._first.wait()

    def _start(self) -> None:
        lay = self.folder / "lay"
        for name in ("root", "upper", "work"):
            (self.folder / name).mkdir()
        units = lay / "etc/systemd/system"
        shutil.copytree(UNITS, units)
        (units / "lane.target").write_text(TARGET, "utf-8")
        (lay / "etc/labapp.env").write_text(ENVIRONMENT, "utf-8")
        (lay / "etc/aws.config").write_text(CONFIG, "utf-8")
        with (lay / "etc/labapp.env").open("a", encoding="utf-8") as env:
            env.write("AWS_CONFIG_FILE=/etc/aws.config\n")
        code = lay / "opt/labapp"
        code.mkdir(parents=True)
        shutil.copytree(TOP / "labapp", code / "labapp")
        shutil.copy(TOP / "server.py", code)
        apart = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork"]
        argv = [*apart, "--kill-child", "bash", str(Path(__file__).parent / "root.sh"), "/mnt"]
        packages = sysconfig.get_path("purelib")
        self._first = subprocess.Popen(argv, env={**os.environ, "PACKAGES": packages})
        until(lambda: self._unit("labapp")[0] == "active", UP, "active")
        until(lambda: self._unit("labapp-guard")[0] == "active", UP, "guarded")
        until(lambda: self._health() == 0, UP, "well")

    def _answered(self) -> None:
        told = self._program("client.py", "numbers", "1,12,55,4", "--timeout", "30")
        hold(told.returncode == 0 and "72" in told.stdout, told.stdout + told.stderr)
        for operation in OPERATIONS:
            words = ("image", "images/1.jpg", "--op", operation, "--out", str(self.folder / "out"))
            told = self._program("client.py", *words, "--timeout", "60")
            hold(told.returncode == 0, told.stdout + told.stderr + self._log())
        hold("out of reach" not in self._log(), self._log())

    def _kept(self) -> None:
        pid = str(self._unit("labapp")[1])
        # In the worker's own view of the machine, but as root, whom no mode of a file stops.
        for places, may in ((CLOSED, False), (OPEN, True)):
            for place in places:
                ended = self._there("nsenter", "-t", pid, "-m", "touch", f"{place}/lane")
                hold((ended.returncode == 0) is may, f"{place}: {ended.stderr}")

    def _renewed(self) -> None:
        pid = self._unit("labapp")[1]
        ended = self._there("runuser", "-u", "labapp", "--", "kill", "-HUP", str(pid))
        hold(ended.returncode == 0, ended.stderr)
        until(lambda: self._unit("labapp")[1] not in (0, pid), UP, "another process")
        until(lambda: self._health() == 0, UP, "well")

    def _healed(self) -> None:
        pid = self._unit("labapp")[1]
        self._there("systemctl", "stop", "labapp-guard")  # which would be as quick
        self._there("kill", "-STOP", str(pid))
        until(lambda: self._health() != 0, UP, "unwell")
        self._there("systemctl", "start", "--no-block", "labapp-health.service")
        until(lambda: self._unit("labapp")[1] not in (0, pid), HEALED, "another process")
        until(lambda: self._health() == 0, UP, "well")
        self._there("systemctl", "start", "labapp-guard")

    def _drained(self) -> None:
        self.imds.state = "Terminated"
        for unit in ("labapp", "labapp-guard"):
            until(lambda unit=unit: self._unit(unit)[0] == "inactive", DRAINED, f"{unit} out")  # type: ignore[misc]
        hold(self.calls[-1]["Action"] == "CompleteLifecycleAction", self.calls)

    def _there(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run something there as root."""
        first = _child_of(self._first.pid if self._first else 0)
        words = ["nsenter", "-t", first, "-m", "-p", "-C", "-u", "-i", *argv]
        return subprocess.run(words, capture_output=True, encoding="utf-8", check=False, cwd="/")

    def _unit(self, unit: str) -> tuple[str, int]:
        """Return a unit's state, and its main process as it is known there; 0: none."""
        said = self._there("systemctl", "show", "-p", "ActiveState", "-p", "MainPID", unit)
        told = dict(line.split("=", 1) for line in said.stdout.splitlines())
        return told.get("ActiveState", ""), int(told.get("MainPID", 0))

    def _health(self) -> int:
        line = (
            "cd /opt/labapp; exec env -i $(cat /etc/labapp.env) .venv/bin/python server.py health"
        )
        return self._there("runuser", "-u", "labapp", "--", "sh", "-c", line).returncode

    def _log(self) -> str:
        return self._there("journalctl", "-u", "labapp", "-n", "50", "--no-pager").stdout

    def _program(self, *words: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, str(TOP / words[0]), *words[1:]]
        return subprocess.run(argv, capture_output=True, encoding="utf-8", check=False, cwd=TOP)


def _child_of(pid: int) -> str:
    """Return the process that `unshare --fork` makes, which is the first there; 0: not yet."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return (children.read_text("ascii").split() or ["0"])[0]
