"""A picture takes its decoder over, which then writes where it has no business.

It makes, changes, moves and deletes no file by name; its result has the bytes that one may have and
no more; it has few files open. Where a platform does not keep it from names, a result that is
anything but the file that was made for it is not taken, and what was left in the folder of the job
ends no worker.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labapp.files import private
from labapp.pictures import confinement, task_files
from labapp.pictures.answers import LieError
from labapp.pictures.sandbox import Sandbox
from tests.security.taken_over import (
    CAPS,
    LINE,
    TakenOver,
    done,
    leave_behind,
    open_for_writing,
    open_many,
    warm,
    write_to,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="children are forked")

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module", params=[True, False], ids=["forked", "started"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return warm(forks=request.param)


def test_no_file_is_made_changed_moved_or_deleted(tmp_path: Path) -> None:
    sandbox = warm(confinement.NETWORK)
    mine, place = tmp_path / "mine", str(tmp_path / "new")
    mine.write_text("mine")
    (tmp_path / "empty").mkdir()
    ways = (os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC, os.O_RDONLY | os.O_CREAT)
    for path in (str(mine), place, "/dev/shm/labapp", "/dev/null"):
        for flags in ways:
            said = done(sandbox, open_for_writing, path, flags)
            assert said in (["failed", "EPERM"], ["failed", "EACCES"]), (path, flags)
    attempts: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (os.mkdir, (place,)),
        (os.mkfifo, (place,)),
        (os.symlink, (str(mine), place)),
        (os.link, (str(mine), place)),
        (os.rename, (str(mine), place)),
        (os.unlink, (str(mine),)),
        (os.rmdir, (str(tmp_path / "empty"),)),
        (os.chmod, (str(mine), 0o777)),
        (os.truncate, (str(mine), 0)),
        (os.utime, (str(mine), (1, 1))),
        (os.chdir, (str(tmp_path),)),
    ]
    for deed, given in attempts:
        assert done(sandbox, deed, *given) == ["failed", "EPERM"], deed
    assert sorted(one.name for one in tmp_path.iterdir()) == ["empty", "mine"]
    assert mine.read_text() == "mine"


def test_its_own_picture_can_be_read_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    source, result = tmp_path / "source", tmp_path / "result"
    source.write_bytes(b"picture")
    task = TakenOver(write_to, (LINE + 1, 1), source, result)
    assert sandbox.run(task) == ["failed", "EBADF"]
    assert source.read_bytes() == b"picture"


@pytest.mark.parametrize("deed", [write_to, leave_behind])
def test_a_result_has_no_more_bytes_than_one_may(
    sandbox: Sandbox, tmp_path: Path, deed: Callable[..., object]
) -> None:
    source, result = tmp_path / "source", tmp_path / "result"
    source.write_bytes(b"picture")
    task = TakenOver(deed, (LINE + 2, CAPS.file + 1_000), source, result)
    assert sandbox.run(task) == ["failed", "EFBIG"]
    assert result.stat().st_size <= CAPS.file + 1_000


def test_few_files_are_open_at_once(sandbox: Sandbox) -> None:
    assert done(sandbox, open_many) == ["did", confinement.MOST_FILES - LINE - 1]


def link(path: Path, other: Path) -> None:
    path.unlink()
    path.symlink_to(other)


def hard_link(path: Path, _: Path) -> None:
    path.with_name("second").hardlink_to(path)


def pipe(path: Path, _: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path, _: Path) -> None:
    path.unlink()
    path.mkdir()


def another(path: Path, other: Path) -> None:
    other.replace(path)


def gone(path: Path, _: Path) -> None:
    path.unlink()


def longer(path: Path, _: Path) -> None:
    path.write_bytes(PNG + b"!")


def another_format(path: Path, _: Path) -> None:
    path.write_bytes(b"<html>!!")


@pytest.mark.parametrize(
    "deed",
    [link, hard_link, pipe, folder, another, gone, longer, another_format],
    ids=lambda deed: deed.__name__,
)
def test_what_takes_the_place_of_a_result_is_not_taken_for_it(
    tmp_path: Path, deed: Callable[[Path, Path], None]
) -> None:
    result, other = tmp_path / "result", tmp_path / "credentials"
    source = tmp_path / "source"
    source.touch()
    made = task_files.descriptors(TakenOver(os.getpid, (), source, result))
    try:
        os.write(made[1], PNG)
        other.write_bytes(PNG)
        task_files.check_result(result, len(PNG), [PNG], made[1])
        deed(result, other)
        with pytest.raises(LieError, match="its result"):
            task_files.check_result(result, len(PNG), [PNG], made[1])
    finally:
        task_files.close(made)


def test_a_link_that_waits_where_a_result_will_be_is_not_followed(tmp_path: Path) -> None:
    mine, result = tmp_path / "mine", tmp_path / "result"
    mine.write_text("mine")
    result.symlink_to(mine)
    made = task_files.descriptors(TakenOver(os.getpid, (), mine, result))
    task_files.close(made)
    assert mine.read_text() == "mine"
    assert not result.is_symlink()


def test_what_is_left_in_the_folder_of_a_job_ends_no_worker(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").touch()
    with private.temporary() as own:
        (own / "link").symlink_to(outside)
        os.mkfifo(own / "pipe")
        (own / "shut").mkdir()
        (own / "shut" / "file").touch()
        (own / "shut").chmod(0)
        here = os.open(own, os.O_RDONLY)
        for _ in range(1_500):  # deeper than Python calls itself
            os.mkdir("deep", dir_fd=here)
            below = os.open("deep", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(here)
    assert (outside / "mine").exists()
    if own.exists():  # where it is too deep for Python, or shut
        own.joinpath("shut").chmod(0o700) if own.joinpath("shut").exists() else None
        os.system(f"rm -rf {own}")
