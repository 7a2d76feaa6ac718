"""A file is replaced in one step: whole, or as it was, also by several programs at once."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labapp.files.replacing import read, replacing, write_text


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_and_its_folder_are_made(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "a" / "b.json"
    write_text(path, "ü\n", durable=durable)
    assert path.read_bytes() == "ü\n".encode()
    assert [one.name for one in path.parent.iterdir()] == ["b.json"]


def test_what_fails_half_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("before")

    def half() -> None:
        with replacing(path) as part:
            part.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_finds_half_a_file_while_many_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On Windows one of so many at once may have to wait for all others.
    monkeypatch.setattr("labapp.files.replacing.PATIENCE", 20.0)
    path = tmp_path / "shared.json"
    write_text(path, json.dumps(["0"] * 5000))

    def write(number: int) -> None:
        write_text(path, json.dumps([str(number)] * 5000))

    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write, number) for number in range(64)]
        while not all(one.done() for one in writes):
            found = json.loads(read(path))
            assert len(found) == 5000
            assert len(set(found)) == 1
        for one in writes:
            one.result()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_somebody_has_open_on_windows_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, readers = tmp_path / "a", [tmp_path / "a", tmp_path / "a"]
    true = Path.replace

    def held(part: Path, target: Path) -> Path:
        if readers and readers.pop():
            raise PermissionError(errno.EACCES, "a program has it open", str(target))
        return true(part, target)

    monkeypatch.setattr(Path, "replace", held)
    write_text(path, "new")
    assert path.read_text() == "new"
    readers = [path] * 1_000
    monkeypatch.setattr("labapp.files.replacing.PATIENCE", 0.01)
    with pytest.raises(PermissionError):
        write_text(path, "newer")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be synced there")
def test_what_must_last_is_synced_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
    )
    write_text(tmp_path / "lasting", "x", durable=True)
    assert synced == [False, True]
    write_text(tmp_path / "comfort", "x")
    assert synced == [False, True]


def test_a_write_that_fails_names_the_file_it_was_for(tmp_path: Path) -> None:
    path = tmp_path / "note"
    with pytest.raises(OSError, match="No space") as caught, replacing(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == str(path)
