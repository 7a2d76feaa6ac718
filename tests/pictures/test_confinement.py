"""What a platform does not let a child give up is told, and everything else goes on."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.pictures import confinement
from labapp.pictures.confinement import landlock, seccomp
from labapp.pictures.sandbox import Child, Sandbox
from tests.worker.picture_kit import asked, handler, put

#: What a filter of calls keeps from a child.
CALLS = (confinement.NETWORK, confinement.PROCESSES)


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_limit", lambda _: True)


def without(*calls: int) -> Any:
    """Return a C library whose kernel does not know some calls."""

    def syscall(number: int, *_: object) -> int:
        # A version of Landlock, then success.
        return -1 if number in calls else int(number == 444)

    return SimpleNamespace(prctl=lambda *_: 0, syscall=syscall)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_on_other_platforms_files_and_calls_are_told_as_missing(
    monkeypatch: pytest.MonkeyPatch, unlimited: None, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert confinement.confine(1) == (confinement.FILES, *CALLS)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own")
def test_each_step_that_a_kernel_does_not_know_is_told_alone(
    monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> None:
    monkeypatch.setattr(landlock, "readable", tuple)
    filtering = {call for _, call, _ in seccomp._MACHINES.values()}
    # A rule set is closed once it has been laid on.
    monkeypatch.setattr("os.close", lambda _: None)
    for library, missing in (
        (without(444), (confinement.FILES,)),
        (without(446), (confinement.FILES,)),
        (without(*filtering), CALLS),
        (without(444, *filtering), (confinement.FILES, *CALLS)),
        (without(), ()),
        (SimpleNamespace(), (confinement.FILES, *CALLS)),
    ):
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, found=library, **__: found)
        assert confinement.confine(1) == missing


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own")
def test_a_machine_whose_calls_we_do_not_know_is_told(
    monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> None:
    monkeypatch.setattr(landlock, "restrict", lambda _: True)
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: without())
    assert confinement.confine(1) == CALLS


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such limits")
def test_on_macos_a_limit_keeps_other_processes_out_of_reach_but_for_root(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = (confinement.FILES, *CALLS)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(confinement, "_bound", lambda *_: True)
    monkeypatch.setattr(os, "geteuid", lambda: 501, raising=False)
    assert confinement.limit_processes(told) == (confinement.FILES, confinement.NETWORK)
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert confinement.limit_processes(told) == told


def test_neither_the_users_folder_nor_what_lies_above_it_is_readable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "people" / "ada"
    packages = home / "lab" / "packages"
    packages.mkdir(parents=True)
    for name, path in (("one", packages), ("two", home), ("three", tmp_path)):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(__path__=[str(path)]))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    found = landlock.readable.__wrapped__()
    assert str(packages) in found
    assert not {str(home), str(tmp_path), str(tmp_path / "people"), "/"} & set(found)
    assert str(Path(__file__).parents[2] / "labapp") in found
    assert str(Path(__file__).parents[2]) not in found


def test_a_worker_says_once_what_keeps_pictures_apart_elsewhere_alone(
    bare_bucket: Bucket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begin = Sandbox._begin

    def begun_with_less(self: Sandbox) -> Child:
        begun = begin(self)
        self.missing = (confinement.FILES,)
        return begun

    monkeypatch.setattr(Sandbox, "_begin", begun_with_less)
    work = handler(bare_bucket)
    for job in ("job-1", "job-2"):
        put(bare_bucket, f"inbox/{job}/a.png")
        assert work.work(asked(f"inbox/{job}/a.png", job=job)).status == "done"
    told = [record for record in caplog.records if getattr(record, "event", "") == "children"]
    assert [record.getMessage() for record in told] == [
        "of processes of pictures: other files are not out of reach"
    ]
