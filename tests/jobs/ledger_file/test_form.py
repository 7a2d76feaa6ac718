"""A ledger of any earlier labapp is opened with all that it holds; a later one's is left be."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from labapp.errors import LabappError
from labapp.jobs import ledger_file
from labapp.jobs.ledger import Ledger
from labapp.jobs.wire import DONE, Reply
from tests.support.settling import settle

#: The forms that were ever written, by the SQL of their time. Never changed: such files exist.
FIRST = """
CREATE TABLE IF NOT EXISTS jobs (
    job TEXT PRIMARY KEY,
    client TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    sent_at REAL NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending',
    answered_at REAL,
    reply TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    shown INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS by_status ON jobs (status, client);
"""
WITH_NOTES = FIRST.replace("    shown", "    note TEXT NOT NULL DEFAULT '',\n    shown")
MARKED = WITH_NOTES + "PRAGMA user_version = 2;"

FORMS = {"first": FIRST, "with notes": WITH_NOTES, "marked": MARKED}

ROWS = """
INSERT INTO jobs (job, client, kind, body, sent_at) VALUES ('p', 'ada', 'numbers', '1,2', 1.5e9);
INSERT INTO jobs (job, client, kind, body, sent_at, status, answered_at, reply, result)
    VALUES ('a', 'ada', 'numbers', '3', 1.4e9, 'done', 1.4e9, 'sum is 3', '{"sum": 3}');
"""


def written(path: Path, sql: str) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(sql)
    return path


def form_of(path: Path) -> tuple[int, list[tuple[str, str]]]:
    """Return a file's version, and name and type of its columns by name."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        columns = sorted((row[1], row[2]) for row in db.execute("PRAGMA table_info(jobs)"))
        return db.execute("PRAGMA user_version").fetchone()[0], columns


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_file_of_an_earlier_form_keeps_its_pending_and_unseen_answers(
    tmp_path: Path, form: str
) -> None:
    path = written(tmp_path / "jobs.sqlite", form + ROWS)
    for _ in range(2):  # once brought up to date, it is opened as any other
        ledger = Ledger(path)
        assert [entry.job for entry in ledger.unshown("ada")] == ["a"]
        assert ledger.count_pending("ada") == 1
        ledger.close()
    ledger = Ledger(path)
    settled = settle(ledger, Reply("sum is 3", "p", DONE, '{"sum": 3}'), "ada")
    assert settled is not None
    assert (settled.body, settled.sent_at, settled.note) == ("1,2", 1.5e9, "")
    ledger.add([("n", "4")], "ada", "pictures", note='{"path": "x"}')
    assert [entry.note for entry in ledger.newest(1)] == ['{"path": "x"}']
    ledger.close()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_ends_as_a_new_file_begins(tmp_path: Path, form: str) -> None:
    Ledger(tmp_path / "new.sqlite").close()
    Ledger(written(tmp_path / "old.sqlite", form)).close()
    new, old = form_of(tmp_path / "new.sqlite"), form_of(tmp_path / "old.sqlite")
    assert new == old
    assert new[0] == len(ledger_file.STEPS)


def test_every_number_of_steps_is_a_form_that_can_be_opened(tmp_path: Path) -> None:
    for taken in range(len(ledger_file.STEPS) + 1):
        statements = [statement for step in ledger_file.STEPS[:taken] for statement in step]
        sql = ";".join([*statements, f"PRAGMA user_version = {taken};"])
        Ledger(written(tmp_path / f"{taken}.sqlite", sql)).close()
        assert form_of(tmp_path / f"{taken}.sqlite")[0] == len(ledger_file.STEPS)


def test_a_file_of_a_newer_labapp_is_told_as_that_and_left_as_it_is(tmp_path: Path) -> None:
    later = len(ledger_file.STEPS) + 1
    path = written(tmp_path / "jobs.sqlite", MARKED + ROWS + f"PRAGMA user_version = {later};")
    before = form_of(path)
    with pytest.raises(LabappError, match=f"newer labapp .form {later}") as caught:
        Ledger(path)
    assert str(path) in caught.value.message
    assert "move it away" not in caught.value.remedy
    assert form_of(path) == before


def test_a_step_that_fails_leaves_the_file_at_its_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "jobs.sqlite", FIRST + ROWS)
    before = form_of(path)
    broken = (*ledger_file.STEPS, ("ALTER TABLE jobs ADD COLUMN more TEXT", "nonsense"))
    with monkeypatch.context() as patch:
        patch.setattr(ledger_file, "STEPS", broken)
        with pytest.raises(LabappError, match="cannot be used"):
            Ledger(path)
    assert form_of(path) == before
    ledger = Ledger(path)
    assert ledger.count_pending("ada") == 1
    ledger.close()


def test_a_step_that_fails_ends_what_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "jobs.sqlite", FIRST)
    monkeypatch.setattr(ledger_file, "STEPS", (*ledger_file.STEPS, ("nonsense",)))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        with pytest.raises(sqlite3.OperationalError, match="nonsense"):
            ledger_file.bring_up_to_date(db, "jobs")
        assert not db.in_transaction


def test_a_step_that_sqlite_took_back_itself_is_told_by_its_own_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "jobs.sqlite", FIRST)
    monkeypatch.setattr(ledger_file, "STEPS", (*ledger_file.STEPS, ("ROLLBACK", "nonsense")))
    with (
        contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db,
        pytest.raises(sqlite3.OperationalError, match="nonsense"),
    ):
        ledger_file.bring_up_to_date(db, "jobs")


def test_programs_that_open_an_old_file_at_once_take_its_steps_once(tmp_path: Path) -> None:
    path = written(tmp_path / "jobs.sqlite", FIRST + ROWS)
    opened: list[int] = []
    door = threading.Barrier(6)

    def open_it() -> None:
        door.wait()
        ledger = Ledger(path)
        opened.append(ledger.count_pending("ada"))
        ledger.close()

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [1] * 6
