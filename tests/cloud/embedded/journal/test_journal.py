"""The journal of the local cloud's queues: what a kill, a full disk and damage leave of it."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.embedded import troubles
from labapp.cloud.embedded.journal import Journal
from labapp.cloud.embedded.state import DAMAGED
from labapp.files import replacing

RECORDS: list[Any] = [["labapp", 1], ["send", "é\n", [{"id": 1}]], ["gone", "b"]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "local" / "state" / "queues.journal"


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


def test_a_sound_journal_is_told_as_that_and_read_by_its_owner_alone(path: Path) -> None:
    umask = os.umask(0)
    try:
        journal = written(path, RECORDS)
    finally:
        os.umask(umask)
    journal.close()
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert journal.open(lambda record: None) is False
    assert journal.size == path.stat().st_size


def test_a_closed_journal_has_let_go_of_its_file_and_may_be_closed_again(path: Path) -> None:
    journal = written(path, RECORDS)
    file = journal._file
    journal.close()
    with pytest.raises(OSError, match=r"Bad file descriptor|handle"):
        os.fstat(file)
    journal.close()


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
    assert "the other 2 are used" in caplog.text
    assert re.fullmatch(r"queues\.journal\.damaged-\d{8}T\d{6}Z", aside.name)
    assert str(aside) in caplog.text

    journal.replace(found)
    journal.close()
    assert read(path) == found
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


def test_damaged_lines_are_counted_wherever_they_stand(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(path, RECORDS).close()
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"bad\n" + first + b"bad\n" + second + third + b"bad\n" * 2)
    assert read(path) == RECORDS
    assert "4 lines" in caplog.text
    assert path.read_bytes().endswith(third), "what follows is appended to the last good one"


def test_a_record_that_is_not_understood_is_damage_with_its_reason(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(path, RECORDS).close()
    found: list[Any] = []

    def apply(record: Any) -> None:
        if record[0] == "send":
            raise ValueError("nobody sends so")
        found.append(record)

    assert Journal(path).open(apply) is True
    assert found == [RECORDS[0], RECORDS[2]]
    assert "1 lines" in caplog.text
    assert "(nobody sends so)" in caplog.text


def test_of_several_copies_the_last_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    for day in ("20260103", "20260101", "20260102"):
        (tmp_path / "state" / f"queues.journal.damaged-{day}T000000Z").touch()
    assert "20260103T" in troubles.damage(tmp_path)


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


def test_a_disk_that_takes_a_record_in_pieces_has_it_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = written(path, RECORDS)
    true_write, pieces = os.write, list[bytes]()

    def some(file: int, data: bytes) -> int:
        pieces.append(data)
        assert len(pieces) < 20
        return true_write(file, data[:7])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", some)
        journal.append(["in pieces"])
    journal.append(["after"])
    assert len(pieces) > 2
    assert read(path) == [*RECORDS, ["in pieces"], ["after"]]


def test_what_is_written_anew_outlives_a_power_failure(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = written(path, RECORDS)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    journal.append(["lost by one"])
    assert not synced, "a sync takes longer than all else that a send does"
    journal.replace([["kept"]])
    assert synced


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
