"""The worker's unit, as systemctl tells of it, and its signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from labapp.worker.unit import State, Unit, UnitError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd is Linux's")


@pytest.fixture
def systemctl(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | Exception], None]:
    def says(what: str | Exception) -> None:
        def run(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
            assert argv[0] == "systemctl"
            assert argv[-1] == "labapp.service"
            if isinstance(what, Exception):
                raise what
            return subprocess.CompletedProcess(argv, 0, what, "")

        monkeypatch.setattr(subprocess, "run", run)

    return says


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("MainPID=123\nActiveState=active\n", State(is_out=False, pid=123)),
        ("MainPID=0\nActiveState=activating\n", State(is_out=False, pid=0)),
        ("MainPID=0\nActiveState=inactive\n", State(is_out=True, pid=0)),
        ("MainPID=0\nActiveState=failed\n", State(is_out=True, pid=0)),
        ("MainPID=12\nActiveState=deactivating\n", State(is_out=False, pid=12)),
    ],
)
def test_how_a_unit_is(
    systemctl: Callable[[str | Exception], None], said: str, state: State
) -> None:
    systemctl(said)
    assert Unit().state() == state


@pytest.mark.parametrize(
    "said",
    [
        "",
        "MainPID=\nActiveState=active\n",
        FileNotFoundError("systemctl"),
        subprocess.TimeoutExpired("systemctl", 20),
        subprocess.CalledProcessError(1, "systemctl"),
    ],
    ids=["nothing", "no-number", "absent", "slow", "failed"],
)
def test_systemd_that_does_not_tell(
    systemctl: Callable[[str | Exception], None], said: str | Exception
) -> None:
    systemctl(said)
    with pytest.raises(UnitError, match="systemctl does not tell"):
        Unit().state()


def test_its_process_is_signalled(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    Unit().stop(7)
    Unit().restart(7)
    Unit().kill(7)
    assert sent == [(7, signal.SIGTERM), (7, signal.SIGHUP), (7, signal.SIGKILL)]


def test_a_process_that_is_gone_or_anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(pid: int, number: int) -> None:
        raise ProcessLookupError if pid == 7 else PermissionError("not yours")

    monkeypatch.setattr(os, "kill", kill)
    Unit().stop(7)
    with pytest.raises(UnitError, match="cannot signal process 8"):
        Unit().stop(8)
