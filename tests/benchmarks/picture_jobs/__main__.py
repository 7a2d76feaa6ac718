"""Print how near a worker comes to decode + steps + encode alone, and what memory it takes.

    python -m tests.benchmarks.picture_jobs [--pictures 40] [--megapixels 12] [--rounds 3]
    python -m tests.benchmarks.picture_jobs --small 1000 [--side 256] [--against OTHER/CHECKOUT]

Worker, embedded cloud and this program share the machine; rounds of all sides follow each other,
and the best of each counts. The cloud's own CPU time is no worker's work, and on a lab's cloud is
spent elsewhere: so the ratio is given per CPU second as well, which is also the rate of one core.
Linux only.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
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
from tests.end_to_end.lab import ROOT, Lab
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
    parser.add_argument("--pictures", type=int, default=40, help="in each round; 0: none of these")
    parser.add_argument("--megapixels", type=float, default=12.0)
    parser.add_argument("--small", type=int, default=600, help="small ones in each round; 0: none")
    parser.add_argument("--side", type=int, default=256, help="pixels of a small one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, help="another checkout, whose worker is compared")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, lab_in(Path(folder)) as lab:
        sides = [Side("worker", lab, ROOT, "imageInbox")]
        if options.against:
            lab.make_queue("otherInbox")
            sides.append(Side("other", lab, options.against.resolve(), "otherInbox"))
        print(f"{STEPS}, {os.cpu_count()} cores")
        if options.small:
            side = options.side
            small = file_of(photo(side, side), "JPEG", quality=90)
            compare(f"{side} pixels", sides, small, options.small, options.rounds)
        if options.pictures:
            large = jpeg_of(options.megapixels)
            title = f"{options.megapixels:g} MP"
            compare(title, sides, large, options.pictures, options.rounds)
            for one in sides:
                one.end()
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


class Side:
    """A worker with a queue of its own, and what its rounds took.

    Args:
        title: what it is called.
        lab: its cloud.
        root: where its code lies.
        queue: of its requests.
    """

    def __init__(self, title: str, lab: Lab, root: Path, queue: str) -> None:
        self.title, self.queue = title, queue
        self.runs: list[Run] = []
        self.lab = lab
        script = str(root / "server.py")
        told = "--plain", "--log-format", "json"
        self.worker = lab.spawn(script, *told, image_inbox=queue)
        self.worker.wait_for("ready")

    def run(self, pictures: int) -> None:
        """Let it do pictures from its queue, and answer them."""
        before = cpu_seconds(self.worker.pid), cloud_seconds()
        seconds = ask(self.lab, pictures, self.queue)
        spent = cpu_seconds(self.worker.pid) - before[0]
        cloud = cloud_seconds() - before[1]
        self.runs.append(Run(seconds / pictures, spent / pictures, cloud / pictures))

    def end(self) -> None:
        """End it, in order."""
        self.worker.process.terminate()
        self.worker.end()


def compare(title: str, sides: Sequence[Side], data: bytes, pictures: int, rounds: int) -> None:
    """Print pictures per second of all sides, and one picture's time from end to end."""
    lab = sides[0].lab
    Bucket(lab.cloud).put(KEY, data, "image/jpeg")
    source = lab.folder / "photo.jpg"
    source.write_bytes(data)
    print(f"\n{title}, {len(data) / 1e6:.3g} MB")
    for side in sides:
        ask(lab, 2, side.queue)
        side.runs.clear()
    best: list[Run] = []
    for _ in range(rounds):
        best.append(alone(source, pictures))
        for side in sides:
            side.run(pictures)
    print(row("alone", best))
    for side in sides:
        print(row(side.title, side.runs))
        print(f"{'':8} of alone: {ratio(best, side.runs)} (to reach: 0.92 and 0.95 at 12 MP)")
    for side in sides[1:]:
        print(f"worker to {side.title}: {ratio(side.runs, sides[0].runs)}")
    for side in sides:
        single = min(ask(lab, 1, side.queue) for _ in range(5))
        print(f"{side.title}: one picture, from request to answer: {single * 1000:.0f} ms")


def ratio(best: Sequence[Run], ours: Sequence[Run]) -> str:
    """Give how fast the second is, the first being 1."""
    clock = min(run.seconds for run in best) / min(run.seconds for run in ours)
    cpu = min(run.cpu for run in best) / min(run.cpu for run in ours)
    return f"{clock:.2f} by the clock, {cpu:.2f} by CPU time"


def row(title: str, runs: Sequence[Run]) -> str:
    """Give one side's figures: of each round, then of the best."""
    rates = "  ".join(f"{1 / run.seconds:.4g}" for run in runs)
    cpu = min(run.cpu for run in runs)
    cloud = min(run.cloud for run in runs) * 1000
    beside = f", and {cloud:.3g} ms of the cloud's" if cloud else ""
    each = f"{cpu * 1000:.3g} ms of CPU a picture, {1 / cpu:.4g} a core"
    return f"{title:8} {rates} pictures/s; {each}{beside}"


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


def cloud_seconds() -> float:
    """Give the CPU seconds of the embedded cloud's process."""
    running = launcher.find(local_home())
    assert running is not None
    times = psutil.Process(running.pid).cpu_times()
    return float(times.user + times.system)


def _request(steps: str) -> Request:
    new = new_identity(CLIENT)
    return Request(KEY, new.job, CLIENT, {"pipeline": steps}, nonce=new.nonce)


def ask(lab: Lab, count: int, queue: str = "imageInbox") -> float:
    """Ask for pictures and wait for all answers; return the seconds it took."""
    steps = pipeline.to_wire(pipeline.parse([STEPS]))
    requests = [_request(steps).outgoing() for _ in range(count)]
    replies = lab.queue(f"responseQueue-{CLIENT}")
    began = time.perf_counter()
    assert lab.queue(queue).send_batch(requests) == []
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
