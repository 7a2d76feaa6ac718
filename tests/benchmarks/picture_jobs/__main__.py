"""Print how near a worker comes to decode + steps + encode alone, and what memory it takes.

    python -m tests.benchmarks.picture_jobs [--pictures 40] [--megapixels 12] [--rounds 3]

Worker, embedded cloud and this program share the machine; rounds of both sides follow each other,
and the best of each counts. The cloud's own CPU time is no worker's work, and on a lab's cloud is
spent elsewhere: so the ratio is given per CPU second as well. Linux only.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from labapp.cloud.bucket import Bucket
from labapp.cloud.embedded import launcher
from labapp.cloud.session import local_home
from labapp.jobs.proof import new_identity
from labapp.jobs.wire import Request
from labapp.pictures import pipeline
from tests.benchmarks.picture_jobs.tree import Watch, cpu_seconds
from tests.end_to_end.lab import ROOT, Lab, Program
from tests.pictures.samples import file_of, photo

STEPS = "blur:sigma=3"
CLIENT = "benchmark"
KEY = "inbox/benchmark/photo.jpg"


@dataclass(frozen=True)
class Run:
    """One round: wall-clock seconds and CPU seconds a picture, of all processors together."""

    seconds: float
    cpu: float
    cloud: float = 0.0


def main() -> None:
    """Read the options, run the rounds, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.picture_jobs")
    parser.add_argument("--pictures", type=int, default=40, help="in each round")
    parser.add_argument("--megapixels", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photo.jpg"
        source.write_bytes(jpeg_of(options.megapixels))
        size = source.stat().st_size / 1e6
        print(f"{options.megapixels:g} MP JPEG of {size:.1f} MB, {STEPS}, {os.cpu_count()} cores")
        with lab_in(Path(folder)) as lab:
            compare(lab, source, options.pictures, options.rounds)
            print_memory(lab, jpeg_of(2 * options.megapixels), 2 * options.megapixels)


def jpeg_of(megapixels: float) -> bytes:
    """Make a photo, as a camera stores it."""
    height = round(math.sqrt(megapixels * 1e6 * 3 / 4))
    return file_of(photo(height, round(height * 4 / 3)), "JPEG", quality=90)


@contextmanager
def lab_in(folder: Path) -> Iterator[Lab]:
    """Give a lab on an embedded cloud of its own."""
    lab = Lab(folder, os.environ.__setitem__)
    try:
        lab.start_cloud()
        lab.make_queue(f"responseQueue-{CLIENT}")
        yield lab
    finally:
        lab.close()


def compare(lab: Lab, source: Path, pictures: int, rounds: int) -> None:
    """Print pictures per second of both sides, and one picture's time from end to end."""
    Bucket(lab.cloud).put(KEY, source.read_bytes(), "image/jpeg")
    worker = lab.server()
    ask(lab, 2)
    ours: list[Run] = []
    best: list[Run] = []
    for _ in range(rounds):
        best.append(alone(source, pictures))
        ours.append(by_worker(lab, worker, pictures))
    for title, runs in (("alone", best), ("worker", ours)):
        print(row(title, runs))
    share = min(r.seconds for r in best) / min(r.seconds for r in ours)
    per_cpu = min(r.cpu for r in best) / min(r.cpu for r in ours)
    print(f"worker to alone: {share:.2f} by the clock, {per_cpu:.2f} by CPU time (at least 0.85)")
    single = min(ask(lab, 1) for _ in range(5))
    print(f"one picture, from request to answer: {single * 1000:.0f} ms")
    worker.process.terminate()
    worker.end()


def row(title: str, runs: list[Run]) -> str:
    """Give one side's figures: of each round, then of the best."""
    rates = "  ".join(f"{1 / run.seconds:.2f}" for run in runs)
    cpu = min(run.cpu for run in runs) * 1000
    cloud = min(run.cloud for run in runs) * 1000
    beside = f", and {cloud:.0f} ms of the cloud's" if cloud else ""
    return f"{title:8} {rates} pictures/s; {cpu:.0f} ms of CPU a picture{beside}"


def alone(source: Path, pictures: int) -> Run:
    """Let every processor decode, blur and encode, with nothing else to do."""
    cores = os.cpu_count() or 1
    each = math.ceil(pictures / cores)
    command = [sys.executable, "-m", "tests.benchmarks.picture_jobs.alone"]
    processes = [
        subprocess.Popen(
            [*command, str(source), STEPS, str(each)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(cores)
    ]
    for process in processes:
        assert process.stdout
        process.stdout.readline()
    began = time.perf_counter()
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    cpu = sum(float(process.communicate()[0]) for process in processes)
    seconds = time.perf_counter() - began
    return Run(seconds / (each * cores), cpu / (each * cores))


def by_worker(lab: Lab, worker: Program, pictures: int) -> Run:
    """Let the worker do pictures from the queue, and answer them."""
    before = cpu_seconds(worker.pid), cloud_seconds()
    seconds = ask(lab, pictures)
    spent = cpu_seconds(worker.pid) - before[0]
    return Run(seconds / pictures, spent / pictures, (cloud_seconds() - before[1]) / pictures)


def cloud_seconds() -> float:
    """Give the CPU seconds of the embedded cloud's process."""
    running = launcher.find(local_home())
    assert running is not None
    times = psutil.Process(running.pid).cpu_times()
    return float(times.user + times.system)


def _request(steps: str) -> Request:
    new = new_identity(CLIENT)
    return Request(KEY, new.job, CLIENT, {"pipeline": steps}, nonce=new.nonce)


def ask(lab: Lab, count: int) -> float:
    """Ask for pictures and wait for all answers; return the seconds it took."""
    steps = pipeline.to_wire(pipeline.parse([STEPS]))
    requests = [_request(steps).outgoing() for _ in range(count)]
    replies = lab.queue(f"responseQueue-{CLIENT}")
    began = time.perf_counter()
    assert lab.queue("imageInbox").send_batch(requests) == []
    left = count
    while left:
        messages = replies.receive(wait=5)
        assert all(message.attributes["status"] == "done" for message in messages), messages
        replies.delete([message.receipt for message in messages])
        left -= len(messages)
    return time.perf_counter() - began


def print_memory(lab: Lab, content: bytes, megapixels: float) -> None:
    """Print what one great picture at a time takes, and one on each processor."""
    Bucket(lab.cloud).put(KEY, content, "image/jpeg")
    for at_once in (1, os.cpu_count() or 1):
        worker = lab.server(picture_processes=at_once)
        with Watch(worker.pid) as peaks:
            ask(lab, 3 * at_once)
        print(
            f"{megapixels:g} MP, {at_once} at once: whole worker {peaks.whole:.0f} MB (PSS),"
            f" a picture's process {peaks.child:.0f} MB"
        )
        worker.process.terminate()
        worker.end()


if __name__ == "__main__":
    main()
