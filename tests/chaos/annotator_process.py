"""Somebody who labels as the screen has it: said is kept here first, and sent behind.

`python -m tests.chaos.annotator_process JOURNAL --name NAME --count N KEY…`. What is meant stands
in the journal before, what the annotator was told is kept after it was; so that who is killed at
any moment, and begins again with the same journal, can be held to what was told.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ulid import ULID

from labapp import settings as settings_room
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset.unsent import send_leftovers
from labapp.dataset.write_behind import WriteBehind
from labapp.errors import CloudError, CredentialsError, LabappError
from labapp.labels import label_file
from labapp.labels.label_file import Entry, Label, format_line
from tests.chaos.journal import Journal

#: Seconds that anything waits for the cloud, at most.
_MOST = 300.0

#: Seconds between two looks at what holds it up.
_LOOK = 0.3


def main() -> None:
    """Say as many things as are wanted, those of before the last kill counted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("journal", type=Path)
    parser.add_argument("keys", nargs="+")
    parser.add_argument("--name", required=True)
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    known = options.journal.read_text("utf-8") if options.journal.exists() else ""
    bucket, journal = Bucket(Cloud(settings_room.load().settings)), Journal(options.journal)
    _retried(bucket.cloud, lambda: send_leftovers(bucket))
    with WriteBehind(bucket, lambda one: _note(journal, "failed", one.key, one.entry)) as behind:
        _say(options, bucket.cloud, behind, journal, known.count('"told"'))
        _wait(bucket.cloud, behind, lambda: not behind.flush(_LOOK))


def _retried(cloud: Cloud, work: Callable[[], object]) -> None:
    until = time.monotonic() + _MOST
    while True:
        try:
            work()
        except CloudError as error:
            if time.monotonic() > until:
                raise
            _renew(cloud, error)
            time.sleep(_LOOK)
        else:
            return


def _wait(cloud: Cloud, behind: WriteBehind, condition: Callable[[], bool]) -> None:
    """Wait as the menu does, which takes new credentials where those it has have run out."""
    until = time.monotonic() + _MOST
    while not condition():
        _renew(cloud, behind.problem)
        if time.monotonic() > until:
            raise SystemExit(f"{behind.unsent} lines are not sent: {behind.problem}")


def _renew(cloud: Cloud, problem: LabappError | None) -> None:
    if isinstance(problem, CredentialsError):
        cloud.refresh()


def _say(
    options: argparse.Namespace, cloud: Cloud, behind: WriteBehind, journal: Journal, done: int
) -> None:
    chance = random.Random(f"{options.name}:{done}")
    said: list[tuple[str, Entry]] = []
    for _ in range(done, options.count):
        _wait(cloud, behind, lambda: behind.wait_for_room(_LOOK))
        key, entry = _next(options, chance, said)
        _note(journal, "meant", key, entry)
        behind.keep(key, entry)
        _note(journal, "told", key, entry)


def _next(
    options: argparse.Namespace, chance: random.Random, said: list[tuple[str, Entry]]
) -> tuple[str, Entry]:
    """Return what is said next: answers mostly, some of them undone later, skips and flags."""
    at, told = datetime.now(UTC), str(ULID())
    if said and chance.random() < 0.2:
        key, undone = said.pop(chance.randrange(len(said)))
        return key, label_file.retraction(undone, at, told)
    key = chance.choice(options.keys)
    drawn = chance.random()
    if drawn < 0.1:
        return key, label_file.broken(at, options.name, told, "blurry")
    label = Label.SKIP if drawn < 0.2 else chance.choice((Label.ONE, Label.ZERO))
    said.append((key, label_file.answer(label, at, options.name, told)))
    return said[-1]


def _note(journal: Journal, what: str, key: str, entry: Entry) -> None:
    journal.write(what, picture=key, line=format_line(entry).decode())


if __name__ == "__main__":
    main()
