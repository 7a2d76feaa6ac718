"""The log of jobs on a long network: one after another, side by side, and the command as a whole.

    python -m tests.benchmarks.logs [--logs 200] [--delay 0.05]

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
from labapp.jobs import log_listing, logbook
from labapp.jobs.wire import DONE, Reply, Request
from tests.benchmarks.narrow import Narrow
from tests.chaos.world import World
from tests.support.terminal import ROOT

#: Seconds between two jobs of the lesson.
_APART = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logs", type=int, default=200)
    parser.add_argument("--delay", type=float, default=0.05)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        jobs = [_log(world.bucket, number) for number in range(said.logs)]
        narrow = Narrow(int(world.direct.rpartition(":")[2]), said.delay)
        try:
            _measure(world, narrow.url, jobs)
        finally:
            narrow.close()


def _log(bucket: Bucket, number: int) -> str:
    """Log a job of a while ago; return its id."""
    asked = datetime.now(UTC) - timedelta(seconds=_APART * number + 1)
    request = Request("1,12,55,4", str(ULID.from_datetime(asked)), f"ada-{number % 7}")
    reply = Reply("minimum is 1 maximum is 55 average is 18", request.job, DONE)
    logbook.store(bucket, "numbers", request, reply)
    return request.job


def _measure(world: World, url: str, jobs: list[str]) -> None:
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(world.credentials)
    bucket = Bucket(Cloud(replace(world.cloud.settings, endpoint_url=url)))
    count = len(jobs)

    def one_by_one() -> None:
        keys = [entry.key for entry in bucket.list(log_listing.LOGS)]
        assert len([bucket.get(key, bounds.LOG) for key in keys]) == count

    def side_by_side() -> None:
        assert len(list(log_listing.newest(bucket, count))) == count

    def first() -> None:
        next(log_listing.newest(bucket, count))

    def of_one_job() -> None:
        (entry,) = log_listing.find(bucket, jobs[count // 2][:12])
        bucket.get(entry.key, bounds.LOG)

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
