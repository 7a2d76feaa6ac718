"""Starts emulators and workers, watches them from outside, and ends them.

CPU time and memory are those of a worker's whole process tree, as the operating system counts
them. POSIX only: a worker is held with SIGSTOP while its queue is filled, so that start-up is not
measured.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from tests.benchmarks.worker.job import BUCKET, HARNESS, KEYS, REGION, client
from tests.benchmarks.worker.variants import ROOT, Variant

#: Seconds to wait for an emulator to answer, or a worker to do its jobs.
PATIENCE = 180.0

_PREFIX = "tests.benchmarks.worker"

#: The emulators, and the delay in milliseconds that each adds to a request.
MINISTACK, FAKE, FAR = "MiniStack", "fake", "fake + 10 ms"
_APPS = {
    MINISTACK: (f"{_PREFIX}.emulator:app", 0),
    FAKE: (f"{_PREFIX}.fake:app", 0),
    FAR: (f"{_PREFIX}.fake:app", 10),
}


@dataclass(frozen=True)
class Count:
    """How many requests of a kind there were, and the monotonic time of the last answer."""

    number: int
    last: float


class Emulator:
    """A running emulator, and its address."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.folder = folder
        os.environ["AWS_ENDPOINT_URL"] = address
        self.sqs = client("sqs", 32, agent=HARNESS)
        client("s3", agent=HARNESS).create_bucket(Bucket=BUCKET)

    def counts(self) -> dict[str, Count]:
        """Return what was asked since the last reset, by kind."""
        return {kind: Count(*found) for kind, found in _tell(self.address, "counts").items()}

    def reset(self) -> None:
        """Count from nothing again."""
        _tell(self.address, "reset")


@contextlib.contextmanager
def emulator(kind: str) -> Iterator[Emulator]:
    """Run one emulator, with a folder of its own for what workers leave."""
    app, delay = _APPS[kind]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "uvicorn", app, "--host", "127.0.0.1", "--port", str(port),
        "--loop", "uvloop", "--http", "httptools", "--log-level", "error", "--no-access-log",
        "--timeout-keep-alive", "75",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="labapp-bench-") as name:
        folder = Path(name)
        with (folder / "emulator.log").open("wb") as log:
            more = {"GATEWAY_PORT": str(port), "BENCH_DELAY_MS": str(delay)}
            process = _start(command, folder, log, address, more)
            try:
                _wait_for(process, address, folder)
                yield Emulator(address, folder)
            finally:
                end(process)


def _wait_for(process: psutil.Popen, address: str, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            _tell(address, "counts")
            return
        time.sleep(0.05)
    raise SystemExit((folder / "emulator.log").read_text())


def _tell(address: str, word: str) -> dict[str, tuple[int, float]]:
    with urllib.request.urlopen(f"{address}/__bench/{word}", timeout=10) as answer:
        found: dict[str, tuple[int, float]] = json.load(answer)
        return found


class Worker:
    """One variant at work.

    Args:
        variant: which.
        where: the emulator it works on.
        queue: the queue of its requests.
        replies: what the names of its reply queues begin with.
    """

    def __init__(self, variant: Variant, where: Emulator, queue: str, replies: str) -> None:
        self._log_path = where.folder / f"{queue}.log"
        self._log = self._log_path.open("wb")
        environment = variant.environment(queue, replies)
        command = list(variant.command)
        self._process = _start(command, where.folder, self._log, where.address, environment)

    @property
    def log(self) -> str:
        """The end of what it wrote."""
        return "\n".join(self._log_path.read_text("utf-8", "replace").splitlines()[-15:])

    def cpu(self) -> float:
        """Return the CPU seconds it has used, user and system, in all its processes."""
        total = 0.0
        for process in _tree(self._process):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def megabytes(self) -> float:
        """Return its resident memory in MB, the sum over its processes."""
        total = 0
        for process in _tree(self._process):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
        return total / 1e6

    def check(self) -> None:
        """End the benchmark if it has died."""
        if self._process.poll() is not None:
            raise SystemExit(f"the worker ended with {self._process.returncode}:\n{self.log}")

    def settle_down(self, most: float = 2.0) -> None:
        """Wait until it is at rest, or for `most` seconds: a naive loop never rests."""
        until = time.monotonic() + most
        before = self.cpu()
        while time.monotonic() < until:
            time.sleep(0.5)
            present = self.cpu()
            if present - before < 0.015:
                return
            before = present

    def hold(self) -> None:
        """Stop its clock."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run."""
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Kill it: its queues are its own, and nothing of it is needed again."""
        end(self._process)
        self._log.close()

    def _signal(self, number: signal.Signals) -> None:
        for process in _tree(self._process):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)


def forget_own_settings() -> None:
    """Replace what the user has set for AWS and labapp, for this process and all it starts."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "LABAPP_", "BENCH_")):
            del os.environ[name]
    os.environ |= KEYS | {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def end(process: psutil.Popen) -> None:
    """Kill a process and all that it started."""
    for one in _tree(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()


def _tree(process: psutil.Popen) -> list[psutil.Process]:
    try:
        root = psutil.Process(process.pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _start(
    command: list[str], folder: Path, log: IO[bytes], address: str, more: dict[str, str]
) -> psutil.Popen:
    """Start a process that finds the emulator, and its settings in a folder of the benchmark."""
    own = {
        "AWS_ENDPOINT_URL": address,
        "LABAPP_DATA_DIR": str(folder / "data"),
        "LABAPP_CONFIG_DIR": str(folder / "config"),
        "PYTHONPATH": str(ROOT),
    }
    return psutil.Popen(
        command,
        cwd=folder,
        env={**os.environ, **own, **more},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
