"""`client.py image` on many pictures ends soon after Esc or Ctrl-C, not after all of them.

200 uploads were queued at once, and leaving waited for the whole queue.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.worker import local_workers
from tests.dataset.dataset_kit import write_pictures
from tests.support.platforms import needs_terminal
from tests.support.terminal import ROOT, Spawn, Terminal
from tests.support.terminal import terminal as terminal

pytestmark = needs_terminal

#: Pictures sent, eight at once. `jobs` lists 100.
MANY = 48

#: What the bar says once the first eight pictures were sent, and more are under way.
UNDER_WAY = re.compile(r"\b[2-9][0-9]%")

#: For tests that stop it under way: all pictures take nine seconds.
slowly = pytest.mark.parametrize("seconds", [1.5], ids=["slowly"])


@pytest.fixture
def seconds() -> float:
    """Return what a picture takes."""
    return 0.0


@pytest.fixture
def sending(terminal: Spawn, home: Path, tmp_path: Path, seconds: float) -> Iterator[Terminal]:
    """Send many pictures, on a local cloud that is up and has no worker to answer."""
    write_pictures(tmp_path / "photos", range(MANY))
    names = ("LABAPP_DATA_DIR", "LABAPP_CONFIG_DIR", "LABAPP_PORT")
    env = {name: os.environ[name] for name in names}
    subprocess.run(
        [sys.executable, ROOT / "admin.py", "cloud", "start"],
        check=True,
        capture_output=True,
    )
    words = ["image", str(tmp_path / "photos"), "--op", "invert"]
    script = ROOT / "tests" / "support" / "slow_uploads.py"
    yield terminal(
        [sys.executable, script, str(seconds), *words], columns=120, env=env, cwd=tmp_path
    )
    local_workers.stop_background(home)


def uploads() -> int:
    """Return how many pictures were sent."""
    done = subprocess.run(
        [sys.executable, ROOT / "client.py", "jobs", "--json"],
        check=True,
        capture_output=True,
    )
    return len(json.loads(done.stdout))


@slowly
def test_esc_stops_what_is_under_way(sending: Terminal) -> None:
    sending.wait_until(lambda: bool(UNDER_WAY.search(sending.text)), "the first pictures")
    sending.send("esc")
    assert sending.finish() == 130
    assert "not sent, as you stopped it" in sending.text
    assert b"client.py fetch" in sending.raw
    assert 0 < uploads() < MANY


@slowly
def test_ctrl_c_stops_what_is_under_way(sending: Terminal) -> None:
    sending.wait_until(lambda: bool(UNDER_WAY.search(sending.text)), "the first pictures")
    sending.send("ctrl-c")
    assert sending.finish() == 130
    assert 0 < uploads() < MANY
    assert not sending.cursor_hidden
    assert "not sent, as you stopped it" in sending.text
    assert sending.raw.count(b"client.py fetch JOB --out ") == 1


def test_esc_stops_waiting_for_the_results(sending: Terminal) -> None:
    sending.wait_for(f"0 of {MANY} pictures")
    assert any(line.endswith("Esc leaves") for line in sending.lines)
    sending.send("esc")
    assert sending.finish() == 130
    told = f"{MANY} of {MANY} pictures: not back yet when you left. The jobs go on"
    assert sending.text.count(told) == 1
    assert uploads() == MANY


def test_while_no_worker_does_them_that_is_said_once(sending: Terminal) -> None:
    sending.wait_for("no worker is running: 'python server.py' starts one")
    sending.send("esc")
    assert sending.finish() == 130
    assert sending.text.count("no worker is running") == 1
    assert f"0 of {MANY} pictures" in sending.text
