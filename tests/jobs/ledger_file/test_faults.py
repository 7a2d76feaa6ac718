"""What keeps a ledger from being used is told in plain words."""

from __future__ import annotations

import sqlite3

import pytest

from labapp.errors import LabappError
from labapp.jobs.ledger import Ledger


def of_sqlite(name: str) -> sqlite3.Error:
    """Return an error as SQLite raises it."""
    error = sqlite3.OperationalError("in SQLite's own words")
    if name:
        error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (of_sqlite("SQLITE_BUSY"), "another program keeps it busy"),
        (of_sqlite("SQLITE_BUSY_SNAPSHOT"), "another program keeps it busy"),
        (of_sqlite("SQLITE_LOCKED"), "another program keeps it busy"),
        (of_sqlite("SQLITE_CORRUPT"), "it is damaged"),
        (of_sqlite("SQLITE_CORRUPT_INDEX"), "it is damaged"),
        (of_sqlite("SQLITE_NOTADB"), "it is no database"),
        (of_sqlite("SQLITE_CANTOPEN"), "it cannot be opened"),
        (of_sqlite("SQLITE_READONLY_DBMOVED"), "it cannot be written"),
        (of_sqlite("SQLITE_PERM"), "it cannot be written"),
        (of_sqlite("SQLITE_IOERR_READ"), "its disk fails"),
        (of_sqlite("SQLITE_CONSTRAINT_UNIQUE"), "in SQLite's own words"),
        (of_sqlite(""), "in SQLite's own words"),
        (TimeoutError("the lock"), "another program keeps it busy"),
        (PermissionError(13, "Permission denied", "x"), "Permission denied"),
        (OSError("odd"), "odd"),
    ],
    ids=lambda value: getattr(value, "sqlite_errorname", type(value).__name__),
)
def test_each_fault_of_file_lock_and_disk_has_its_words(
    ledger: Ledger, error: Exception, told: str
) -> None:
    with pytest.raises(LabappError) as caught, ledger._speaking():
        raise error
    assert caught.value.message == f"the ledger of jobs {ledger.path} cannot be used: {told}"
