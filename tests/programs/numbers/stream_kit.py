"""A cloud in memory for runs over files of lists, that may be cut off like a process by kill -9."""

from __future__ import annotations

import contextlib
import itertools
import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from labapp import numbers
from labapp.console.progress import Transfer
from labapp.files.lines import lines_of
from labapp.jobs import flow
from labapp.jobs.entry import Entry
from labapp.jobs.kind import JobKind
from labapp.jobs.ledger import Ledger
from labapp.jobs.proof import Identity, new_identity
from labapp.jobs.stream_ledger import Standing, StreamLedger, name_of
from labapp.jobs.wire import DONE, FAILED, Reply, Request
from labapp.programs.numbers import streaming
from labapp.programs.numbers.line_answers import CELLS, File, Outcome
from labapp.programs.numbers.line_lists import MOST_LINE, Source
from labapp.programs.numbers.reading import Begun, Reader
from labapp.programs.numbers.streaming import Run

RULES = numbers.Rules()


class KilledError(BaseException):
    """The process is gone: nothing of it happens any more."""


class Fuse:
    """Ends everything at one step of all."""

    def __init__(self, steps: int = 1_000_000) -> None:
        self.left = steps

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KilledError


class FusedLedger(Ledger):
    """A ledger that is cut off before a change, in it, or behind it."""

    fuse = Fuse()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        self.fuse.step()
        with super().change() as db:
            yield db
            self.fuse.step()
        self.fuse.step()


class FusedFile(File):
    """A file of answers in which the last write may be half done."""

    fuse = Fuse()

    def write(self, outcomes: Sequence[Outcome]) -> None:
        try:
            self.fuse.step()
        except KilledError:
            if self.fuse.left == -1:
                super().write(outcomes)
                self._file.truncate(self._file.tell() - 3)
            raise
        super().write(outcomes)


class Lab:
    """Queues and a worker: whatever is sent is answered when somebody looks."""

    def __init__(
        self,
        seed: int = 0,
        *,
        twice: bool = False,
        lost: Sequence[str] = (),
    ) -> None:
        self.chance = random.Random(seed)
        self.twice = twice
        self.lost = lost
        self.sent: Counter[str] = Counter()
        self.bodies: dict[str, str] = {}
        self.answers: list[tuple[str, Reply]] = []
        self.hidden: dict[str, Reply] = {}
        self.puts = self.takes = self.deletes = 0
        self.most_under_way = 0
        self.refuse = 0
        self.lock = threading.Lock()

    def take(self, requests: Sequence[Request]) -> list[int]:
        self.puts += 1
        if self.refuse:
            self.refuse -= 1
            return list(range(len(requests)))
        for request in requests:
            self.sent[request.job] += 1
            self.bodies[request.job] = request.body
            for _ in range(0 if request.body in self.lost else 2 if self.twice else 1):
                self.answers.append((f"r{self.chance.random()}", self.answer(request)))
        return []

    def answer(self, request: Request) -> Reply:
        try:
            values = numbers.parse(request.body)
        except Exception as error:  # noqa: BLE001 - any of a worker's
            return Reply(str(error), request.job, FAILED, nonce=request.nonce)
        found = numbers.summarise(values)
        return Reply(found.sentence(), request.job, DONE, found.json(), nonce=request.nonce)


class Session:
    """A client's session at such a lab."""

    client = "ada-1"

    def __init__(self, lab: Lab, ledger: Ledger, fuse: Fuse) -> None:
        self.lab, self.ledger, self.fuse = lab, ledger, fuse
        self.cloud = SimpleNamespace(refresh=lambda: None)
        self._numbers = itertools.count()
        for receipt in list(lab.hidden):  # their visibility timeout is over
            lab.answers.append((receipt, lab.hidden.pop(receipt)))

    def identity(self) -> Identity:
        return new_identity(self.client)

    def put(self, kind: JobKind, requests: Sequence[Request]) -> list[int]:
        assert len(requests) <= 10
        self.fuse.step()
        with self.lab.lock:
            failed = self.lab.take(requests)
        self.fuse.step()
        return failed

    def take(self, wait: int | None = None) -> tuple[list[Entry], list[str]]:
        self.fuse.step()
        lab = self.lab
        under_way = self.ledger.count_pending(self.client)
        with lab.lock:
            lab.takes += 1
            lab.most_under_way = max(lab.most_under_way, under_way)
            lab.chance.shuffle(lab.answers)
            came = [lab.answers.pop() for _ in range(min(10, len(lab.answers)))]
            lab.hidden.update(came)
        settled, _ = self.ledger.settle_all([reply for _, reply in came], self.client)
        self.fuse.step()
        return settled, [receipt for receipt, _ in came]

    def let_go(self, receipts: Sequence[str]) -> None:
        assert len(receipts) <= 10
        self.fuse.step()
        with self.lab.lock:
            self.lab.deletes += 1
            for receipt in receipts:
                self.lab.hidden.pop(receipt, None)

    def elsewhere(self) -> Iterator[Entry]:
        yield from ()


class Untold:
    """A sink that keeps what is written."""

    octets = 0

    def __init__(self) -> None:
        self.told: list[Outcome] = []

    def write(self, outcomes: Sequence[Outcome]) -> None:
        self.told += outcomes

    def sync(self) -> None:
        pass


def run(
    folder: Path,
    lab: Lab,
    text: bytes,
    *,
    fuse: Fuse | None = None,
    unordered: bool = False,
    timeout: float = 20.0,
    sink: Any = None,
    form: str = CELLS,
    idle: Callable[[], object] = lambda: None,
) -> Run:
    """Run over a text, on from where a run of that folder ended; its answers go to `out` there."""
    fuse = fuse or Fuse()
    ledger = FusedLedger(folder / "jobs.sqlite")
    try:
        ledger.fuse = fuse
        session: Any = Session(lab, ledger, fuse)
        book = StreamLedger(ledger, name_of("lists", "out", 1))
        standing = book.standing()
        if standing is None:
            book.begin(form, session.client)
        out = folder / "out"
        file = sink
        if file is None:
            known = standing.octets if standing and out.exists() else None
            file = FusedFile(out, form, known)
            file.fuse = fuse
        with contextlib.closing(file) if sink is None else contextlib.nullcontext():
            begun = Begun.of(standing or Standing(), book.lines(), getattr(file, "tail", ()))
            made = Run(session, book, begun, file, timeout, unordered=unordered, idle=idle)
            reader = Reader(Source(Path("lists")), RULES, begun, made.window, session.identity,
                            session.client, ledger)  # fmt: skip
            made.go(reader, lines_of([text], MOST_LINE), Transfer(0, None, lines=False))
            return made
    finally:
        fuse.left = 1_000_000  # a file that is closed by the system takes no step of ours
        ledger.close()


def hasten(patch: Any) -> None:
    """Have nothing waited for that would be in a pipe."""
    patch.setattr(flow, "LINGER", 0.001)
    patch.setattr(flow, "FIRST", 0.001)
    patch.setattr(flow, "END", 2.0)
    patch.setattr(streaming, "TICK", 0.01)
