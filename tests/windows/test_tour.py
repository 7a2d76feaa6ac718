"""The everyday tour: half of it on this Python, all of it on a Windows one for who asks: `-m wine`.

    python -m pytest -m wine tests/windows -s     # wants apt; a quarter of an hour where all is new
    python -m pytest -m wine tests/windows -k tests/files

There the rooms of tests that need no real terminal are run, too.

The Windows Python is laid in TEST_WINDOWS, a folder that is kept for the next time; where that is
not set, in one of the tests' own. What it proves, and what it cannot, is told in `wine/README.md`.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support import steps
from tests.windows import tour

SETUP = Path(__file__).parent / "wine" / "setup.sh"
REQUIREMENTS = steps.TOP / "tests" / "requirements.txt"

#: The rooms that pass there, but for what asks for POSIX and is skipped.
ROOMS = (
    *("tests/console", "tests/dataset", "tests/files", "tests/labels", "tests/pictures"),
    *("tests/programs/classes", "tests/programs/deciding", "tests/programs/export"),
    *("tests/programs/desk", "tests/programs/labelling", "tests/programs/menus"),
    *("tests/programs/processing", "tests/programs/statistics", "tests/programs/live"),
    *("tests/programs/fleet", "tests/programs/logs", "tests/programs/tracing"),
    "tests/cloud/fleet",
)


def take(carrier: steps.Carrier, *, short: bool = False) -> int:
    with tour.prepared(carrier, short=short) as taken:
        taken.go()
    assert taken.held == taken.done
    return taken.done


def test_every_day_as_its_users_have_it() -> None:
    assert take(steps.Here(), short=True) == 27 - len(tour.LONG)


@pytest.fixture(scope="module")
def windows_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the command that runs a Windows Python with what labapp and its tests require."""
    named = os.environ.get("TEST_WINDOWS")
    folder = Path(named) if named else tmp_path_factory.mktemp("windows")
    subprocess.run(["bash", SETUP, folder, REQUIREMENTS], check=True)
    return folder / "run"


@pytest.mark.wine
@pytest.mark.timeout(1200)
def test_every_day_on_windows(windows_python: Path) -> None:
    take(tour.Wine(windows_python))


@pytest.mark.wine
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_tests_on_windows(windows_python: Path, room: str) -> None:
    words = ["--limit", "1100", "-m", "pytest", "-q", "-p", "no:cacheprovider", room]
    done = subprocess.run(
        [windows_python, *words],
        check=False,
        cwd=steps.TOP,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert not done.returncode, done.stdout.decode(errors="replace")
