"""Remember label files by ETag, so that a second look reads only what changed.

One SQLite file for each bucket. It holds nothing that S3 does not: deleting it costs only time, a
broken one is thrown away and made anew, and where none can be written it is kept in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.dataset import layouts
from labapp.files import private

#: A bucket's name (Amazon S3 User Guide, General purpose bucket naming rules).
_PLAIN = re.compile(r"[a-z0-9.-]{3,63}")

#: Seconds to wait while another program writes.
BUSY_TIMEOUT = 10.0

#: Values of one SQL statement: far below SQLite's limit (32,766 since 3.32).
_AT_ONCE = 500

#: Label files that may be held though no listing names them, besides as many as one does.
_SPARE = 1_000

#: The form of the file, in SQLite's `user_version`; 0 was written before files said it, and is 1.
FORM = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS labels (key TEXT PRIMARY KEY, etag TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS hashes (key TEXT PRIMARY KEY, etag TEXT NOT NULL, sha256 TEXT NOT NULL);
"""

#: What says that the file is of no use: damaged, no database, or without our tables, for our
#: statements are right. All else (locked, read-only, a full disk, closed) says nothing against it.
_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})

T = TypeVar("T")


def cache_path(bucket: Bucket) -> Path:
    """Return the file that holds the label files of this bucket's layout on this machine."""
    name = bucket.name
    if not _PLAIN.fullmatch(name):  # an access point's, say, whose ARN has colons
        name = hashlib.sha256(name.encode(errors="replace")).hexdigest()
    layout = layouts.of(bucket)
    if not layout.is_own:  # what one layout's look lets go of, another's has to do with
        named = hashlib.sha256(f"{layout.images}\n{layout.labels}".encode()).hexdigest()
        name += f"+{named[:12]}"  # a sign that no bucket's name has
    return bucket.cloud.home / f"labels-{name}.sqlite3"


class Cache:
    """Label files, and SHA-256 of pictures, with the ETag they were read at; safe in threads.

    Args:
        path: the file; it and its folder are made when missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db = self._open()

    def close(self) -> None:
        """Close the file; what a thread of the caller's keeps afterwards is kept in memory."""
        with self._lock:
            self._db.close()

    def bodies(self, wanted: dict[str, str]) -> Iterator[tuple[str, bytes]]:
        """Yield key and bytes of the label files that are held at the ETag wanted.

        Args:
            wanted: label files' keys, each with its ETag.
        """
        for key, etag, body in self._select("labels", "body", list(wanted)):
            if wanted.get(key) == etag and isinstance(body, bytes) and len(body) <= bounds.LABELS:
                yield key, body

    def keep_bodies(self, rows: Iterable[tuple[str, str, bytes]]) -> None:
        """Keep label files: key, ETag and bytes."""
        self._store("labels", rows)

    def forget_all_but(self, listed: Collection[str]) -> None:
        """Let go of label files that a whole listing no longer names, once most are such."""

        def drop(db: sqlite3.Connection) -> None:
            if db.execute("SELECT count(*) FROM labels").fetchone()[0] > 2 * len(listed) + _SPARE:
                held = [key for (key,) in db.execute("SELECT key FROM labels")]
                with db:
                    gone = [(key,) for key in held if key not in listed]
                    db.executemany("DELETE FROM labels WHERE key = ?", gone)

        self._try(drop)

    def hashes(self, wanted: dict[str, str]) -> dict[str, str]:
        """Return the SHA-256, by key, of the pictures that are held at the ETag wanted."""
        rows = self._select("hashes", "sha256", list(wanted))
        return {key: str(sha256) for key, etag, sha256 in rows if wanted.get(key) == etag}

    def keep_hashes(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Keep pictures' key, ETag and SHA-256."""
        self._store("hashes", rows)

    def _select(
        self, table: str, column: str, keys: list[str]
    ) -> Iterator[tuple[str, str, object]]:
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            query = f"SELECT key, etag, {column} FROM {table} WHERE key IN ({marks})"
            yield from self._rows(query, part)

    def _rows(self, query: str, values: list[str]) -> list[tuple[str, str, object]]:
        return self._try(lambda db: db.execute(query, values).fetchall())

    def _store(self, table: str, rows: Iterable[tuple[str, str, object]]) -> None:
        kept = list(rows)

        def write(db: sqlite3.Connection) -> None:
            with db:
                db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", kept)

        if kept:
            self._try(write)

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do it, if need be on a new file or in memory."""
        with self._lock:
            try:
                return work(self._db)
            except sqlite3.Error as error:
                self._db.close()
                self._db = self._open(anew=True) if _is_broken(error) else _prepare(":memory:")
                return work(self._db)

    def _open(self, *, anew: bool = False) -> sqlite3.Connection:
        """Open the file, made anew where it is broken; in memory where there can be none."""
        try:
            if anew:  # on Windows another program may have it open
                self._path.unlink(missing_ok=True)
                self._path.with_name(self._path.name + "-journal").unlink(missing_ok=True)
            private.database(self._path)
            return _prepare(self._path)
        except (OSError, sqlite3.Error) as error:
            return self._open(anew=True) if not anew and _is_broken(error) else _prepare(":memory:")


def _prepare(path: Path | str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_TIMEOUT, check_same_thread=False)
    try:
        db.execute("PRAGMA synchronous = OFF")  # a cache need not survive a power cut
        form = db.execute("PRAGMA user_version").fetchone()[0]
        if form > FORM:  # nothing is broken: it stays for the labapp that wrote it
            raise sqlite3.OperationalError(f"{path} has the form {form}, of a newer labapp")
        if form < FORM:
            db.executescript(f"{_SCHEMA} PRAGMA user_version = {FORM};")
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            db.close()
        raise
    return db


def _is_broken(error: sqlite3.Error | OSError) -> bool:
    # The low byte is the primary code (sqlite.org/rescode.html); a closed database has none.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN
