"""How processes are started that nobody is to see."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from labapp import background

#: "Process Creation Flags" at Microsoft.
DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW = 0x8, 0x200, 0x0800_0000


def test_on_windows_there_is_a_console_without_a_window_and_no_ctrl_c() -> None:
    (flags,) = background.popen_options("win32").values()
    assert flags == CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP
    assert not flags & DETACHED_PROCESS, "its children would open windows of their own"


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_elsewhere_a_child_that_outlives_us_gets_a_session_of_its_own(platform: str) -> None:
    assert background.popen_options(platform) == {"start_new_session": True}


def test_a_child_is_started_by_them_here() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True, timeout=60, **background.popen_options())


@pytest.mark.parametrize(
    "error", [OSError(22, "The parameter is incorrect"), PermissionError(13, "Access is denied")]
)
def test_a_process_that_is_gone_or_anothers_is_no_reason_to_fail(
    monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    asked: list[int] = []

    def kill(pid: int, _: int) -> None:
        asked.append(pid)
        raise error

    monkeypatch.setattr(os, "kill", kill)
    background.kill(7)
    assert asked == [7]


def test_a_process_is_asked_to_end_by_a_signal() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    assert background.ask_to_end(child.pid) is (sys.platform != "win32")
    if sys.platform == "win32":
        child.kill()
    assert child.wait(60) != 0


@pytest.mark.parametrize("pid", [2**70, 2**31 - 2])
def test_who_cannot_be_asked_to_end_was_not(pid: int) -> None:
    assert background.ask_to_end(pid) is False
