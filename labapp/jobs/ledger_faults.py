"""What may be wrong with the ledger's file: how it is told, and what comes of a damaged one."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from labapp.errors import LabappError
from labapp.files import replacing

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
    try:
        replacing.move(path, aside)
        for ending in ("-wal", "-shm"):  # what is left of it belongs to no other file
            replacing.remove(path.with_name(path.name + ending), missing_ok=True)
    except OSError as error:
        raise LabappError(
            f"the damaged ledger of jobs {path} cannot be set aside: {error.strerror or error}",
            "End the programs that use it, or delete it.",
        ) from error
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
