"""The log of jobs on a long network: one after another, side by side, and the command as a whole.

    python -m tests.benchmarks.logs [--logs 200] [--delay 0.05] [--log batch]

All three are measured in one run, since absolute figures depend on the machine. The logs are of
the last hours, as a lesson leaves them; each request takes `delay` seconds there and back.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ulid import ULID

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.jobs import log_batches, log_listing, log_reading, log_wanted, logbook
from labapp.jobs.log_batches import Record
from labapp.jobs.wire import DONE, Reply, Request
from labapp.settings import LOG_BATCH, LOG_EACH
from tests.benchmarks.narrow import Narrow
from tests.chaos.world import World
from tests.support.terminal import ROOT

#: Seconds between two jobs of the lesson.
_APART = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logs", type=int, default=200)
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--log", choices=(LOG_EACH, LOG_BATCH), default=LOG_EACH)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        records = [_record(number) for number in range(said.logs)]
        jobs = [one.name for one in records]
        _store(world.bucket, records, said.log)
        narrow = Narrow(int(world.direct.rpartition(":")[2]), said.delay)
        try:
            _measure(world, narrow.url, jobs)
        finally:
            narrow.close()


def _store(bucket: Bucket, records: list[Record], how: str) -> None:
    """Log jobs one each, or ten together."""
    if how == LOG_BATCH:
        for start in range(0, len(records), log_batches.MOST):
            for batch in log_batches.batches(records[start : start + log_batches.MOST]):
                bucket.put_text(batch.key, batch.text)
    else:
        for one in records:
            logbook.store(bucket, one.kind, one.request, one.reply)


def _record(number: int) -> Record:
    """Return a job of a while ago."""
    asked = datetime.now(UTC) - timedelta(seconds=_APART * number + 1)
    request = Request("1,12,55,4", str(ULID.from_datetime(asked)), f"ada-{number % 7}")
    reply = Reply("minimum is 1 maximum is 55 average is 18", request.job, DONE)
    return Record(request, reply, "numbers")


def _measure(world: World, url: str, jobs: list[str]) -> None:
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(world.credentials)
    bucket = Bucket(Cloud(replace(world.cloud.settings, endpoint_url=url)))
    count = len(jobs)

    def one_by_one() -> None:
        entries = list(bucket.list(log_wanted.LOGS))
        bodies = [(one.key, bucket.get(one.key, log_reading.most_of(one)).body) for one in entries]
        assert sum(len(log_reading.logs_in(*body)[0]) for body in bodies) == count

    def side_by_side() -> None:
        assert len(list(log_listing.newest(bucket, count))) == count

    def first() -> None:
        next(log_listing.newest(bucket, count))

    def of_one_job() -> None:
        (found,) = log_listing.find(bucket, jobs[count // 2][:12])
        bucket.get(found.entry.key, bounds.LOGS)

    first()  # connections are open
    alone = _tell("one after another", one_by_one)
    _tell("side by side", side_by_side, alone)
    _tell("the first of them", first, alone)
    _tell("one job by the beginning of its id", of_one_job, alone)
    _tell("admin.py logs -n 1 as a whole", lambda: _run(world, url, "logs", "-n", "1"), alone)
    _tell("admin.py logs as a whole", lambda: _run(world, url, "logs", "-n", str(count)), alone)
    _tell("admin.py trace JOB as a whole", lambda: _run(world, url, "trace", jobs[0]), alone)


def _run(world: World, url: str, *words: str) -> None:
    own = world.environment("admin", endpoint_url=url)
    argv = [sys.executable, str(ROOT / "admin.py"), *words]
    done = subprocess.run(
        argv, env=own, capture_output=True, text=True, cwd=world.folder, check=True
    )
    assert done.stdout.count("\n") > 0


def _tell(what: str, act: Callable[[], None], alone: float = 0.0) -> float:
    began = time.perf_counter()
    act()
    seconds = time.perf_counter() - began
    ratio = f", {alone / seconds:6.1f} times as fast" if alone else ""
    print(f"{what:36} {seconds:7.2f} s{ratio}", flush=True)
    return seconds


if __name__ == "__main__":
    main()
