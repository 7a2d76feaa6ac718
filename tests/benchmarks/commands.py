"""What a short command costs beside bare Python and ten lines of boto3; and the first answer.

    python -m tests.benchmarks.commands [--rounds 10] [--first 3]

Each round runs in turn, against one local cloud with one worker, a Python that does nothing, ten
lines of boto3 that send a list and print its answer, and commands of the programs; the CPU time of
each is its process's own. Then, where nothing runs and no module is compiled, as after an install,
`client.py numbers` until its answer is there, with the CPU time of all that it started. Compare
within one run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from tests.support.ports import free_port
from tests.support.terminal import ROOT

#: What anybody would write who has the address and the key in the environment.
BOTO3 = """\
import boto3
sqs = boto3.client("sqs")
ask = sqs.get_queue_url(QueueName="requestQueue")["QueueUrl"]
answers = sqs.get_queue_url(QueueName="responseQueue")["QueueUrl"]
sqs.send_message(QueueUrl=ask, MessageBody="1,12,55,4")
found = sqs.receive_message(QueueUrl=answers, WaitTimeSeconds=20)["Messages"]
for message in found:
    print(message["Body"])
    sqs.delete_message(QueueUrl=answers, ReceiptHandle=message["ReceiptHandle"])
"""

#: What is measured, by the words behind Python's own name.
COMMANDS: dict[str, tuple[str, ...]] = {
    "bare Python": ("-c", "pass"),
    "ten lines of boto3": ("-c", BOTO3),
    "client.py numbers": ("client.py", "numbers", "1,12,55,4"),
    "client.py jobs": ("client.py", "jobs"),
    "client.py trace": ("client.py", "trace"),
    "admin.py queues": ("admin.py", "queues"),
    "admin.py logs": ("admin.py", "logs"),
    "admin.py stats": ("admin.py", "stats"),
    "admin.py workers": ("admin.py", "workers"),
    "admin.py cloud status": ("admin.py", "cloud", "status"),
    "client.py config": ("client.py", "config"),
}

#: The command whose first answer is waited for.
FIRST = COMMANDS["client.py numbers"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--first", type=int, default=3, help="how often all begins from nothing")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), asked.rounds)
    if asked.first:
        _measure_first(asked.first)


def _measure(folder: Path, rounds: int) -> None:
    env = _environment(folder)
    run = _Runs(sys.executable, ROOT, env)
    run(FIRST)
    try:
        told = subprocess.run(
            [sys.executable, "admin.py", "cloud", "env", "--format", "dotenv"],
            **run.how,
            check=True,
        )
        cloud = dict(line.split("=", 1) for line in told.stdout.splitlines() if "=" in line)
        run.env = {**env, **cloud}
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
        for _ in range(rounds):
            for name, words in COMMANDS.items():
                spent[name].append(run(words))
    finally:
        run(("admin.py", "cloud", "stop"))
    bare = statistics.median(cpu for cpu, _ in spent["bare Python"])
    for name, found in spent.items():
        cpu, took = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{name:22} {1000 * cpu:5.0f} ms CPU ({cpu / bare:4.1f})   {1000 * took:5.0f} ms")


def _measure_first(times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        python, code = _installed(Path(folder))
        for what, fresh in (("compiled", False), ("just installed", True)):
            for _ in range(times):
                if fresh:
                    _forget_compiled(Path(folder))
                _first(python, code, Path(folder), what)


def _first(python: str, code: Path, folder: Path, what: str) -> None:
    data = Path(tempfile.mkdtemp(dir=folder))
    run = _Runs(python, code, _environment(data))
    cpu, took = run(FIRST)
    behind = sum(_spent_by_others(data))
    print(f"first answer, {what:15} {took:5.2f} s   CPU {cpu:.2f} s, behind it {behind:.2f} s")
    run(("admin.py", "cloud", "stop"))


class _Runs:
    """Runs commands with one Python in one folder; gives CPU time and seconds of each."""

    def __init__(self, python: str, folder: Path, env: Mapping[str, str]) -> None:
        self._python = python
        self._folder = folder
        self.env = env

    @property
    def how(self) -> dict[str, Any]:
        """What `subprocess.run` is told."""
        return {"cwd": self._folder, "env": self.env, "capture_output": True, "text": True}

    def __call__(self, words: tuple[str, ...]) -> tuple[float, float]:
        before, began = os.times(), time.perf_counter()
        done = subprocess.run([self._python, *words], check=False, **self.how)
        took, after = time.perf_counter() - began, os.times()
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: {done.stderr}")
        cpu = after.children_user + after.children_system
        return cpu - before.children_user - before.children_system, took


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment with data, settings and a port of its own, and nothing of AWS."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LABAPP_", "PYTHONDONTWRITE"))
    }
    places = {name: str(folder / name) for name in ("LABAPP_DATA_DIR", "LABAPP_CONFIG_DIR")}
    return {**kept, **places, "LABAPP_PORT": str(free_port())}


def _installed(folder: Path) -> tuple[str, Path]:
    """Copy labapp and what it runs on, as an install without compiling leaves them."""
    venv.create(folder / "venv", symlinks=os.name != "nt")
    there = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    libraries = Path(sysconfig.get_path("purelib", vars=there))
    bare = shutil.ignore_patterns("__pycache__")
    shutil.copytree(sysconfig.get_path("purelib"), libraries, dirs_exist_ok=True, ignore=bare)
    code = folder / "labapp"
    for name in ("labapp", "images"):
        shutil.copytree(ROOT / name, code / name, ignore=bare)
    for name in ("client.py", "admin.py", "server.py", "requirements.txt"):
        shutil.copy(ROOT / name, code)
    scripts = Path(sysconfig.get_path("scripts", vars=there))
    return str(scripts / Path(sys.executable).name), code


def _forget_compiled(folder: Path) -> None:
    for one in list(folder.rglob("__pycache__")):
        shutil.rmtree(one)


def _spent_by_others(data: Path) -> list[float]:
    """Return the CPU time of each process that was started with this folder for its data."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(data) in f"{process.environ()} {process.cmdline()}":
                spent = process.cpu_times()
                found.append(spent.user + spent.system)
        except psutil.Error:
            continue
    return found


if __name__ == "__main__":
    main()
