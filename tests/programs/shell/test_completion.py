"""Tab completes the programs in a real shell, called as their help says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.terminal import ROOT, Spawn, Terminal
from tests.support.terminal import terminal as terminal

BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(os.name != "posix" or not BASH, reason="needs ptys and bash")


@pytest.fixture
def shell(terminal: Spawn) -> Terminal:
    """Give a shell in which the completion of client.py and admin.py is on."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "PS1": "$ ", "LABAPP_DATA_DIR": os.environ["LABAPP_DATA_DIR"]}
    opened = terminal([str(BASH), "--norc", "--noprofile", "-i"], env=env, columns=120)
    opened.wait_for("$")
    for program in ("client.py", "admin.py"):
        opened.send(f"source <(./{program} completion bash)", "enter")
    opened.send("echo re''ady", "enter")
    opened.wait_for("ready")
    return opened


TYPED = (
    ("./client.py num", "./client.py numbers"),
    ("./client.py numbers --ra", "./client.py numbers --random"),
    ("./client.py numbers --file REA", "--file README.md"),
    ("./client.py upload images/17", "upload images/17.jpg"),
    ("./client.py image a.jpg --op gray", "--op grayscale"),
    ("./client.py image a.jpg --out laba", "--out labapp/"),
    ("./client.py --color true", "--color truecolor"),
    ("./client.py completion z", "completion zsh"),
    ("./client.py help lab", "help labelling"),
    ("./admin.py queues purge req", "queues purge requestQueue"),
    ("./admin.py queues purge ", "imageInbox     imageOutbox"),
    ("./admin.py queues discard imageI", "queues discard imageInbox"),
    ("./admin.py queues dead imageO", "queues dead imageOutbox"),
    ("./admin.py dialect show pai", "dialect show pairs"),
)


def test_tab_completes_what_is_typed(shell: Terminal) -> None:
    for typed, completed in TYPED:
        shell.send(typed, "tab", "tab")
        shell.wait_for(completed)
        shell.send("\x15", "\x0c")  # an empty line, on an empty screen
        shell.wait_gone(completed)


@pytest.mark.parametrize("program", ["client.py", "admin.py", "server.py"])
def test_a_program_can_be_called_by_its_own_name(program: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [ROOT / program, "--version"], env={**os.environ, "PATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("labapp ")


@pytest.mark.parametrize("program", ["client.py", "admin.py", "server.py"])
def test_without_its_libraries_a_program_says_what_to_do_first(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-S", ROOT / program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "is not installed. First: source .venv/bin/activate" in done.stderr
