"""One emulator, one proxy, and the real processes between them, for one scenario.

The emulator is labapp's own embedded cloud on a port that it keeps when it is stopped and started.
Programs reach it as Amazon: cloud=aws with AWS_ENDPOINT_URL at the proxy, and a key in a
credentials file. The harness itself looks past the proxy, so its looks meet no fault.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import unittest.mock
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import psutil

from labapp.cloud.bucket import Bucket
from labapp.cloud.embedded import launcher
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.jobs import lab
from labapp.jobs.wire import Request
from labapp.settings import Settings
from tests.chaos.faults import Faults
from tests.chaos.proxy import HOST, Proxy
from tests.support.ports import free_port
from tests.support.python_path import python_path

ROOT = Path(__file__).resolve().parents[2]

#: The key that programs begin with, and those they are given when it has run out.
FIRST_KEY, SECOND_KEY, THIRD_KEY = "AKIAFIRST", "AKIASECOND", "AKIATHIRD"

#: Seconds that a condition may take, on a machine that does much else, before a scenario fails.
PATIENCE = 60.0

T = TypeVar("T")


def until(condition: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """Wait until a condition holds, and return what it returned."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.02)
    return found


class Process:
    """A program at work; what it writes goes to a file."""

    def __init__(self, argv: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                cwd=ROOT,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.alive:
            self.process.send_signal(number)

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what a worker has told of one kind of event."""
        found = []
        for line in self.log.read_text("utf-8", "replace").splitlines():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict) and event.get("event") == name:
                    found.append(event)
        return found

    def wait_for(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until a worker has told `count` times of an event."""

        def seen() -> list[dict[str, Any]]:
            found = self.events(event)
            if len(found) < count and not self.alive:
                raise RuntimeError(f"a worker ended: {self.log.read_text()[-2000:]}")
            return found if len(found) >= count else []

        return until(seen, f"{count} events {event!r}")

    def kill(self) -> None:
        """End it at once."""
        if self.alive:
            self.process.kill()
        self.process.wait(10)


#: Settings that all worlds of a run share, such as how jobs are logged.
SHARED: dict[str, object] = {}


class World:
    """What one scenario acts in; a context manager.

    Args:
        folder: an empty folder.
        seed: what faults and kills are drawn from.
        settings: settings of labapp for all programs, beside the harness's own.
    """

    def __init__(self, folder: Path, seed: int = 1, **settings: object) -> None:
        self.folder = folder
        self.faults = Faults(seed)
        self.random = random.Random(seed)
        own = {"visibility_timeout": 5, "wait_seconds": 3, "grace_seconds": 5}
        self.settings = own | SHARED | settings
        self._processes: list[Process] = []
        self._port = free_port()
        # The harness is a client too, and must not touch what this machine's user has.
        self._data_dir = os.environ.get("LABAPP_DATA_DIR")
        os.environ["LABAPP_DATA_DIR"] = str(folder / "harness")
        self.start_cloud()
        self.proxy = Proxy(self._port, self.faults)
        self.credentials = folder / "credentials"
        self.renew(FIRST_KEY)
        for _ in lab.up(self.cloud):
            pass

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.kill()
        self.proxy.close()
        self.stop_cloud()
        if self._data_dir is None:
            del os.environ["LABAPP_DATA_DIR"]
        else:
            os.environ["LABAPP_DATA_DIR"] = self._data_dir

    @property
    def home(self) -> Path:
        """The emulator's folder."""
        return self.folder / "cloud"

    @property
    def direct(self) -> str:
        """The emulator's own address, for scenarios without faults."""
        return f"http://{HOST}:{self._port}"

    def start_cloud(self) -> None:
        """Start the emulator at its port."""
        launcher.ensure(self.home, self._port, PATIENCE)
        launcher.share(self.home)  # programs have keys of their own here, which run out
        values: Any = {**self.settings, "cloud": "aws", "region": "eu-west-1", "bucket": "labapp"}
        values["endpoint_url"] = self.direct
        with _keys():
            self.cloud = Cloud(Settings(**values))
            # A client keeps the key that it was made with.
            assert self.cloud.s3
            assert self.cloud.sqs
        self.bucket = Bucket(self.cloud)

    def stop_cloud(self) -> None:
        """Stop the emulator; its queues are saved."""
        launcher.stop(self.home)

    def renew(self, key: str) -> None:
        """Write a key into the programs' credentials file."""
        text = f"[default]\naws_access_key_id = {key}\naws_secret_access_key = secret\n"
        self.credentials.write_text(text)

    def environment(self, data: str, **settings: object) -> dict[str, str]:
        """Return the environment of a program whose own folder is `data`."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LABAPP_", "AWS_"))}
        given = {**self.settings, "cloud": "aws", "bucket": "labapp", **settings}
        given.setdefault("endpoint_url", self.proxy.url)
        return kept | {
            **{f"LABAPP_{name.upper()}": str(value) for name, value in given.items()},
            "LABAPP_DATA_DIR": str(self.folder / data),
            "LABAPP_CONFIG_DIR": str(self.folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials),
            "AWS_CONFIG_FILE": str(self.folder / "none"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": "eu-west-1",
            "PYTHONPATH": python_path(),
            "PYTHONUNBUFFERED": "1",
        }

    def spawn(self, argv: Iterable[str], data: str, **settings: object) -> Process:
        """Start a program of Python."""
        log = self.folder / f"{len(self._processes)}-{data}.log"
        process = Process([sys.executable, *argv], self.environment(data, **settings), log)
        self._processes.append(process)
        return process

    def worker(self, *arguments: str, **settings: object) -> Process:
        """Start server.py, and wait until it is ready."""
        argv = ["server.py", "--plain", "--log-format", "json", *arguments]
        worker = self.spawn(argv, "worker", **settings)
        worker.wait_for("ready")
        return worker

    def odd_worker(self, *arguments: str, **settings: object) -> Process:
        """Start a worker with slow jobs, or a mutant, and wait until it is ready."""
        argv = ["-m", "tests.chaos.odd_worker", str(self.folder / "begun"), *arguments]
        worker = self.spawn(argv, "worker", **settings)
        worker.wait_for("ready")
        return worker

    def begun(self) -> list[tuple[str, int]]:
        """Return the jobs that odd workers have begun, once for each time, and by which process."""
        path = self.folder / "begun"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def queue(self, name: str) -> Queue:
        """Return a queue, seen past the proxy."""
        return Queue(self.cloud, name)

    def make_queue(self, name: str) -> Queue:
        """Make a queue, such as a client's for its answers."""
        self.cloud.sqs.create_queue(QueueName=name)
        return self.queue(name)

    def take(self, name: str, count: int, seconds: float = PATIENCE) -> list[Any]:
        """Wait for messages of a queue, delete them and return them."""
        queue, found = self.queue(name), []

        def enough() -> bool:
            messages = queue.receive(wait=1)
            queue.delete([message.receipt for message in messages])
            found.extend(messages)
            return len(found) >= count

        until(enough, f"{count} messages in {name}", seconds)
        return found

    def ask(self, job: str, client: str, body: str = "1,2", pipeline: str = "") -> None:
        """Send one request past the proxy; a key is a picture's."""
        queue = self.queue("imageInbox" if pipeline else "requestQueue")
        queue.send(Request(body, job, client, {"pipeline": pipeline}).outgoing())

    def at_rest(self, name: str = "requestQueue") -> bool:
        """Return whether a queue holds nothing."""
        counts = self.queue(name).counts()
        return not (counts.visible or counts.in_flight or counts.delayed)

    def terminate(self, process: Process) -> float:
        """Ask a process to end; return the seconds that it took."""
        began = time.monotonic()
        process.signal(signal.SIGTERM)
        process.process.wait(PATIENCE)
        return time.monotonic() - began


def descendants(pid: int) -> set[int]:
    """Return the processes below one."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return {child.pid for child in psutil.Process(pid).children(recursive=True)}
    return set()


@contextlib.contextmanager
def _keys() -> Iterator[None]:
    """Have the harness's own clients sign with a key of their own."""
    names = {"AWS_ACCESS_KEY_ID": "HARNESS", "AWS_SECRET_ACCESS_KEY": "secret"}
    with unittest.mock.patch.dict(os.environ, names):
        yield
