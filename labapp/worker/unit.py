"""The worker as systemd runs it: which process it is, and signals to that.

No right to tell systemd anything is needed, only to be the same user: the unit's own rules say that
a worker which SIGTERM ended stays ended, and that one which SIGHUP ended is started anew.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass

from labapp.errors import LabappError

#: The unit of the worker.
WORKER = "labapp.service"

#: The signals after which it is started anew, and that it cannot hear; Windows has no systemd.
if sys.platform == "win32":
    _ANEW = _AT_ONCE = signal.SIGTERM
else:
    _ANEW, _AT_ONCE = signal.SIGHUP, signal.SIGKILL

#: Seconds that systemd has to answer.
TIMEOUT = 20.0

#: States of a unit in which no process of it runs, nor will by itself.
_OUT = frozenset({"inactive", "failed"})


class UnitError(LabappError):
    """systemd does not tell of the unit, or its process is not ours to signal."""


@dataclass(frozen=True)
class State:
    """How a unit is: whether it is out for good, and its main process, 0 where there is none."""

    is_out: bool
    pid: int


class Unit:
    """One unit of systemd, looked at and signalled; by its name."""

    def __init__(self, name: str = WORKER) -> None:
        self.name = name

    def state(self) -> State:
        """Return how it is.

        Raises:
            UnitError: systemd does not tell.
        """
        argv = ["systemctl", "show", "--property", "MainPID", "--property", "ActiveState"]
        try:
            said = subprocess.run(
                [*argv, self.name],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=TIMEOUT,
                check=True,
            ).stdout
            told = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
            return State(told["ActiveState"] in _OUT, int(told["MainPID"]))
        except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            why = "systemctl does not tell how it is"
            raise UnitError(f"{self.name}: {why} ({error})") from error

    def stop(self, pid: int) -> None:
        """Ask its process to end for good; asked twice, it hands its jobs back at once."""
        self._signal(pid, signal.SIGTERM)

    def restart(self, pid: int) -> None:
        """Ask its process to end and be started anew."""
        self._signal(pid, _ANEW)

    def kill(self, pid: int) -> None:
        """End its process at once; its jobs come back by themselves."""
        self._signal(pid, _AT_ONCE)

    def _signal(self, pid: int, number: int) -> None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
        except (OSError, OverflowError) as error:
            raise UnitError(f"{self.name}: cannot signal process {pid} ({error})") from error
