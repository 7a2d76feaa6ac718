"""Programs end when they are asked to: by a signal, or as a window is closed on Windows."""

from __future__ import annotations

import signal
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.programs.shell import exits
from labapp.programs.workers import run
from tests.support.terminal import environment

#: The number of Ctrl-Break's signal on Windows.
CTRL_BREAKS = 21

CTRL_C, CTRL_BREAK, CTRL_CLOSE, CTRL_LOGOFF, CTRL_SHUTDOWN = 0, 1, 2, 5, 6


@pytest.mark.parametrize("event", [CTRL_CLOSE, CTRL_LOGOFF, CTRL_SHUTDOWN])
def test_a_worker_is_told_that_there_is_no_time_and_waited_for(event: int) -> None:
    asked: list[str] = []

    def stop() -> None:
        asked.append("stop")
        if len(asked) == 2:
            window.ended()

    window = exits.watch_window(stop)
    assert window(event)
    assert asked == ["stop", "stop"], "as a second Ctrl-C has it: jobs are handed back at once"


@pytest.mark.parametrize("event", [CTRL_C, CTRL_BREAK])
def test_what_is_typed_is_left_to_the_signals(event: int) -> None:
    window = exits.watch_window(lambda: pytest.fail("it was not closed"))
    assert not window(event)


def test_one_that_does_not_end_is_not_waited_for_longer_than_windows_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert exits._SECONDS < 5
    monkeypatch.setattr(exits, "_SECONDS", 0)
    assert exits.watch_window(lambda: None)(CTRL_CLOSE)


def test_ctrl_break_is_heard_as_sigterm_is(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", heard.__setitem__)
    monkeypatch.setattr(signal, "SIGBREAK", CTRL_BREAKS, raising=False)  # Windows alone has it
    received = exits.hear_signals()
    with pytest.raises(SystemExit, match="143"):
        heard[CTRL_BREAKS](CTRL_BREAKS, None)
    assert received == [signal.SIGTERM]


def test_an_end_that_is_asked_for_while_python_frees_something_comes_all_the_same() -> None:
    program = """
import signal, sys, time
from labapp.programs.shell import exits
steps = 600 if sys.platform == "win32" else 1  # there no signal but Ctrl-C wakes who sleeps
class Freed:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
received = exits.hear_signals()
try:
    Freed()
    for _ in range(steps):
        time.sleep(60 / steps)
finally:
    print(len(received))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment({}), capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (143, f"2{chr(10)}", "")


def test_ctrl_break_stops_a_worker_as_sigterm_does(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", heard.__setitem__)
    monkeypatch.setattr(signal, "SIGBREAK", CTRL_BREAKS, raising=False)
    stopped: list[str] = []
    worker: Any = SimpleNamespace(stop=lambda: stopped.append("stop"))
    received = run._stop_on_signals(worker)
    heard[CTRL_BREAKS](CTRL_BREAKS, None)
    assert stopped == ["stop"]
    assert received == [signal.SIGTERM]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("shtab", "shtab is not installed here: 'pip install -r requirements.txt' brings it."),
        ("PIL.Image", "PIL is not installed here: 'pip install -r requirements.txt' brings it."),
        ("labapp.gone", "an unforeseen error: ModuleNotFoundError: "),
    ],
)
def test_a_library_that_an_instance_does_without_is_named(name: str, told: str) -> None:
    missing = ModuleNotFoundError(f"No module named {name!r}", name=name)
    assert exits.keep_traceback(missing).startswith(told)
