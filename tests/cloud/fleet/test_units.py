"""The units of systemd: what they let a worker do, and that what they keep from it is not needed.

`python -m tests.boot` has a systemd run them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import labapp
from labapp.cloud.fleet import template

UNITS = Path(template.__file__).parent / "units"
SERVICES = sorted(UNITS.glob("*.service"))
HELP = Path(labapp.__file__).parent / "help"

#: Exposure, of 10, that a unit may have by systemd's own measure.
MOST_EXPOSED = 2.5

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd here"
)


def told(*words: str | Path) -> str:
    ended = subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )
    return ended.stdout + ended.stderr


def test_the_units_are_the_workers_and_those_that_look_after_it() -> None:
    assert [path.name for path in sorted(UNITS.iterdir())] == [
        "labapp-guard.service",
        "labapp-health.service",
        "labapp-health.timer",
        "labapp.service",
    ]


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_a_unit_may_do_little_by_systemds_own_measure(unit: Path) -> None:
    said = told("security", "--offline=true", "--no-pager", unit)
    found = re.search(r"exposure level for \S+: ([\d.]+)", said)
    if found is None:
        pytest.skip("this systemd measures no files")
    assert float(found[1]) <= MOST_EXPOSED


@needs_systemd
def test_systemd_finds_nothing_wrong_in_them(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        # What they start is on no machine but an instance.
        text = unit.read_text("utf-8").replace("/opt/labapp/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text.replace("/usr/bin/systemctl", "/bin/true"), "utf-8")
    said = told("verify", "--man=no", *sorted(tmp_path.iterdir()))
    assert not [line for line in said.splitlines() if "labapp" in line]


def settings_of(unit: Path) -> list[tuple[str, str]]:
    lines = [line.partition("=") for line in unit.read_text("utf-8").splitlines()]
    return [(name, value) for name, sign, value in lines if sign and name.isalpha()]


def test_processes_that_open_pictures_may_give_up_what_is_left_to_them() -> None:
    """Without these calls each picture's process would be killed: @system-service lacks them."""
    (allowed,) = (
        value.split()
        for name, value in settings_of(UNITS / "labapp.service")
        if name == "SystemCallFilter" and not value.startswith(("@", "~"))
    )
    landlock = {f"landlock_{call}" for call in ("create_ruleset", "add_rule", "restrict_self")}
    assert set(allowed) == {*landlock, "seccomp"}


def test_whoever_looks_after_a_worker_is_its_own_user_and_has_no_rights_beside() -> None:
    for unit in SERVICES:
        found = dict(settings_of(unit))
        assert found["User"] == "labapp"
        assert found["CapabilityBoundingSet"] == ""
    worker = dict(settings_of(UNITS / "labapp.service"))
    # Ended by SIGTERM it stays so, as before a drain; by SIGHUP it is started anew.
    assert (worker["Restart"], worker["RestartPreventExitStatus"]) == ("always", "143")
    assert {"143", "129"} == set(worker["SuccessExitStatus"].split())


def test_the_manual_shows_them_as_they_are() -> None:
    page = (HELP / "operators.md").read_text("utf-8")
    assert f"```ini\n{(UNITS / 'labapp.service').read_text('utf-8')}```\n" in page
