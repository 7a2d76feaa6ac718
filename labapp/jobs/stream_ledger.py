"""What the ledger keeps of a file of lists: how far it is told, and what is on its way.

A stream is one run over the lines of a file. Each line's job is written down before it is sent, and
its row goes once the line is told, so the file holds what is on its way and no more: beside the
standing of each stream only the newest of its jobs, for `client.py jobs` to show. A row says by a
digest of all lines up to it which line it is of; so a file that was changed is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from labapp import foreign, utc
from labapp.jobs.kind import JobKind
from labapp.jobs.ledger import Ledger
from labapp.jobs.wire import Request

#: What becomes of a line: it is written down; SQS took it; its answer is told, and a line before it
#: is not.
WRITTEN, SENT, TOLD = 0, 1, 2

#: Jobs of a stream that are told and stay in the ledger, to be looked at.
KEPT = 1000

#: What is noted with each job of a stream.
_NOTE = '{"of": "lines"}'

#: Streams whose standing is kept, the newest.
MOST_STREAMS = 100

#: Characters of what is noted of the answers by their status.
_MOST_COUNTS = 1000

_NO_COUNTS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Standing:
    """How far a stream is.

    Attributes:
        told: the lines that are told, without a gap from the first on.
        digest: that of these lines.
        octets: how long the file of answers was then; 0 where there is none.
        counts: how many answers there were of each status, also of lines beyond.
        form: how answers are written.
        client: whose slot it was sent by last.
        ended: whether all lines that there were are told.
    """

    told: int = 0
    digest: str = ""
    octets: int = 0
    counts: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    form: str = ""
    client: str = ""
    ended: bool = False


@dataclass(frozen=True)
class Line:
    """A line beyond those that are told without a gap: its number, job, digest, and state."""

    number: int
    job: str
    digest: str
    state: int


def name_of(source: str, target: str, number: int) -> str:
    """Return what a stream is called: by where lines and answers stand, and a number from 1."""
    text = f"{source}\0{target}".encode("utf-8", "surrogateescape")
    return f"{hashlib.sha256(text).hexdigest()[:20]}-{number}"


class StreamLedger:
    """A stream, as the ledger has it; may be used from several threads.

    Args:
        ledger: the ledger.
        name: what `name_of` gave.
    """

    def __init__(self, ledger: Ledger, name: str) -> None:
        self._ledger = ledger
        self.name = name

    def begin(self, form: str, client: str) -> None:
        """Begin anew: what an earlier run of that name has on its way is in `jobs` alone.

        Of what earlier streams have told only the newest jobs stay.
        """
        with self._ledger.change() as db:
            db.execute("DELETE FROM lines WHERE stream = ?", (self.name,))
            db.execute(
                "REPLACE INTO streams (stream, client, begun_at, form) VALUES (?, ?, ?, ?)",
                (self.name, client, utc.seconds(), form),
            )
            newest = f"SELECT stream FROM streams ORDER BY begun_at DESC LIMIT {MOST_STREAMS}"
            for table in ("lines", "streams"):
                db.execute(f"DELETE FROM {table} WHERE stream NOT IN ({newest})")
            db.execute(
                "DELETE FROM jobs WHERE rowid IN (SELECT rowid FROM jobs WHERE note = ?"
                f" AND shown = 1 ORDER BY sent_at DESC, rowid DESC LIMIT -1 OFFSET {KEPT})",
                (_NOTE,),
            )

    def go_on(self, client: str) -> None:
        """Note whose slot it is sent by from now on, and that it is not at its end."""
        with self._ledger.change() as db:
            db.execute(
                "UPDATE streams SET client = ?, ended = 0 WHERE stream = ?", (client, self.name)
            )

    def standing(self) -> Standing | None:
        """Return how far it is; None where it was never begun."""
        with self._ledger.change() as db:
            row = db.execute(
                "SELECT told, digest, octets, counts, form, client, ended FROM streams"
                " WHERE stream = ?",
                (self.name,),
            ).fetchone()
        if row is None:
            return None
        told, digest, octets, counts, form, client, ended = row
        found = foreign.object_or_empty(counts, _MOST_COUNTS)
        counted = {name: n for name, n in found.items() if isinstance(n, int)}
        return Standing(told, digest, octets, counted, form, client, bool(ended))

    def lines(self) -> dict[int, Line]:
        """Return the lines beyond those that are told without a gap, by their numbers."""
        with self._ledger.change() as db:
            rows = db.execute(
                "SELECT line, job, digest, state FROM lines WHERE stream = ? ORDER BY line",
                (self.name,),
            ).fetchall()
        return {row[0]: Line(*row) for row in rows}

    def write_down(
        self, requests: Sequence[Request], lines: Sequence[tuple[int, str]], kind: JobKind
    ) -> None:
        """Write down jobs that are about to be sent, each with its line's number and digest."""
        rows = [
            (self.name, line, request.job, digest, WRITTEN)
            for request, (line, digest) in zip(requests, lines, strict=True)
        ]
        insert = "REPLACE INTO lines (stream, line, job, digest, state) VALUES (?, ?, ?, ?, ?)"
        self._ledger.add_requests(
            requests, kind.name, lambda _: _NOTE, lambda db: db.executemany(insert, rows)
        )

    def mark_sent(self, lines: Iterable[int]) -> None:
        """Note that SQS took the jobs of these lines."""
        change = f"UPDATE lines SET state = {SENT} WHERE stream = ? AND line = ? AND state < {SENT}"
        with self._ledger.change() as db:
            db.executemany(change, [(self.name, line) for line in lines])

    def mark_doubtful(self, lines: Iterable[int]) -> None:
        """Note that nobody can tell whether SQS has the jobs of these lines still."""
        change = (
            f"UPDATE lines SET state = {WRITTEN} WHERE stream = ? AND line = ? AND state < {TOLD}"
        )
        with self._ledger.change() as db:
            db.executemany(change, [(self.name, line) for line in lines])

    def tell(
        self,
        standing: Standing,
        beyond: Iterable[Line] = (),
        shown: Iterable[str] = (),
        old: Iterable[str] = (),
    ) -> None:
        """Note what is told.

        Args:
            standing: how far it is now; its `form` and `client` stay.
            beyond: lines behind a gap that are told.
            shown: the jobs whose answers are told.
            old: jobs that were told long ago, and go.
        """
        with self._ledger.change() as db:
            db.execute(
                "UPDATE streams SET told = ?, digest = ?, octets = ?, counts = ?, ended = ?"
                " WHERE stream = ?",
                (
                    *(standing.told, standing.digest, standing.octets),
                    *(json.dumps(dict(standing.counts)), standing.ended, self.name),
                ),
            )
            db.execute(
                "DELETE FROM lines WHERE stream = ? AND line <= ?", (self.name, standing.told)
            )
            db.executemany(
                "REPLACE INTO lines (stream, line, job, digest, state) VALUES (?, ?, ?, ?, ?)",
                [(self.name, one.number, one.job, one.digest, TOLD) for one in beyond],
            )
            db.executemany(
                "UPDATE jobs SET shown = 1 WHERE job = ? AND answered_at IS NOT NULL",
                [(job,) for job in shown],
            )
            db.executemany(
                "DELETE FROM jobs WHERE job = ? AND answered_at IS NOT NULL",
                [(job,) for job in old],
            )
