"""A test that leaves a process behind fails, and the process does not outlive it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labapp.cloud.embedded import launcher
from labapp.cloud.session import local_home
from tests.support import leftovers
from tests.support.commands import admin
from tests.support.processes import alive
from tests.support.waiting import until


def test_a_cloud_that_was_left_is_ended_and_told(tmp_path: Path) -> None:
    assert leftovers.left_cloud(tmp_path / "data") == ""
    running = launcher.ensure(local_home(), 4790)
    assert leftovers.left_cloud(tmp_path / "data") == f"a local cloud in {local_home()}"
    until(lambda: not alive(running.pid))


def test_processes_are_known_by_their_words_or_their_folder(tmp_path: Path) -> None:
    wait = "import sys; sys.stdin.read()"
    other = str(tmp_path / "data")
    for words, env in (([other], {"LABAPP_DATA_DIR": ""}), ([], {"LABAPP_DATA_DIR": other})):
        argv = [sys.executable, "-c", wait, *words]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, env={**os.environ, **env}) as process:
            until(lambda: process.pid in [p.pid for p in leftovers.left_processes(tmp_path)])
            (found,) = leftovers.left_processes(tmp_path)
            assert str(process.pid) in leftovers.told([found])
            process.communicate()
        assert leftovers.left_processes(tmp_path) == []


def test_no_test_takes_the_users_own_port_or_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert admin("queues") == 1  # as a test without a fixture would
    assert "a test takes the port of the user's own cloud" in capsys.readouterr().err
    assert launcher.find(local_home()) is None
    assert Path.home().is_relative_to(tmp_path)
