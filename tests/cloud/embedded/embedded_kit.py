"""What the tests of the local cloud share: programs that start it, clients that use it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3
import psutil
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.launcher import Running
from tests.support.processes import alive
from tests.support.python_path import python_path
from tests.support.waiting import until as until

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

ROOT = Path(__file__).resolve().parents[3]

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and /proc")

#: A program that starts the cloud, says which process it is, and waits to be ended.
STARTER = """
import sys
from pathlib import Path
from labapp.cloud.embedded import launcher
running = launcher.ensure(Path(sys.argv[1]), int(sys.argv[2]))
print(running.pid, running.port, flush=True)
if len(sys.argv) > 3:
    held = open(sys.argv[3], "w")
    sys.stdin.read()
"""


def client(running: Running, service: str, region: str = launcher.REGION) -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=running.endpoint_url,
        region_name=region,
        aws_access_key_id=running.key.id,
        aws_secret_access_key=running.key.secret,
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )


def s3(running: Running) -> S3Client:
    return client(running, "s3")  # type: ignore[no-any-return]


def sqs(running: Running) -> SQSClient:
    return client(running, "sqs")  # type: ignore[no-any-return]


def bodies(queue: SQSClient, name: str) -> list[str]:
    url = queue.get_queue_url(QueueName=name)["QueueUrl"]
    answer = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
    return [message["Body"] for message in answer.get("Messages", [])]


def kill(running: Running) -> None:
    """End the cloud as a crash would."""
    process = psutil.Process(running.pid)
    process.kill()
    until(lambda: not alive(running.pid))


def starter(home: Path, port: int, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home), str(port), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": python_path()},
        start_new_session=True,
    )


def said(process: subprocess.Popen[str]) -> tuple[int, int]:
    assert process.stdout is not None
    pid, port = process.stdout.readline().split()
    return int(pid), int(port)


def end(process: subprocess.Popen[str]) -> None:
    process.communicate()


def signed(
    running: Running,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    service: str = "sqs",
) -> bytes:
    """Return a request byte for byte, signed with the cloud's key."""
    request = AWSRequest(method, f"{running.endpoint_url}{path}", headers, body)
    sign = S3SigV4Auth if service == "s3" else SigV4Auth
    credentials = Credentials(running.key.id, running.key.secret)
    sign(credentials, service, launcher.REGION).add_auth(request)
    lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{running.port}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


@contextlib.contextmanager
def long_poll(running: Running, queue_url: str, *, form: bool = False) -> Iterator[socket.socket]:
    """Begin a long poll of 20 s on a connection of its own; close it at the end.

    As today's SDKs do, or by a form, as those before the end of 2023 did.
    """
    wish = {"QueueUrl": queue_url, "WaitTimeSeconds": 20}
    headers = {
        "x-amz-target": "AmazonSQS.ReceiveMessage",
        "content-type": "application/x-amz-json-1.0",
    }
    body = json.dumps(wish)
    if form:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode({"Action": "ReceiveMessage", "Version": "2012-11-05", **wish})
    with socket.create_connection(("127.0.0.1", running.port)) as connection:
        connection.sendall(signed(running, "POST", "/", headers, body.encode()))
        for _ in range(2):  # answered later than the poll was read: by then it has begun
            sqs(running).get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])
        yield connection
