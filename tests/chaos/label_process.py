"""People who label: several writers in one process, each answering pictures under faults.

`python -m tests.chaos.label_process JOURNAL --writers W --answers N KEY…`. An answer counts as
taken, and stands in the journal, once `record` has returned; after an error the same answer is
given again, as the programs do.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from ulid import ULID

from labapp import settings as settings_room
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset.label_writer import record
from labapp.errors import CloudError
from labapp.labels import label_file
from labapp.labels.label_file import Label
from tests.chaos.journal import Journal


def _write(arguments: argparse.Namespace, bucket: Bucket, journal: Journal, number: int) -> None:
    chance = random.Random(f"{arguments.seed}:{number}")
    for _ in range(arguments.answers):
        key = chance.choice(arguments.keys)
        label = chance.choice([Label.ONE, Label.ZERO])
        entry = label_file.answer(label, datetime.now(UTC), f"writer-{number}", str(ULID()))
        while True:
            try:
                record(bucket, key, entry)
                break
            except CloudError:
                time.sleep(0.3)
        journal.write("label", picture=key, answer=entry.answer_id)


def main() -> None:
    """Give all answers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("journal", type=Path)
    parser.add_argument("keys", nargs="+")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--answers", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    bucket, journal = Bucket(Cloud(settings_room.load().settings)), Journal(arguments.journal)
    threads = [
        threading.Thread(target=_write, args=(arguments, bucket, journal, number))
        for number in range(arguments.writers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
