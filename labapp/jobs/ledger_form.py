"""The ledger's form: the steps that lead from an empty file, or from any earlier form, to today's.

A file says in SQLite's `user_version` how many of the steps it has taken. A change of form is one
more step at the end; those before it are never touched, for there are files that stand at each.
"""

from __future__ import annotations

import sqlite3

from labapp.errors import LabappError

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
)


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
