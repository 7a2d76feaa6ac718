"""A class on one machine: the teacher's cloud and worker, and students with accounts of their own.

As README's page for teachers has it: students reach the cloud by its address, each with folders of
their own. Everything lies in one new folder, the cloud listens at a free port, and all that was
started has ended when the block ends.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from tests.load.classroom.terminals import PATIENCE, Program, Terminals

ROOT = Path(__file__).resolve().parents[3]

#: What the environment keeps of ours.
_KEPT = ("PATH", "TMPDIR", "VIRTUAL_ENV")


class Room:
    """A class with a cloud; as a context manager."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="classroom-"))
        self.terminals = Terminals()
        self._worker: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    def __enter__(self) -> Room:
        self.teach("cloud", "start", "--share")
        return self

    def __exit__(self, *_: object) -> None:
        self.terminals.__exit__()
        self.end_worker()
        self.teach("cloud", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def teach(self, *arguments: str) -> None:
        """Run a command of admin.py as the teacher."""
        subprocess.run(
            [sys.executable, str(ROOT / "admin.py"), *arguments],
            env=self.teacher, cwd=self.folder, check=True, timeout=PATIENCE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def start_worker(self) -> None:
        """Start the teacher's worker, and wait until it is ready."""
        log = self.folder / "worker.log"
        with log.open("wb") as output:
            self._worker = subprocess.Popen(
                [sys.executable, str(ROOT / "server.py"), "--plain", "--log-format", "json"],
                env=self.teacher, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output,
            )  # fmt: skip
        while b'"ready"' not in log.read_bytes():
            assert self._worker.poll() is None, log.read_text("utf-8", "replace")
            self.terminals.read(0.05)

    def end_worker(self) -> None:
        """End the worker as Ctrl-C does."""
        if self._worker is not None:
            self._worker.terminate()
            self._worker.wait(PATIENCE)
            self._worker = None

    @property
    def worker_pid(self) -> int:
        """The process id of the worker, which runs."""
        assert self._worker is not None
        return self._worker.pid

    def cpu(self) -> tuple[float, float]:
        """Seconds of CPU time that the cloud, and the worker with its processes, took so far."""
        state = json.loads((self.folder / "teacher/data/local/cloud.json").read_text("utf-8"))
        worker = psutil.Process(self._worker.pid) if self._worker else None
        family = [worker, *worker.children(recursive=True)] if worker else []
        return _taken([psutil.Process(state["pid"])]), _taken(family)

    @property
    def teacher(self) -> dict[str, str]:
        """The environment of the teacher's programs."""
        return self._environment("teacher", {"LABAPP_PORT": str(self.port)})

    def student(self, number: int) -> dict[str, str]:
        """Return the environment of a student's programs."""
        shared = {
            "LABAPP_CLOUD": "aws",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "LABAPP_BUCKET": "labapp",
            "AWS_ACCESS_KEY_ID": "student",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": "us-east-1",
            "LABAPP_USER": f"student-{number:02}",
        }
        return self._environment(f"student-{number:02}", shared)

    def menu(self, program: str, environment: Mapping[str, str]) -> Program:
        """Open a program's menu on a terminal."""
        return self.terminals.open([sys.executable, str(ROOT / program)], environment, self.folder)

    def _environment(self, name: str, extra: Mapping[str, str]) -> dict[str, str]:
        home = self.folder / name
        data = home / "data"
        if not data.exists():
            data.mkdir(parents=True)
            # They have seen the welcome.
            greeted = '{"greeted by client": "yes", "greeted by admin": "yes"}'
            (data / "remembered.json").write_text(greeted, "utf-8")
        fixed = {
            "HOME": str(home),
            "LABAPP_DATA_DIR": str(data),
            "LABAPP_CONFIG_DIR": str(home / "config"),
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
        }
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return kept | fixed | dict(extra)


def _taken(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes)
