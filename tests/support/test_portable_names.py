"""What Windows refuses of files, tests refuse everywhere: in their own process and in others."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labapp.files import replacing
from tests.support.python_path import python_path
from tests.support.windows_rules import LONGEST, objection

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows itself refuses them")

WRITES = os.O_WRONLY | os.O_CREAT


@pytest.mark.parametrize(
    "name",
    [
        "a:b.jpg",
        "what?.jpg",
        "a\\b",
        "a.",
        "a ",
        "aux.txt",
        "NUL",
        "com¹.a",
        "a\x1f",
        "Con .b",
        '"',
    ],
)
def test_a_name_that_windows_does_not_take_is_refused_to_labapp(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match="no such name on Windows"):
        replacing.write_text(tmp_path / name, "x")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match="no such name"):
        replacing.write_text(tmp_path / name / "inner", "x")


def test_so_is_a_path_that_is_too_long(tmp_path: Path) -> None:
    room = LONGEST - len(str(tmp_path)) - 1
    replacing.write_text(tmp_path / ("a" * room), "x")
    with pytest.raises(FileNotFoundError, match="longer than 259"):
        replacing.write_text(tmp_path / ("a" * (room + 1)), "x")


def test_a_name_like_a_devices_is_taken(tmp_path: Path) -> None:
    for name in ("auxiliary.txt", "com", "xnul", ".con", "a b", "com10"):
        replacing.write_text(tmp_path / name, "x")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is open")
def test_an_open_file_is_neither_replaced_nor_renamed_nor_in_a_folder_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "PATIENCE", 0.01)
    path = tmp_path / "inner" / "file"
    replacing.write_text(path, "x")
    with path.open("rb"):
        with pytest.raises(PermissionError, match="the file is open"):
            replacing.write_text(path, "y")
        refused = objection("os.rename", (path.parent, tmp_path / "other", -1, -1))
        assert refused
        assert refused.errno == errno.EACCES
        inner = os.open(path.parent, os.O_RDONLY)
        assert objection("os.remove", ("file", inner)), "by its folder, as shutil names files"
        os.close(inner)
    assert objection("os.remove", (path, -1)) is None
    replacing.write_text(path, "z")


@pytest.mark.posix_names("tries that this mark lets a name pass")
def test_a_test_may_say_that_it_is_about_names_of_posix(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if request.config.pluginmanager.hasplugin("portable_names"):
        pytest.skip("another such plugin is loaded with -p, and knows no marks")
    replacing.write_text(tmp_path / "a:b", "x")
    assert _written_elsewhere(tmp_path / "c:d") == 0


def test_a_program_that_a_test_starts_is_refused_them_as_well(tmp_path: Path) -> None:
    assert _written_elsewhere(tmp_path / "a.b") == 0
    assert _written_elsewhere(tmp_path / "a:b") != 0


def test_what_a_test_does_itself_and_what_is_only_read_are_no_business_of_ours(
    tmp_path: Path,
) -> None:
    (tmp_path / "a:b").write_text("x")
    assert objection("open", (str(tmp_path / "a:b"), "r", os.O_RDONLY)) is None
    assert objection("open", (os.devnull, "w", WRITES)) is None


def _written_elsewhere(path: Path) -> int:
    write = f"write_text(Path({str(path)!r}), 'x')"
    code = f"from pathlib import Path; from labapp.files.replacing import write_text; {write}"
    words = [sys.executable, "-c", code]
    done = subprocess.run(
        words, env={**os.environ, "PYTHONPATH": python_path()}, capture_output=True, check=False
    )
    assert done.returncode == 0 or b"no such name on Windows" in done.stderr
    return done.returncode
