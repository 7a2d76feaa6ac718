"""Real children that are started anew, as on macOS (over a socket) and on Windows (over pipes)."""

from __future__ import annotations

import ctypes
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from labapp import background
from labapp.cloud.bucket import Bucket
from labapp.errors import JobFailedError, RefusedError
from labapp.pictures import confinement, line, sandbox, started, task_files
from labapp.pictures.held import HeldTask
from labapp.pictures.process import PictureTask
from labapp.pictures.sandbox import Caps, EndedError, Sandbox
from labapp.worker.picture_work import PRELOADED
from tests.pictures import odd_children
from tests.pictures.samples import INVERT
from tests.worker.picture_kit import asked, handler, put

CAPS = Caps(60, 450_000_000)


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have children started anew; end those that are begun."""
    monkeypatch.setattr(sandbox, "FORKS", False)
    begun, begin = [], sandbox.begun

    def noted(preload: str) -> sandbox.Child:
        begun.append(begin(preload))
        return begun[-1]

    monkeypatch.setattr(sandbox, "begun", noted)
    yield
    for one in begun:
        one.end()


@pytest.fixture
def over_socket(anew: None) -> None:
    if sys.platform == "win32":
        pytest.skip("no files are handed over there")


@pytest.fixture
def over_pipes(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "HANDS_FILES", False)


@pytest.fixture(params=["over_socket", "over_pipes"])
def either_way(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(request.param)


def psutil_tells(process: subprocess.Popen[bytes]) -> int:
    """Tell a child's memory, as its platform would."""
    return int(psutil.Process(process.pid).memory_info().rss)


@pytest.mark.skipif(sys.platform == "win32", reason="its modules are none of another platform's")
def test_only_linux_forks_and_only_windows_hands_no_files() -> None:
    code = (
        "import sys, socket, subprocess\n"
        "sys.platform = sys.argv[1]\n"
        "from labapp.pictures import sandbox\n"
        "print(sandbox.FORKS, sandbox.HANDS_FILES)\n"
    )
    for platform, told in (("linux", "True True"), ("darwin", "False True")):
        command = [sys.executable, "-c", code, platform]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == told


@pytest.mark.usefixtures("either_way")
def test_one_child_does_picture_after_picture_and_one_that_it_refuses(task: PictureTask) -> None:
    same = Sandbox(CAPS, PRELOADED)
    assert same.run(task).format == "png"
    first = same._idle[0]
    assert isinstance(first, started.Started)
    assert same.run(task).bytes == task.result.stat().st_size
    good = task.source.read_bytes()
    task.source.write_bytes(b"These are my notes.\n")
    with pytest.raises(RefusedError, match="is text"):
        same.run(task)
    assert not task.result.exists()
    task.source.unlink()
    with pytest.raises(RefusedError, match=r"cannot read cat\.png: No such file"):
        same.run(task)
    task.source.write_bytes(good)
    assert same.run(task).format == "png"
    held = HeldTask(good + bytes(task_files.LEAST_BESIDE), INVERT, task.limits, "", "cat.png")
    assert same.run(held).data == task.result.read_bytes(), "without files it does the same"
    assert same._idle == [first]


@pytest.mark.usefixtures("over_pipes")
def test_a_result_that_cannot_be_made_may_be_made_another_time(task: PictureTask) -> None:
    lost = replace(task, result=task.result.with_name("gone") / "result")
    with pytest.raises(EndedError, match="files cannot be opened: No such file"):
        Sandbox(CAPS, PRELOADED).run(lost)


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(
    ("work", "told"),
    [
        (odd_children.hang, r"longer than 0\.5 seconds"),
        (odd_children.crash, r"crashed .SIGSEGV.|could not be processed .OSError."),
        (odd_children.leave, "crashed .exit code 7."),
    ],
)
def test_what_goes_wrong_in_one_hurts_nobody(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch, work: Any, told: str
) -> None:
    monkeypatch.setattr(sandbox, "_work", work)
    with pytest.raises(JobFailedError, match=told):
        Sandbox(Caps(0.5, CAPS.memory), PRELOADED).run(task)
    assert not task.result.exists()


@pytest.mark.usefixtures("anew")
def test_the_next_child_of_a_worker_is_begun_before_it_is_needed(task: PictureTask) -> None:
    same = Sandbox(replace(CAPS, on_worker=True), PRELOADED)
    same.run(task)
    assert same._next is not None
    ahead = same._next.result(60)
    same._idle.pop().end()
    task.result.unlink()
    assert same.run(task).format == "png"
    assert same._idle == [ahead]
    assert same._next is not None, "and again"
    same._next.result(60)


@pytest.mark.usefixtures("either_way")
def test_memory_that_a_child_cannot_bound_is_looked_at_from_outside(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started, "footprint", psutil_tells)
    monkeypatch.setattr(sandbox, "_work", odd_children.devour_unbounded)
    same = Sandbox(Caps(60, 60_000_000), PRELOADED)
    with pytest.raises(RefusedError, match="needs more than 60 MB of memory"):
        same.run(task)
    assert confinement.MEMORY not in (same.missing or ())
    assert not task.result.exists()


def test_a_worker_says_that_nobody_bounds_the_memory(
    bare_bucket: Bucket,
    anew: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sandbox, "_work", odd_children.unbounded)
    monkeypatch.setattr(started, "footprint", lambda _: 0)
    put(bare_bucket, "inbox/job-1/a.png")
    with caplog.at_level(logging.WARNING):
        assert handler(bare_bucket).work(asked("inbox/job-1/a.png")).status == "done"
    assert "its memory is not limited" in caplog.text


@pytest.mark.usefixtures("anew")
def test_what_a_job_object_holds_is_not_told_as_missing(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    job = SimpleNamespace(
        forbids_processes=True, bound_memory=seen.append, close=lambda: seen.append("closed")
    )
    monkeypatch.setattr(started, "_job_around", lambda _: job)
    monkeypatch.setattr(started, "footprint", lambda _: 70_000_000)
    begun = sandbox.begun(PRELOADED)
    told = (confinement.FILES, confinement.NETWORK, confinement.PROCESSES, confinement.MEMORY)
    assert begun.hold(30_000_000, told) == (confinement.FILES, confinement.NETWORK)
    begun.end()
    assert seen[:2] == [100_000_000, "closed"]


def test_the_footprint_is_read_where_macos_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def proc_pid_rusage(pid: int, flavour: int, where: Any) -> int:
        assert flavour == 0
        if pid != 4711:
            return -1
        where._obj[:] = range(12)  # 96 bytes: an id of 16, then numbers of 8
        return 0

    library = SimpleNamespace(proc_pid_rusage=proc_pid_rusage)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    monkeypatch.setattr(sys, "platform", "darwin")
    here: Any = SimpleNamespace(pid=4711)
    gone: Any = SimpleNamespace(pid=4712)
    assert (started.footprint(here), started.footprint(gone)) == (9, 0)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    assert started.footprint(here) == 0


def test_in_a_venv_of_windows_python_itself_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert background.interpreter() == (sys.executable, {})
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", "lab/Scripts/python.exe")
    monkeypatch.setattr(sys, "_base_executable", "Python311/python.exe", raising=False)
    told = {"__PYVENV_LAUNCHER__": "lab/Scripts/python.exe"}
    assert background.interpreter() == ("Python311/python.exe", told)
    monkeypatch.setattr(sys, "_base_executable", "lab/Scripts/python.exe")
    assert background.interpreter() == ("lab/Scripts/python.exe", {})


@pytest.mark.skipif(sys.platform == "win32", reason="its lines are pipes")
def test_an_answer_that_comes_bit_by_bit_is_looked_at_too() -> None:
    ours, theirs = socket.socketpair()
    looks = []

    def look() -> None:
        looks.append(1)
        if len(looks) > 3:
            raise line.FullError
        os.write(theirs.fileno(), b"\0")

    with ours, theirs, pytest.raises(line.FullError):
        line.exchange(ours, b"task", (), line.Most(10), time.monotonic() + 60, look)


def test_a_folder_that_windows_does_not_open_is_called_one(
    task: PictureTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(RefusedError, match=r"cannot read cat\.png: Is a directory"):
        task_files.descriptors(replace(task, source=tmp_path))
    with pytest.raises(RefusedError, match=r"cannot read cat\.png: Permission denied"):
        task_files.descriptors(task)
