"""The journal of the local cloud's queues: what a kill, a full disk and damage leave of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp import replacing
from labapp.cloud.embedded_journal import DAMAGED, Journal

RECORDS: list[Any] = [["labapp", 1], ["send", "é\n", [{"id": 1}]], ["gone", "b"]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "queues.journal"


def read(path: Path) -> list[Any]:
    found: list[Any] = []
    journal = Journal(path)
    journal.open(found.append)
    journal.close()
    return found


def written(path: Path, records: list[Any]) -> Journal:
    journal = Journal(path)
    journal.open(lambda record: None)
    for record in records:
        journal.append(record)
    return journal


def test_what_was_appended_is_read_back_in_order_although_nobody_closed_it(path: Path) -> None:
    written(path, RECORDS)
    assert read(path) == RECORDS


def test_a_line_cut_off_anywhere_is_dropped_and_the_next_one_is_whole(path: Path) -> None:
    written(path, RECORDS).close()
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    for cut in range(1, len(last)):
        path.write_bytes(whole[:-cut])
        written(path, [["again"]]).close()
        assert read(path) == [*RECORDS[:-1], ["again"]]
    assert not list(path.parent.glob(f"*{DAMAGED}*"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line.replace(b"send", b"sand"),
        lambda line: line[:-9] + b"\n",
        lambda line: bytes(len(line) - 1) + b"\n",
        lambda line: b"\n",
    ],
)
def test_a_damaged_line_is_told_set_aside_and_left_out(
    path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[bytes], bytes]
) -> None:
    written(path, RECORDS).close()
    lines = path.read_bytes().splitlines(keepends=True)
    spoiled = b"".join([lines[0], spoil(lines[1]), lines[2]])
    path.write_bytes(spoiled)
    found: list[Any] = []
    journal = Journal(path)
    assert journal.open(found.append) is True
    assert found == [RECORDS[0], RECORDS[2]]
    (aside,) = path.parent.glob("queues.journal.damaged-*")
    assert aside.read_bytes() == spoiled
    assert "1 lines" in caplog.text
    assert str(aside) in caplog.text

    journal.replace(found)
    journal.close()
    assert read(path) == found
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


def test_what_cannot_be_opened_is_told_and_set_aside(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.mkdir(parents=True)
    (path / "within").touch()
    journal = Journal(path)
    assert journal.open(lambda record: None) is True
    journal.append(["kept"])
    journal.close()
    assert read(path) == [["kept"]]
    (aside,) = path.parent.glob("queues.journal.damaged-*")
    assert (aside / "within").exists()
    assert str(aside) in caplog.text


def test_what_a_kill_left_half_written_is_cleared_away(path: Path) -> None:
    written(path, RECORDS).close()
    replacing.beside(path).write_bytes(b"half")
    assert read(path) == RECORDS
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_half_way_leaves_the_journal_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = written(path, RECORDS)
    before, true_write = path.read_bytes(), os.write

    def full(file: int, data: bytes) -> int:
        if len(data) < 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return true_write(file, data[: len(data) - 5])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            journal.append(["lost"])
        assert path.read_bytes() == before
    journal.append(["kept"])
    journal.close()
    assert read(path) == [*RECORDS, ["kept"]]


def test_what_could_not_be_cut_off_at_once_is_cut_off_before_the_next_record(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = written(path, RECORDS)
    true_write = os.write

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    def half(file: int, data: bytes) -> int:
        true_write(file, data[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        patch.setattr(os, "ftruncate", refuse)
        with pytest.raises(OSError, match="No space"):
            journal.append(["lost"])
        with pytest.raises(OSError, match="Input/output"):
            journal.append(["lost too"])
    journal.append(["kept"])
    journal.close()
    assert read(path) == [*RECORDS, ["kept"]]


def test_a_journal_that_cannot_be_written_anew_goes_on_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = written(path, RECORDS)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(OSError, match="No space"):
            journal.replace([["short"]])
    journal.append(["kept"])
    assert read(path) == [*RECORDS, ["kept"]]
    journal.replace([["short"]])
    journal.append(["more"])
    journal.close()
    assert read(path) == [["short"], ["more"]]
    assert [each.name for each in path.parent.iterdir()] == [path.name]
