"""Connections to the local cloud: they are gone with their peers, and there may be many."""

from __future__ import annotations

import contextlib
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.launcher import Running
from tests.cloud.embedded.embedded_kit import POSIX_ONLY, STARTER, s3, signed, sqs, until
from tests.support.python_path import python_path

pytestmark = POSIX_ONLY

REQUEST = b"GET /_ministack/health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


def started(home: Path, limit: str) -> Running:
    """Start the cloud from a shell with a limit of open files."""
    words = [sys.executable, "-c", STARTER, str(home), "0"]
    script = f"ulimit {limit} && exec {shlex.join(words)}"
    environment = {**os.environ, "PYTHONPATH": python_path()}
    subprocess.run(["/bin/sh", "-c", script], check=True, env=environment, stdout=subprocess.PIPE)
    running = launcher.find(home)
    assert running is not None
    return running


def asked(running: Running) -> socket.socket:
    """Ask something on a new connection, which stays open."""
    connection = socket.create_connection(("127.0.0.1", running.port), timeout=20)
    connection.sendall(REQUEST)
    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    return connection


def test_2000_closed_connections_leave_no_file_open(home: Path) -> None:
    running = started(home, "-n 256")
    for _ in range(2000):
        asked(running).close()
    assert s3(running).list_buckets()["Buckets"] == []
    process = psutil.Process(running.pid)
    until(lambda: process.num_fds() < 40)
    assert launcher.find(home) == running


def test_400_connections_at_once_are_served_where_the_soft_limit_is_256(home: Path) -> None:
    running = started(home, "-Sn 256")
    with contextlib.ExitStack() as stack:
        for _ in range(400):
            stack.enter_context(asked(running))
        assert s3(running).list_buckets()["Buckets"] == []


def test_a_connection_closed_in_the_middle_of_its_request_is_closed(home: Path) -> None:
    running = launcher.ensure(home, 0)
    url = sqs(running).create_queue(QueueName="q")["QueueUrl"]
    process = psutil.Process(running.pid)
    before = process.num_fds()
    poll = f'{{"QueueUrl": "{url}", "WaitTimeSeconds": 20}}'.encode()
    half = signed(running, "PUT", "/labapp/k", body=b"half" * 25, service="s3")[:-50]
    whole = signed(running, "POST", "/", {"x-amz-target": "AmazonSQS.ReceiveMessage"}, poll)
    for request in (b"", b"GET /", half, whole):
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", running.port)) as connection:
                connection.sendall(request)
    asked(running).close()  # answered behind all of them
    until(lambda: process.num_fds() <= before)
