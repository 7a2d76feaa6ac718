"""A ledger that several programs and threads read and write, on a disk that may be full."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from labapp.cloud.embedded import disk
from labapp.errors import LabappError, StorageError
from labapp.jobs import ledger as ledger_room
from labapp.jobs.ledger import Ledger
from labapp.jobs.wire import DONE, Reply
from tests.support.settling import settle
from tests.support.waiting import PATIENCE
from tests.support.watched import Watched

ROOT = Path(__file__).resolve().parents[3]


#: A program that writes many jobs into a ledger, once it is told to begin.
WRITER = """
import sys
from pathlib import Path
from labapp.jobs.ledger import Ledger
from labapp.jobs.wire import DONE, Reply
path, name = Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
ledger = Ledger(path)
for number in range(40):
    job = f"{name}-{number}"
    ledger.add([(job, "1,2")], name, "numbers")
    assert ledger.settle_all([Reply("sum is 3", job, DONE)], name)[0]
"""


def test_what_was_written_is_there_at_the_next_start(ledger: Ledger, path: Path) -> None:
    ledger.add([("a", "1,2")], "ada", "numbers")
    again = Ledger(path)
    assert again.get("a") == ledger.get("a")
    again.close()


def test_programs_that_start_and_write_at_once_lose_nothing(path: Path) -> None:
    names = ["ada", "bob", "cyd"]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        for name in names
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    ledger = Ledger(path)
    assert {name: len(ledger.unshown(name)) for name in names} == dict.fromkeys(names, 40)
    ledger.close()


def test_of_many_threads_with_the_same_answer_one_settles(ledger: Ledger) -> None:
    ledger.add([("a", "1")], "ada", "numbers")
    settled: list[object] = []
    reply = Reply("sum is 3", "a", DONE)
    threads = [
        threading.Thread(target=lambda: settled.append(settle(ledger, reply, "ada")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(settled) == 8
    assert sum(entry is not None for entry in settled) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda ledger: ledger.add([("b", "2")], "ada", "numbers"),
        lambda ledger: ledger.get("a"),
        lambda ledger: ledger.count_pending("ada"),
        lambda ledger: ledger.waiting_clients(),
        lambda ledger: ledger.count(),
    ],
    ids=["add", "get", "count_pending", "waiting_clients", "count"],
)
def test_a_thread_neither_sees_nor_enters_what_another_has_begun(
    ledger: Ledger, act: Callable[[Ledger], object]
) -> None:
    lock = Watched()
    ledger._lock = lock  # type: ignore[assignment]
    found: list[object] = []

    def other() -> None:
        try:
            found.append(act(ledger))
        except LabappError as error:
            found.append(error)
        lock.wanted.set()

    thread = threading.Thread(target=other)

    def change_that_fails() -> None:
        with ledger.change() as db:
            db.execute("INSERT INTO jobs (job, client, kind, body, sent_at) VALUES"
                       " ('a', 'ada', 'numbers', '1', 1e12)")  # fmt: skip
            thread.start()
            assert lock.wanted.wait(PATIENCE)
            assert found == [], "it has to wait"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_that_fails()
    thread.join(PATIENCE)
    assert found in ([None], [0], [set()])


def test_a_change_keeps_other_programs_from_writing_from_its_beginning(
    ledger: Ledger, path: Path
) -> None:
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with ledger.change(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()


def test_a_reader_is_not_kept_waiting_by_a_writer(ledger: Ledger, path: Path) -> None:
    ledger.add([("a", "1")], "ada", "numbers")
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.execute("BEGIN")
    assert other.execute("SELECT count(*) FROM jobs").fetchone() == (1,)
    ledger.add([("b", "2")], "ada", "numbers")  # in other modes it would wait for the reader
    assert other.execute("SELECT count(*) FROM jobs").fetchone() == (1,)
    other.close()


def test_programs_come_and_go_one_at_a_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_room, "BUSY_TIMEOUT", 0.05)
    opened = Ledger(path)
    with FileLock(path.with_name(f"{path.name}.lock")):
        with pytest.raises(LabappError, match="cannot be used: another program keeps it busy"):
            Ledger(path)
        with pytest.raises(LabappError, match="cannot be used"):
            opened.close()
    opened.close()


def test_a_full_disk_is_told_as_that_and_not_as_a_broken_ledger(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(path)
    ledger.close()
    monkeypatch.setattr(disk, "look", lambda folder, least: f"no room in {folder}")
    with pytest.raises(StorageError, match=re.escape(f"no room in {path.parent}")):
        ledger.get("a")


def test_a_change_that_could_not_be_committed_keeps_nothing_from_the_next(
    ledger: Ledger,
) -> None:
    ledger.add([("before", "1")], "me", "numbers")
    ledger._db.execute("PRAGMA foreign_keys = ON")
    ledger._db.execute("CREATE TABLE one (id INTEGER PRIMARY KEY)")
    ledger._db.execute("CREATE TABLE two (id REFERENCES one DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(LabappError, match="cannot be used"), ledger.change() as db:
        db.execute("INSERT INTO two VALUES (7)")  # which the commit refuses
    ledger.add([("after", "2")], "me", "numbers")
    assert {entry.job for entry in ledger.newest()} == {"before", "after"}


def test_its_version_tells_of_what_any_program_writes_and_of_nothing_else(
    ledger: Ledger, path: Path
) -> None:
    first = ledger.version()
    ledger.newest(5)
    assert ledger.version() == first
    ledger.add([("j1", "1,2")], "ana-1", "numbers")
    second = ledger.version()
    assert second != first
    other = Ledger(path)
    try:
        other.mark_shown(["j1"])
    finally:
        other.close()
    assert ledger.version() not in (first, second)
