"""A neighbour on the machine reads what labapp keeps, or plants the folder that it is kept in.

Whatever the umask says, each folder that labapp makes for itself is 0700 and each file 0600; what
an older labapp left open is shut at the next start; a folder that belongs to somebody else, or in
which everybody may write, is not used at all. What a user has written elsewhere stays as the user's
umask has it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.cloud.session import Cloud
from labapp.dataset.annotator import keep_annotator
from labapp.errors import LabappError
from labapp.files import private
from labapp.jobs.ledger import Ledger
from labapp.programs.menus import picture_page, remembered
from labapp.programs.shell import exits
from tests.dataset.dataset_kit import picture_bytes
from tests.end_to_end.lab import Lab
from tests.support.commands import admin, client

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    lab = Lab(tmp_path, monkeypatch.setenv)
    try:
        lab.start_cloud()
        yield lab
    finally:
        lab.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def open_ones(*tops: Path) -> dict[str, str]:
    """Return what below these folders, and of themselves, others may use."""
    found = [path for top in tops for path in (top, *top.rglob("*"))]
    assert len(found) > len(tops)
    return {
        str(path.relative_to(tops[0].parent)): oct(mode(path))
        for path in found
        if mode(path) & 0o077 and not path.is_symlink()
    }


def test_what_the_three_programs_keep_is_their_owners_alone(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(picture_bytes(1))
    assert client("numbers", "1,2") == 0  # starts a worker in the background
    assert client("upload", str(tmp_path / "mine.png")) == 0
    assert client("label", "--annotator", "ana") == 0
    assert admin("stats") == 0
    remembered.remember("folder", "/home/ana")
    keep_annotator("ana")
    exits.keep_traceback(ValueError("x"))
    picture_page._copy(tmp_path / "mine.png", "png", lab.cloud.home / "viewing")

    assert list((tmp_path / "data" / "local").glob("*.sqlite3"))
    assert open_ones(tmp_path / "data", tmp_path / "config") == {}
    assert mode(tmp_path / "mine.png") == 0o644  # the user's own


def test_what_is_kept_of_aws_is_its_owners_alone(cloud: Cloud, tmp_path: Path) -> None:
    assert client("numbers", "1,2", "--timeout", "0") == 5
    assert admin("stats") == 0
    assert [path.name[:4] for path in (tmp_path / "data").iterdir()] == ["aws-"]
    assert open_ones(tmp_path / "data") == {}


def test_a_ledger_in_use_and_its_journals_are_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "jobs.sqlite"
    ledger = Ledger(path)
    ledger.add([("job", "1,2")], "ana-1", "numbers")
    assert {one.name for one in path.parent.iterdir()} > {"jobs.sqlite-wal", "jobs.sqlite-shm"}
    assert open_ones(tmp_path / "a") == {}
    ledger.close()


def test_what_an_older_labapp_left_open_is_shut_at_the_next_start(tmp_path: Path) -> None:
    data, config = tmp_path / "data", tmp_path / "config"
    deep = data / "aws-123" / "clients" / "1"
    deep.mkdir(parents=True)
    data.chmod(0o700)  # shut by itself, as `mktemp -d` makes folders
    (deep / "id").write_text("ana-0123456789ab")
    config.mkdir()
    (config / "annotator.txt").write_text("ana\n")
    sqlite3.connect(data / "aws-123" / "jobs.sqlite").close()
    (data / "remembered.json").write_text("{}")
    (data / "holiday.txt").write_text("the user's own")

    assert client("config") == 0

    assert open_ones(data, config) == {"data/holiday.txt": "0o644"}


def test_a_disk_that_knows_no_modes_is_not_walked_through_at_each_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "local" / "buckets").mkdir(parents=True)
    walked: list[Path] = []
    monkeypatch.setattr(private, "_shut_all", walked.append)
    with monkeypatch.context() as disk:
        disk.setattr(Path, "chmod", lambda *_: None)
        private.guard(tmp_path / "data", ("local",))
    assert walked == []
    private.guard(tmp_path / "data", ("local",))
    assert walked == [tmp_path / "data" / "local"], "which one that knows them is, once"


def test_a_link_in_our_folder_opens_no_way_to_what_it_points_at(tmp_path: Path) -> None:
    outside = tmp_path / "public"
    outside.mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "aws-1").symlink_to(outside)
    assert client("config") == 0
    assert mode(outside) == 0o755


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root gives away")
@pytest.mark.parametrize("which", ["data", "config"])
def test_a_folder_of_another_user_is_not_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    (tmp_path / which).mkdir()
    os.chown(tmp_path / which, 12345, 12345)
    assert client("jobs") == 1
    told = capsys.readouterr().err
    assert f"{tmp_path / which} belongs to another user of this machine" in told
    assert f"LABAPP_{which.upper()}_DIR" in told
    assert list((tmp_path / which).iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root gives away")
def test_a_link_that_another_user_planted_is_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (tmp_path / "link").symlink_to(mine)
    private.guard(tmp_path / "link", ())
    os.lchown(tmp_path / "link", 12345, 12345)
    with pytest.raises(LabappError, match="another user of this machine, with the id 12345"):
        private.guard(tmp_path / "link", ())


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root gives away")
def test_what_another_user_planted_in_a_shared_folder_is_not_used(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / "local").mkdir(parents=True)
    shared.chmod(0o1777)
    private.guard(shared, ("local",))
    assert mode(shared) == 0o1777  # not ours to shut, as /tmp
    assert mode(shared / "local") == 0o700
    os.chown(shared / "local", 12345, 12345)
    with pytest.raises(LabappError, match=r"shared/local belongs to another user"):
        private.guard(shared, ("local",))


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
def test_where_a_disk_knows_no_case_a_file_of_ours_is_known_in_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted, theirs = tmp_path / "KEY.json", tmp_path / "Notes.txt"
    for path in (planted, theirs):
        path.touch()
        path.chmod(0o666)
    monkeypatch.setattr(sys, "platform", "darwin")
    private.guard(tmp_path, ("key.json",))
    assert (mode(planted), mode(theirs)) == (0o600, 0o666)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root is another")
def test_a_folder_of_roots_in_which_everybody_writes_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(LabappError, match="every user of this machine may write"):
        private.guard(tmp_path / "shared", ())


def test_a_file_in_the_place_of_a_folder_is_told_as_ever(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(FileExistsError):
        private.folder(tmp_path / "data")
    private.guard(tmp_path / "data", ())
