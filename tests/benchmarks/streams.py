"""A file of lists beside a shell's loop over single ones, and a folder of small pictures.

    python -m tests.benchmarks.streams [--lists 5000] [--loop 20] [--pictures 500] [--rounds 2]

The worker, an emulator of SQS and S3 and the clients share the machine; rounds follow each other.
CPU time and memory are those of the client's process alone, and so are the requests: it calls the
emulator by another name than the worker does. POSIX only.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.worker.counting import CLIENT
from tests.benchmarks.worker.harness import MINISTACK, Emulator, emulator, forget_own_settings
from tests.support.terminal import ROOT

#: Pixels of a small picture's side.
SIDE = 64


@dataclass(frozen=True)
class Measured:
    """One round: things, seconds, the client's CPU seconds and megabytes, and its requests."""

    things: int
    seconds: float
    cpu: float
    megabytes: float
    sqs: int
    s3: int

    def __str__(self) -> str:
        each = self.things
        return (
            f"{each / self.seconds:8.1f}/s  {self.cpu / each * 1e3:7.2f} ms of CPU each"
            f"  {self.sqs / each:5.2f} SQS and {self.s3 / each:4.2f} S3 requests each"
            f"  {self.megabytes:4.0f} MB"
        )


class Bench:
    """A lab on an emulator, with a worker."""

    def __init__(self, where: Emulator, folder: Path) -> None:
        self._where = where
        self.folder = folder
        port = where.address.rpartition(":")[2]
        self._own = {
            "AWS_ENDPOINT_URL": f"http://localhost:{port}",
            "LABAPP_CLOUD": "aws",
            "LABAPP_BUCKET": "bench-streams",
            "LABAPP_DATA_DIR": str(folder / "client"),
            "LABAPP_CONFIG_DIR": str(folder / "client-config"),
        }
        self._theirs = self._own | {
            "AWS_ENDPOINT_URL": where.address,
            "LABAPP_DATA_DIR": str(folder / "worker"),
        }

    def run(self, *words: str) -> tuple[float, float, float]:
        """Run the client; return seconds, CPU seconds, megabytes."""
        began = time.perf_counter()
        with (self.folder / "client.log").open("wb") as log:
            command = [sys.executable, str(ROOT / "client.py"), *words]
            process = subprocess.Popen(
                command, env={**os.environ, **self._own}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd=self.folder,
            )  # fmt: skip
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit((self.folder / "client.log").read_text())
        kilobytes = used.ru_maxrss / (1 if sys.platform != "darwin" else 1024)
        return time.perf_counter() - began, used.ru_utime + used.ru_stime, kilobytes / 1e3

    def measure(self, things: int, commands: list[list[str]]) -> Measured:
        """Run the client once for each command, one after another."""
        self._where.reset()
        found = [self.run(*words) for words in commands]
        counts = self._where.counts()
        own = {kind: one.number for kind, one in counts.items() if kind.startswith(CLIENT)}
        return Measured(
            things,
            sum(one[0] for one in found),
            sum(one[1] for one in found),
            max(one[2] for one in found),
            sum(count for kind, count in own.items() if "sqs." in kind),
            sum(count for kind, count in own.items() if "s3." in kind),
        )

    @contextmanager
    def working(self) -> Iterator[None]:
        """Make the lab, and have a worker at work."""
        environment = {**os.environ, **self._theirs}
        subprocess.run(
            [sys.executable, str(ROOT / "admin.py"), "cloud", "up"],
            env=environment, check=True, capture_output=True, cwd=self.folder,
        )  # fmt: skip
        with (self.folder / "worker.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, str(ROOT / "server.py"), "--plain"],
                env=environment, stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip
            try:
                yield
            finally:
                worker.terminate()
                worker.wait()


def main() -> None:
    """Read the options, run the rounds, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lists", type=int, default=5000)
    parser.add_argument("--loop", type=int, default=20, help="lists of the shell's loop")
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=2)
    said = parser.parse_args()
    forget_own_settings()
    with emulator(MINISTACK) as where:
        bench = Bench(where, where.folder)
        with bench.working():
            bench.run("numbers", "1,2")  # the slot and its queue are there
            for number in range(said.rounds):
                if said.lists:
                    _compare_lists(bench, said.lists, said.loop, number)
                if said.pictures:
                    print("pictures        ", _pictures(bench, said.pictures, number), flush=True)


def _compare_lists(bench: Bench, lists: int, loop: int, number: int) -> None:
    texts = [",".join(str(random.randint(0, 100)) for _ in range(8)) for _ in range(lists)]
    file = bench.folder / f"lists-{number}.txt"
    file.write_text("\n".join(texts))
    alone = bench.measure(loop, [["numbers", text] for text in texts[:loop]])
    out = str(bench.folder / f"answers-{number}.tsv")
    stream = bench.measure(lists, [["numbers", "--lines", str(file), "--out", out]])
    print("loop of numbers ", alone)
    print("numbers --lines ", stream)
    ratio = (stream.things / stream.seconds) / (alone.things / alone.seconds)
    print(f"lists per second: {ratio:.0f} times the loop's (at least 15)", flush=True)


def _pictures(bench: Bench, count: int, number: int) -> Measured:
    from PIL import Image

    folder = bench.folder / f"pictures-{number}"
    folder.mkdir()
    for place in range(count):
        shade = (place % 251, number, place % 7)
        Image.new("RGB", (SIDE, SIDE), shade).save(folder / f"{place:05}.png")
    out = str(bench.folder / f"results-{number}")
    words = ["image", str(folder), "--op", "invert", "--out", out, "--timeout", "600"]
    return bench.measure(count, [words])


if __name__ == "__main__":
    main()
