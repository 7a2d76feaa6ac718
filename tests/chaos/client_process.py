"""A client's machine: several sessions in one process, each with its slot and its reply queue.

`python -m tests.chaos.client_process JOURNAL --sessions S --numbers N --pictures P --seed X`. Each
session sends its share and shows every answer once. Killed and started again on the same folder, it
goes on where it was: what the ledger knows is not sent or shown again.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from labapp import settings as settings_room
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, CredentialsError, RefusedError
from labapp.jobs import picture_client, picture_request
from labapp.jobs.entry import Entry
from labapp.jobs.kind import JobKind
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import Request
from labapp.pictures import pipeline
from tests.chaos.journal import Journal, read

#: One list in so many breaks a rule, and is to be refused.
REFUSE_ONE_IN = 50

#: Seconds between attempts while the cloud does not answer.
PAUSE = 0.3


class Session(ClientSession):
    """A client's session that writes down what it does."""

    def __init__(self, cloud: Cloud, journal: Journal) -> None:
        super().__init__(cloud)
        self.journal = journal
        self.waiting: set[str] = set()
        self.sent: Counter[str] = Counter()

    def send(self, kind: JobKind, requests: Sequence[Request], note: str = "") -> None:
        jobs = [request.job for request in requests]
        sums = {r.job: _sum(r.body) for r in requests} if kind is NUMBERS else {}
        self.journal.write("intent", client=self.client, kind=kind.name, jobs=jobs, expected=sums)
        super().send(kind, requests, note)
        self.journal.write("accepted", client=self.client, kind=kind.name, jobs=jobs)
        self.waiting |= set(jobs)
        self.sent[kind.name] += len(jobs)

    def show(self, entries: Sequence[Entry]) -> None:
        """Show answers: what stands in the journal now, a person has seen."""
        for entry in entries:
            self.journal.write(
                "shown",
                client=self.client,
                job=entry.job,
                status=entry.status,
                result=entry.result,
                seconds=entry.seconds,
            )
            self.ledger.mark_shown([entry.job])
            self.waiting.discard(entry.job)


def _sum(body: str) -> int | None:
    """Return the sum that is the right answer to a list of ours; None where it is refused."""
    values = [int(text) for text in body.split(",")]
    return sum(values) if min(values) >= 0 else None


class Machine:
    """The sessions of one process."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.settings = settings_room.load().settings
        self.cloud = Cloud(self.settings)
        self.bucket = Bucket(self.cloud)
        journal: Path = arguments.journal
        known = read([journal] if journal.exists() else [])
        self.sent: dict[str, Counter[str]] = {}
        for job in known.accepted:
            kind = "pictures" if job in known.pictures else "numbers"
            self.sent.setdefault(known.owner[job], Counter())[kind] += 1
        self.unanswered = known.accepted - set(known.shown)
        self.owner = known.owner
        self.journal = Journal(journal)

    def run(self) -> None:
        with contextlib.ExitStack() as opened:
            # All are open before one begins: a slot that is let go would be taken by the next, and
            # the answers of another slot would wait for nobody.
            many = self.arguments.sessions
            sessions = [opened.enter_context(self._opened()) for _ in range(many)]
            with ThreadPoolExecutor(many) as threads:
                list(threads.map(self._go_on, sessions))

    def _go_on(self, session: Session) -> None:
        """Send what is left to be sent, and show every answer."""
        chance = random.Random(f"{self.arguments.seed}:{session.client}:{time.time_ns()}")
        session.sent = self.sent.get(session.client, Counter())
        session.waiting = {j for j in self.unanswered if self.owner[j] == session.client}
        session.show(session.unshown())
        while not self._all_sent(session) or session.waiting:
            try:
                if not self._all_sent(session):
                    self._send(session, chance)
                session.show(session.collect(wait=2 if self._all_sent(session) else 0))
            except CloudError as error:
                # What was taken in before the fault is in the ledger, as for any program.
                session.show(session.unshown())
                time.sleep(PAUSE)
                if isinstance(error, CredentialsError):
                    self.cloud.refresh()  # a client that is started again reads them anew

    def _opened(self) -> Session:
        while True:
            try:
                return Session(self.cloud, self.journal)
            except CloudError:
                time.sleep(PAUSE)

    def _all_sent(self, session: Session) -> bool:
        wanted = self.arguments
        sent = session.sent
        return bool(sent["numbers"] >= wanted.numbers and sent["pictures"] >= wanted.pictures)

    def _send(self, session: Session, chance: random.Random) -> None:
        left = self.arguments.numbers - session.sent["numbers"]
        if left > 0:
            count = min(left, chance.randint(1, 10))
            requests = [_request(session, _list(chance)) for _ in range(count)]
            session.send(NUMBERS, requests)
        if session.sent["pictures"] < self.arguments.pictures:
            path = chance.choice(sorted(Path(self.arguments.folder).iterdir()))
            steps = tuple(pipeline.parse([chance.choice(["grayscale", "invert", "blur"])]))
            try:
                picture_client.send(
                    session, self.bucket, path, picture_request.ProcessingRequest(steps)
                )
            except RefusedError:
                session.sent["pictures"] += 1  # no picture: a user is told so and nothing is sent


def _request(session: Session, body: str) -> Request:
    new = session.identity()
    return Request(body, new.job, session.client, nonce=new.nonce)


def _list(chance: random.Random) -> str:
    values = [chance.randint(0, 10**6) for _ in range(chance.randint(1, 10))]
    if chance.randrange(REFUSE_ONE_IN) == 0:
        values[0] = -1
    return ",".join(map(str, values))


def main() -> None:
    """Run the sessions until all they sent is answered."""
    parser = argparse.ArgumentParser()
    parser.add_argument("journal", type=Path)
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--numbers", type=int, default=10)
    parser.add_argument("--pictures", type=int, default=0)
    parser.add_argument("--folder", default="")
    parser.add_argument("--seed", type=int, default=1)
    Machine(parser.parse_args()).run()


if __name__ == "__main__":
    main()
