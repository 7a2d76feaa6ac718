from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from labapp import settings
from labapp.programs.menus import remembered
from tests.programs.conftest import ROOT

#: A program that remembers many things of its own, once it is told to begin.
REMEMBERING = """
import sys
from labapp.programs.menus import remembered
print("ready", flush=True)
sys.stdin.readline()
for number in range(30):
    remembered.remember(f"{sys.argv[1]} {number}", "yes")
"""


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABAPP_DATA_DIR", str(tmp_path / "data"))
    return settings.data_dir() / remembered.FILE


def test_programs_that_remember_at_once_lose_nothing_of_each_others(file: Path) -> None:
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", REMEMBERING, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        for name in "abc"
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in programs:
        program.communicate()
        assert program.returncode == 0
    assert len(json.loads(file.read_text("utf-8"))) == 90
    assert {remembered.recall(f"{name} {number}") for name in "abc" for number in range(30)} == {
        "yes"
    }


def test_what_another_version_remembers_stays_as_it_is(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"recent": ["a", "b"], "folder": "x"}), "utf-8")
    remembered.remember("folder", "y")
    assert json.loads(file.read_text("utf-8")) == {"recent": ["a", "b"], "folder": "y"}
    assert remembered.recall("recent", "none") == "none"


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", '"x"'])
def test_a_file_that_says_nothing_is_begun_anew(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(content, "utf-8")
    assert remembered.recall("folder") == ""
    remembered.remember("folder", "y")
    assert remembered.recall("folder") == "y"


def test_a_folder_that_cannot_be_made_costs_nothing_but_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LABAPP_DATA_DIR", str(tmp_path / "file" / "data"))
    remembered.remember("folder", "y")
    assert remembered.recall("folder") == ""
