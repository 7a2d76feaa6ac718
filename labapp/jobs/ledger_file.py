"""The ledger's file: the form of its table, and what may be wrong with it.

A file says in SQLite's `user_version` how many of the steps it has taken that lead from an empty
file to today's form. A change of form is one more step at the end; those before it are never
touched, for there are files that stand at each.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from labapp.errors import LabappError, os_errors_as
from labapp.files import replacing

#: What each step does, in order. A new column needs a default: rows of before have no value for it.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE jobs (
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
        )
        """,
        "CREATE INDEX by_status ON jobs (status, client)",
    ),
    ("ALTER TABLE jobs ADD COLUMN note TEXT NOT NULL DEFAULT ''",),
    # Jobs of before were sent without a nonce, so nothing is asked of their answers.
    ("ALTER TABLE jobs ADD COLUMN nonce TEXT NOT NULL DEFAULT ''",),
    # Files of lists: see `stream_ledger`.
    (
        """
        CREATE TABLE streams (
            stream TEXT PRIMARY KEY,
            client TEXT NOT NULL,
            begun_at REAL NOT NULL,
            form TEXT NOT NULL,
            told INTEGER NOT NULL DEFAULT 0,
            digest TEXT NOT NULL DEFAULT '',
            octets INTEGER NOT NULL DEFAULT 0,
            counts TEXT NOT NULL DEFAULT '',
            ended INTEGER NOT NULL DEFAULT 0
        )
        """,
        """
        CREATE TABLE lines (
            stream TEXT NOT NULL,
            line INTEGER NOT NULL,
            job TEXT NOT NULL,
            digest TEXT NOT NULL,
            state INTEGER NOT NULL,
            PRIMARY KEY (stream, line)
        ) WITHOUT ROWID
        """,
    ),
)

#: What SQLite's results mean, by the first word of their names (sqlite.org/rescode.html).
_FAULTS = {
    "BUSY": "another program keeps it busy",
    "LOCKED": "another program keeps it busy",
    "CORRUPT": "it is damaged",
    "NOTADB": "it is no database",
    "CANTOPEN": "it cannot be opened",
    "READONLY": "it cannot be written",
    "PERM": "it cannot be written",
    "IOERR": "its disk fails",
}

#: Faults of the file itself, which no waiting mends; `ERROR` is one without our table, for our
#: statements are right.
_DAMAGE = frozenset({"CORRUPT", "NOTADB", "ERROR"})

_STILL = (
    "what it held is then no longer shown, but 'client.py fetch JOB' still gets a picture's result,"
    " and 'admin.py logs' tells what came of every job."
)


class DamagedLedgerError(LabappError):
    """The file is no ledger, or no longer; `set_aside` makes room for a new one."""


def bring_up_to_date(db: sqlite3.Connection, name: str) -> None:
    """Take the steps that a ledger's file has not taken yet: all of them, or none.

    Args:
        db: the file, opened without transactions of Python's own (`isolation_level=None`).
        name: what errors call the file.

    Raises:
        LabappError: a newer labapp has written it.
        sqlite3.Error: it cannot be read or written, or is no database.
    """
    if _version(db) == len(STEPS):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[_steps_of(db, name) :]:
            for statement in step:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(STEPS)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite itself takes some back, as on a full disk
            db.execute("ROLLBACK")
        raise


def _steps_of(db: sqlite3.Connection, name: str) -> int:
    """Return how many steps a file has taken; raise LabappError where we do not know them all."""
    taken = _version(db) or _steps_of_unmarked(db)
    if taken > len(STEPS):
        raise LabappError(
            f"the ledger of jobs {name} was written by a newer labapp"
            f" (form {taken}; this one knows forms up to {len(STEPS)})",
            "Use that labapp here too, or name another folder with LABAPP_DATA_DIR; the file is"
            " left as it is.",
        )
    return taken


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _steps_of_unmarked(db: sqlite3.Connection) -> int:
    """Return how many steps a file has taken that was written before files said so."""
    columns = {row[1] for row in db.execute("PRAGMA table_info(jobs)")}
    if not columns:
        return 0
    return 2 if "note" in columns else 1


def error_of(error: sqlite3.Error | OSError, path: Path) -> LabappError:
    """Return what to raise where a ledger's file cannot be used."""
    message = f"the ledger of jobs {path} cannot be used: {_why(error)}"
    if _word(error) in _DAMAGE:
        return DamagedLedgerError(
            message, f"'client.py purge' sets it aside, or move it away: {_STILL}"
        )
    return LabappError(message, f"Make it writable, or move it away: {_STILL}")


def set_aside(path: Path) -> Path:
    """Give a damaged ledger another name, so that a new one can be made; return that name.

    Raises:
        LabappError: it cannot be renamed, as on Windows while another program has it open.
    """
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns():x}")
    what = f"the damaged ledger of jobs {path} cannot be set aside"
    with os_errors_as(LabappError, what, "End the programs that use it, or delete it."):
        replacing.move(path, aside)
        for ending in ("-wal", "-shm"):  # what is left of it belongs to no other file
            replacing.remove(path.with_name(path.name + ending), missing_ok=True)
    return aside


def text_of(raw: bytes) -> str | bytes:
    """Return a text as SQLite has it; as bytes where it is no UTF-8, which else ends a listing."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _word(error: sqlite3.Error | OSError) -> str:
    """Return the first word of what SQLite calls a fault; empty where it is none of SQLite's."""
    return str(getattr(error, "sqlite_errorname", "")).removeprefix("SQLITE_").partition("_")[0]


def _why(error: sqlite3.Error | OSError) -> str:
    """Return in plain words what keeps the file from being used."""
    if isinstance(error, TimeoutError):  # of the lock beside it
        return _FAULTS["BUSY"]
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return _FAULTS.get(_word(error), str(error))
