"""What a million number jobs cost: requests counted at an emulator, times Amazon's list prices.

    python -m tests.benchmarks.cost [--jobs 2000] [--alone 40]

One run for each way to log. A client sends the lists of a file (`numbers --lines`), a worker does
them, and a proxy between them and the cloud counts what each asks of it, from the first list on. In
a last run, another client sends lists one by one.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from labapp.settings import LOG_BATCH, LOG_EACH, LOG_NONE
from tests.chaos.world import World

#: Dollars for a million requests, of us-east-1: those of SQS, writes of S3, and reads.
SQS, PUT, GET = 0.40, 5.00, 0.40

#: As by default, where the harness has its own.
SETTINGS: dict[str, Any] = {"visibility_timeout": 30, "wait_seconds": 20}

#: What is looked for when a program starts, and what is not asked for each job.
_ONCE = ("GetQueueUrl", "GetQueueAttributes", "CreateQueue", "ListQueues")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--jobs", type=int, default=2_000, help="lists of the file")
    parser.add_argument("--alone", type=int, default=40, help="lists that are sent one by one")
    said = parser.parse_args()
    for log in (LOG_EACH, LOG_BATCH, LOG_NONE):
        _show(f"lists of a file, log = {log}", _of_a_file(said.jobs, log), said.jobs)
    _show("lists one by one, log = batch", _one_by_one(said.alone), said.alone)


def _of_a_file(jobs: int, log: str) -> Counter[str]:
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), log=log, **SETTINGS) as world:
        lists = Path(folder) / "lists.txt"
        lists.write_text("1,12,55,4\n" * jobs)
        world.worker(report_seconds=3600)
        before = Counter(world.proxy.tap.requests)
        argv = ["client.py", "numbers", "--lines", str(lists), "--out", str(lists) + ".tsv"]
        assert world.spawn(argv, "client").process.wait(120) == 0
        return world.proxy.tap.requests - before


def _one_by_one(jobs: int) -> Counter[str]:
    with (
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder), log=LOG_BATCH, **SETTINGS) as world,
    ):
        world.worker(report_seconds=3600)
        before = Counter(world.proxy.tap.requests)
        for _ in range(jobs):
            argv = ["client.py", "numbers", "1,12,55,4"]
            assert world.spawn(argv, "client").process.wait(60) == 0
        return world.proxy.tap.requests - before


def _show(title: str, requests: Counter[str], jobs: int) -> None:
    print(f"\n{title}", flush=True)
    cost = 0.0
    for name, count in sorted(requests.items()):
        price = {"s3 PUT": PUT, "s3 GET": GET, "s3 HEAD": GET}.get(name, SQS)
        once = name in _ONCE or name in ("s3 GET", "s3 HEAD")
        cost += 0.0 if once else count / jobs * price
        print(f"  {name:30} {count:7,}{'' if once else f'  {count / jobs:.3f} a job'}")
    print(f"  a million: ${cost:.2f}", flush=True)


if __name__ == "__main__":
    main()
