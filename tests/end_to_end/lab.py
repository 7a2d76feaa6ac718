"""One lab for one test: a cloud and a folder of its own, with the real programs in it.

The cloud is either the embedded one (MiniStack, brought up by labapp itself) or moto's server,
reached as Amazon would be: by AWS_ENDPOINT_URL and credentials in the environment. Every process
that a lab starts is ended by its id when the test ends.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from labapp import settings as settings_room
from labapp.cloud.bucket import Bucket
from labapp.cloud.embedded import launcher
from labapp.cloud.queues import Message, Outgoing, Queue
from labapp.cloud.session import Cloud, local_home
from labapp.jobs import lab as labs
from labapp.jobs.wire import Reply, Request, decode_reply
from labapp.worker import local_workers
from tests.support.leftovers import left_processes
from tests.support.ports import free_port
from tests.support.python_path import python_path
from tests.support.waiting import PATIENCE
from tests.support.waiting import until as until

ROOT = Path(__file__).resolve().parents[2]

#: The fixture's name for the embedded cloud, and what has a test run on that alone.
MINISTACK = "ministack"
on_one_cloud = pytest.mark.parametrize("lab", [MINISTACK], indirect=True)


class Program:
    """A program at work, with every line it has written so far."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env=dict(environment),
            cwd=ROOT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what a worker with --log-format json has told of one kind of event."""
        found = [json.loads(line) for line in list(self.lines) if line.startswith("{")]
        return [event for event in found if event.get("event") == name]

    def wait_for(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        def seen() -> list[dict[str, Any]]:
            found = self.events(event)
            ended = self.process.poll() is not None and not self._reader.is_alive()
            assert len(found) >= count or not ended, "".join(self.lines)
            return found if len(found) >= count else []

        return until(seen, f"{count} events {event!r}")

    def jobs(self, count: int) -> list[dict[str, Any]]:
        """Wait for `count` number jobs to end; return what the worker told of each.

        S3 itself sends a picture job, a test event, when a cloud is made.
        """

        def enough() -> list[dict[str, Any]]:
            found = [event for event in self.wait_for("job") if event["kind"] == "numbers"]
            return found if len(found) >= count else []

        return until(enough, f"{count} number jobs")

    def end(self) -> int:
        """Wait for a program that ends by itself; return its exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.end()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            self.lines.extend(iter(stream.readline, ""))


class MotoServer:
    """moto's server, always at one port: slow to start, so one lab after the other uses it.

    Args:
        folder: its data folder, by which it is found if it is left behind.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._program: Program | None = None

    def start(self) -> None:
        """Have an empty account, in the server that runs or in a new one."""
        if self._program and self._program.process.poll() is None:
            reset = f"http://127.0.0.1:{self.port}/moto-api/reset"
            with urllib.request.urlopen(reset, data=b"", timeout=PATIENCE):
                return
        server = [sys.executable, "-m", "tests.support.moto_server"]
        argv = [*server, "-H", "127.0.0.1", "-p", str(self.port)]
        self._program = Program(argv, {**os.environ, "LABAPP_DATA_DIR": str(self._folder)})
        until(self._listens, "moto's server")

    def kill(self) -> None:
        if self._program:
            self._program.kill()

    def _listens(self) -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0


class Lab:
    """The cloud, the programs and a look into both.

    Args:
        folder: an empty folder.
        set_variable: sets a variable of this process's environment, for the time of the test.
        moto: the server to use; None: the embedded cloud.
    """

    def __init__(
        self, folder: Path, set_variable: Callable[[str, str], None], moto: MotoServer | None = None
    ) -> None:
        self.folder = folder
        self.port = moto.port if moto else free_port()
        self._moto = moto
        self._cloud: Cloud | None = None
        self._programs: list[Program] = []
        variables = {
            "LABAPP_DATA_DIR": str(folder / "data"),
            "LABAPP_CONFIG_DIR": str(folder / "config"),
            "PYTHONPATH": python_path(),
            "PYTHONUNBUFFERED": "1",
        }
        if moto is None:
            variables |= {"LABAPP_CLOUD": "local", "LABAPP_PORT": str(self.port)}
        else:
            variables |= {
                "LABAPP_CLOUD": "aws",
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": "eu-west-1",
                "AWS_CONFIG_FILE": str(folder / "none"),
                "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
                # An end at which nobody listens waits for the poll: as long as on Amazon.
                "LABAPP_WAIT_SECONDS": "1",
            }
        for name, value in variables.items():
            set_variable(name, value)

    def start_cloud(self) -> None:
        """Bring the cloud up as labapp's own commands do, in this process: they start slowly."""
        if self._moto:
            self._moto.start()
        self._cloud = Cloud(settings_room.load(files=()).settings)
        for _ in labs.up(self._cloud):
            pass

    def stop_cloud(self) -> None:
        self._cloud = None
        if self._moto is None:
            launcher.stop(local_home())
        else:
            self._moto.kill()

    def close(self) -> None:
        """End every process of this lab; moto's server is left to the next one."""
        for program in self._programs:
            program.kill()
        if self._moto is None:
            local_workers.stop_background(local_home())
            self.stop_cloud()
        # What outlives a killed worker for a moment would take jobs of the next lab.
        until(lambda: not left_processes(self.folder), "the last process of the lab to end")

    def run(
        self,
        program: str,
        *arguments: str,
        code: int | None = 0,
        typed: str = "",
        **settings: object,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, which must have the exit code given; None: whichever."""
        done = subprocess.run(
            [sys.executable, program, *arguments],
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            env=self._environment(settings),
            cwd=ROOT,
            check=False,
        )
        assert code in (None, done.returncode), (done.returncode, done.stdout, done.stderr)
        return done

    def json(self, program: str, *arguments: str) -> Any:
        """Run a program with --json and return its one document."""
        return json.loads(self.run(program, *arguments, "--json").stdout)

    def spawn(self, script: str, *arguments: str, **settings: object) -> Program:
        argv = [sys.executable, str(ROOT / script), *arguments]
        program = Program(argv, self._environment(settings))
        self._programs.append(program)
        return program

    def server(self, *arguments: str, **settings: object) -> Program:
        """Start server.py and wait until it is ready."""
        worker = self.spawn("server.py", "--plain", "--log-format", "json", *arguments, **settings)
        worker.wait_for("ready", int(str(settings.get("processes", 1))))
        return worker

    def held_server(self, *arguments: str, **settings: object) -> Program:
        """Start a worker whose jobs wait for `let_go`."""
        script = "tests/support/held_worker.py"
        worker = self.spawn(script, str(self.folder), *arguments, **settings)
        worker.wait_for("ready")
        return worker

    def let_go(self) -> None:
        (self.folder / "open").touch()

    def started(self) -> list[str]:
        """Return the ids of the jobs that held workers have begun, once for each time."""
        path = self.folder / "started"
        return path.read_text().split() if path.exists() else []

    @property
    def cloud(self) -> Cloud:
        """The test's own look into the cloud."""
        self._cloud = self._cloud or Cloud(settings_room.load(files=()).settings, start=False)
        return self._cloud

    def queue(self, name: str) -> Queue:
        return Queue(self.cloud, name)

    def make_queue(self, name: str) -> Queue:
        self.cloud.sqs.create_queue(QueueName=name)
        return self.queue(name)

    def send(self, request: Request) -> None:
        """Put a request in the queue as a client does."""
        self.queue("requestQueue").send(request.outgoing())

    def send_plain(self, body: str) -> None:
        """Put a bare body in the queue as other labs' clients do."""
        self.queue("requestQueue").send(Outgoing(body))

    def take(self, name: str, count: int = 1) -> list[Message]:
        """Wait for messages of a queue, and delete them."""
        queue, found = self.queue(name), []

        def enough() -> bool:
            messages = queue.receive(wait=1)
            queue.delete([message.receipt for message in messages])
            found.extend(messages)
            return len(found) >= count

        until(enough, f"{count} messages in {name}")
        return found

    def replies(self, client: str, count: int = 1) -> list[Reply]:
        """Wait for a client's answers."""
        found = [decode_reply(message) for message in self.take(f"responseQueue-{client}", count)]
        return [reply for reply in found if reply]

    def wait_until_empty(self, name: str = "requestQueue") -> None:
        queue = self.queue(name)

        def empty() -> bool:
            counts = queue.counts()
            return not (counts.visible or counts.in_flight or counts.delayed)

        until(empty, f"{name} to be empty")

    def logs(self) -> dict[str, str]:
        """Return the log of number jobs in the bucket: key to text."""
        bucket = Bucket(self.cloud)
        texts = {e.key: bucket.get(e.key).body.decode() for e in bucket.list("logs/")}
        return {key: text for key, text in texts.items() if "kind: numbers\n" in text}

    def admin_logs(self) -> list[dict[str, Any]]:
        """Return the number jobs that `admin.py logs` shows, newest first."""
        return [log for log in self.json("admin.py", "logs") if log["kind"] == "numbers"]

    def _environment(self, settings: Mapping[str, object]) -> dict[str, str]:
        given = {f"LABAPP_{name.upper()}": str(value) for name, value in settings.items()}
        return {**os.environ, **given}
