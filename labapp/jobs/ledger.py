"""What this machine knows of the jobs it sent: one SQLite file per cloud, shared by all programs.

A job is written down before it is sent and settled once, by the first answer that names it, came
on its own client's queue, and repeats the nonce that its request carried. So an answer that comes
twice changes nothing, one that nobody asked for or that somebody else made up is never taken for
one's own, and one that came while the program was closed is still to be shown.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from labapp import foreign, utc
from labapp.cloud.embedded import disk
from labapp.cloud.new_queues import RETENTION
from labapp.errors import LabappError, StorageError
from labapp.files import private
from labapp.jobs import ledger_file, proof
from labapp.jobs.entry import (
    COLUMNS,
    DROPPED,
    PENDING,
    SAVED,
    UNSENT,
    WHOLE,
    Entry,
    entry_of,
    is_sound,
)
from labapp.jobs.kind import JobKind
from labapp.jobs.kinds import kind_of
from labapp.jobs.wire import DONE, FAILED, MOST_RESULT, Reply, Request, is_job_id

#: Seconds to wait while another program writes.
BUSY_TIMEOUT = 30.0

#: Seconds after which no answer to a job comes any more: SQS keeps the request for so long in its
#: queue, and then the answer in another.
LATEST_ANSWER = 2 * RETENTION

#: No nonces.
_NONE: Mapping[str, str] = MappingProxyType({})


class _UnprovedError(LabappError):
    """An answer to a job that waits for one, by somebody who does not show to know the request."""


class Ledger:
    """The jobs of this machine on one cloud; may be used from several threads.

    Args:
        path: the file; it and its folder are made when missing.

    Raises:
        DamagedLedgerError: the file is no ledger, or no longer.
        LabappError: it cannot be opened, or is a newer labapp's.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        # SQLite goes to WAL mode and back at the first opening and the last closing, and answers
        # 'locked' at once to whoever comes in that moment, whatever its timeout.
        with self._speaking():
            private.folder(path.parent)
        self._door = private.lock(path.with_name(path.name + ".lock"), BUSY_TIMEOUT)
        with self._speaking(), self._door:
            private.database(path)
            self._db = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT, check_same_thread=False, isolation_level=None
            )
            try:
                self._db.text_factory = ledger_file.text_of
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                ledger_file.bring_up_to_date(self._db, str(path))
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Close the file."""
        with self._speaking(), self._door, self._lock:
            self._db.close()

    def add(
        self,
        jobs: Iterable[tuple[str, str]],
        client: str,
        kind: str,
        note: str = "",
        nonces: Mapping[str, str] = _NONE,
    ) -> None:
        """Write down jobs of a kind, as pairs of id and body, that `client` is about to send.

        `note` is kept with each; `nonces` are, by the jobs' ids, what their requests carry.
        """
        self.add_requests(
            [Request(body, job, client, nonce=nonces.get(job, "")) for job, body in jobs],
            kind,
            lambda job: note,
        )

    def add_requests(
        self,
        requests: Iterable[Request],
        kind: str,
        note: Callable[[str], str],
        besides: Callable[[sqlite3.Connection], object] = lambda db: None,
    ) -> None:
        """Write down jobs of a kind by their requests, all of them or none.

        `note` gives what is kept with each; `besides` writes more in the same transaction.
        """
        present = utc.seconds()
        rows = [(r.job, r.client, kind, r.body, present, note(r.job), r.nonce) for r in requests]
        with self.change() as db:
            db.executemany(
                "INSERT INTO jobs (job, client, kind, body, sent_at, note, nonce)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            besides(db)

    def settle_all(self, replies: Iterable[Reply], client: str) -> tuple[list[Entry], list[str]]:
        """Note answers that came together to jobs that `client` waits for.

        An answer changes nothing where `client` does not wait for it: the job was answered before,
        given up, or never sent from here. Only that it failed is not the last word: an admin may
        have had it done after all.

        Returns:
            The jobs that are answered by them, as they are now; and the ids of those that `client`
            waits for, to which an answer lacks what its request carried.
        """
        found, unproved = [], []
        with self.change() as db:
            for reply in replies:
                try:
                    entry = self._settle(db, reply, client)
                except _UnprovedError:
                    unproved.append(reply.job)
                else:
                    found += [entry] if entry else []
        return found, unproved

    def _settle(self, db: sqlite3.Connection, reply: Reply, client: str) -> Entry | None:
        found = db.execute(
            "SELECT kind, status, nonce FROM jobs WHERE job = ? AND client = ?",
            (reply.job, client),
        ).fetchone()
        if found is None:
            return None
        kind, status, nonce = found
        redone = status == FAILED and reply.status == DONE
        if status not in (PENDING, UNSENT) and not redone:
            return None
        if nonce and not proof.same(nonce, reply.nonce):
            raise _UnprovedError(f"an answer to the job {reply.job} proves nothing")
        known = kind_of(str(kind))
        row = db.execute(
            "UPDATE jobs SET status = ?, answered_at = ?, reply = ?, result = ?, shown = 0"
            f" WHERE job = ? RETURNING {COLUMNS}",
            (
                reply.status,
                utc.seconds(),
                known.text_of(reply.body),
                _values_to_keep(known, reply.result),
                reply.job,
            ),
        ).fetchone()
        return entry_of(row)

    def refuse_result(self, job: str, why: str) -> None:
        """Note that the result which an answer names is not taken, until another answer comes."""
        with self.change() as db:
            db.execute(
                f"UPDATE jobs SET status = '{FAILED}', reply = ?, result = ''"
                f" WHERE job = ? AND status = '{DONE}'",
                (why, job),
            )

    def note_saved(self, job: str, path: str) -> None:
        """Note the file that a picture's result was saved as; of one that is not here, nothing."""
        with self.change() as db:
            row = db.execute(f"SELECT {COLUMNS} FROM jobs WHERE job = ?", (job,)).fetchone()
            if row is not None:
                note = json.dumps({**entry_of(row).notes, SAVED: path})
                db.execute("UPDATE jobs SET note = ? WHERE job = ?", (note, job))

    def drop(self, client: str, *, dry: bool = False) -> list[str]:
        """Give up the pending jobs of a client, those too that could not be sent.

        Returned are their ids, in the order in which they were sent; `dry`: only say which.
        """
        open_ones = f"client = ? AND status IN ('{PENDING}', '{UNSENT}')"
        with self.change() as db:
            rows = db.execute(
                f"SELECT job FROM jobs WHERE {open_ones} ORDER BY sent_at, rowid", (client,)
            ).fetchall()
            if not dry:
                db.execute(f"UPDATE jobs SET status = '{DROPPED}' WHERE {open_ones}", (client,))
        return [row[0] for row in rows if isinstance(row[0], str)]

    def clear(self, *, dry: bool = False) -> int:
        """Delete the rows that hold anything but what labapp writes; return how many there are.

        `dry`: only say how many.
        """
        with self.change() as db:
            rows = db.execute(f"SELECT {WHOLE}, rowid FROM jobs")
            unsound = [(row[-1],) for row in rows if not is_sound(row[:-1])]
            if not dry:
                db.executemany("DELETE FROM jobs WHERE rowid = ?", unsound)
        return len(unsound)

    def mark_unsent(self, jobs: Iterable[str]) -> None:
        """Note that sending these jobs failed: nobody waits, but a late answer is still theirs."""
        with self.change() as db:
            db.executemany(
                f"UPDATE jobs SET status = '{UNSENT}' WHERE status = '{PENDING}' AND job = ?",
                [(job,) for job in jobs],
            )

    def mark_shown(self, jobs: Iterable[str]) -> None:
        """Note that the user has seen the answers to these jobs."""
        with self.change() as db:
            db.executemany("UPDATE jobs SET shown = 1 WHERE job = ?", [(job,) for job in jobs])

    def unshown(self, client: str) -> list[Entry]:
        """Return the answered jobs of a client that the user has not seen, oldest first.

        Those without an id of a job are left out: nobody could say that they were seen.
        """
        unseen = "WHERE client = ? AND shown = 0 AND answered_at IS NOT NULL ORDER BY sent_at"
        found = self._select(unseen, client)
        return [entry for entry in found if is_job_id(entry.job)]

    def pending(self, client: str) -> list[Entry]:
        """Return the jobs of a client that wait for their answers, oldest first."""
        return self._select(
            f"WHERE client = ? AND status = '{PENDING}' ORDER BY sent_at, rowid", client
        )

    def noted(self, name: str, value: str, count: int) -> list[Entry]:
        """Return the newest jobs of whose notes one has this name and value, `count` at most."""
        found = self._select(
            f"WHERE instr(note, ?) > 0 ORDER BY sent_at DESC, rowid DESC LIMIT {count:d}",
            json.dumps({name: value})[1:-1],
        )
        return [entry for entry in found if entry.notes.get(name) == value]

    def get(self, job: str) -> Entry | None:
        """Return one job, or None."""
        return next(iter(self._select("WHERE job = ?", job)), None)

    def beginning(self, text: str, count: int, *, ends: bool = False) -> list[Entry]:
        """Return jobs whose ids begin so, or end so, newest first, `count` at most."""
        part = "substr(job, -?)" if ends else "substr(job, 1, ?)"
        order = "ORDER BY sent_at DESC, rowid DESC"
        return self._select(f"WHERE {part} = ? {order} LIMIT {count:d}", len(text), text)

    def newest(self, count: int | None = None, kind: str = "") -> list[Entry]:
        """Return jobs of this machine, newest first: `count` at most, of one kind or of all."""
        limit = "" if count is None else f" LIMIT {count:d}"
        order = f"ORDER BY sent_at DESC, rowid DESC{limit}"
        return self._select(f"WHERE kind = ? {order}", kind) if kind else self._select(order)

    def count(self, kind: str = "") -> int:
        """Return how many jobs of this machine there are; of one kind, or of all."""
        rows = self._rows("SELECT count(*) FROM jobs WHERE kind = ? OR ? = ''", kind, kind)
        return int(rows[0][0])

    def version(self) -> tuple[int, int]:
        """Return what is another whenever something was written, by this program or any other."""
        with self._speaking(), self._lock:
            others = self._db.execute("PRAGMA data_version").fetchone()[0]
            return int(others), self._db.total_changes

    def waiting_clients(self) -> set[str]:
        """Return the clients with jobs that are pending, or answered and not yet seen.

        A job that is pending for longer than any answer is kept counts no more.
        """
        rows = self._rows(
            f"SELECT DISTINCT client FROM jobs WHERE (status = '{PENDING}' AND sent_at > ?)"
            " OR (shown = 0 AND answered_at IS NOT NULL)",
            utc.seconds() - LATEST_ANSWER,
        )
        return {row[0] for row in rows if isinstance(row[0], str)}

    def count_pending(self, client: str) -> int:
        """Return how many jobs of a client wait for their answers."""
        query = f"SELECT count(*) FROM jobs WHERE status = '{PENDING}' AND client = ?"
        return int(self._rows(query, client)[0][0])

    def _select(self, rest: str, *values: object) -> list[Entry]:
        return [entry_of(row) for row in self._rows(f"SELECT {COLUMNS} FROM jobs {rest}", *values)]

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._speaking(), self._lock:
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or none, also when the process is killed in between."""
        with self._speaking(), self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself takes some back, as on a full disk
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if trouble := disk.look(self.path.parent, least=0):
                raise StorageError(trouble, disk.remedy(trouble)) from error
            raise ledger_file.error_of(error, self.path) from error


def _values_to_keep(kind: JobKind, result: str) -> str:
    """Return the values of an answer to a job of a kind, as JSON; empty where there are none.

    Who could read the request can answer it, and a worker may be of any version; so nothing is kept
    as a value that is none.
    """
    if kind.known_values is None:
        return result
    return kind.known_values(foreign.object_or_empty(result, MOST_RESULT, as_written=True))
