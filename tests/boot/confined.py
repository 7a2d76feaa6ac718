"""Steps about the units: what systemd keeps from a worker, and what signals and timers do to it."""

from __future__ import annotations

from pathlib import Path

from tests.boot.machine import Machine
from tests.boot.steps import hold, until

#: Places that a worker may not write to, and those that it may.
CLOSED, OPEN = ("/etc", "/opt/labapp", "/usr", "/var/log", "/root"), ("/var/lib/labapp", "/tmp")

#: Seconds for a unit to be started.
UP = 60.0

#: Seconds for the health check to be through with a worker that hangs: three looks, the time
#: that it has to end, and its kill.
HEALED = 240.0

#: Where the units lie in the code, of which user-data installs those of a fleet.
_UNITS = Path("/opt/labapp/labapp/cloud/fleet/units")


def pid_of(machine: Machine) -> str:
    """Return the worker's process, as it is known there; 0: none."""
    return machine.told("labapp", "MainPID")


def await_another(machine: Machine, pid: str, seconds: float) -> None:
    """Wait until another worker than one runs, and is well."""
    until(lambda: pid_of(machine) not in ("0", pid), seconds, "another process")
    until(lambda: machine.health().returncode == 0, UP, "well")


def writes_to_its_own_folder_only(machine: Machine) -> None:
    """See what a worker may write to: in its own view, but as root, whom no file's mode stops."""
    for places, may in ((CLOSED, False), (OPEN, True)):
        for place in places:
            ended = machine.run("nsenter", "-t", pid_of(machine), "-m", "touch", f"{place}/lane")
            hold((ended.returncode == 0) is may, f"{place}: {ended.stderr}")


def is_started_anew_by_its_own_user(machine: Machine) -> None:
    """Have the worker's user end it by SIGHUP, which is no right of an administrator's."""
    pid = pid_of(machine)
    ended = machine.run("runuser", "-u", "labapp", "--", "kill", "-HUP", pid)
    hold(ended.returncode == 0, ended.stderr)
    await_another(machine, pid, UP)


def is_healed_by_the_health_check(machine: Machine) -> None:
    """Have a worker hang where there is no guard, but what stands in for it on other machines."""
    unit = "labapp-health.service"
    machine.run("install", "-m", "644", str(_UNITS / unit), "/etc/systemd/system")
    machine.run("systemctl", "stop", "labapp-guard")  # which would be as quick
    pid = pid_of(machine)
    machine.signal("STOP")
    until(lambda: machine.health().returncode != 0, UP, "unwell")
    machine.run("systemctl", "start", "--no-block", unit)
    await_another(machine, pid, HEALED)
    machine.run("systemctl", "start", "labapp-guard")
